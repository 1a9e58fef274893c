import { beforeEach, expect, inject, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { gcpVertexIndexEndpoints } from '../../../lib/estate/gcp/vertex-index-endpoints.ts';
import { gcpVertexVectorSearch } from '../../../lib/estate/gcp/vertex-vector-search.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { answerGcp, disturbGcp, resetGcp } from '../../counterparts/gcp.control.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T12:30:00Z');
const END = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const HERE = 'projects/123456789012/locations/us-central1';
const V1 = '/v1/projects/ml-prod/locations/us-central1';
const ID = '//aiplatform.googleapis.com/projects/ml-prod/locations/us-central1';
const REQUESTS = 'aiplatform.googleapis.com/matching_engine/query/request_count';
const WRITES = 'aiplatform.googleapis.com/matching_engine/stream_update/datapoint_count';

beforeEach(() => resetGcp(endpoint));

async function look(): Promise<Snapshot> {
  const session = gcpSession({
    projectId: 'ml-prod',
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: 'ml-prod', region: 'global' };
  return await collectScope(
    scope,
    session,
    [gcpVertexIndexEndpoints, gcpVertexVectorSearch],
    NOW,
    new Meter(),
  );
}

const only = ({ vectorIndexes, coverage }: Snapshot): VectorIndex => {
  const [index, ...more] = vectorIndexes ?? [];
  if (index === undefined || more.length > 0)
    throw new Error(`${vectorIndexes?.length ?? 0} indexes: ${coverage[0]?.reason ?? ''}`);
  return index;
};

/** An index, deployed as often as it is told, each time to an endpoint of its own. */
async function world(deployedAt: readonly string[], more: object = {}): Promise<void> {
  await answerGcp(endpoint, `${V1}/indexes`, {
    indexes: [
      {
        name: `${HERE}/indexes/66`,
        displayName: 'docs/ü',
        createTime: '2026-01-01T00:00:00Z',
        updateTime: '2026-03-01T00:00:00Z',
        indexUpdateMethod: 'STREAM_UPDATE',
        indexStats: { vectorsCount: '1500000', sparseVectorsCount: '5', shardsCount: 1 },
        metadata: {
          config: {
            dimensions: 768,
            distanceMeasureType: 'DOT_PRODUCT_DISTANCE',
            algorithmConfig: { treeAhConfig: {} },
          },
        },
        deployedIndexes: deployedAt.map((_, at) => ({
          indexEndpoint: `${HERE}/indexEndpoints/5${at}`,
          deployedIndexId: `docs_${at}`,
        })),
        ...more,
      },
    ],
  });
  await answerGcp(endpoint, `${V1}/indexEndpoints`, {
    indexEndpoints: deployedAt.map((createTime, at) => ({
      name: `${HERE}/indexEndpoints/5${at}`,
      displayName: `endpoint ${at}`,
      deployedIndexes: [
        {
          id: `docs_${at}`,
          index: `${HERE}/indexes/66`,
          createTime,
          dedicatedResources: {
            machineSpec: { machineType: 'e2-standard-16' },
            minReplicaCount: 2,
            maxReplicaCount: 2,
          },
        },
      ],
    })),
  });
}

/** A point an hour, at the end of each, for the last `hours` full hours. */
function points(hours: number, value: number): object[] {
  return Array.from({ length: hours }, (_, at) => {
    const endTime = new Date(END - at * HOUR).toISOString();
    return { interval: { startTime: endTime, endTime }, value: { int64Value: String(value) } };
  });
}

const requests = (at: number, each: object[], more: Record<string, string> = {}) => ({
  metric: {
    type: REQUESTS,
    labels: { deployed_index_id: `docs_${at}`, method: 'match', response_code: 'OK', ...more },
  },
  resource: {
    type: 'aiplatform.googleapis.com/IndexEndpoint',
    labels: {
      resource_container: 'projects/123456789012',
      location: 'us-central1',
      index_endpoint_id: `5${at}`,
    },
  },
  points: each,
});

async function tell(...timeSeries: object[]): Promise<void> {
  await answerGcp(endpoint, '/v3/projects/ml-prod/timeSeries', { timeSeries });
}

test('an index with its configuration, what is billed for it and what it was asked', async () => {
  await world(['2026-02-01T00:00:00Z']);
  await tell(
    requests(0, points(720, 3)),
    requests(0, points(10, 1), { response_code: 'INVALID_ARGUMENT' }),
    // Of another endpoint and another region: no queries of this one.
    requests(1, points(720, 50)),
    {
      metric: { type: WRITES, labels: { request_type: 'upsert' } },
      resource: {
        type: 'aiplatform.googleapis.com/Index',
        labels: { resource_container: 'projects/123456789012', location: 'us-central1', index_id: '66' },
      },
      points: points(30, 0).map((point, at) => (at === 4 ? { ...point, value: { int64Value: '9' } } : point)),
    },
  );
  expect(only(await look())).toMatchObject({
    storeType: 'vertex-vector-search',
    provider: 'gcp',
    accountId: 'ml-prod',
    region: 'us-central1',
    id: `${ID}/indexes/66`,
    index: 'docs/ü',
    dimension: 768,
    metric: 'dot_product_distance',
    method: 'treeAhConfig',
    vectors: 1_500_005,
    created: '2026-01-01T00:00:00.000Z',
    // The fifth hour from the end, where it began.
    lastWrite: '2026-11-22T07:00:00.000Z',
    queries: null,
    measured: {
      start: '2026-10-23T12:00:00.000Z',
      end: '2026-11-22T12:00:00.000Z',
      queries: 720 * 3 + 10,
      received: 720,
      expected: 720,
      source: REQUESTS,
    },
    replicas: 0,
    capacity: { kind: 'by-index', billed: [`${ID}/indexEndpoints/50`], sharedBy: [`${ID}/indexes/66`] },
  });
});

test('silence is no zero: hours without a point are told as such', async () => {
  await world(['2026-02-01T00:00:00Z']);
  await tell(requests(0, points(100, 0)));
  expect(only(await look()).measured).toMatchObject({ queries: 0, received: 100, expected: 720 });
  await tell();
  expect(only(await look()).measured).toMatchObject({ queries: 0, received: 0, expected: 720 });
});

test('two deployments: an hour came where both told, from when the first was', async () => {
  await world(['2026-11-20T12:00:00Z', '2026-11-22T00:00:00Z']);
  await tell(requests(0, points(48, 1)), requests(1, points(6, 2)));
  const index = only(await look());
  expect(index.measured).toMatchObject({
    start: '2026-11-20T12:00:00.000Z',
    queries: 48 + 12,
    // 36 hours of the first alone, and 6 of 12 in which both told.
    received: 42,
    expected: 48,
  });
  expect(index.capacity?.billed).toEqual([`${ID}/indexEndpoints/50`, `${ID}/indexEndpoints/51`]);
});

test('an index that is deployed nowhere, or less than an hour: nothing is said of its queries', async () => {
  await world([]);
  const nowhere = only(await look());
  expect(nowhere).toMatchObject({ measured: null, capacity: null });
  expect(nowhere.gaps).toContainEqual({ of: 'queries', why: expect.stringContaining('deployed nowhere') });
  await world(['2026-11-22T12:10:00Z']);
  expect(only(await look())).toMatchObject({ measured: null });
});

test('an endpoint that could not be read: since when it is deployed is not known', async () => {
  await world(['2026-02-01T00:00:00Z']);
  await answerGcp(endpoint, `${V1}/indexEndpoints`, {});
  await tell(requests(0, points(720, 0)));
  const index = only(await look());
  expect(index.measured).toBeNull();
  expect(index.gaps).toContainEqual({
    of: 'queries',
    untold: true,
    why: expect.stringContaining('Since when'),
  });
});

test('counts of 64 bits, odd metadata and an index without statistics', async () => {
  await world([], { indexStats: { vectorsCount: '9007199254740993' }, metadata: 'x' });
  expect(only(await look())).toMatchObject({ vectors: null, dimension: null, metric: null, method: null });
  await world([], { indexStats: { sparseVectorsCount: '7' }, metadata: { config: { dimensions: '4' } } });
  expect(only(await look())).toMatchObject({ vectors: 7, dimension: 4 });
  await world([], { indexStats: undefined });
  expect(only(await look())).toMatchObject({ vectors: null });
});

test('metrics that are denied leave the index, and the dataset incomplete', async () => {
  await world(['2026-02-01T00:00:00Z']);
  await disturbGcp(endpoint, { path: 'timeSeries', status: 403 }, 9);
  const snapshot = await look();
  expect(snapshot.coverage).toMatchObject([
    {
      status: 'partial',
      incomplete: ['gcp.aiplatform.vector-search'],
      reason: expect.stringContaining('request_count'),
    },
  ]);
  expect(only(snapshot)).toMatchObject({
    measured: null,
    vectors: 1_500_005,
    lastWrite: '2026-03-01T00:00:00.000Z',
  });
});

test('a throttled list is asked again; one region that stays silent makes it incomplete', async () => {
  await world(['2026-02-01T00:00:00Z']);
  await disturbGcp(endpoint, { path: 'us-central1/indexes', status: 429 }, 1);
  expect(only(await look()).vectors).toBe(1_500_005);
  await disturbGcp(endpoint, { path: 'europe-west4/indexes', status: 503 }, 9);
  expect((await look()).coverage).toMatchObject([
    { status: 'partial', reason: expect.stringContaining('europe-west4') },
  ]);
});
