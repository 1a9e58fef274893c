import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { pathPart } from '../rest.ts';
import type { DocValue } from './readable.ts';
import { ask, type OpenSearchSession, Shards } from './session.ts';

/**
 * The group under which the cluster counts what Bursar asks, beside all searches: what others ask is the difference.
 * Both counters live and end with the same copy of a shard (OpenSearch,
 * server/src/main/java/org/opensearch/index/search/stats/ShardSearchStats.java).
 */
export const OWN_SEARCHES = 'bursar-documents';

/** What is looked at goes on being kept for so long after each request. */
const KEPT = '1m';
const LONGEST_MS = 8 * 60_000;

const count = z.int().nonnegative();
const Opened = z.looseObject({ pit_id: z.string().min(1), _shards: Shards });
const Page = z.looseObject({
  pit_id: z.string().min(1).optional(),
  timed_out: z.boolean(),
  _shards: Shards,
  hits: z.looseObject({
    total: z.looseObject({ value: count, relation: z.literal('eq') }).optional(),
    hits: z
      .array(
        z.looseObject({
          sort: z.array(z.unknown()).optional(),
          fields: z.record(z.string(), z.array(z.unknown())).optional(),
          _source: z.unknown().optional(),
        }),
      )
      .default([]),
  }),
});
type Page = z.output<typeof Page>;

const TOLD = ['pit_id', 'timed_out', '_shards', 'hits.total', 'hits.hits.sort'];

/** A document as far as it was asked for. */
export interface Row {
  /** Columns by name; what a document has not is left out. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>;
  /** What was asked of the document itself, in its objects. */
  readonly source: unknown;
}

/** What of each document is asked for. */
export interface Wanted {
  readonly docValues: readonly DocValue[];
  /** Paths in the documents; where there are none, no document is opened. */
  readonly source: readonly string[];
}

/** The documents of an index as they were at one moment. */
export class PointInTime {
  readonly #session: OpenSearchSession;
  readonly #meter: Meter;
  readonly #ends: number;
  #id: string;

  private constructor(session: OpenSearchSession, id: string, meter: Meter) {
    this.#session = session;
    this.#meter = meter;
    this.#id = id;
    this.#ends = performance.now() + LONGEST_MS;
  }

  /**
   * Keeps an index as it is while `use` looks at it. Since OpenSearch 2.4, and in OpenSearch Serverless (OpenSearch
   * documentation, "Create PIT"; OpenSearch Service Developer Guide, "Using PIT with Amazon OpenSearch Serverless").
   * @throws BursarError where it cannot be kept or read whole: some of its documents would stand for no others
   */
  static async of<T>(
    session: OpenSearchSession,
    index: string,
    meter: Meter,
    use: (documents: PointInTime) => Promise<T>,
  ): Promise<T> {
    const path = `/${pathPart(index)}/_search/point_in_time`;
    const { pit_id: id, _shards: shards } = await ask(
      session,
      Opened,
      { call: 'point_in_time', path, query: { keep_alive: KEPT }, post: {} },
      meter,
    );
    const documents = new PointInTime(session, id, meter);
    try {
      if (shards.failed > 0) throw notWhole(session, 'point_in_time');
      return await use(documents);
    } finally {
      await documents.#release();
    }
  }

  /** How many documents a query fits: exactly. */
  async count(query: unknown): Promise<number> {
    const { hits } = await this.#search({ size: 0, track_total_hits: true, query }, ['hits.total']);
    if (hits.total === undefined) throw strange(this.#session);
    return hits.total.value;
  }

  /**
   * The documents that a query fits, in the order in which they lie in the shards: no order that OpenSearch would have
   * to make, though it passes over those of the pages before. Documents of several shards have the same place, and a
   * page may end between them: it is cut before the last place, at which the next one begins. Without that, documents
   * are left out silently.
   * @param size of a page, more than there are shards
   */
  async *rows({
    query,
    least,
    wanted,
    size,
  }: {
    query: unknown;
    least: number | null;
    wanted: Wanted;
    size: number;
  }): AsyncGenerator<Row> {
    const { docValues, source } = wanted;
    let after: number | null = null;
    for (;;) {
      const { hits } = await this.#search(
        {
          size,
          track_total_hits: false,
          query,
          ...(least === null ? {} : { min_score: least }),
          sort: [{ _doc: 'asc' }],
          ...(after === null ? {} : { search_after: [after] }),
          // Neither ids nor documents are opened where columns tell all.
          ...(source.length === 0 ? { _source: false, stored_fields: '_none_' } : { _source: source }),
          docvalue_fields: docValues,
        },
        [
          ...(docValues.length === 0 ? [] : ['hits.hits.fields']),
          ...(source.length === 0 ? [] : ['hits.hits._source']),
        ],
      );
      const placed: { place: number; row: Row }[] = hits.hits.map(
        ({ sort, fields = {}, _source = null }) => ({
          place: this.#place(sort),
          row: { fields, source: _source },
        }),
      );
      const last = placed.at(-1)?.place ?? null;
      const full = placed.length >= size;
      const first = placed[0]?.place;
      if (full && first === last) throw strange(this.#session);
      for (const { place, row } of placed) if (!full || place !== last) yield row;
      if (!full || last === null) return;
      after = last - 1;
    }
  }

  #place(sort: readonly unknown[] | undefined): number {
    const [place] = sort ?? [];
    if (typeof place !== 'number' || !Number.isSafeInteger(place)) throw strange(this.#session);
    return place;
  }

  async #search(body: Readonly<Record<string, unknown>>, told: readonly string[]): Promise<Page> {
    if (performance.now() > this.#ends)
      throw new BursarError(
        'unavailable',
        `${LONGEST_MS / 60_000} minutes were not enough to read its documents`,
        {
          where: `store:${this.#session.store}`,
          hint: 'Look at fewer of them (most), or at a quieter hour.',
        },
      );
    const page = await ask(
      this.#session,
      Page,
      {
        call: 'search',
        path: '/_search',
        query: { filter_path: [...TOLD, ...told].join(',') },
        post: { pit: { id: this.#id, keep_alive: KEPT }, stats: [OWN_SEARCHES], ...body },
      },
      this.#meter,
    );
    const { _shards: shards, timed_out: late } = page;
    if (shards.failed > 0 || late) throw notWhole(this.#session, 'search');
    this.#id = page.pit_id ?? this.#id;
    return page;
  }

  async #release(): Promise<void> {
    try {
      await this.#session.http.release(
        'opensearch.point_in_time.delete',
        '/_search/point_in_time',
        { pit_id: [this.#id] },
        this.#meter,
      );
    } catch (error) {
      // It ends by itself a minute after the last request, and what it showed is known.
      if (!(error instanceof BursarError)) throw error;
    }
  }
}

function notWhole({ store }: OpenSearchSession, call: string): BursarError {
  return new BursarError('unavailable', `opensearch.${call} was answered by some of the shards alone`, {
    where: `store:${store}`,
    hint: 'Look again when the cluster is whole: documents of some shards stand for no others.',
  });
}

function strange({ store }: OpenSearchSession): BursarError {
  return new BursarError('unavailable', 'opensearch.search gave a page that cannot be followed', {
    where: `store:${store}`,
    hint: 'Look again later, and report it if it stays.',
  });
}
