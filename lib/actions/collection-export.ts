import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import {
  type CollectionData,
  type Definition,
  definitionOf,
  indexesOf,
  lastingOf,
  vectorsIn,
} from './collection-data.ts';
import { atOneMoment, type Moment } from './collection-moment.ts';
import { type Exports, exportedPart, keepPart, readPart } from './exports.ts';

/** Documents of a collection that are exported at most: what is more takes longer than a sweep has. */
export const MOST_DOCUMENTS = 50_000;
/** Milliseconds of one call; an index that is begun is read to its end. */
export const PATIENCE = 20_000;

const number = z.int().nonnegative();
const record = z.record(z.string(), z.unknown());
const keptIndex = z.strictObject({
  schemaVersion: z.literal(1),
  index: z.string(),
  definition: z.object({ aliases: record, mappings: record, settings: z.object({ index: record }) }),
  documents: number,
  /** Documents that hold a vector, by field. */
  vectors: z.record(z.string(), number),
  digest: z.string(),
  parts: z.array(exportedPart),
});
export type KeptIndex = z.output<typeof keptIndex>;

const manifest = z.strictObject({
  schemaVersion: z.literal(1),
  /** ARN of the collection. */
  collection: z.string(),
  definition: z.record(z.string(), z.json()),
  /** Names of what lets in to it and encrypts it: it stays, and holds for the next collection of that name. */
  policies: z.record(z.string(), z.array(z.string())),
  /** Not exported. */
  hidden: z.array(z.string()),
  indexes: z.array(keptIndex),
});
export type CollectionManifest = z.output<typeof manifest>;

const MANIFEST = 'manifest.json';

/** What was kept of a collection; null where it was not kept whole yet. */
export async function readWhole(exports: Exports, folder: string): Promise<CollectionManifest | null> {
  return await readJson(exports, `${folder}/${MANIFEST}`, manifest);
}

/** JSON of ours; null where there is none. @throws BursarError (conflict) where it is not what this version writes */
export async function readJson<S extends z.ZodType>(
  exports: Exports,
  name: string,
  shape: S,
): Promise<z.output<S> | null> {
  const stored = await exports.get(name);
  if (stored === null) return null;
  const read = shape.safeParse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  if (read.success) return read.data;
  throw new BursarError('conflict', 'the export cannot be relied on: it is not what this version writes', {
    where: `${exports.shownAs}/${name}`,
    hint: 'Nothing is deleted that is not kept.',
    cause: read.error,
  });
}

export async function writeJson(exports: Exports, name: string, value: unknown): Promise<void> {
  await exports.put(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
}

const nameOf = (index: string) => createHash('sha256').update(index).digest('hex').slice(0, 16);

/**
 * Keeps what is not kept yet of a collection, index by index, for so long as there is time. Each index is told of once
 * it is kept whole, and the collection once all are: what a process leaves half-done is begun anew beside it.
 * @returns the manifest once everything is kept; null where there is more to do
 * @throws BursarError (conflict) where it cannot be kept whole
 */
export async function keepCollection(
  exports: Exports,
  folder: string,
  data: CollectionData,
  about: Pick<CollectionManifest, 'collection' | 'definition' | 'policies'>,
): Promise<CollectionManifest | null> {
  const ends = performance.now() + PATIENCE;
  const { names, hidden } = await indexesOf(data);
  const indexes: KeptIndex[] = [];
  for (const index of names) {
    const name = `${folder}/index-${nameOf(index)}.json`;
    const known = await readJson(exports, name, keptIndex);
    if (known !== null) {
      indexes.push(known);
      continue;
    }
    if (indexes.length > 0 && performance.now() > ends) return null;
    const left = MOST_DOCUMENTS - indexes.reduce((sum, { documents }) => sum + documents, 0);
    const kept = await keepIndex(exports, `${folder}/${nameOf(index)}-${randomUUID()}`, data, index, left);
    await writeJson(exports, name, kept);
    indexes.push(kept);
  }
  // Another process was first, and may have gone on from there: what it kept is never written over.
  const already = await readWhole(exports, folder);
  if (already !== null) return already;
  const whole: CollectionManifest = { schemaVersion: 1, ...about, hidden, indexes };
  await writeJson(exports, `${folder}/${MANIFEST}`, whole);
  return whole;
}

async function keepIndex(
  exports: Exports,
  folder: string,
  data: CollectionData,
  index: string,
  most: number,
): Promise<KeptIndex> {
  const definition = await definitionOf(data, index);
  const parts: KeptIndex['parts'] = [];
  const read = await readIndex(data, index, definition, most, async (rows, keys) => {
    parts.push(await keepPart(exports, folder, parts.length + 1, { rows, keys }));
  });
  return { schemaVersion: 1, index, definition, ...read, parts };
}

/**
 * Reads back what was kept of an index: all its documents, as they were.
 * @throws BursarError (conflict) where a part of it is gone or another
 */
export async function mustBeIntact(
  exports: Exports,
  { index, documents, digest, parts }: KeptIndex,
): Promise<void> {
  let found = 0;
  let sum = 0n;
  for (const part of parts) {
    const { rows, keys } = await readPart(exports, part);
    found += rows.length;
    for (const [at, row] of rows.entries()) sum = (sum + hashOf(keys[at] ?? '', row)) % MODULUS;
  }
  if (found === documents && sum.toString(16) === digest) return;
  throw new BursarError('conflict', `the export of ${index} cannot be relied on: it holds other documents`, {
    where: exports.shownAs,
    hint: 'Nothing is deleted that is not kept.',
  });
}

/**
 * Why a collection is not what was kept of it, in words; null where it is: the same indexes, with the same aliases,
 * mappings and documents, read again one by one. A document that was changed counts as well as one that came or went.
 */
export async function differenceOf(data: CollectionData, kept: CollectionManifest): Promise<string | null> {
  const { names } = await indexesOf(data);
  const known = kept.indexes.map(({ index }) => index);
  if (names.join('\n') !== known.join('\n')) return `it holds other indexes now: ${names.join(', ')}`;
  for (const { index, definition, documents, digest } of kept.indexes) {
    const defined = await definitionOf(data, index);
    if (!isDeepStrictEqual(lastingOf(defined), lastingOf(definition)))
      return `aliases, mappings or settings of ${index} were changed`;
    const now = await readIndex(data, index, defined, MOST_DOCUMENTS, null);
    if (now.documents !== documents) return `${index} holds ${now.documents} documents now, not ${documents}`;
    if (now.digest !== digest) return `documents of ${index} were changed`;
  }
  return null;
}

/** Reads all documents of an index, and sees that all are given whole. */
async function readIndex(
  data: CollectionData,
  index: string,
  { mappings }: Definition,
  most: number,
  take: ((rows: string[], keys: string[]) => Promise<void>) | null,
): Promise<Pick<KeptIndex, 'documents' | 'vectors' | 'digest'>> {
  const fields = vectorsIn(mappings);
  if ('why' in fields) throw notWhole(data, index, fields.why);
  return await atOneMoment(data, index, fields.paths, async (moment: Moment) => {
    const expected = await moment.count();
    if (expected > most) throw notWhole(data, index, `there are more than ${MOST_DOCUMENTS} documents`);
    const vectors = new Map(fields.paths.map((path) => [path, 0]));
    const ids = new Set<string>();
    let documents = 0;
    let sum = 0n;
    for await (const page of moment.pages()) {
      if (page.length === 0) continue;
      documents += page.length;
      for (const kept of page) {
        ids.add(kept.id);
        // A sum, as the order of documents changes whenever the service tidies up.
        sum = (sum + hashOf(JSON.stringify(kept.id), kept.source)) % MODULUS;
        for (const path of kept.vectors) vectors.set(path, (vectors.get(path) ?? 0) + 1);
      }
      await take?.(
        page.map(({ source }) => source),
        page.map(({ id }) => JSON.stringify(id)),
      );
    }
    // One that is given twice hides one that is not given.
    if (documents !== expected || ids.size !== expected)
      throw notWhole(data, index, `${Math.min(documents, ids.size)} of ${expected} documents were given`);
    for (const [path, found] of vectors) {
      const held = await moment.count(path);
      if (held !== found) throw notWhole(data, index, `${found} of ${held} vectors in ${path} were given`);
    }
    return { documents, vectors: Object.fromEntries(vectors), digest: sum.toString(16) };
  });
}

const MODULUS = 2n ** 256n;

/** @param key JSON of its id @param source JSON on one line */
function hashOf(key: string, source: string): bigint {
  return BigInt(`0x${createHash('sha256').update(`${key}\n${source}`).digest('hex')}`);
}

function notWhole({ where }: CollectionData, index: string, why: string): BursarError {
  return new BursarError('conflict', `the index ${index} cannot be exported whole: ${why}`, {
    where,
    hint: 'Nothing is deleted that is not kept.',
  });
}
