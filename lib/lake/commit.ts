import { BursarError } from '../platform/errors.ts';
import type { Delivery } from '../sources/model.ts';
import type { Converted, ConvertedPeriod } from './ingest/model.ts';
import { compactTime, manifestKey, partKey, sourcePrefix } from './layout.ts';
import {
  type Extent,
  type Manifest,
  manifestBody,
  type PeriodSnapshot,
  parseManifest,
  partKeys,
  type Replacement,
  replaced,
} from './manifest.ts';
import type { Store } from './store/model.ts';

/** Attempts to replace a manifest that others are replacing too. */
const ATTEMPTS = 5;
/** Parts that no manifest names are left alone for so long: another ingest may be about to name them. */
const ORPHAN_AGE_MS = 6 * 3_600_000;

export interface ManifestRead {
  readonly manifest: Manifest | null;
  readonly version: string | null;
}

export async function readManifest(store: Store, sourceId: string): Promise<ManifestRead> {
  const key = manifestKey(sourceId);
  const stored = await store.get(key);
  if (stored === null) return { manifest: null, version: null };
  const where = `${store.shownAs}/${key}`;
  const manifest = parseManifest(stored.body, where);
  if (manifest.sourceId !== sourceId)
    throw new BursarError('conflict', `holds the source ${manifest.sourceId}, not ${sourceId}`, {
      where,
      hint: 'Two source ids must differ in more than upper and lower case.',
    });
  return { manifest, version: stored.version };
}

/**
 * Makes converted parts the lake's rows of their periods, all at once: first every part is stored under a name of
 * its own, then the manifest that names them replaces the former one. Whatever fails before that leaves the
 * former rows whole. Where another process replaced the manifest meanwhile, its periods are kept and ours added.
 */
export async function commitPeriods(
  store: Store,
  delivery: Delivery,
  converted: Converted,
  extents: ReadonlyMap<string, readonly Extent[]>,
  id: string,
  now: Date,
): Promise<Manifest> {
  // A manifest that this version cannot read must stop the ingest before anything is written.
  await readManifest(store, delivery.sourceId);
  const snapshotId = `${compactTime(now)}-${id}`;
  // What lost rows is read again every time, and its loss told every time, until it is whole.
  const fingerprints = converted.rowsRejected === 0 ? delivery.fingerprints : undefined;
  const replacements: Replacement[] = [];
  for (const period of converted.periods)
    replacements.push({
      period: period.period,
      snapshot: await storePeriod(store, delivery.sourceId, snapshotId, period, converted, extents, now),
      fingerprint: fingerprints?.[period.period],
    });
  for (const period of delivery.periods)
    if (!replacements.some((replacement) => replacement.period === period))
      replacements.push({ period, snapshot: null, fingerprint: fingerprints?.[period] });
  return await replacePeriods(
    store,
    {
      sourceId: delivery.sourceId,
      sourceType: delivery.sourceType,
      grain: delivery.grain,
      asOf: delivery.asOf ?? converted.asOf,
      ingestedAt: now.toISOString(),
    },
    replacements,
    snapshotId,
  );
}

/**
 * Replaces periods by one write of the manifest: what it names counts from then on, and what it named before no more.
 * @param snapshotId that of the new snapshots: where a manifest has it, the write was done.
 */
export async function replacePeriods(
  store: Store,
  facts: Pick<Manifest, 'sourceId' | 'sourceType' | 'grain' | 'asOf' | 'ingestedAt'>,
  replacements: readonly Replacement[],
  snapshotId: string,
): Promise<Manifest> {
  const { sourceId } = facts;
  for (let attempt = 1; ; attempt++) {
    const { manifest, version } = await readManifest(store, sourceId);
    // A retried request can be told that it lost against its own first attempt.
    if (attempt > 1 && manifest !== null && holds(manifest, snapshotId)) return manifest;
    const next = replaced(manifest, facts, replacements);
    try {
      await store.putIf(manifestKey(sourceId), manifestBody(next), version);
      return next;
    } catch (error) {
      const lost = error instanceof BursarError && error.code === 'conflict';
      if (!lost || attempt === ATTEMPTS) throw error;
    }
  }
}

function holds(manifest: Manifest, snapshotId: string): boolean {
  return manifest.periods.some(({ current }) => current?.id === snapshotId);
}

async function storePeriod(
  store: Store,
  sourceId: string,
  snapshotId: string,
  period: ConvertedPeriod,
  converted: Converted,
  extents: ReadonlyMap<string, readonly Extent[]>,
  now: Date,
): Promise<PeriodSnapshot> {
  const parts: PeriodSnapshot['parts'] = [];
  for (const [index, { path, rows, bytes }] of period.parts.entries()) {
    const key = partKey(sourceId, period.period, snapshotId, index);
    await store.fromLocal(path, key);
    parts.push({ key, rows, bytes });
  }
  return {
    id: snapshotId,
    ingestedAt: now.toISOString(),
    rows: period.rows,
    bytes: period.bytes,
    parts,
    columns: converted.columns.map(({ name, type }) => ({ name, type })),
    totals: period.totals.map((total) => ({ ...total })),
    extents: [...(extents.get(period.period) ?? [])],
  };
}

/** Removes parts that no manifest names any more, where they are old enough; returns how many. */
export async function sweepOrphans(store: Store, sourceId: string, now: Date): Promise<number> {
  const listed = await store.list(sourcePrefix(sourceId));
  // Read after the listing: what was committed in between is then among the named.
  const { manifest } = await readManifest(store, sourceId);
  const named = manifest === null ? new Set<string>() : partKeys(manifest);
  const orphans = listed
    .filter(({ key, modified }) => key.endsWith('.parquet') && !named.has(key) && isOld(modified, now))
    .map(({ key }) => key);
  if (orphans.length > 0) await store.delete(orphans);
  return orphans.length;
}

function isOld(modified: Date, now: Date): boolean {
  return now.getTime() - modified.getTime() > ORPHAN_AGE_MS;
}
