import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Dataset, VectorGap, VectorIndex } from '../model.ts';
import type { Rest } from '../rest.ts';
import { modelNamed } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import { type VectorFields, vectorFields } from './fields.ts';

/** One OpenSearch cluster. */
export interface OpenSearchSession {
  /** Config id of the store. */
  readonly store: string;
  /** `host:port` */
  readonly host: string;
  /** ARN, account and region of the domain; null where it is none of OpenSearch Service. */
  readonly domain: { readonly arn: string; readonly accountId: string; readonly region: string } | null;
  /** Embedding models by index, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  readonly http: Rest;
}

const ID = 'opensearch.indexes';

const count = z.int().nonnegative();
const Settings = z.record(z.string(), z.object({ settings: z.record(z.string(), z.unknown()) }));
const Mappings = z.record(z.string(), z.object({ mappings: z.looseObject({}) }));
/** One row a copy of a shard: its counters begin with its recovery, wherever it comes from. */
const Recoveries = z.array(
  z.object({ index: z.string(), start_time_millis: z.string().regex(/^\d+$/), stage: z.string() }),
);
const Shards = z.object({ total: count, failed: count });
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
          search: z.object({ query_total: count, query_time_in_millis: count }),
        }),
      }),
    )
    .default({}),
});
type IndexStats = z.output<typeof Stats>['indices'][string];

const STATS_KEPT = [
  '_shards',
  '_all.total.store.size_in_bytes',
  ...['docs.count', 'indexing.index_total'].map((path) => `indices.*.primaries.${path}`),
  ...['store.size_in_bytes', 'search.query_total', 'search.query_time_in_millis'].map(
    (path) => `indices.*.total.${path}`,
  ),
].join(',');

/** Every index, whether open, closed or hidden; closed ones hold no counters, and asking for them is refused. */
const EVERY = { expand_wildcards: 'all' };
const OPEN = { expand_wildcards: 'open,hidden' };

/**
 * Indexes with `knn_vector` fields of one cluster, with what it counts of them: searches (of each shard, so that one
 * search of an index of five shards counts five times), documents written, and bytes. Four requests whatever its
 * size; no document is read and no search is made, so that looking is not counted as a query.
 *
 * Counters live in the copies of shards and begin anew when a copy is moved, restarted or made. So `statsSince` is
 * when the last of an index's copies began, read before the counters, and `incarnation` its UUID with the number of
 * copies: one that is taken away takes its count along.
 *
 * It does not see: which documents hold a vector; reads by id, which are no searches; cold indexes of OpenSearch
 * Service, which are detached from the cluster; indexes that the login may not see.
 */
export const opensearchIndexes: Dataset<OpenSearchSession> = {
  id: ID,
  // `es:ESHttpGet` of a signed login is declared for the domains that the config names.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const fields = await vectorIndexesOf(session, meter);
    if (fields.size === 0) return { vectorIndexes: [] };
    const settings = await ask(
      session,
      Settings,
      '/_settings/index.creation_date,index.uuid',
      { ...EVERY, flat_settings: 'true' },
      meter,
    );
    const copies = copiesOf(
      await ask(
        session,
        Recoveries,
        '/_cat/recovery',
        { ...OPEN, format: 'json', h: 'index,start_time_millis,stage' },
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
      '/_stats/docs,store,search,indexing',
      { ...OPEN, filter_path: STATS_KEPT },
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
    const shared = {
      bytes: all?.total?.store?.size_in_bytes ?? null,
      sharedBy: [...fields.keys()].map((index) => idOf(session, index)),
    };
    return {
      vectorIndexes: [...fields].map(([index, of]) =>
        describe(
          session,
          index,
          of,
          own(settings, index)?.settings ?? {},
          copies.get(index),
          own(indices, index),
          shared,
        ),
      ),
    };
  },
};

/** Indexes that have vectors, and what their mapping says of them. */
async function vectorIndexesOf(session: OpenSearchSession, meter: Meter): Promise<Map<string, VectorFields>> {
  const mappings = await ask(session, Mappings, '/_mapping', EVERY, meter);
  // What is no OpenSearch may answer an empty object as well, which a cluster without an index does.
  if (Object.keys(mappings).length === 0)
    await ask(session, z.object({ _shards: Shards }), '/_stats/docs', { filter_path: '_shards' }, meter);
  const found = new Map<string, VectorFields>();
  for (const [index, of] of Object.entries(mappings)) {
    const fields = vectorFields(of.mappings);
    if (fields !== null) found.set(index, fields);
  }
  return found;
}

interface Copies {
  readonly number: number;
  /** Milliseconds since 1970: when the last of them began. */
  readonly since: number;
}

function copiesOf(recoveries: z.output<typeof Recoveries>): Map<string, Copies> {
  const copies = new Map<string, Copies>();
  for (const { index, start_time_millis } of recoveries) {
    const known = copies.get(index);
    copies.set(index, {
      number: (known?.number ?? 0) + 1,
      since: Math.max(known?.since ?? 0, Number(start_time_millis)),
    });
  }
  return copies;
}

function describe(
  session: OpenSearchSession,
  index: string,
  fields: VectorFields,
  settings: Readonly<Record<string, unknown>>,
  copies: Copies | undefined,
  stats: IndexStats | undefined,
  shared: { bytes: number | null; sharedBy: readonly string[] },
): VectorIndex {
  const { store, host, domain, models } = session;
  const { uuid, created } = identityOf(settings);
  const { query_total: queries, query_time_in_millis: took } = stats?.total.search ?? {};
  const model = modelNamed(models, index);
  return vectorIndex({
    store,
    storeType: 'opensearch',
    provider: domain === null ? 'other' : 'aws',
    accountId: domain?.accountId ?? host,
    region: domain?.region ?? 'global',
    dataset: ID,
    id: idOf(session, index),
    incarnation: uuid === null || copies === undefined ? null : `${uuid}/${copies.number}`,
    index,
    method: fields.method,
    dimension: fields.dimension,
    metric: fields.metric,
    model,
    vectors: stats?.primaries.docs.count ?? null,
    bytes: stats?.total.store.size_in_bytes ?? null,
    created,
    // Without the beginning of its counters nothing could be told from a reset.
    queries: copies === undefined ? null : (queries ?? null),
    writes: copies === undefined ? null : (stats?.primaries.indexing.index_total ?? null),
    // Every search of the index counts, whether it uses the vectors or not.
    tableScans: copies === undefined || queries === undefined ? null : 0,
    statsSince: copies === undefined ? null : new Date(copies.since).toISOString(),
    replicas: 0,
    latency:
      queries === undefined || took === undefined || queries === 0
        ? null
        : { milliseconds: took / queries, statistic: 'mean of a shard, since its counters began' },
    capacity: { kind: 'shared-cluster', billed: domain === null ? [] : [domain.arn], ...shared },
    gaps: gapsOf(fields, stats, copies, model),
  });
}

function gapsOf(
  { paths }: VectorFields,
  stats: IndexStats | undefined,
  copies: Copies | undefined,
  model: string | null,
): VectorGap[] {
  const fields = paths.length === 1 ? `the field ${paths[0]}` : `${paths.length} fields of vectors`;
  return [
    { of: 'vectors', why: `OpenSearch counts documents; how many of them have ${fields} it does not tell.` },
    { of: 'documents', why: 'No document was read: a search for them would count as a query.' },
    ...(model === null ? [unknownModel('OpenSearch')] : []),
    ...(stats === undefined
      ? [
          {
            of: 'queries',
            why: 'The index is closed, or its counters may not be read.',
            untold: true,
          } as const,
        ]
      : copies === undefined
        ? [
            {
              of: 'queries',
              why: 'Nothing tells since when its searches are counted.',
              untold: true,
            } as const,
          ]
        : []),
  ];
}

function identityOf(settings: Readonly<Record<string, unknown>>): {
  uuid: string | null;
  created: string | null;
} {
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

function idOf({ host }: OpenSearchSession, index: string): string {
  return `opensearch://${host}/${encodeURIComponent(index)}`;
}

/** The answer to a request, as it must look. */
async function ask<T>(
  { http, store }: OpenSearchSession,
  shape: z.ZodType<T>,
  path: string,
  query: Readonly<Record<string, string>>,
  meter: Meter,
): Promise<T> {
  const call = `opensearch${path.replaceAll('/', '.').replaceAll(/,.*/g, '')}`;
  const read = shape.safeParse(await http.get(call, path, query, meter));
  if (read.success) return read.data;
  throw new BursarError(
    'unavailable',
    `${call} gave an answer that is none of OpenSearch: ${z.prettifyError(read.error).split('\n')[0] ?? ''}`,
    {
      where: `store:${store}`,
      hint: 'See that the address is that of an OpenSearch cluster.',
    },
  );
}
