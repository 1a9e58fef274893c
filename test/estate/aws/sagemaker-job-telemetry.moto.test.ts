import { SearchResponse$ } from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { oversizedAccelerator, settings } from '../../../lib/checks/oversized-accelerator.ts';
import { AWS_DATASETS } from '../../../lib/estate/aws/datasets.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { schemaFaults } from '../../sdk-schema.ts';
import { jsonRefusal, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { publish } from './fleet.ts';

const moto = inject('motoUrl');
const { cloudwatch } = session(moto);
const HOUR = 3_600_000;
const now = new Date(Math.floor(Date.now() / HOUR) * HOUR + 25 * 60_000);
const NAMESPACE = '/aws/sagemaker/TrainingJobs';
const IDS = ['aws.sagemaker.training-jobs', 'aws.sagemaker.training-job-telemetry'];
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const at = (hoursAgo: number) => new Date(now.getTime() - hoursAgo * HOUR);
const seconds = (hoursAgo: number) => Math.floor(at(hoursAgo).getTime() / 1000);

/** A run on two machines of four T4 each. */
function run(name: string, began: number, ended: number | null, given: object = {}) {
  return {
    TrainingJob: {
      TrainingJobName: name,
      TrainingJobArn: `arn:aws:sagemaker:us-east-1:${OWN}:training-job/${name}`,
      TrainingJobStatus: ended === null ? 'InProgress' : 'Completed',
      ResourceConfig: { InstanceType: 'ml.g4dn.12xlarge', InstanceCount: 2, VolumeSizeInGB: 100 },
      CreationTime: seconds(began + 1),
      TrainingStartTime: seconds(began),
      ...(ended === null ? {} : { TrainingEndTime: seconds(ended) }),
      Tags: [],
      ...given,
    },
  };
}

/** What SageMaker publishes of an instance: a sum over its GPUs, one value in the middle of each hour. */
async function used(host: string, began: number, hours: number, gpu: (hour: number) => number, memory = 40) {
  const first = Math.floor(at(began).getTime() / HOUR) * HOUR;
  const points = (value: (hour: number) => number) =>
    Array.from({ length: hours }, (_, hour) => ({
      at: new Date(first + hour * HOUR + HOUR / 2),
      value: value(hour),
    }));
  await publish(cloudwatch, NAMESPACE, 'GPUUtilization', { Host: host }, points(gpu));
  await publish(
    cloudwatch,
    NAMESPACE,
    'GPUMemoryUtilization',
    { Host: host },
    points(() => memory),
  );
}

async function look(runs: readonly object[], other: (request: Request) => string | null = () => null) {
  const answer = { Results: runs };
  expect(schemaFaults(SearchResponse$, answer)).toEqual([]);
  const before = await proxy(moto, async (request) => {
    const refusal = other(request);
    if (refusal !== null) return jsonRefusal(refusal, 'no');
    return request.action === 'Search'
      ? { status: 200, type: 'application/json', body: JSON.stringify(answer) }
      : null;
  });
  open.push(before);
  const meter = new Meter();
  const datasets = AWS_DATASETS.filter(({ id }) => IDS.includes(id));
  const scope = { provider: 'aws' as const, accountId: OWN, region: 'us-east-1' };
  const snapshot = await collectScope(scope, session(before.url), datasets, now, meter);
  const { resources, telemetry, coverage } = snapshot;
  const judged = oversizedAccelerator.judge(
    facts({ resources, telemetry, coverage }),
    settings.parse({}),
    now,
  );
  return { snapshot, judged, meter };
}

test('every instance of a job is a series of the hours in which it ran, and is paid for', async () => {
  for (const host of ['sft-1/algo-1', 'sft-1/algo-2']) await used(host, 30, 5, () => 180, 150);
  const { snapshot, meter } = await look([run('sft-1', 30, 26)]);
  expect(snapshot.coverage).toMatchObject([{ status: 'complete' }]);
  expect(
    snapshot.telemetry.map(({ metric, statistic, unit, device, points, expectedPoints }) =>
      [metric, statistic, unit, device, points.length, expectedPoints].join(' '),
    ),
  ).toEqual(
    ['algo-1', 'algo-2'].flatMap((host) => [
      `gpu-utilization maximum device-percent ${host} 5 5`,
      `gpu-utilization sample-count count ${host} 5 5`,
      `gpu-memory-used maximum device-percent ${host} 5 5`,
    ]),
  );
  expect(meter.total().amount).toBe('0.00006');
});

test('four devices that never needed two are told of, once for all runs of the job', async () => {
  for (const job of ['sft-1', 'sft-2'])
    for (const host of [`${job}/algo-1`, `${job}/algo-2`])
      await used(host, job === 'sft-1' ? 60 : 30, 5, (hour) => (hour === 2 ? 95 : 20));
  const { judged } = await look([run('sft-2', 30, 26), run('sft-1', 60, 56)]);
  expect(judged).toMatchObject([
    {
      verdict: 'INEFFICIENT',
      resourceName: 'sft',
      monthlySaving: null,
      reason: 'In 2 runs the 4 devices of an instance together never exceeded the compute and memory of 1.',
    },
  ]);
  expect(judged[0]?.evidence.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'runs measured: 2',
    'devices of an instance: 4',
    'maximum compute use of an instance: 95',
    'maximum memory in use of an instance: 40',
  ]);
});

test.each([
  ['a peak in the hour in which it began', (hour: number) => (hour === 0 ? 390 : 20), 40],
  ['memory of all of them', () => 20, 310],
])('%s is no finding', async (_what, gpu, memory) => {
  for (const host of ['sft-1/algo-1', 'sft-1/algo-2']) await used(host, 30, 5, gpu, memory);
  expect((await look([run('sft-1', 30, 26)])).judged).toEqual([]);
});

test('an instance that nobody measured, a run that was not read, and what failed tell nothing', async () => {
  await used('sft-1/algo-1', 30, 5, () => 20);
  expect((await look([run('sft-1', 30, 26)])).judged).toEqual([]);
  await used('sft-1/algo-2', 30, 5, () => 20);
  expect((await look([run('sft-1', 30, 26)])).judged).toHaveLength(1);
  expect((await look([run('sft-1', 30, 26), run('sft-2', 20, 18)])).judged).toEqual([]);
  expect((await look([run('sft-1', 30, 26, { TrainingJobStatus: 'Failed' })])).judged).toEqual([]);
});

test.each([
  ['a run that goes on', null, {}],
  ['a run that failed', 2, { TrainingJobStatus: 'Failed' }],
])('%s and needs all of them is no finding', async (_what, ended, given) => {
  for (const host of ['sft-1/algo-1', 'sft-1/algo-2']) await used(host, 30, 5, () => 20);
  const runs = [run('sft-1', 30, 26), run('sft-2', 8, ended, given)];
  expect((await look(runs)).judged).toHaveLength(1);
  await used('sft-2/algo-2', 8, 4, () => 350);
  expect((await look(runs)).judged).toEqual([]);
});

test('a run that ended within the hour that is not over is not told of yet', async () => {
  for (const host of ['sft-1/algo-1', 'sft-1/algo-2']) await used(host, 5, 5, () => 20);
  expect((await look([run('sft-1', 5, 0.2)])).judged).toEqual([]);
  expect((await look([run('sft-1', 5, 1)])).judged).toHaveLength(1);
});

test('refused metrics are told in coverage and judge nothing', async () => {
  for (const host of ['sft-1/algo-1', 'sft-1/algo-2']) await used(host, 30, 5, () => 20);
  const { snapshot, judged } = await look([run('sft-1', 30, 26)], ({ action }) =>
    action === 'GetMetricData' ? 'AccessDeniedException' : null,
  );
  expect(snapshot.coverage).toMatchObject([
    { status: 'partial', incomplete: ['aws.sagemaker.training-job-telemetry'] },
  ]);
  expect(judged).toEqual([]);
});

test('jobs of before the window, without accelerators, of mixed groups or not begun cost nothing', async () => {
  const groups = [
    { InstanceType: 'ml.g4dn.12xlarge', InstanceCount: 1, InstanceGroupName: 'a' },
    { InstanceType: 'ml.c5.large', InstanceCount: 1, InstanceGroupName: 'b' },
  ];
  const waiting = run('waits-1', 3, null);
  Reflect.deleteProperty(waiting.TrainingJob, 'TrainingStartTime');
  const { snapshot, meter } = await look([
    run('old-1', 400, 390),
    run('cpu-1', 30, 20, { ResourceConfig: { InstanceType: 'ml.c5.large', InstanceCount: 1 } }),
    run('mixed-1', 30, 20, { ResourceConfig: { InstanceGroups: groups } }),
    waiting,
  ]);
  expect(snapshot.resources).toHaveLength(4);
  expect(snapshot.telemetry).toEqual([]);
  expect(meter.total().amount).toBe('0');
});
