import { beforeEach, expect, inject, test } from 'vitest';
import { settings as databaseSettings, idleDatabase } from '../../../lib/checks/idle-database.ts';
import { settings as endpointSettings, idleEndpoint } from '../../../lib/checks/idle-endpoint.ts';
import { idleGpu, settings } from '../../../lib/checks/idle-gpu.ts';
import {
  oversizedAccelerator,
  settings as oversizedSettings,
} from '../../../lib/checks/oversized-accelerator.ts';
import {
  settings as reservationSettings,
  unusedCapacityReservation,
} from '../../../lib/checks/unused-capacity-reservation.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import { GCP_DATASETS } from '../../../lib/estate/gcp/datasets.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import type { Snapshot, Telemetry } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { cost, facts } from '../../checks/facts.ts';
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

/** @param ids datasets to run; left out: all */
async function look(...ids: string[]): Promise<Snapshot & { meter: Meter }> {
  const datasets = ids.length === 0 ? GCP_DATASETS : GCP_DATASETS.filter(({ id }) => ids.includes(id));
  const meter = new Meter();
  const session = gcpSession({
    projectId: 'ml-prod',
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: 'ml-prod', region: 'global' };
  return { ...(await collectScope(scope, session, datasets, NOW, meter)), meter };
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

/** What machines with accelerators rest on. */
const MACHINES = [
  'gcp.compute.instances',
  'gcp.compute.gpu-telemetry',
  'gcp.notebooks.instances',
  'gcp.notebooks.telemetry',
  'gcp.aiplatform.endpoints',
  'gcp.aiplatform.endpoint-telemetry',
  'gcp.aiplatform.resource-pools',
  'gcp.aiplatform.resource-pool-telemetry',
];

async function verdicts(): Promise<Record<string, string>> {
  const { resources, telemetry, coverage } = await look(...MACHINES);
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

const ENERGY = 'workload.googleapis.com/gpu.dcgm.energy_consumption';

/** A counter of joules, a sample a minute, by the watts of each minute. */
function energy(instance: string, gpu: string, watts: (minute: number) => number) {
  let joules = 0;
  const startTime = new Date(END - 200 * HOUR).toISOString();
  const points = Array.from({ length: 168 * 60 }, (_, at) => {
    const endTime = new Date(END - 168 * HOUR + (at + 1) * 60_000).toISOString();
    joules += watts(at + 1) * 60;
    return { interval: { startTime, endTime }, value: { doubleValue: joules } };
  });
  const labels = { gpu_number: gpu, uuid: `GPU-${instance}-${gpu}`, model: 'Tesla T4' };
  return gce(instance, ENERGY, labels, points);
}

test('a counter of energy is the second signal: the highest mean of a minute, against the limit of the card', async () => {
  const quiet = agent('1002', '0', 1, 0.1);
  await tell(
    ...quiet,
    energy('1002', '0', (minute) => (minute === 5000 ? 87 : 50)),
  );
  const { telemetry } = await look(...MACHINES);
  const [power] = values(telemetry, 'gpu-power', 'maximum', '0');
  expect(power).toMatchObject({ of: 'trainer-2', unit: 'watt', expectedPoints: 168, count: 168 });
  const highest = telemetry
    .filter(({ metric }) => metric === 'gpu-power')
    .flatMap(({ points }) => points)
    .toSorted((a, b) => b.value - a.value)[0];
  expect(highest).toEqual({
    at: new Date(Math.floor((END - 168 * HOUR + 5000 * 60_000 - 1) / HOUR) * HOUR).toISOString(),
    value: 87,
  });
  expect((await verdicts())['trainer-2']).toMatch(/^IDLE: .*power never passed 34.8% of its limit/);

  await tell(
    ...quiet,
    energy('1002', '0', (minute) => (minute === 5000 ? 88 : 50)),
  );
  expect((await verdicts())['trainer-2']).toMatch(/^SUSPECTED: .*no second signal/);
});

test('of two GPUs the power of each is needed', async () => {
  const quiet = [...agent('1001', '0', 1, 0.1), ...agent('1001', '1', 1, 0.1)];
  await tell(
    ...quiet,
    energy('1001', '0', () => 10),
  );
  expect((await verdicts())['trainer-1']).toMatch(/^SUSPECTED: .*no second signal/);
  await tell(
    ...quiet,
    energy('1001', '0', () => 10),
    energy('1001', '1', () => 12),
  );
  expect((await verdicts())['trainer-1']).toMatch(/^IDLE/);
});

test('a Workbench instance is judged by its machine, which is not judged a second time', async () => {
  await tell(...agent('1001', '0', 1, 0.1), ...agent('1001', '1', 1, 0.1));
  const found = await verdicts();
  expect(found['trainer-1']).toMatch(/^SUSPECTED/);
  const { resources, telemetry, coverage } = await look(...MACHINES);
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
  const { resources, telemetry, coverage } = await look(...MACHINES);
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
    vertex(COUNT, { deployed_model_id: '8' }, samples(0, { int: true })),
    // Another endpoint of the same number in another region.
    vertex(DUTY, { replica_id: 'z' }, samples(0.9), 'europe-west4'),
  );
  const { telemetry } = await look(...MACHINES);
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

/** The endpoint with a model of one replica that always runs, and one that may shrink to none. */
async function shrinking(): Promise<void> {
  const machineSpec = { machineType: 'g2-standard-24', acceleratorType: 'NVIDIA_L4', acceleratorCount: 2 };
  const since = { createTime: '2026-05-01T00:00:00Z' };
  await answerGcp(endpoint, '/v1/projects/ml-prod/locations/us-central1/endpoints', {
    endpoints: [
      {
        name: 'projects/123456789012/locations/us-central1/endpoints/42',
        ...since,
        deployedModels: [
          { id: '7', ...since, dedicatedResources: { machineSpec, minReplicaCount: 1, maxReplicaCount: 2 } },
          { id: '8', ...since, dedicatedResources: { machineSpec, maxReplicaCount: 2 } },
        ],
      },
    ],
  });
}

test('a model that may shrink to none is silent when it did, and busy when it is', async () => {
  await shrinking();
  await tell(vertex(DUTY, { replica_id: 'a' }, samples(0.01)));
  expect((await verdicts())['42']).toMatch(/^SUSPECTED/);
  await tell(vertex(DUTY, { replica_id: 'z', deployed_model_id: '8' }, samples(0.01)));
  expect((await verdicts())['42']).toMatch(/^UNOBSERVED/);
  await tell(
    vertex(DUTY, { replica_id: 'a' }, samples(0)),
    vertex(DUTY, { replica_id: 'z', deployed_model_id: '8' }, samples(0.4).slice(0, 30)),
  );
  expect((await verdicts())['42']).toBeUndefined();
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
  // Of services, as of reservations, two weeks are read by quarters of a day.
  const asked = (await gcpCalls(endpoint)).filter(
    ({ path, query }) => path === SERIES && query['filter']?.includes('reservation/used') === false,
  );
  const filters = asked.map(({ query }) => query['filter'] ?? '');
  expect(filters.some((filter) => filter.includes('"1003"'))).toBe(false);
  // A counter that grows is asked for as it was written: no aligner tells where nothing was.
  expect(asked.map(({ query }) => query['aggregation.alignmentPeriod'])).toEqual(
    filters.map((filter) => (filter.includes('energy_consumption') ? undefined : '3600s')),
  );
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
  const { resources, telemetry, coverage } = await look('gcp.sqladmin.instances', 'gcp.sqladmin.telemetry');
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
  const { telemetry } = await look('gcp.sqladmin.instances', 'gcp.sqladmin.telemetry');
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
  const { telemetry } = await look(...MACHINES);
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
  const { telemetry } = await look(...MACHINES);
  expect(values(telemetry, 'gpu-utilization', 'maximum', null)).toEqual([]);
});

/** What ran in a reservation: samples half an hour apart, as whole numbers. */
function used(value: Parameters<typeof samples>[0], options: Parameters<typeof samples>[1] = {}) {
  return {
    metric: { type: 'compute.googleapis.com/reservation/used', labels: {} },
    resource: {
      type: 'compute.googleapis.com/Reservation',
      labels: {
        resource_container: 'ml-prod',
        location: 'us-central1-a',
        reservation_id: '8800000000000000001',
      },
    },
    points: samples(value, { hours: 336, minutes: 30, int: true, ...options }),
  };
}

async function reserved(inUse: number, more: object = {}): Promise<void> {
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/reservations', {
    items: {
      'zones/us-central1-a': {
        reservations: [
          {
            id: '8800000000000000001',
            name: 'held-a2',
            status: 'READY',
            creationTimestamp: '2026-03-01T00:00:00.000-08:00',
            specificReservation: {
              count: '4',
              inUseCount: String(inUse),
              instanceProperties: { machineType: 'a2-highgpu-1g' },
            },
            ...more,
          },
        ],
      },
    },
  });
}

async function reservations() {
  const { resources, telemetry, coverage } = await look(
    'gcp.compute.reservations',
    'gcp.compute.reservation-telemetry',
  );
  const [held] = resources.filter(({ type }) => type === 'gcp:compute:reservation');
  const row = {
    ...cost({ provider: 'gcp', accountId: 'ml-prod', region: null, effective: '9000' }),
    resourceId: held?.id ?? '',
  };
  const all = facts({ resources, telemetry, coverage, costs: [row] });
  return unusedCapacityReservation
    .judge(all, reservationSettings.parse({}), NOW)
    .map(({ verdict, reason, monthlySaving }) => `${verdict} ${monthlySaving?.amount ?? '?'}: ${reason}`);
}

test('a reservation in which nothing ran for a week is idle, and what is not measured only suspected', async () => {
  await reserved(0);
  await tell(used(0));
  expect(await reservations()).toEqual(['IDLE 9000: None of its 4 instances was in use within 7d.']);
  await tell(used((minute) => (minute === 14_400 ? 1 : 0)));
  expect(await reservations()).toEqual([
    'INEFFICIENT ?: Of its 4 instances at most 1 were in use at once within 7d.',
  ]);
  // Two series of one reservation: what each says is added, so that less is never told than ran.
  await tell(used(2), { ...used(2), metric: { type: used(2).metric.type, labels: { consumer: 'other' } } });
  expect(await reservations()).toEqual([]);
  await tell();
  expect(await reservations()).toEqual([
    'SUSPECTED ?: None of its 4 instances is in use now; how it was before is not measured.',
  ]);
  await tell(used(0, { hours: 100 }));
  expect((await reservations())[0]).toMatch(/^SUSPECTED/);
  await tell(used(0));
  await disturbGcp(endpoint, { path: 'timeSeries', status: 503 }, 99);
  expect(await reservations()).toEqual([]);
});

test.each([
  ['belongs to a commitment', { commitment: 'projects/p/regions/us-central1/commitments/gpus' }],
  ['is shared with other projects', { shareSettings: { shareType: 'ORGANIZATION' } }],
])('ending a reservation that %s saves nothing that is told', async (_, more) => {
  await reserved(0, more);
  await tell(used(0));
  expect(await reservations()).toEqual(['IDLE ?: None of its 4 instances was in use within 7d.']);
});

const g2 = (name: string, count: number) => ({
  name,
  guestCpus: 12 * count,
  memoryMb: 49_152 * count,
  accelerators: [{ guestAcceleratorType: 'nvidia-l4', guestAcceleratorCount: count }],
});

const oversized = async () => {
  const { resources, telemetry, coverage } = await look('gcp.compute.instances', 'gcp.compute.gpu-telemetry');
  return oversizedAccelerator
    .judge(facts({ resources, telemetry, coverage }), oversizedSettings.parse({}), NOW)
    .map(({ reason, scopes }) => [reason, scopes]);
};

test('machines with devices that were never used are told where a smaller type has enough', async () => {
  const zone = '/compute/v1/projects/ml-prod/zones/us-central1-a/machineTypes';
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/instances', {
    items: {
      'zones/us-central1-a': {
        instances: [
          {
            id: '7001',
            name: 'render',
            status: 'RUNNING',
            machineType: `https://www.googleapis.com${zone}/g2-standard-24`,
            creationTimestamp: '2026-05-01T00:00:00.000-07:00',
          },
        ],
      },
    },
  });
  await answerGcp(endpoint, `${zone}/g2-standard-24`, g2('g2-standard-24', 2));
  await answerGcp(endpoint, zone, { items: [g2('g2-standard-12', 1), g2('g2-standard-24', 2)] });
  await tell(...agent('7001', '0', 80, 12), ...agent('7001', '1', 0, 0.2));
  expect(await oversized()).toEqual([
    [
      'Of its 2 devices 1 was ever used within 168h; g2-standard-12 has 1.',
      ['gcp:ml-prod#gcp.compute.instances', 'gcp:ml-prod#gcp.compute.gpu-telemetry'],
    ],
  ]);
  await tell(...agent('7001', '0', 80, 12), ...agent('7001', '1', 0, 4));
  expect(await oversized()).toEqual([]);
  await tell(...agent('7001', '0', 80, 12));
  expect(await oversized()).toEqual([]);
});

const counted = (
  metric: 'prediction_count' | 'response_count',
  value: Parameters<typeof samples>[0],
  options: Parameters<typeof samples>[1] = {},
) => ({
  metric: {
    type: `aiplatform.googleapis.com/prediction/online/${metric}`,
    labels: { deployed_model_id: '1' },
  },
  resource: {
    type: 'aiplatform.googleapis.com/Endpoint',
    labels: { resource_container: 'ml-prod', location: 'us-central1', endpoint_id: '77' },
  },
  points: samples(value, { int: true, ...options }),
});
const predictions = (...told: Parameters<typeof samples>) => counted('prediction_count', ...told);

const unasked = async () => {
  const { resources, telemetry, coverage } = await look(
    'gcp.aiplatform.endpoints',
    'gcp.aiplatform.endpoint-telemetry',
  );
  return idleEndpoint
    .judge(facts({ resources, telemetry, coverage }), endpointSettings.parse({}), NOW)
    .map(({ verdict, resourceName }) => `${resourceName} ${verdict}`);
};

test('an endpoint without accelerators is asked for its requests alone, and where none came in any hour it is idle', async () => {
  await answerGcp(endpoint, '/v1/projects/ml-prod/locations/us-central1/endpoints', {
    endpoints: [
      {
        name: 'projects/123456789012/locations/us-central1/endpoints/77',
        displayName: 'scores',
        createTime: '2026-03-01T00:00:00Z',
        deployedModels: [
          {
            id: '1',
            createTime: '2026-03-01T00:00:00Z',
            dedicatedResources: { machineSpec: { machineType: 'n2-standard-8' }, minReplicaCount: 1 },
          },
        ],
      },
    ],
  });
  await tell(predictions(0));
  expect(await unasked()).toEqual(['scores IDLE']);
  const filters = (await gcpCalls(endpoint)).map(({ query }) => query['filter'] ?? '');
  expect(filters.some((filter) => filter.includes('duty_cycle') && filter.includes('"77"'))).toBe(false);
  await tell(predictions((minute) => (minute === 6000 ? 1 : 0)));
  expect(await unasked()).toEqual([]);
  // A raw request has no instances that could be counted as predictions, and is answered.
  await tell(
    predictions(0),
    counted('response_count', (minute) => (minute === 6000 ? 1 : 0)),
  );
  expect(await unasked()).toEqual([]);
  await tell(predictions(0), counted('response_count', 0));
  expect(await unasked()).toEqual(['scores IDLE']);
  await tell(counted('response_count', 1));
  expect(await unasked()).toEqual([]);
  await tell(predictions(0, { hours: 100 }));
  expect(await unasked()).toEqual([]);
  await tell();
  expect(await unasked()).toEqual(['scores UNOBSERVED']);
  await disturbGcp(endpoint, { path: 'timeSeries', status: 403 }, 99);
  expect(await unasked()).toEqual([]);
});

const deployed = (id: string) => ({
  id,
  createTime: '2026-03-01T00:00:00Z',
  dedicatedResources: { machineSpec: { machineType: 'n2-standard-8' }, minReplicaCount: 1 },
});

test('of two models of an endpoint one that is silent may be the one that is asked', async () => {
  await answerGcp(endpoint, '/v1/projects/ml-prod/locations/us-central1/endpoints', {
    endpoints: [
      {
        name: 'projects/123456789012/locations/us-central1/endpoints/77',
        displayName: 'scores',
        createTime: '2026-03-01T00:00:00Z',
        deployedModels: [deployed('1'), deployed('2')],
      },
    ],
  });
  const both = (first: number, second: number) => {
    const other = predictions(second);
    return [
      predictions(first),
      { ...other, metric: { ...other.metric, labels: { deployed_model_id: '2' } } },
    ];
  };
  await tell(predictions(0));
  expect(await unasked()).toEqual(['scores UNOBSERVED']);
  await tell(...both(0, 0));
  expect(await unasked()).toEqual(['scores IDLE']);
  await tell(...both(0, 1));
  expect(await unasked()).toEqual([]);
});

test('machines of a project in which no agent ever wrote are told as unobserved', async () => {
  await disturbGcp(
    endpoint,
    {
      path: 'timeSeries',
      status: 404,
      message: `Cannot find metric(s) that match type = "${USE}". If a metric was created recently, it could take up to 10 minutes to become available.`,
    },
    99,
  );
  const told = await verdicts();
  expect(told['trainer-2']).toMatch(/^UNOBSERVED: No telemetry tells/);
  expect(told['42']).toMatch(/^UNOBSERVED: No telemetry tells/);
});
