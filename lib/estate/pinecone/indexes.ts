import pLimit from 'p-limit';
import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Dataset, VectorCapacity, VectorGap, VectorIndex } from '../model.ts';
import { entriesOf, modelNamed, wideCount } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import { notSampled, type Sampled, unsampled } from '../vectors/sampling.ts';
import { type IndexMetrics, type Metrics, metricsOf } from './metrics.ts';
import { sampleRecords } from './records.ts';
import { askPinecone, type PineconeSession } from './session.ts';

const ID = 'pinecone.indexes';
const AT_ONCE = 4;

const readCapacity = z.object({ mode: z.string().optional() }).optional();
const index = z.object({
  name: z.string(),
  host: z.string().optional(),
  dimension: z.int().positive().nullish(),
  metric: z.string().nullish(),
  vector_type: z.string().optional(),
  embed: z.object({ model: z.string() }).nullish(),
  spec: z.union([
    z.object({
      serverless: z.object({ cloud: z.string(), region: z.string(), read_capacity: readCapacity }),
    }),
    z.object({ pod: z.object({ environment: z.string(), pod_type: z.string() }) }),
    z.object({ byoc: z.object({ environment: z.string(), read_capacity: readCapacity }) }),
  ]),
});
type PineconeIndex = z.output<typeof index>;
/**
 * The interface requires no key of an answer; without its list one is of another service, and no empty project. No
 * statistics of Pinecone come without any number of what is held.
 */
const Indexes = z.object({ indexes: z.array(index) });
const Stats = z
  .object({
    namespaces: entriesOf(z.object({ vectorCount: wideCount.nullish() })).optional(),
    dimension: z.int().positive().nullish(),
    totalVectorCount: wideCount.nullish(),
  })
  .refine(({ namespaces, totalVectorCount }) => namespaces !== undefined || totalVectorCount != null, {
    error: 'neither namespaces nor totalVectorCount',
  });
type Stats = z.output<typeof Stats>;

/** Also where reading the keys failed: the reads before that were counted. */
const OWN_READS: VectorGap = {
  of: 'queries',
  why: 'Keys are read by lists and fetches, which Pinecone counts like those of others: whether records are only ever fetched is not known.',
};

/**
 * Indexes of one project of Pinecone, serverless, of pods and in a cloud of one's own, with the records that each
 * holds; queries, writes and bytes of serverless ones by the project's metrics, where the config names it.
 *
 * The key goes to hosts under pinecone.io alone: an index that names another host is told without what only its host
 * knows. It does not see: when an index was made, last written or last asked; since when its metrics count.
 */
export const pineconeIndexes: Dataset<PineconeSession> = {
  id: ID,
  // The role of the API key is what allows it (Pinecone documentation, "Security overview"): ProjectViewer reads all.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const { indexes } = await askPinecone(
      session,
      session.control,
      Indexes,
      { call: 'list_indexes', path: '/indexes' },
      meter,
    );
    if (indexes.length === 0) return { vectorIndexes: [] };
    // Before any sample, whose reads would be counted too.
    const metrics = await metricsOf(session, meter);
    const missing: string[] = [];
    const minimum = indexes.filter((one) => kindOf(one) === 'minimum').map(({ name }) => idOf(session, name));
    const vectorIndexes = await pLimit(AT_ONCE).map(indexes, async (one) => {
      const { stats, sampled, fault } = await insideOf(session, one, meter);
      if (fault !== null) missing.push(`${one.name}: ${fault}`);
      return describe(session, { one, stats, sampled, metrics, minimum });
    });
    if (missing.length === 0) return { vectorIndexes };
    throw new IncompleteError(
      'unavailable',
      `${missing.length} of ${indexes.length} indexes did not tell what they hold: ${missing.toSorted().slice(0, 3).join('; ')}`,
      { vectorIndexes },
      { where: `store:${session.store}`, hint: 'Look again later; what was seen is kept.' },
    );
  },
};

interface Inside {
  readonly stats: Stats | null;
  readonly sampled: Sampled;
  /** Why its host did not answer; null where it did. */
  readonly fault: string | null;
}

async function insideOf(session: PineconeSession, one: PineconeIndex, meter: Meter): Promise<Inside> {
  const http = one.host === undefined ? null : session.at(one.host);
  if (http === null)
    return {
      stats: null,
      sampled: notSampled('Its host is none of Pinecone, which was not asked.'),
      fault: `its host ${JSON.stringify(one.host ?? '')} is none under pinecone.io, and got no key`,
    };
  try {
    const stats = await askPinecone(
      session,
      http,
      Stats,
      { call: 'describe_index_stats', path: '/describe_index_stats', body: {} },
      meter,
    );
    return { stats, sampled: await sampleOf(session, one, stats, meter), fault: null };
  } catch (error) {
    if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
    return { stats: null, sampled: notSampled('It could not be asked.'), fault: error.message };
  }
}

/** What cannot be read of the records is a gap of the index, and no fault of it. */
async function sampleOf(
  session: PineconeSession,
  one: PineconeIndex,
  stats: Stats,
  meter: Meter,
): Promise<Sampled> {
  const documents = session.documents(one.name);
  if (documents === null) return notSampled('No record was read: the config names no documents.');
  if ('pod' in one.spec) return unsampled('Pinecone lists no ids of indexes of pods.');
  const http = one.host === undefined ? null : session.at(one.host);
  if (http === null || stats.namespaces === undefined) return unsampled('It does not tell its namespaces.');
  const namespaces = stats.namespaces.map(([name]) => name);
  try {
    return await sampleRecords(session, http, { index: one.name, namespaces }, documents, meter);
  } catch (error) {
    if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
    return unsampled(`Its records could not be read: ${error.message}.`);
  }
}

interface Told {
  readonly one: PineconeIndex;
  readonly stats: Stats | null;
  readonly sampled: Sampled;
  readonly metrics: Metrics;
  /** Ids of the indexes that are paid by use. */
  readonly minimum: readonly string[];
}

function describe(session: PineconeSession, told: Told): VectorIndex {
  const { one, stats, sampled, metrics } = told;
  const measured = 'of' in metrics ? metrics.of(one.name) : null;
  const documents = session.documents(one.name);
  const model = one.embed?.model.toLowerCase() ?? modelNamed(session.models, one.name);
  return vectorIndex({
    store: session.store,
    storeType: 'pinecone',
    provider: 'other',
    accountId: session.project ?? session.store,
    region: regionOf(one),
    dataset: ID,
    id: idOf(session, one.name),
    // Its host names it: another one under the same name was made again. Other servers count anew.
    incarnation: one.host === undefined ? null : `${one.host}@${measured?.instances ?? ''}`,
    index: one.name,
    dimension: one.dimension ?? stats?.dimension ?? null,
    metric: one.metric ?? null,
    model,
    vectors: stats?.totalVectorCount ?? null,
    bytes: measured?.bytes ?? null,
    queries: measured?.queries ?? null,
    writes: measured?.writes ?? null,
    // Looking at documents lists and fetches records, which would be taken for reads of others.
    tableScans: documents === null ? (measured?.reads ?? null) : null,
    replicas: measured === null ? null : 0,
    latency:
      measured?.milliseconds === null || measured === null
        ? null
        : { milliseconds: measured.milliseconds, statistic: 'mean since its counters began' },
    source: documents?.source ?? null,
    capacity: capacityOf(session, told, measured),
    sample: sampled.sample,
    gaps: [
      ...gapsOf(told, model, measured),
      ...(documents === null || measured === null ? [] : [OWN_READS]),
      ...sampled.gaps,
    ],
  });
}

/**
 * On-demand indexes are paid by what they store, read and write, but a plan has a minimum that all of them share
 * (Pinecone documentation, "Understanding cost", "Minimum usage"); pods and dedicated read nodes are machines of one index; an index in
 * a cloud of one's own runs on machines of that account.
 */
function kindOf({ spec }: PineconeIndex): VectorCapacity['kind'] {
  if ('pod' in spec) return 'by-index';
  if ('byoc' in spec) return 'shared-cluster';
  return spec.serverless.read_capacity?.mode === 'Dedicated' ? 'by-index' : 'minimum';
}

function capacityOf(
  session: PineconeSession,
  { one, minimum }: Told,
  measured: IndexMetrics | null,
): VectorCapacity {
  const kind = kindOf(one);
  return {
    kind,
    billed: session.billed,
    bytes: kind === 'by-index' ? (measured?.bytes ?? null) : null,
    sharedBy: kind === 'minimum' ? minimum : kind === 'by-index' ? [idOf(session, one.name)] : null,
  };
}

function gapsOf(
  { one, stats, metrics }: Told,
  model: string | null,
  measured: IndexMetrics | null,
): VectorGap[] {
  const gaps: VectorGap[] = [];
  if (stats?.totalVectorCount == null)
    gaps.push({ of: 'vectors', why: 'The host of the index did not tell how many records it holds.' });
  if (measured?.bytes === undefined || measured.bytes === null)
    gaps.push({ of: 'bytes', why: 'Pinecone tells bytes by its metrics alone.' });
  if (model === null) gaps.push(unknownModel('Pinecone'));
  if ('why' in metrics) gaps.push({ of: 'queries', why: metrics.why, untold: true });
  else if (measured?.queries === undefined || measured.queries === null)
    gaps.push({
      of: 'queries',
      why: 'The metrics of the project name no queries of this index.',
      untold: true,
    });
  if ('byoc' in one.spec) gaps.push({ of: 'cost', why: 'It runs on machines in an account of your own.' });
  return gaps;
}

function regionOf({ spec }: PineconeIndex): string {
  if ('serverless' in spec) return spec.serverless.region;
  return 'pod' in spec ? spec.pod.environment : spec.byoc.environment;
}

function idOf({ project, store }: PineconeSession, name: string): string {
  return `pinecone://${project ?? store}/${encodeURIComponent(name)}`;
}
