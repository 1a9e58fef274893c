import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import {
  type Resource,
  type Snapshot,
  scopeName,
  type Telemetry,
  type VectorIndex,
} from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { dayOfKey, SNAPSHOTS, scopePrefix, snapshotKey, textOf } from './layout.ts';
import { indexOfVersion, SNAPSHOT_VERSION } from './snapshot-versions.ts';
import type { Store } from './store/model.ts';

/** How many snapshots of a scope stay: the newest `last`, and beyond them the newest of each of `days` days. */
export interface Keep {
  readonly last: number;
  readonly days: number;
}

type Line =
  | ({ readonly kind: 'snapshot' } & Omit<Snapshot, 'resources' | 'telemetry' | 'vectorIndexes'>)
  | { readonly kind: 'resource'; readonly value: Resource }
  | { readonly kind: 'telemetry'; readonly value: Telemetry }
  | { readonly kind: 'vector-index'; readonly value: VectorIndex }
  | { readonly kind: 'end'; readonly lines: number };

/** Stores a snapshot as one object, then removes those of its scope that are no longer kept. */
export async function putSnapshot(store: Store, snapshot: Snapshot, keep: Keep): Promise<void> {
  const scope = scopeName(snapshot.scope);
  await store.put(snapshotKey(scope, new Date(snapshot.takenAt)), await packed(snapshot));
  const keys = await keysOf(store, scope);
  const spare = keys.filter((key) => !kept(keys, keep).has(key));
  if (spare.length > 0) await store.delete(spare);
}

/** Newest first, without the newest `skip`. */
export async function readSnapshots(
  store: Store,
  scope: string,
  most: number,
  skip = 0,
): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const key of (await keysOf(store, scope)).slice(skip, skip + most)) {
    const stored = await store.get(key);
    // Another process may just have removed it as no longer kept.
    if (stored !== null) found.push(await unpacked(stored.body, `${store.shownAs}/${key}`));
  }
  return found;
}

export async function scopesHeld(store: Store): Promise<string[]> {
  return (await store.folders(SNAPSHOTS)).map(textOf).toSorted();
}

/** Keys that stay, out of all keys of a scope, newest first. */
export function kept(keys: readonly string[], keep: Keep): Set<string> {
  const byDay = new Map<string, string>();
  for (const key of keys) if (!byDay.has(dayOfKey(key))) byDay.set(dayOfKey(key), key);
  return new Set([...keys.slice(0, keep.last), ...[...byDay.values()].slice(0, keep.days)]);
}

async function keysOf(store: Store, scope: string): Promise<string[]> {
  const listed = await store.list(scopePrefix(scope));
  return listed
    .map(({ key }) => key)
    .filter((key) => key.endsWith('.ndjson.gz'))
    .toSorted()
    .toReversed();
}

/** One JSON line a record, so that no text of all points ever stands in memory, nor does a long one overflow. */
async function packed(snapshot: Snapshot): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const zipped = Readable.from(linesOf(snapshot)).pipe(createGzip());
  for await (const chunk of zipped) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const written = (value: Line) => `${JSON.stringify(value)}\n`;

function* linesOf({ resources, telemetry, vectorIndexes, ...head }: Snapshot): Generator<string> {
  yield written({ kind: 'snapshot', ...head });
  for (const value of resources) yield written({ kind: 'resource', value });
  for (const value of telemetry) yield written({ kind: 'telemetry', value });
  for (const value of vectorIndexes) yield written({ kind: 'vector-index', value });
  yield written({ kind: 'end', lines: resources.length + telemetry.length + vectorIndexes.length });
}

async function unpacked(body: Uint8Array, where: string): Promise<Snapshot> {
  const resources: Resource[] = [];
  const telemetry: Telemetry[] = [];
  const vectorIndexes: VectorIndex[] = [];
  let head: Extract<Line, { kind: 'snapshot' }> | undefined;
  let end: number | undefined;
  const times = new Map<string, string>();
  try {
    const zipped = Readable.from([Buffer.from(body)]);
    for await (const text of createInterface({ input: zipped.pipe(createGunzip()), crlfDelay: Infinity })) {
      const line = lineOf(JSON.parse(text), where);
      if (line.kind === 'snapshot') head = line;
      else if (line.kind === 'resource') resources.push(line.value);
      else if (line.kind === 'telemetry') telemetry.push(withSharedTimes(line.value, times));
      else if (line.kind === 'vector-index')
        vectorIndexes.push(indexOfVersion(head?.schemaVersion ?? SNAPSHOT_VERSION, line.value));
      else end = line.lines;
    }
  } catch (error) {
    throw error instanceof BursarError ? error : damaged(where, error);
  }
  if (head === undefined || end !== resources.length + telemetry.length + vectorIndexes.length)
    throw damaged(where, new Error('it ends too early'));
  const { kind: _, ...told } = head;
  return { ...told, schemaVersion: SNAPSHOT_VERSION, resources, telemetry, vectorIndexes };
}

/** Most series have points at the same times: each text is kept once, and not once for each of millions of points. */
function withSharedTimes(series: Telemetry, times: Map<string, string>): Telemetry {
  const points = series.points.map(({ at, value }) => {
    const known = times.get(at);
    if (known === undefined) times.set(at, at);
    return { at: known ?? at, value };
  });
  return { ...series, points };
}

/** The lake wrote the line itself: its kind and version are checked, its fields are as this version wrote them. */
function lineOf(value: unknown, where: string): Line {
  if (!isLine(value)) throw new TypeError('a line is no record');
  if (value.kind === 'snapshot' && value.schemaVersion > SNAPSHOT_VERSION)
    throw new BursarError(
      'conflict',
      `written by a newer version of Bursar (schemaVersion ${value.schemaVersion}, this one knows ${SNAPSHOT_VERSION})`,
      { where, hint: 'Update Bursar; the file was left as it is.' },
    );
  return value;
}

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  switch (value.kind) {
    case 'snapshot':
      return 'schemaVersion' in value && typeof value.schemaVersion === 'number' && 'scope' in value;
    case 'resource':
    case 'telemetry':
    case 'vector-index':
      return 'value' in value && typeof value.value === 'object' && value.value !== null;
    case 'end':
      return 'lines' in value && typeof value.lines === 'number';
    default:
      return false;
  }
}

function damaged(where: string, cause: unknown): BursarError {
  return new BursarError(
    'unavailable',
    `the snapshot is damaged: ${cause instanceof Error ? cause.message : String(cause)}`,
    { where, hint: 'Delete this file; the next audit takes a new snapshot.', cause },
  );
}
