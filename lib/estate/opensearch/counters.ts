import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { OWN_SEARCHES } from './point-in-time.ts';
import { ask, type OpenSearchSession, Shards } from './session.ts';

const count = z.int().nonnegative();
const Settings = z.record(z.string(), z.object({ settings: z.record(z.string(), z.unknown()) }));
/** One row a copy of a shard: its counters begin with its recovery, wherever it comes from. */
const Recoveries = z.array(
  z.object({ index: z.string(), start_time_millis: z.string().regex(/^\d+$/), stage: z.string() }),
);
const Searches = z.object({ query_total: count, query_time_in_millis: count });
const Stats = z.object({
  _shards: Shards,
  _all: z
    .object({ total: z.object({ store: z.object({ size_in_bytes: count }).optional() }).optional() })
    .optional(),
  indices: z
    .record(
      z.string(),
      z.object({
        primaries: z.object({ docs: z.object({ count }), indexing: z.object({ index_total: count }) }),
        total: z.object({
          store: z.object({ size_in_bytes: count }),
          search: Searches.extend({ groups: z.record(z.string(), Searches).default({}) }),
        }),
      }),
    )
    .default({}),
});
type IndexStats = z.output<typeof Stats>['indices'][string];

const SEARCHES = ['query_total', 'query_time_in_millis'];
const STATS_KEPT = [
  '_shards',
  '_all.total.store.size_in_bytes',
  ...['docs.count', 'indexing.index_total'].map((path) => `indices.*.primaries.${path}`),
  'indices.*.total.store.size_in_bytes',
  ...SEARCHES.flatMap((name) => [
    `indices.*.total.search.${name}`,
    `indices.*.total.search.groups.*.${name}`,
  ]),
].join(',');

/** Every index, whether open, closed or hidden; closed ones hold no counters, and asking for them is refused. */
export const EVERY = { expand_wildcards: 'all' };
const OPEN = { expand_wildcards: 'open,hidden' };

/** What the cluster tells of one index. */
export interface Counters {
  readonly uuid: string | null;
  /** ISO-8601 UTC. */
  readonly created: string | null;
  /** Null where it is closed, or its counters may not be read. */
  readonly told: {
    readonly documents: number;
    readonly bytes: number;
    /** Documents that were written. */
    readonly writes: number;
    /** Searches of others, of each copy of a shard, and their milliseconds. */
    readonly searches: number;
    readonly took: number;
  } | null;
  /** Copies of its shards, and when the last of them began, milliseconds since 1970; null where nothing tells. */
  readonly copies: { readonly number: number; readonly since: number } | null;
}

/** What the cluster counts of its indexes, and the bytes of all of them. */
export interface AllCounters {
  readonly of: (index: string) => Counters;
  readonly bytes: number | null;
}

/**
 * Three requests, whatever the size of the cluster. When counters began is read before them, so that a copy that began
 * in between is never told as older than it is.
 */
export async function countersOf(session: OpenSearchSession, meter: Meter): Promise<AllCounters> {
  const settings = await ask(
    session,
    Settings,
    {
      call: '_settings.index.creation_date',
      path: '/_settings/index.creation_date,index.uuid',
      query: { ...EVERY, flat_settings: 'true' },
    },
    meter,
  );
  const copies = copiesOf(
    await ask(
      session,
      Recoveries,
      {
        call: '_cat.recovery',
        path: '/_cat/recovery',
        query: { ...OPEN, format: 'json', h: 'index,start_time_millis,stage' },
      },
      meter,
    ),
  );
  const {
    _shards: shards,
    _all: all,
    indices,
  } = await ask(
    session,
    Stats,
    {
      call: '_stats.docs',
      path: '/_stats/docs,store,search,indexing',
      query: { ...OPEN, groups: OWN_SEARCHES, filter_path: STATS_KEPT },
    },
    meter,
  );
  if (shards.failed > 0)
    throw new BursarError(
      'unavailable',
      `${shards.failed} of ${shards.total} shards did not tell their counters`,
      {
        where: `store:${session.store}`,
        hint: 'Look again when the cluster is whole: counters of some shards prove nothing.',
      },
    );
  return {
    bytes: all?.total?.store?.size_in_bytes ?? null,
    of: (index) => ({
      ...identityOf(own(settings, index)?.settings ?? {}),
      told: toldOf(own(indices, index)),
      copies: copies.get(index) ?? null,
    }),
  };
}

/**
 * Without the searches that read documents for Bursar. Those of a look end before the next one reads its counters; of two
 * looks at once one may read between both counters of a page of the other's, and is then off by it until the next.
 */
function toldOf(stats: IndexStats | undefined): Counters['told'] {
  if (stats === undefined) return null;
  const { search, store } = stats.total;
  const mine = own(search.groups, OWN_SEARCHES) ?? { query_total: 0, query_time_in_millis: 0 };
  return {
    documents: stats.primaries.docs.count,
    bytes: store.size_in_bytes,
    writes: stats.primaries.indexing.index_total,
    searches: Math.max(search.query_total - mine.query_total, 0),
    took: Math.max(search.query_time_in_millis - mine.query_time_in_millis, 0),
  };
}

function copiesOf(recoveries: z.output<typeof Recoveries>): Map<string, NonNullable<Counters['copies']>> {
  const copies = new Map<string, NonNullable<Counters['copies']>>();
  for (const { index, start_time_millis } of recoveries) {
    const known = copies.get(index);
    copies.set(index, {
      number: (known?.number ?? 0) + 1,
      since: Math.max(known?.since ?? 0, Number(start_time_millis)),
    });
  }
  return copies;
}

function identityOf(settings: Readonly<Record<string, unknown>>): Pick<Counters, 'uuid' | 'created'> {
  const uuid = settings['index.uuid'];
  const made = Number(settings['index.creation_date'] ?? Number.NaN);
  return {
    uuid: typeof uuid === 'string' ? uuid : null,
    created: Number.isFinite(made) ? new Date(made).toISOString() : null,
  };
}

/** An index may be called as what every object has. */
function own<T>(byIndex: Readonly<Record<string, T>>, index: string): T | undefined {
  return Object.hasOwn(byIndex, index) ? byIndex[index] : undefined;
}
