import { randomInt } from 'node:crypto';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { VectorSample } from '../model-vectors.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { Draw } from '../vectors/draw.ts';
import { fieldNames, vectorKey } from '../vectors/fields.ts';
import { valueAt } from '../vectors/metadata.ts';
import { compared, type Sampled, unsampled } from '../vectors/sampling.ts';
import type { VectorFields } from './fields.ts';
import { PointInTime, type Row, type Wanted } from './point-in-time.ts';
import { type Readable, readable } from './readable.ts';
import type { OpenSearchSession } from './session.ts';

/** Documents whose columns are read to draw by their keys; of a larger index some are drawn at random. */
const MOST_READ = 1_000_000;
/** `index.max_result_window` is 10,000 where nobody changed it; a page of columns is some hundred bytes a document. */
const PAGE = 5_000;
/**
 * Documents that have to be opened hold their vectors as text, 20 KB for 1,000 numbers. A page draws from the whole
 * index again, so that many small ones would cost more than opening them does.
 */
const PAGE_OF_DOCUMENTS = 2_000;

/** An index and what its mapping says. */
export interface Index {
  readonly name: string;
  readonly mapping: unknown;
  readonly fields: VectorFields;
}

/** What comparing gave, with how many documents hold a vector, where it was counted. */
export interface Looked extends Sampled {
  readonly vectors: number | null;
}

/** Vectors as they were drawn from an index. */
interface Drawn {
  readonly vectors: number;
  readonly keys: readonly VectorKey[];
  readonly how: VectorSample['drawn'];
}

/**
 * Compares the documents of an index that hold a vector with those that the config names. Of each the configured
 * fields are read and no other; no vector is. What cannot be read is a gap of the index, and no fault of the others.
 *
 * - All keys are read, page after page, where they lie in columns and are no more than `MOST_READ`; drawn are those with
 *   the smallest hashes, as everywhere.
 * - Of more, where more documents than may be looked at would have to be opened, or where nothing tells the vectors of
 *   a document apart, so that they would be drawn together, some are drawn at random (`random_score` of the sequence
 *   number, which each document of a shard has one of, above a bound): every document with the same chance, whatever
 *   its shard. Copies are then not told.
 */
export async function sampleOf(
  session: OpenSearchSession,
  documents: Documents,
  index: Index,
  meter: Meter,
): Promise<Looked> {
  try {
    const reading = readingOf(documents, index);
    if ('why' in reading) return unread(reading.why, null);
    const drawn = await PointInTime.of(session, index.name, meter, (kept) =>
      draw(kept, documents, index, reading),
    );
    if ('why' in drawn) return unread(drawn.why, drawn.vectors);
    // Nothing is kept for it any more: a source may take minutes to be listed.
    const { vectors, keys, how } = drawn;
    return { ...(await compared(documents, keys, vectors, how)), vectors };
  } catch (error) {
    if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
    return unread(`they could not be read: ${error.message.replace(/\.$/, '')}`, null);
  }
}

function unread(why: string, vectors: number | null): Looked {
  return { ...unsampled(`Its documents are not known: ${why}.`), vectors };
}

async function draw(
  kept: PointInTime,
  documents: Documents,
  { fields, mapping }: Index,
  reading: Reading,
): Promise<Drawn | { readonly why: string; readonly vectors: number }> {
  const held = { bool: { should: fields.paths.map((field) => ({ exists: { field } })) } };
  const vectors = await kept.count(held);
  const read = opened(reading, await holed(kept, held, reading), mapping);
  if ('why' in read) return { ...read, vectors };
  const wanted = wantedOf(read);
  const size = wanted.source.length === 0 ? PAGE : PAGE_OF_DOCUMENTS;
  const keys = (query: unknown, least: number | null) =>
    keysOf(kept.rows({ query, least, wanted, size }), documents, read);
  const { part, content } = documents.fields;
  const apart = part !== null || content !== null;
  if (vectors <= documents.most || (apart && vectors <= MOST_READ && wanted.source.length === 0)) {
    const drawing = new Draw(documents.most);
    for await (const key of keys(held, null)) drawing.add(key);
    // It holds what it counted: another number of documents is no answer.
    if (drawing.given !== vectors)
      return { why: `${drawing.given} of ${vectors} documents were told`, vectors };
    const drawn = drawing.result();
    // Where the documents of one key are more than may be looked at, none of them are.
    if (drawn.length > 0 || vectors === 0)
      return { vectors, keys: drawn, how: drawn.length === vectors ? 'all' : 'by-key-hash' };
  }
  const random = {
    function_score: {
      query: held,
      random_score: { seed: randomInt(2 ** 31), field: '_seq_no' },
      boost_mode: 'replace',
    },
  };
  const chance = chanceOf(documents.most, vectors);
  const some: VectorKey[] = [];
  for await (const key of keys(random, 1 - chance)) some.push(key);
  // Eight deviations: what is as far from what was to be drawn came from no whole index.
  const expected = chance * vectors;
  if (Math.abs(some.length - expected) > 8 * Math.sqrt(expected))
    return {
      why: `${some.length} documents were told where about ${Math.round(expected)} were drawn`,
      vectors,
    };
  return { vectors, keys: some, how: 'at-random' };
}

/** So that hardly ever more than `most` are drawn: four deviations of a binomial distribution below them. */
function chanceOf(most: number, vectors: number): number {
  return Math.min((most - 4 * Math.sqrt(most)) / vectors, 1);
}

/** How each configured field is read; or why one cannot be. */
type Reading = ReadonlyMap<string, Exclude<Readable, { from: 'nowhere' }>>;

function readingOf(
  { fields }: Documents,
  { mapping, fields: { nested } }: Index,
): Reading | { readonly why: string } {
  if (nested) return { why: 'its vectors lie in nested objects, of which a document has several' };
  const asWritten = [fields.key, fields.part, fields.content, fields.model, fields.tokens];
  const reading = new Map<string, Exclude<Readable, { from: 'nowhere' }>>();
  for (const field of fieldNames(fields)) {
    const how = readable(mapping, field, { time: !asWritten.includes(field) });
    if (how.from === 'nowhere') return { why: how.why };
    reading.set(field, how);
  }
  return reading;
}

/** Fields whose column leaves out what some documents have, as they are longer than it takes. */
async function holed(kept: PointInTime, held: unknown, reading: Reading): Promise<string[]> {
  const found: string[] = [];
  for (const [field, how] of reading)
    if (how.from === 'doc-values' && how.unless !== null) {
      const missing = await kept.count({
        bool: {
          filter: [held, { exists: { field: how.unless } }],
          must_not: [{ exists: { field: how.ask.field } }],
        },
      });
      if (missing > 0) found.push(field);
    }
  return found;
}

/** The same, with these fields read of the documents themselves. */
function opened(
  reading: Reading,
  fields: readonly string[],
  mapping: unknown,
): Reading | { readonly why: string } {
  const changed = new Map(reading);
  for (const field of fields) {
    const how = readable(mapping, field, { time: false, columns: false });
    if (how.from === 'nowhere') return { why: how.why };
    changed.set(field, how);
  }
  return changed;
}

function wantedOf(reading: Reading): Wanted {
  const all = [...reading.values()];
  return {
    docValues: all.flatMap((how) => (how.from === 'doc-values' ? [how.ask] : [])),
    source: all.flatMap((how) => (how.from === 'source' ? [how.path] : [])),
  };
}

async function* keysOf(
  rows: AsyncIterable<Row>,
  { fields }: Documents,
  reading: Reading,
): AsyncGenerator<VectorKey> {
  for await (const { fields: columns, source } of rows) {
    yield vectorKey(fields, (field) => {
      const how = reading.get(field);
      if (how === undefined) return null;
      if (how.from === 'source') return single(valueAt(source, how.path));
      const values = Object.hasOwn(columns, how.ask.field) ? (columns[how.ask.field] ?? []) : [];
      return single(values);
    });
  }
}

/** A list of one value is that value, to OpenSearch; of several none is the one. */
function single(value: unknown): unknown {
  return Array.isArray(value) ? (value.length === 1 ? value[0] : null) : value;
}
