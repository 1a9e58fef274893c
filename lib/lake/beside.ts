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

/** Months or days of a table that goes on from the one before it: a year and a month of days. */
const MOST_SPANS = 400;
/** Months of requests of AI vendors: by key, model and day they are many, and what they are compared with is weeks. */
const MOST_MONTHS = 3;

/**
 * Keeps a table that a source told beside its bill: what it says is never part of `costs`, and so of no total. An
 * object a table and time; the oldest go. A run tells the months of the bill that it asked again, and the last two
 * weeks of commitments: what the table before had of other months or days stays.
 */
export async function putBeside(store: Store, sourceId: string, told: BesideTable): Promise<void> {
  const table = { ...told, rows: [...(await goesOn(store, sourceId, told)), ...told.rows] };
  const body = gzipSync(JSON.stringify({ schemaVersion: BESIDE_VERSION, ...table }));
  await store.put(besideKey(sourceId, table.name, new Date(table.takenAt)), body);
  const spare = (await keysOf(store, sourceId, table.name)).slice(KEPT);
  if (spare.length > 0) await store.delete(spare);
}

/** Column by which rows of a table stand for themselves; null: each taking is whole, as the last 14 days are. */
function spanOf(name: string): string | null {
  if (name.startsWith('tag ') || name === 'ai usage') return 'period';
  return name === 'commitments' ? 'start' : null;
}

async function goesOn(
  store: Store,
  sourceId: string,
  { name, rows }: BesideTable,
): Promise<BesideTable['rows']> {
  const span = spanOf(name);
  if (span === null) return [];
  const before = (await readBeside(store, sourceId, name))?.rows ?? [];
  const told = new Set(rows.map((row) => row[span] ?? null));
  const others = new Set(
    before.flatMap(({ [span]: each = null }) => (each === null || told.has(each) ? [] : [each])),
  );
  const most = name === 'ai usage' ? MOST_MONTHS : MOST_SPANS;
  const kept = new Set([...others].toSorted((a, b) => (a < b ? -1 : 1)).slice(-most));
  return before.filter(({ [span]: each = null }) => each !== null && kept.has(each));
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
