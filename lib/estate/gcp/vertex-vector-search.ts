import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { lastHours } from '../aws/gpu-telemetry.ts';
import type { Dataset, MeasuredQueries, Resource, VectorGap, VectorIndex } from '../model.ts';
import { vectorIndex } from '../vector-index.ts';
import { AT_ONCE, type GcpSeries, type SeriesWindow, TIME_SERIES, timeSeries } from './monitoring.ts';
import { integer, lastPart, locationOf, ownName, toldFault, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { everyRegion, VERTEX, VERTEX_LOCATIONS } from './vertex.ts';
import { gcpVertexIndexEndpoints } from './vertex-index-endpoints.ts';

const INDEXES: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.indexes.list',
  why: 'lists Vector Search indexes with their number of vectors',
};
const ID = 'gcp.aiplatform.vector-search';
/** As long as a vector index must be quiet where nobody says otherwise. */
const HOURS = 30 * 24;
const METRICS = `${VERTEX}/matching_engine`;
/** "Number of requests received", by deployed index, method and response; sampled every 60 s (Google Cloud metrics). */
const REQUESTS = `${METRICS}/query/request_count`;
/** "Number of successfully upserted or removed datapoints", of indexes that are updated as a stream. */
const WRITES = `${METRICS}/stream_update/datapoint_count`;

/** What is read of an index (aiplatform v1, schemas Index, IndexStats, DeployedIndexRef). */
const index = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  updateTime: z.string().optional(),
  indexUpdateMethod: z.string().optional(),
  indexStats: z
    .object({ vectorsCount: z.string().optional(), sparseVectorsCount: z.string().optional() })
    .optional(),
  deployedIndexes: z.array(z.object({ indexEndpoint: z.string(), deployedIndexId: z.string() })).default([]),
  metadata: z.unknown().optional(),
});
type Index = z.output<typeof index>;
/** The metadata of an index (Vertex AI documentation, "Index configuration parameters"). */
const Metadata = z.object({
  config: z.object({
    dimensions: z.union([z.number(), z.string()]).optional(),
    distanceMeasureType: z.string().optional(),
    algorithmConfig: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** A deployment of an index: its endpoint by its canonical id, and since when. */
interface Deployment {
  readonly endpoint: string;
  readonly endpointId: string;
  readonly location: string;
  readonly deployedId: string;
  /** Milliseconds since 1970; null where the endpoint could not be read. */
  readonly since: number | null;
}

/**
 * Indexes of Vertex AI Vector Search, with what Cloud Monitoring measured of them over 30 days: requests of each
 * deployment, and updates as a stream. A deployed index is paid by its machines for as long as it is deployed.
 *
 * It does not see: an hour without a point of request_count, which is not taken for an hour without requests;
 * deployments that ended, whose requests nothing names; datapoints, which are read by their ids alone.
 */
export const gcpVertexVectorSearch: Dataset<GcpSession> = {
  id: ID,
  needs: [gcpVertexIndexEndpoints.id],
  permissions: [VERTEX_LOCATIONS, INDEXES, TIME_SERIES],
  async collect(scope, session, now, earlier, meter) {
    const { found, missing: silent } = await everyRegion(session, meter, 'indexes', index, INDEXES);
    const missing = [...silent];
    const window = lastHours(now, HOURS);
    const since = deployedSince(earlier.resources);
    const deployments = new Map(found.map((one) => [one.name, deploymentsOf(session, one, since)]));
    const endpoints = [...new Set([...deployments.values()].flat().map(({ endpointId }) => endpointId))];
    const requests = await metricOf(
      session,
      meter,
      { metric: REQUESTS, of: 'IndexEndpoint', label: 'index_endpoint_id' },
      endpoints,
      window,
      missing,
    );
    const streamed = found
      .filter(({ indexUpdateMethod }) => indexUpdateMethod === 'STREAM_UPDATE')
      .map(({ name }) => lastPart(name));
    const writes = await metricOf(
      session,
      meter,
      { metric: WRITES, of: 'Index', label: 'index_id' },
      streamed,
      window,
      missing,
    );
    const shared = sharedBy(session, deployments);
    const vectorIndexes = found.map((one) =>
      describe(session, one, { deployed: deployments.get(one.name) ?? [], requests, writes, shared, window }),
    );
    return whole({ vectorIndexes }, missing, 'Vector Search indexes', scope);
  },
};

/** Series by metric; null where they could not be read, which is told in `missing`. */
async function metricOf(
  session: GcpSession,
  meter: Meter,
  { metric, of, label }: { metric: string; of: string; label: string },
  names: readonly string[],
  window: SeriesWindow,
  missing: string[],
): Promise<readonly GcpSeries[] | null> {
  const series: GcpSeries[] = [];
  try {
    for (let from = 0; from < names.length; from += AT_ONCE)
      series.push(
        ...(await timeSeries(
          session,
          meter,
          {
            metric,
            resource: `${VERTEX}/${of}`,
            label,
            names: names.slice(from, from + AT_ONCE),
            aligner: 'ALIGN_SUM',
          },
          window,
        )),
      );
    return series;
  } catch (error) {
    missing.push(toldFault(lastPart(metric), error));
    return null;
  }
}

/** When each deployed index of an endpoint was deployed, as the dataset of endpoints told it. */
function deployedSince(resources: readonly Resource[]): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const { type, id, attributes } of resources) {
    const deployed = attributes['deployedIndexes'];
    if (type !== 'gcp:aiplatform:index-endpoint' || !Array.isArray(deployed)) continue;
    for (const one of deployed as readonly unknown[]) {
      if (typeof one !== 'object' || one === null || !('id' in one) || !('deployedAt' in one)) continue;
      const at = typeof one.deployedAt === 'string' ? Date.parse(one.deployedAt) : Number.NaN;
      if (!Number.isNaN(at)) since.set(keyOf(id, String(one.id)), at);
    }
  }
  return since;
}

function deploymentsOf(session: GcpSession, one: Index, since: ReadonlyMap<string, number>): Deployment[] {
  return one.deployedIndexes.map(({ indexEndpoint, deployedIndexId }) => {
    const endpoint = ownName(session, VERTEX, indexEndpoint);
    return {
      endpoint,
      endpointId: lastPart(indexEndpoint),
      location: locationOf(indexEndpoint),
      deployedId: deployedIndexId,
      since: since.get(keyOf(endpoint, deployedIndexId)) ?? null,
    };
  });
}

function keyOf(endpoint: string, deployed: string): string {
  return JSON.stringify([endpoint, deployed]);
}

/** Indexes by the endpoint that serves them: its bill is of all of them. */
function sharedBy(
  session: GcpSession,
  deployments: ReadonlyMap<string, readonly Deployment[]>,
): ReadonlyMap<string, readonly string[]> {
  const shared = new Map<string, string[]>();
  for (const [name, deployed] of deployments)
    for (const { endpoint } of deployed)
      shared.set(endpoint, [...new Set([...(shared.get(endpoint) ?? []), ownName(session, VERTEX, name)])]);
  return shared;
}

interface About {
  readonly deployed: readonly Deployment[];
  readonly requests: readonly GcpSeries[] | null;
  readonly writes: readonly GcpSeries[] | null;
  readonly shared: ReadonlyMap<string, readonly string[]>;
  readonly window: SeriesWindow;
}

function describe(session: GcpSession, one: Index, about: About): VectorIndex {
  const { deployed, requests, writes, shared, window } = about;
  const config = Metadata.safeParse(one.metadata).data?.config;
  const dimension = Number(config?.dimensions ?? Number.NaN);
  const { vectorsCount, sparseVectorsCount } = one.indexStats ?? {};
  // A number that is nothing is left out of an answer, and so are statistics of an index that was never filled.
  const dense = vectorsCount === undefined && sparseVectorsCount !== undefined ? '0' : vectorsCount;
  const counts = [integer(dense), integer(sparseVectorsCount ?? '0')];
  const vectors = counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const measured = requests === null ? null : measuredOf(deployed, requests, window);
  const id = ownName(session, VERTEX, one.name);
  return vectorIndex({
    store: 'vertex-vector-search',
    storeType: 'vertex-vector-search',
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(one.name),
    dataset: ID,
    id,
    index: one.displayName ?? lastPart(one.name),
    method: Object.keys(config?.algorithmConfig ?? {})[0] ?? null,
    dimension: Number.isSafeInteger(dimension) && dimension > 0 ? dimension : null,
    metric: config?.distanceMeasureType?.toLowerCase() ?? null,
    vectors,
    created: utc(one.createTime),
    lastWrite: lastWriteOf(one, writes),
    measured,
    replicas: 0,
    capacity:
      deployed.length === 0
        ? null
        : {
            kind: 'by-index',
            billed: [...new Set(deployed.map(({ endpoint }) => endpoint))].toSorted(),
            bytes: null,
            sharedBy: [...new Set(deployed.flatMap(({ endpoint }) => shared.get(endpoint) ?? []))].toSorted(),
          },
    gaps: gapsOf(about, vectors, measured),
  });
}

/**
 * Requests of all deployments from when the first of them was, which is no earlier than the window. An hour came
 * where each that was deployed by then has a point.
 */
function measuredOf(
  deployed: readonly Deployment[],
  requests: readonly GcpSeries[],
  window: SeriesWindow,
): MeasuredQueries | null {
  const since = deployed.map((one) => one.since);
  if (since.length === 0 || since.includes(null)) return null;
  const period = window.period * 1000;
  const hoursFrom = (time: number) => Math.max(window.start.getTime(), Math.ceil(time / period) * period);
  const start = hoursFrom(Math.min(...since.map(Number)));
  const end = window.end.getTime();
  if (start >= end) return null;
  const each = deployed.map((one) => {
    const own = requests.filter(
      ({ metric, resource }) =>
        resource['index_endpoint_id'] === one.endpointId &&
        resource['location'] === one.location &&
        metric['deployed_index_id'] === one.deployedId,
    );
    return {
      from: hoursFrom(Number(one.since)),
      own,
      hours: new Set(own.flatMap(({ points }) => [...points.keys()])),
    };
  });
  let queries = 0;
  let received = 0;
  for (let hour = start; hour < end; hour += period) {
    const there = each.filter(({ from }) => hour >= from);
    if (there.every(({ hours }) => hours.has(hour))) received += 1;
    for (const { own } of each) for (const { points } of own) queries += points.get(hour) ?? 0;
  }
  return {
    start: new Date(start).toISOString(),
    end: window.end.toISOString(),
    queries,
    received,
    expected: Math.round((end - start) / period),
    source: REQUESTS,
  };
}

/**
 * `updateTime` "includes any update to the contents of the Index" (aiplatform v1, schema Index); an update as a stream
 * is at least as late as the hour in which it was counted began.
 */
function lastWriteOf(one: Index, writes: readonly GcpSeries[] | null): string | null {
  const streamed = (writes ?? [])
    .filter(
      ({ resource }) =>
        resource['index_id'] === lastPart(one.name) && resource['location'] === locationOf(one.name),
    )
    .flatMap(({ points }) => [...points].flatMap(([hour, count]) => (count > 0 ? [hour] : [])));
  const updated = utc(one.updateTime);
  const times = [...streamed, ...(updated === null ? [] : [Date.parse(updated)])];
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

function gapsOf(
  { deployed, requests }: About,
  vectors: number | null,
  measured: MeasuredQueries | null,
): VectorGap[] {
  const queries =
    deployed.length === 0
      ? 'It is deployed nowhere, so that nobody can ask it now; requests of deployments that ended are not told.'
      : requests === null
        ? 'Cloud Monitoring did not tell its requests.'
        : measured === null
          ? 'Since when it is deployed is not known, or it is less than an hour.'
          : null;
  return [
    ...(queries === null
      ? []
      : deployed.length === 0
        ? // Nothing of it is billed by now: what was told of it before may end.
          [{ of: 'queries', why: queries } as const]
        : [{ of: 'queries', why: queries, untold: true } as const]),
    ...(vectors === null
      ? [{ of: 'vectors', why: 'Vertex AI does not tell how many vectors it holds.' } as const]
      : []),
    { of: 'bytes', why: 'Vertex AI tells no bytes of an index.' },
    { of: 'model', why: 'Vertex AI does not know which model made the vectors.' },
    { of: 'documents', why: 'Vertex AI lists no datapoints.' },
    ...(deployed.length === 0
      ? [{ of: 'cost', why: 'Only a deployed index has machines that are billed.' } as const]
      : []),
  ];
}
