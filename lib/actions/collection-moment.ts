import { parse, stringify } from 'lossless-json';
import { z } from 'zod';
import { pathPart } from '../estate/rest.ts';
import { BursarError } from '../platform/errors.ts';
import { type CollectionData, shaped, strange } from './collection-data.ts';

const count = z.int().nonnegative();
const Shards = z.looseObject({ failed: count });

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
