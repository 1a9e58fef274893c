import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import type { BesideTable } from '../sources/model.ts';
import { besideFolder, besideKey, besidePrefix, textOf, timeOfKey } from './layout.ts';
import type { Store } from './store/model.ts';

export const BESIDE_VERSION = 1;

/** How many of each table stay: a year of weeks. */
const KEPT = 52;

const stored = z.object({
  schemaVersion: z.literal(BESIDE_VERSION),
  name: z.string(),
  takenAt: z.string(),
  rows: z.array(z.record(z.string(), z.string().nullable())),
});

/**
 * Keeps a table that a source told beside its bill: what it says is never part of `costs`, and so of no total. An
 * object a table and time; the oldest go.
 */
export async function putBeside(store: Store, sourceId: string, table: BesideTable): Promise<void> {
  const body = gzipSync(JSON.stringify({ schemaVersion: BESIDE_VERSION, ...table }));
  await store.put(besideKey(sourceId, table.name, new Date(table.takenAt)), body);
  const spare = (await keysOf(store, sourceId, table.name)).slice(KEPT);
  if (spare.length > 0) await store.delete(spare);
}

/** When each table of a source was last taken, ISO-8601 UTC, by its name. */
export async function besideHeld(store: Store, sourceId: string): Promise<Record<string, string>> {
  const held: [string, string][] = [];
  for (const folder of await store.folders(besidePrefix(sourceId))) {
    const [newest] = await keysOf(store, sourceId, textOf(folder));
    if (newest !== undefined) held.push([textOf(folder), timeOfKey(newest).toISOString()]);
  }
  return Object.fromEntries(held);
}

/** The newest table of that name; null where there is none. */
export async function readBeside(store: Store, sourceId: string, name: string): Promise<BesideTable | null> {
  const [newest] = await keysOf(store, sourceId, name);
  const found = newest === undefined ? null : await store.get(newest);
  if (found === null) return null;
  const parsed = stored.safeParse(JSON.parse(gunzipSync(found.body).toString('utf8')));
  if (parsed.success) return { name: parsed.data.name, takenAt: parsed.data.takenAt, rows: parsed.data.rows };
  throw new BursarError(
    'input',
    `the table ${name} beside ${sourceId} was written by another version of Bursar`,
    {
      where: `${store.shownAs}/${newest}`,
      hint: 'Use the version that wrote it, or newer.',
    },
  );
}

/** Newest first. */
async function keysOf(store: Store, sourceId: string, name: string): Promise<string[]> {
  const listed = await store.list(besideFolder(sourceId, name));
  return listed.map(({ key }) => key).toReversed();
}
