import { beforeEach, expect, inject, test } from 'vitest';
import { settings as databaseSettings, idleDatabase } from '../../../lib/checks/idle-database.ts';
import { idleGpu, settings } from '../../../lib/checks/idle-gpu.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import { GCP_DATASETS } from '../../../lib/estate/gcp/datasets.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import type { Snapshot, Telemetry } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../../counterparts/gcp.control.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T12:30:00Z');
const END = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const SERIES = '/v3/projects/ml-prod/timeSeries';
const LIMITS = settings.parse({});
const DATABASE_LIMITS = databaseSettings.parse({});

beforeEach(() => resetGcp(endpoint));

async function look(): Promise<Snapshot & { meter: Meter }> {
  const meter = new Meter();
  const session = gcpSession({
    projectId: 'ml-prod',
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: 'ml-prod', region: 'global' };
  return { ...(await collectScope(scope, session, GCP_DATASETS, NOW, meter)), meter };
}

/** Samples every `minutes` over the last `hours` full hours, each at the end of its interval. */
function samples(
  value: number | ((minute: number) => number),
  { hours = 168, minutes = 10, int = false }: { hours?: number; minutes?: number; int?: boolean } = {},
) {
  const count = (hours * 60) / minutes;
  return Array.from({ length: count }, (_, at) => {
    const minute = (at + 1) * minutes;
    const endTime = new Date(END - hours * HOUR + minute * 60_000).toISOString();
    const told = typeof value === 'number' ? value : value(minute);
    return {
      interval: { startTime: endTime, endTime },
      value: int ? { int64Value: String(told) } : { doubleValue: told },
    };
  }).toReversed();
}

function gce(instance: string, type: string, labels: Record<string, string>, points: object[]) {
  return {
    metric: { type, labels },
    resource: {
      type: 'gce_instance',
      labels: { project_id: 'ml-prod', zone: 'us-central1-a', instance_id: instance },
    },
    points,
  };
}

const USE = 'agent.googleapis.com/gpu/utilization';
const MEMORY = 'agent.googleapis.com/gpu/memory/bytes_used';
const CPU = 'compute.googleapis.com/instance/cpu/utilization';
const GIB = 1_073_741_824;

function agent(instance: string, gpu: string, use: Parameters<typeof samples>[0], usedGiB: number) {
  const labels = { gpu_number: gpu, uuid: `GPU-${instance}-${gpu}`, model: 'Tesla T4' };
  return [
    gce(instance, USE, labels, samples(use)),
    gce(instance, MEMORY, { ...labels, memory_state: 'used' }, samples(usedGiB * GIB)),
    gce(instance, MEMORY, { ...labels, memory_state: 'free' }, samples((16 - usedGiB) * GIB)),
  ];
}

async function tell(...timeSeries: object[]): Promise<void> {
  await answerGcp(endpoint, SERIES, { timeSeries });
}

async function verdicts(): Promise<Record<string, string>> {
  const { resources, telemetry, coverage } = await look();
  const judged = idleGpu.judge(facts({ resources, telemetry, coverage }), LIMITS, NOW);
  return Object.fromEntries(
    judged.map(({ resourceId, verdict, reason }) => [
      resourceId.slice(resourceId.lastIndexOf('/') + 1),
      `${verdict}: ${reason}`,
    ]),
  );
}

function values(telemetry: readonly Telemetry[], metric: string, statistic: string, device: string | null) {
  return telemetry
    .filter((one) => one.metric === metric && one.statistic === statistic && one.device === device)
    .map(({ resourceId, unit, points, expectedPoints }) => ({
      of: resourceId.slice(resourceId.lastIndexOf('/') + 1),
      unit,
      expectedPoints,
      first: points[0],
      count: points.length,
    }));
}

test('the agent’s samples become an hour a point, in percent, of the device and of the machine', async () => {
  await tell(
    ...agent('1002', '0', (minute) => (minute === 90 ? 63 : 1), 4),
    gce('1002', CPU, {}, samples(0.5)),
  );
  const { telemetry, meter } = await look();
  expect(values(telemetry, 'gpu-utilization', 'maximum', '0')).toEqual([
    {
      of: 'trainer-2',
      unit: 'percent',
      expectedPoints: 168,
      count: 168,
      first: { at: '2026-11-15T12:00:00.000Z', value: 1 },
    },
  ]);
  const use = telemetry.find(
    ({ metric, statistic }) => metric === 'gpu-utilization' && statistic === 'maximum',
  );
  expect(use?.points[1]).toEqual({ at: '2026-11-15T13:00:00.000Z', value: 63 });
  expect(values(telemetry, 'gpu-utilization', 'sample-count', '0')).toMatchObject([
    { unit: 'count', first: { value: 6 } },
  ]);
  expect(values(telemetry, 'gpu-memory-used', 'maximum', '0')).toMatchObject([
    { unit: 'percent', first: { value: 25 }, count: 168 },
  ]);
  expect(values(telemetry, 'cpu-utilization', 'maximum', null)).toMatchObject([{ first: { value: 50 } }]);
  // Five series were returned, at $0.50 a million.
  expect(meter.total().amount).toBe('0.0000025');
});

test('verdicts of a machine follow from what the agent wrote', async () => {
  await tell(...agent('1002', '0', 1, 0.1));
  expect((await verdicts())['trainer-2']).toMatch(/^SUSPECTED: .*no second signal/);
  await tell(...agent('1002', '0', 1, 12));
  expect((await verdicts())['trainer-2']).toMatch(/^HELD: Memory in use reached 75%/);
  await tell(...agent('1002', '0', (minute) => (minute === 5000 ? 80 : 0), 12));
  expect((await verdicts())['trainer-2']).toBeUndefined();
  await tell();
  expect((await verdicts())['trainer-2']).toMatch(/^UNOBSERVED: .*Install the Ops Agent/);
});

test('a Workbench instance is judged by its machine, which is not judged a second time', async () => {
  await tell(...agent('1001', '0', 1, 0.1), ...agent('1001', '1', 1, 0.1));
  const found = await verdicts();
  expect(found['trainer-1']).toMatch(/^SUSPECTED/);
  const { resources, telemetry, coverage } = await look();
  const ids = idleGpu
    .judge(facts({ resources, telemetry, coverage }), LIMITS, NOW)
    .map(({ resourceId }) => resourceId)
    .filter((id) => id.endsWith('/trainer-1'));
  expect(ids).toEqual([
    '//notebooks.googleapis.com/projects/ml-prod/locations/us-central1-a/instances/trainer-1',
  ]);
});

test('of a machine with two GPUs one that is silent makes it unobserved', async () => {
  await tell(...agent('1001', '0', 1, 0.1));
  expect((await verdicts())['trainer-1']).toMatch(/^UNOBSERVED: .*at least one of its 2 devices/);
});

test('where the list of Workbench instances is refused, the machine is judged as any other', async () => {
  await tell(...agent('1001', '0', 1, 0.1), ...agent('1001', '1', 1, 0.1));
  await disturbGcp(endpoint, { path: '/locations/-/instances', status: 403 }, 99);
  const { resources, telemetry, coverage } = await look();
  expect(
    idleGpu
      .judge(facts({ resources, telemetry, coverage }), LIMITS, NOW)
      .filter(({ resourceId }) => resourceId.endsWith('/trainer-1'))
      .map(({ resourceType, verdict }) => [resourceType, verdict]),
  ).toEqual([['gcp:compute:instance', 'SUSPECTED']]);
});

const DUTY = 'aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle';
const COUNT = 'aiplatform.googleapis.com/prediction/online/prediction_count';

function vertex(type: string, labels: Record<string, string>, points: object[], location = 'us-central1') {
  return {
    metric: { type, labels: { deployed_model_id: '7', ...labels } },
    resource: {
      type: 'aiplatform.googleapis.com/Endpoint',
      labels: { resource_container: 'ml-prod', location, endpoint_id: '42' },
    },
    points,
  };
}

test('an endpoint’s average over four GPUs is told so that none of them exceeds it', async () => {
  await tell(
    vertex(DUTY, { replica_id: 'a' }, samples(0.01)),
    vertex(DUTY, { replica_id: 'b' }, samples(0.005)),
    vertex(COUNT, {}, samples(0, { int: true })),
    // Another endpoint of the same number in another region.
    vertex(DUTY, { replica_id: 'z' }, samples(0.9), 'europe-west4'),
  );
  const { telemetry } = await look();
  expect(values(telemetry, 'gpu-utilization', 'maximum', null)).toMatchObject([
    { of: '42', first: { value: 4 }, count: 168, expectedPoints: 168 },
  ]);
  expect(values(telemetry, 'requests', 'sum', null)).toMatchObject([{ first: { value: 0 }, count: 168 }]);
  expect((await verdicts())['42']).toMatch(/^SUSPECTED: .*memory in use is not measured/);
});

test('an endpoint of which one GPU may be busy is busy', async () => {
  await tell(
    vertex(
      DUTY,
      { replica_id: 'a' },
      samples((minute) => (minute === 300 ? 0.02 : 0)),
    ),
    vertex(DUTY, { replica_id: 'b' }, samples(0)),
  );
  expect((await verdicts())['42']).toBeUndefined();
});

test('of two replicas that always run, one that is silent leaves every hour without a sample', async () => {
  await tell(vertex(DUTY, { replica_id: 'a' }, samples(0)), vertex(COUNT, {}, samples(0, { int: true })));
  expect((await verdicts())['42']).toMatch(/^UNOBSERVED/);
});

const pool = (replica: string, value: Parameters<typeof samples>[0]) => ({
  metric: {
    type: 'aiplatform.googleapis.com/prediction/online/deployment_resource_pool/accelerator/duty_cycle',
    labels: { replica_id: replica },
  },
  resource: {
    type: 'aiplatform.googleapis.com/DeploymentResourcePool',
    labels: {
      resource_container: 'ml-prod',
      location: 'us-central1',
      deployment_resource_pool_id: 'shared',
    },
  },
  points: samples(value),
});

test('a pool that endpoints share is judged by its own duty cycle', async () => {
  await tell(pool('a', 0.01));
  expect((await verdicts())['shared']).toMatch(/^SUSPECTED: No device passed 2%/);
  await tell(
    pool('a', 0.01),
    pool('b', (minute) => (minute === 600 ? 0.4 : 0)),
  );
  expect((await verdicts())['shared']).toBeUndefined();
  await tell();
  expect((await verdicts())['shared']).toMatch(/^UNOBSERVED: .*accelerator\/duty_cycle/);
});

test('a part that did not answer is never data: nothing is told of these machines, and coverage says so', async () => {
  await answerGcp(endpoint, SERIES, { timeSeries: agent('1002', '0', 1, 0.1), unreachable: ['us-central1'] });
  const { telemetry, coverage } = await look();
  expect(telemetry).toEqual([]);
  expect(coverage).toMatchObject([
    { status: 'partial', reason: expect.stringContaining('us-central1 is unreachable') },
  ]);
  expect((await verdicts())['trainer-2']).toBeUndefined();
});

test('machines without accelerators, and those that are off, are not asked for', async () => {
  await look();
  const asked = (await gcpCalls(endpoint)).filter(({ path }) => path === SERIES);
  const filters = asked.map(({ query }) => query['filter'] ?? '');
  expect(filters.some((filter) => filter.includes('"1003"'))).toBe(false);
  expect(asked.map(({ query }) => query['aggregation.alignmentPeriod'])).toEqual(asked.map(() => '3600s'));
  expect(asked.map(({ query }) => query['interval.endTime'])).toEqual(
    asked.map(() => '2026-11-22T12:00:00.000Z'),
  );
});

const sqlSeries = (
  type: string,
  labels: Record<string, string>,
  points: object[],
  name = 'ml-prod:live',
) => ({
  metric: { type: `cloudsql.googleapis.com/database/${type}`, labels },
  resource: {
    type: 'cloudsql_database',
    labels: { project_id: 'ml-prod', database_id: name, region: 'us-central1' },
  },
  points,
});

/** Two weeks of samples, which end where the last full quarter of a day does, as the last full hour. */
function fortnight(value: number | ((minute: number) => number)) {
  return samples(value, { hours: 336, minutes: 60, int: true });
}

async function databases(...items: { name: string; engine: string; policy?: string }[]): Promise<void> {
  await answerGcp(endpoint, '/v1/projects/ml-prod/instances', {
    items: items.map(({ name, engine, policy = 'ALWAYS' }) => ({
      name,
      region: 'us-central1',
      state: 'RUNNABLE',
      instanceType: 'CLOUD_SQL_INSTANCE',
      databaseVersion: engine,
      createTime: '2026-01-01T00:00:00.000Z',
      settings: { activationPolicy: policy },
    })),
  });
}

async function quietDatabases() {
  const { resources, telemetry, coverage } = await look();
  const judged = idleDatabase.judge(facts({ resources, telemetry, coverage }), DATABASE_LIMITS, NOW);
  return judged.map(({ resourceName, verdict }) => `${resourceName} ${verdict}`);
}

test('a database is quiet where none of its own databases has a connection, nor had one', async () => {
  await databases(
    { name: 'live', engine: 'POSTGRES_16' },
    { name: 'off', engine: 'POSTGRES_16', policy: 'NEVER' },
  );
  const [OPEN, OPENED] = ['postgresql/num_backends', 'postgresql/new_connection_count'];
  const quiet = ['docs', 'postgres'].flatMap((database) => [
    sqlSeries(OPEN, { database }, fortnight(0)),
    sqlSeries(OPENED, { database }, fortnight(0)),
  ]);
  await tell(...quiet, sqlSeries(OPEN, {}, fortnight(9), 'ml-prod:other'));
  const { telemetry } = await look();
  expect(values(telemetry, 'connections', 'maximum', null)).toMatchObject([
    { of: 'live', count: 56, expectedPoints: 56, first: { at: '2026-11-08T12:00:00.000Z', value: 0 } },
  ]);
  expect(values(telemetry, 'connections', 'sample-count', null)).toMatchObject([{ first: { value: 12 } }]);
  expect(values(telemetry, 'requests', 'sum', null).filter(({ of }) => of === 'live')).toMatchObject([
    { first: { value: 0 }, count: 56 },
  ]);
  expect(await quietDatabases()).toEqual(['live IDLE']);
  await tell(
    ...quiet,
    sqlSeries(
      OPENED,
      { database: 'jobs' },
      fortnight((minute) => (minute === 600 ? 1 : 0)),
    ),
  );
  expect(await quietDatabases()).toEqual([]);
  await tell(
    ...quiet,
    sqlSeries(
      OPEN,
      { database: 'jobs' },
      fortnight((minute) => (minute === 600 ? 1 : 0)),
    ),
  );
  expect(await quietDatabases()).toEqual([]);
  await tell(...quiet.filter(({ metric }) => metric.type.endsWith('num_backends')));
  expect(await quietDatabases()).toEqual(['live SUSPECTED']);
  await tell();
  expect(await quietDatabases()).toEqual([]);
});

test('a database of MySQL is judged by its own metrics', async () => {
  await databases({ name: 'live', engine: 'MYSQL_8_0' });
  const attempt = { login_status: 'succeeded' };
  await tell(
    sqlSeries('network/connections', {}, fortnight(0)),
    sqlSeries('network/connection_attempt_count', attempt, fortnight(0)),
    sqlSeries('postgresql/num_backends', { database: 'docs' }, fortnight(7)),
  );
  expect(await quietDatabases()).toEqual(['live IDLE']);
});

const NODE = 'gke-train-h100-1a2b3c4d-x1y2';

/** One GPU of a node, as a container that holds it sees it. */
function container(
  pod: string,
  use: Parameters<typeof samples>[0],
  usedGiB: number,
  hours = 168,
  node = NODE,
) {
  const of = (metric: string, value: Parameters<typeof samples>[0]) => ({
    metric: {
      type: `kubernetes.io/container/accelerator/${metric}`,
      labels: { make: 'nvidia', accelerator_id: `GPU-${pod}`, model: 'nvidia-h100' },
    },
    resource: {
      type: 'k8s_container',
      labels: {
        project_id: 'ml-prod',
        location: 'us-central1',
        cluster_name: 'train',
        namespace_name: 'default',
        pod_name: pod,
        container_name: 'main',
      },
    },
    metadata: { systemLabels: { node_name: node, top_level_controller_type: 'Job' } },
    points: samples(value, { hours, int: true }),
  });
  return [of('duty_cycle', use), of('memory_used', usedGiB * GIB), of('memory_total', 80 * GIB)];
}

/** The machine of the list with one GPU, and another, as nodes of a cluster. */
async function nodes(...more: object[]): Promise<void> {
  const zone = 'https://www.googleapis.com/compute/v1/projects/ml-prod/zones/us-central1-a';
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/instances', {
    items: {
      'zones/us-central1-a': {
        instances: [
          {
            id: '5001',
            name: NODE,
            status: 'RUNNING',
            machineType: `${zone}/machineTypes/a2-highgpu-1g`,
            zone,
            creationTimestamp: '2026-05-01T00:00:00.000-07:00',
            lastStartTimestamp: '2026-05-01T00:00:00.000-07:00',
            labels: { 'goog-gke-node': '', 'goog-k8s-cluster-name': 'train' },
            metadata: {
              items: [
                {
                  key: 'created-by',
                  value: 'projects/1/zones/us-central1-a/instanceGroupManagers/gke-train-h100-grp',
                },
              ],
            },
          },
          ...more,
        ],
      },
    },
  });
}

test('a node of GKE is as busy as the containers on it', async () => {
  await nodes();
  await tell(...container('a', 1, 2), ...container('z', 90, 70, 168, 'gke-another-node'));
  const { telemetry } = await look();
  expect(values(telemetry, 'gpu-utilization', 'maximum', null)).toMatchObject([
    { of: NODE, first: { value: 1 }, count: 168, expectedPoints: 168 },
  ]);
  expect(values(telemetry, 'gpu-memory-used', 'maximum', null)).toMatchObject([{ first: { value: 2.5 } }]);
  expect((await verdicts())[NODE]).toMatch(/^SUSPECTED: .*no second signal/);
  // Two pods after each other: the one that worked counts.
  await tell(...container('a', 1, 2), ...container('b', (minute) => (minute === 600 ? 80 : 0), 2, 24));
  expect((await verdicts())[NODE]).toBeUndefined();
  await tell(...container('a', 1, 60));
  expect((await verdicts())[NODE]).toMatch(/^HELD: Memory in use reached 75%/);
  await tell(...container('a', 1, 2, 24));
  expect((await verdicts())[NODE]).toMatch(/^UNOBSERVED: Less than 90%/);
  await tell();
  expect((await verdicts())[NODE]).toMatch(/^UNOBSERVED: .*GKE tells of accelerators that a container holds/);
});

test('a name that nodes of two zones bear tells of neither', async () => {
  await nodes({
    id: '5002',
    name: NODE,
    status: 'RUNNING',
    machineType:
      'https://www.googleapis.com/compute/v1/projects/ml-prod/zones/us-central1-b/machineTypes/a2-highgpu-1g',
    labels: { 'goog-gke-node': '' },
  });
  await tell(...container('a', 1, 2));
  const { telemetry } = await look();
  expect(values(telemetry, 'gpu-utilization', 'maximum', null)).toEqual([]);
});
