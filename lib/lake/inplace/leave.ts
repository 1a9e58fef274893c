import { BursarError } from '../../platform/errors.ts';
import type { Delivery, PeriodInPlace } from '../../sources/model.ts';
import { readManifest, replacePeriods } from '../commit.ts';
import { compactTime } from '../layout.ts';
import type { Manifest, PeriodSnapshot, Replacement } from '../manifest.ts';
import type { EngineSetting } from '../model.ts';
import type { Store } from '../store/model.ts';
import type { InPlaceSource } from './model.ts';
import { periodInPlace } from './period.ts';

/**
 * Has a period asked by this table from now on. One write of the manifest ends the rows that the lake held of it and
 * begins those of the table, so that it is never counted from both; the lake's own stay as the former snapshot. A
 * period that was looked at as it is now is not looked at again.
 */
export async function leaveInPlace(
  store: Store,
  delivery: Delivery,
  left: PeriodInPlace,
  table: InPlaceSource,
  id: string,
  now: Date,
): Promise<Manifest> {
  const { manifest } = await readManifest(store, delivery.sourceId);
  const known = manifest?.periods.find(({ period }) => period === left.period)?.current?.inPlace;
  const isSame =
    known?.fingerprint === left.fingerprint &&
    known.table === table.table &&
    known.shownAs === table.engine.shownAs;
  if (isSame && manifest !== null) return manifest;
  const snapshot = await periodInPlace(table, left, `${compactTime(now)}-${id}`, now);
  return await replaceOne(store, delivery, { period: left.period, snapshot, fingerprint: undefined }, now);
}

/**
 * Ends that a period is asked elsewhere, where that is no longer possible: the rows that the lake held before are in
 * force again, or none. Whoever calls this tells that the period is missing.
 */
export async function takeBack(
  store: Store,
  delivery: Delivery,
  period: string,
  id: string,
  now: Date,
): Promise<void> {
  const { manifest } = await readManifest(store, delivery.sourceId);
  const entry = manifest?.periods.find((each) => each.period === period);
  if (entry?.current?.inPlace === undefined) return;
  const before = entry.former?.inPlace === undefined ? entry.former : null;
  const snapshot = before === null ? null : { ...before, id: `${compactTime(now)}-${id}` };
  await replaceOne(store, delivery, { period, snapshot, fingerprint: undefined }, now);
}

/** A period that does not fit here and that nothing elsewhere can be asked about. */
export function nowhere(
  { sourceId, sourceType }: Delivery,
  { reason, where }: PeriodInPlace,
  setting: EngineSetting,
): BursarError {
  const larger = 'give this machine or function a larger disk';
  const hint =
    sourceType === 'gcp-bigquery'
      ? `Have it asked in place by BigQuery: write the location of the source, and lake.bigquery (sources: [${sourceId}]), into the config, as docs/engines.md says; or ${larger}.`
      : sourceType !== 'aws-focus-export'
        ? `No engine asks a Cost and Usage Report in place: ${larger}, or make an export in FOCUS 1.2.`
        : setting === 'auto'
          ? `Have it asked in place by Athena or a Trino of your own: make a table over the export and write lake.athena (region, workgroup, database, tables: { ${sourceId}: TABLE }) or lake.trino into the config, as docs/engines.md says; or ${larger}.`
          : `lake.engine is ${setting}: set it to auto and name a table of ${sourceId} in lake.athena.tables or lake.trino.tables, or ${larger}.`;
  return new BursarError('config', `it is not read: ${reason}`, { where, hint });
}

async function replaceOne(
  store: Store,
  { sourceId, sourceType, grain, asOf }: Delivery,
  replacement: Replacement & { readonly snapshot: PeriodSnapshot | null },
  now: Date,
): Promise<Manifest> {
  const ends = (replacement.snapshot?.extents ?? []).map(({ end }) => end).toSorted();
  const facts = {
    sourceId,
    sourceType,
    grain,
    asOf: asOf ?? ends.at(-1) ?? null,
    ingestedAt: now.toISOString(),
  };
  return await replacePeriods(store, facts, [replacement], replacement.snapshot?.id ?? 'none');
}
