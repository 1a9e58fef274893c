import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Dataset, VectorGap, VectorIndex } from '../model.ts';
import { modelNamed } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import { notSampled, unsampled } from '../vectors/sampling.ts';
import { type AllCounters, type Counters, countersOf, EVERY } from './counters.ts';
import { type Index, type Looked, sampleOf } from './documents.ts';
import { vectorFields } from './fields.ts';
import { ask, type OpenSearchSession, Shards } from './session.ts';

const ID = 'opensearch.indexes';

const Mappings = z.record(z.string(), z.object({ mappings: z.looseObject({}) }));

/**
 * Indexes with `knn_vector` fields of one cluster, with what it counts of them: searches (of each shard, so that one
 * search of an index of five shards counts five times), documents written, and bytes. Four requests whatever its
 * size. Where the config names documents, their keys are read by searches that are counted apart and taken off, so
 * that looking is no query.
 *
 * Counters live in the copies of shards and begin anew when a copy is moved, restarted or made. So `statsSince` is
 * when the last of an index's copies began, read before the counters, and `incarnation` its UUID with the number of
 * copies: one that is taken away takes its count along.
 *
 * A collection of OpenSearch Serverless tells none of that: its mappings and documents alone are read, and CloudWatch
 * tells the rest of the collection as a whole (`aws.opensearchserverless.vectors`).
 *
 * It does not see: which documents hold a vector, where their keys are not read; reads by id, which are no searches;
 * cold indexes of OpenSearch Service, which are detached from the cluster; indexes that the login may not see.
 */
export const opensearchIndexes: Dataset<OpenSearchSession> = {
  id: ID,
  // `es:ESHttpGet` and the like of a signed login are declared for the domains that the config names.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const indexes = await vectorIndexesOf(session, meter);
    if (indexes.length === 0) return { vectorIndexes: [] };
    const counters = session.collection === null ? await countersOf(session, meter) : null;
    const sharedBy = indexes.map(({ name }) => idOf(session, name));
    const vectorIndexes: VectorIndex[] = [];
    // One after the other: a cluster serves others meanwhile.
    for (const index of indexes) {
      const looked = await lookAt(session, index, counters, meter);
      vectorIndexes.push(
        counters === null
          ? ofCollection(session, index, looked)
          : ofCluster(session, index, { counters, looked, sharedBy }),
      );
    }
    return { vectorIndexes };
  },
};

/** Indexes that have vectors, and what their mapping says of them. */
async function vectorIndexesOf(session: OpenSearchSession, meter: Meter): Promise<Index[]> {
  const mappings = await ask(
    session,
    Mappings,
    { call: '_mapping', path: '/_mapping', query: session.collection === null ? EVERY : {} },
    meter,
  );
  // What is no OpenSearch may answer an empty object as well, which a cluster without an index does.
  if (Object.keys(mappings).length === 0 && session.collection === null)
    await ask(
      session,
      z.object({ _shards: Shards }),
      { call: '_stats.docs', path: '/_stats/docs', query: { filter_path: '_shards' } },
      meter,
    );
  return Object.entries(mappings).flatMap(([name, { mappings: mapping }]) => {
    const fields = vectorFields(mapping);
    return fields === null ? [] : [{ name, mapping, fields }];
  });
}

async function lookAt(
  session: OpenSearchSession,
  index: Index,
  counters: AllCounters | null,
  meter: Meter,
): Promise<Looked> {
  const documents = session.documents(index.name);
  if (documents === null)
    return { ...notSampled('No document was read: the config names no documents.'), vectors: null };
  if (counters !== null && counters.of(index.name).told === null)
    return {
      ...unsampled('Its documents are not known: it is closed, or its counters may not be read.'),
      vectors: null,
    };
  return await sampleOf(session, documents, index, meter);
}

function ofCluster(
  session: OpenSearchSession,
  index: Index,
  { counters, looked, sharedBy }: { counters: AllCounters; looked: Looked; sharedBy: readonly string[] },
): VectorIndex {
  const { host, domain } = session;
  const { uuid, created, told, copies } = counters.of(index.name);
  const counted = copies === null ? null : told;
  return vectorIndex({
    ...described(session, index, looked),
    storeType: 'opensearch',
    provider: domain === null ? 'other' : 'aws',
    accountId: domain?.accountId ?? host,
    region: domain?.region ?? 'global',
    incarnation: uuid === null || copies === null ? null : `${uuid}/${copies.number}`,
    vectors: looked.vectors ?? told?.documents ?? null,
    bytes: told?.bytes ?? null,
    created,
    // Without the beginning of its counters nothing could be told from a reset.
    queries: counted?.searches ?? null,
    writes: counted?.writes ?? null,
    // Every search of the index counts, whether it uses the vectors or not.
    tableScans: counted === null ? null : 0,
    statsSince: copies === null ? null : new Date(copies.since).toISOString(),
    replicas: 0,
    latency:
      told === null || told.searches === 0
        ? null
        : { milliseconds: told.took / told.searches, statistic: 'mean of a shard, since its counters began' },
    capacity: {
      kind: 'shared-cluster',
      billed: domain === null ? [] : [domain.arn],
      bytes: counters.bytes,
      sharedBy,
    },
    gaps: [...gapsOf(session, index, looked), ...untold(told, copies)],
  });
}

/** What CloudWatch tells of a collection as a whole is told there. */
function ofCollection(session: OpenSearchSession, index: Index, looked: Looked): VectorIndex {
  const { collection } = session;
  return vectorIndex({
    ...described(session, index, looked),
    storeType: 'opensearch-serverless',
    provider: 'aws',
    accountId: collection?.accountId ?? session.host,
    region: collection?.region ?? 'global',
    vectors: looked.vectors,
    // Neither bill nor API says under which id its capacity is charged; it has a minimum that collections share.
    capacity: { kind: 'minimum', billed: [], bytes: null, sharedBy: null },
    gaps: [
      ...gapsOf(session, index, looked),
      {
        of: 'queries',
        why: 'OpenSearch Serverless counts the searches of a collection as a whole, those by which its documents are read among them.',
      },
      { of: 'bytes', why: 'A collection does not tell the bytes of an index where its documents are read.' },
    ],
  });
}

/** What is told of an index wherever it is. */
function described(
  session: OpenSearchSession,
  { name, fields }: Index,
  { sample }: Looked,
): Pick<VectorIndex, 'store' | 'dataset' | 'id' | 'index'> & Partial<VectorIndex> {
  return {
    store: session.store,
    dataset: ID,
    id: idOf(session, name),
    index: name,
    method: fields.method,
    dimension: fields.dimension,
    metric: fields.metric,
    model: modelNamed(session.models, name),
    source: session.documents(name)?.source ?? null,
    sample,
  };
}

function gapsOf({ models }: OpenSearchSession, { name, fields }: Index, looked: Looked): VectorGap[] {
  const { paths } = fields;
  const of = paths.length === 1 ? `the field ${paths[0]}` : `${paths.length} fields of vectors`;
  return [
    ...(looked.vectors !== null && paths.length === 1
      ? []
      : [
          {
            of: 'vectors',
            why: `OpenSearch counts documents; how many of them have ${of} it does not tell.`,
          } as const,
        ]),
    ...looked.gaps,
    ...(modelNamed(models, name) === null ? [unknownModel('OpenSearch')] : []),
  ];
}

function untold(told: Counters['told'], copies: Counters['copies']): VectorGap[] {
  if (told === null)
    return [{ of: 'queries', why: 'The index is closed, or its counters may not be read.', untold: true }];
  return copies === null
    ? [{ of: 'queries', why: 'Nothing tells since when its searches are counted.', untold: true }]
    : [];
}

function idOf({ host }: OpenSearchSession, index: string): string {
  return `opensearch://${host}/${encodeURIComponent(index)}`;
}
