import { parse, stringify } from 'lossless-json';
import { z } from 'zod';
import { pathPart } from '../estate/rest.ts';
import { BursarError } from '../platform/errors.ts';

/**
 * The data of one collection of OpenSearch Serverless. An answer that is no success is thrown as BursarError:
 * `denied`, `throttled`, `unavailable`, `input` (404) or `conflict`.
 */
export interface CollectionData {
  /** For errors: the endpoint. */
  readonly where: string;
  /** @param lines JSON of one request, or lines of JSON for `_bulk`. @returns the text of the answer */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, lines?: string): Promise<string>;
}

const count = z.int().nonnegative();
const Shards = z.looseObject({ failed: count });
const Definition = z.record(
  z.string(),
  z.object({
    aliases: z.record(z.string(), z.unknown()).default({}),
    mappings: z.record(z.string(), z.unknown()),
    settings: z.object({ index: z.record(z.string(), z.unknown()) }),
  }),
);
/** As the service describes an index. */
export type Definition = z.output<typeof Definition>[string];

/**
 * Indexes by name, but for those of Dashboards and of the service itself, whose names begin with a point. `documents`: as
 * the service counts them without a search, nested ones among them; null where it does not.
 */
export async function indexesOf(
  data: CollectionData,
): Promise<{ names: string[]; hidden: string[]; documents: number | null }> {
  const text = await data.send('GET', '/_cat/indices?format=json&h=index,docs.count&expand_wildcards=all');
  const row = z.object({ index: z.string(), 'docs.count': z.string().regex(/^\d+$/).nullish() });
  const rows = shaped(data, z.array(row), () => JSON.parse(text));
  const names = rows.map(({ index }) => index).toSorted((a, b) => (a < b ? -1 : 1));
  const counts = rows.flatMap((each) => (each.index.startsWith('.') ? [] : [each['docs.count'] ?? null]));
  return {
    names: names.filter((name) => !name.startsWith('.')),
    hidden: names.filter((name) => name.startsWith('.')),
    documents: counts.every((each) => each !== null)
      ? counts.reduce((sum, each) => sum + Number(each), 0)
      : null,
  };
}

export async function definitionOf(data: CollectionData, index: string): Promise<Definition> {
  const text = await data.send('GET', `/${pathPart(index)}`);
  const found = shaped(data, Definition, () => JSON.parse(text));
  const definition = found[index];
  if (definition === undefined) throw strange(data, `the index ${index} was not described`);
  return definition;
}

const Properties = z.record(z.string(), z.looseObject({ type: z.string().default('object') }));

/**
 * Paths of the fields that hold vectors; or why documents of such an index are not given whole, in words: then its
 * export would lack something.
 */
export function vectorsIn(
  mappings: Definition['mappings'],
): { readonly paths: string[] } | { readonly why: string } {
  const source = z.looseObject({ enabled: z.boolean().default(true) }).safeParse(mappings['_source'] ?? {});
  const { enabled = false, ...kept } = source.success ? source.data : {};
  if (!enabled || Object.keys(kept).length > 0)
    return { why: 'its mapping keeps documents in part or not at all (_source)' };
  const paths: string[] = [];
  const walk = (properties: unknown, before: string): string | null => {
    for (const [name, field] of Object.entries(Properties.catch({}).parse(properties ?? {}))) {
      const path = `${before}${name}`;
      if (field.type === 'knn_vector') paths.push(path);
      const inside = paths.length;
      const why = walk(field['properties'], `${path}.`);
      if (why !== null) return why;
      if (field.type === 'nested' && paths.length > inside)
        return `${path} holds vectors of nested documents, which cannot be counted`;
    }
    return null;
  };
  const why = walk(mappings['properties'], '');
  return why === null ? { paths } : { why };
}

/** What is looked at goes on being kept for so long after each request. */
const KEPT = '5m';
/** Documents of a page. One of 1,536 components is some 20 kB of JSON. */
const PAGE = 200;

const Opened = z.looseObject({ pit_id: z.string().min(1), _shards: Shards });
const Hits = z.object({
  total: z.object({ value: count }).optional(),
  hits: z
    .array(z.object({ _id: z.string(), sort: z.array(z.number()).min(1), _source: z.unknown() }))
    .default([]),
});
const Page = z.looseObject({
  pit_id: z.string().optional(),
  timed_out: z.boolean(),
  _shards: Shards,
  hits: Hits,
});

/** A document as it is kept: numbers as the service wrote them. */
export interface Kept {
  readonly id: string;
  /** JSON on one line. */
  readonly source: string;
  /** Which of the vector fields it has. */
  readonly vectors: readonly string[];
}

/** The documents of an index at one moment; opened by `atOneMoment`. */
export interface Moment {
  /** How many there are, or have the field: exactly. */
  count(field?: string): Promise<number>;
  pages(): AsyncGenerator<Kept[]>;
}

/** Keeps an index as it is while `use` reads it (OpenSearch Service Developer Guide, "Using PIT with ... Serverless"). */
export async function atOneMoment<T>(
  data: CollectionData,
  index: string,
  vectors: readonly string[],
  use: (moment: Moment) => Promise<T>,
): Promise<T> {
  const path = `/${pathPart(index)}/_search/point_in_time?keep_alive=${KEPT}`;
  const begun = await data.send('POST', path, '{}');
  const opened = shaped(data, Opened, () => JSON.parse(begun));
  let id = opened.pit_id;
  const search = async (body: Readonly<Record<string, unknown>>) => {
    const text = await data.send(
      'POST',
      '/_search',
      JSON.stringify({ pit: { id, keep_alive: KEPT }, ...body }),
    );
    let answer: unknown = null;
    const page = shaped(data, Page, () => {
      answer = parse(text);
      return plain(answer);
    });
    const { _shards: shards, timed_out: late, pit_id: next = id } = page;
    if (shards.failed > 0 || late) throw strange(data, 'some of its shards did not answer');
    id = next;
    return { hits: page.hits, documents: sourcesOf(answer) };
  };
  try {
    const { _shards: shards } = opened;
    if (shards.failed > 0) throw strange(data, 'some of its shards did not answer');
    return await use({
      count: async (field) => {
        const query = field === undefined ? { match_all: {} } : { exists: { field } };
        const { hits } = await search({ size: 0, track_total_hits: true, query });
        if (hits.total === undefined) throw strange(data, 'it did not count its documents');
        return hits.total.value;
      },
      pages: async function* pages() {
        let after: number | null = null;
        for (;;) {
          const { hits, documents } = await search({
            size: PAGE,
            track_total_hits: false,
            query: { match_all: {} },
            // As it was written: what is asked for by name comes in another order, with its numbers written anew.
            _source: true,
            sort: [{ _doc: 'asc' }],
            ...(after === null ? {} : { search_after: [after] }),
          });
          const found = hits.hits.map(({ _id, sort }, at) => ({
            place: sort[0] ?? 0,
            kept: keptOf(_id, documents[at], vectors),
          }));
          const last = found.at(-1)?.place;
          const full = found.length >= PAGE;
          // Documents of several shards have the same place, and a page may end between them: it is cut before that.
          if (full && found[0]?.place === last) throw strange(data, 'its documents cannot be told apart');
          yield found.flatMap(({ place, kept }) => (full && place === last ? [] : [kept]));
          if (!full || last === undefined) return;
          after = last - 1;
        }
      },
    });
  } finally {
    await data
      .send('DELETE', '/_search/point_in_time', JSON.stringify({ pit_id: [id] }))
      .catch((error: unknown) => {
        // It ends by itself some minutes after the last request.
        if (!(error instanceof BursarError)) throw error;
      });
  }
}

function keptOf(id: string, source: unknown, vectors: readonly string[]): Kept {
  const has = vectors.filter((path) => (atPath(source, path) ?? null) !== null);
  return { id, source: stringify(source) ?? 'null', vectors: has };
}

/** What lies at a path of objects, whether it is written as objects in objects or with points in its keys. */
function atPath(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.has(path)) return fields.get(path);
  for (let point = path.indexOf('.'); point > 0; point = path.indexOf('.', point + 1)) {
    const found = atPath(fields.get(path.slice(0, point)), path.slice(point + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `_source` of every hit, with its numbers as they were written. */
function sourcesOf(answer: unknown): unknown[] {
  const hits = atPath(answer, 'hits.hits');
  return Array.isArray(hits) ? hits.map((hit: unknown) => atPath(hit, '_source')) : [];
}

/** The same without documents, in plain numbers. */
function plain(answer: unknown): unknown {
  const text = stringify(answer, (key, value) => (key === '_source' ? null : value)) ?? 'null';
  return JSON.parse(text);
}

/** Settings that somebody chose; the service sets all others itself. */
const CHOSEN = ['knn', 'analysis', 'mapping', 'similarity', 'refresh_interval', 'max_result_window'];

export async function createIndex(
  data: CollectionData,
  index: string,
  definition: Definition,
): Promise<void> {
  const { aliases, mappings, settings } = definition;
  const chosen = Object.fromEntries(Object.entries(settings.index).filter(([name]) => CHOSEN.includes(name)));
  await data.send(
    'PUT',
    `/${pathPart(index)}`,
    JSON.stringify({ settings: { index: chosen }, mappings, aliases }),
  );
}

/** Deletes an index of a collection that was made for a restore; one that is not there is no error. */
export async function deleteIndex(data: CollectionData, index: string): Promise<void> {
  const { names } = await indexesOf(data);
  if (names.includes(index)) await data.send('DELETE', `/${pathPart(index)}`);
}

/** Bytes of one `_bulk` request: a collection takes 10 MiB (Migration Assistant, "Limits and considerations"). */
const BULK = 5 * 2 ** 20;

/**
 * Writes documents, under ids that the service gives: a collection for vectors takes no others (Migration Assistant for
 * Amazon OpenSearch Service, "Collection types", read November 2026).
 * @throws BursarError (conflict) where one of them was not taken
 */
export async function bulk(data: CollectionData, index: string, sources: readonly string[]): Promise<void> {
  const path = `/${pathPart(index)}/_bulk`;
  const Answer = z.object({
    errors: z.boolean(),
    items: z.array(z.record(z.string(), z.looseObject({ status: z.int(), error: z.unknown().optional() }))),
  });
  const flush = async (lines: readonly string[]) => {
    if (lines.length === 0) return;
    const text = await data.send('POST', path, lines.map((line) => `{"index":{}}\n${line}\n`).join(''));
    const { errors, items } = shaped(data, Answer, () => JSON.parse(text));
    if (!errors && items.length === lines.length) return;
    const refused = items.flatMap((item) => Object.values(item)).find(({ status }) => status >= 300);
    const passes = refused?.status === 429 || (refused?.status ?? 0) >= 500;
    throw new BursarError(
      passes ? 'unavailable' : 'conflict',
      `the index ${index} did not take all documents: ${JSON.stringify(refused?.error ?? items.length).slice(0, 300)}`,
      { where: data.where, hint: 'Nothing is lost: the export holds them.' },
    );
  };
  let lines: string[] = [];
  let bytes = 0;
  for (const source of sources) {
    if (lines.length > 0 && bytes + source.length > BULK) {
      await flush(lines);
      [lines, bytes] = [[], 0];
    }
    lines.push(source);
    bytes += source.length;
  }
  await flush(lines);
}

/** An answer, as it must look. @throws BursarError (unavailable) where it does not */
function shaped<S extends z.ZodType>(data: CollectionData, shape: S, read: () => unknown): z.output<S> {
  let answer: unknown;
  try {
    answer = read();
  } catch (error) {
    if (error instanceof SyntaxError) throw strange(data, `its answer is no JSON: ${error.message}`);
    throw error;
  }
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw strange(
    data,
    `its answer is none of OpenSearch: ${z.prettifyError(parsed.error).split('\n')[0] ?? ''}`,
  );
}

function strange({ where }: CollectionData, what: string): BursarError {
  return new BursarError('unavailable', what, { where, hint: 'It is tried again later.' });
}
