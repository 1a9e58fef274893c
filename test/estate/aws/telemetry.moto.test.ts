import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { AWS_DATASETS } from '../../../lib/estate/aws/datasets.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope, Telemetry } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { type Answer, jsonRefusal, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { halfHours, launch, publish } from './fleet.ts';

const DATASETS = AWS_DATASETS.filter(({ id }) => /^aws\.ec2\.(instances|gpu-telemetry)$/.test(id));
const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
/** Instances of the emulator start now: a look a week ahead sees a machine of a week. */
const now = new Date(Date.now() + 170 * 3_600_000);
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function behind(
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<Proxy> {
  const made = await proxy(moto, meddle);
  open.push(made);
  return made;
}

async function look(endpoint = moto, meter = new Meter()) {
  return await collectScope(scope, session(endpoint), DATASETS, now, meter);
}

const arn = (id: string) => `arn:aws:ec2:us-east-1:${OWN}:instance/${id}`;

function of(telemetry: readonly Telemetry[], id: string, metric: string, statistic = 'maximum') {
  return telemetry.filter(
    (one) => one.resourceId === arn(id) && one.metric === metric && one.statistic === statistic,
  );
}

async function machine(type: 'g4dn.xlarge' | 'g4dn.12xlarge' = 'g4dn.xlarge') {
  const { ec2 } = session(moto);
  const [made] = await launch(ec2, type);
  if (made === undefined) throw new Error('nothing was launched');
  return made;
}

test('what the agent publishes by instance id is read back: maximum, samples, memory, by device', async () => {
  const { id } = await machine();
  const { cloudwatch } = session(moto);
  const device = { InstanceId: id, index: '0', name: 'Tesla T4', arch: 'Turing' };
  const hours = halfHours(now, 168);
  const twice = hours.flatMap((at) => [
    { at, value: 1 },
    { at: new Date(at.getTime() + 60_000), value: 3 },
  ]);
  await publish(cloudwatch, 'CWAgent', 'nvidia_smi_utilization_gpu', device, twice);
  await publish(
    cloudwatch,
    'CWAgent',
    'nvidia_smi_memory_used',
    device,
    hours.map((at) => ({ at, value: 512 })),
  );

  const { telemetry, coverage } = await look();
  expect(coverage[0]?.status).toBe('complete');
  const [use, ...others] = of(telemetry, id, 'gpu-utilization');
  expect(others).toEqual([]);
  expect(use).toMatchObject({
    device: '0',
    unit: 'percent',
    period: 3600,
    expectedPoints: 168,
    source: 'CWAgent nvidia_smi_utilization_gpu',
  });
  expect(use?.points).toHaveLength(168);
  expect(use?.points[0]?.at).toBe(new Date((hours[0]?.getTime() ?? 0) - 1_800_000).toISOString());
  expect(new Set(use?.points.map(({ value }) => value))).toEqual(new Set([3]));
  const [counted] = of(telemetry, id, 'gpu-utilization', 'sample-count');
  expect(new Set(counted?.points.map(({ value }) => value))).toEqual(new Set([2]));
  const [memory] = of(telemetry, id, 'gpu-memory-used');
  expect(memory).toMatchObject({ unit: 'MiB', device: '0' });
  expect(memory?.points.at(-1)?.value).toBe(512);
});

test('an agent that knows only its host is joined by it', async () => {
  const made = await machine();
  const { cloudwatch } = session(moto);
  const short = made.privateDnsName.split('.')[0] ?? '';
  expect(short).toMatch(/^ip-/);
  for (const index of ['0', '1'])
    await publish(
      cloudwatch,
      'CWAgent',
      'nvidia_smi_utilization_gpu',
      { host: short, index, name: 'Tesla T4', arch: 'Turing' },
      halfHours(now, 10).map((at) => ({ at, value: 40 })),
    );
  const { telemetry } = await look();
  const use = of(telemetry, made.id, 'gpu-utilization');
  expect(new Map(use.map(({ device, points }) => [device, points.length]))).toEqual(
    new Map([
      ['0', 10],
      ['1', 10],
    ]),
  );
});

test('gaps stay gaps: no point is made up', async () => {
  const { id } = await machine();
  const { cloudwatch } = session(moto);
  const kept = halfHours(now, 168).filter((_, hour) => hour % 4 !== 3);
  await publish(
    cloudwatch,
    'CWAgent',
    'nvidia_smi_utilization_gpu',
    { InstanceId: id, index: '0' },
    kept.map((at) => ({ at, value: 0 })),
  );
  const [use] = of((await look()).telemetry, id, 'gpu-utilization');
  expect(use?.points).toHaveLength(126);
  expect(use?.expectedPoints).toBe(168);
});

test('power, Container Insights and DCGM are read in their own units', async () => {
  const { id } = await machine('g4dn.12xlarge');
  const { cloudwatch } = session(moto);
  const hours = halfHours(now, 3);
  const put = (namespace: string, name: string, dimensions: Record<string, string>, value: number) =>
    publish(
      cloudwatch,
      namespace,
      name,
      dimensions,
      hours.map((at) => ({ at, value })),
    );
  await put('AWS/EC2', 'GPUPowerUtilization', { InstanceId: id, GpuId: '0' }, 12);
  const node = {
    ClusterName: 'c',
    InstanceId: id,
    InstanceType: 'g4dn.12xlarge',
    NodeName: 'n',
    GpuDevice: 'nvidia2',
  };
  await put('ContainerInsights', 'node_gpu_memory_used', node, 3 * 1_048_576);
  await put('ContainerInsights', 'node_gpu_utilization', { ClusterName: 'c' }, 99);
  await put('Custom', 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', { instance_id: id, gpu: '3' }, 0.5);

  const { telemetry } = await look();
  expect(
    telemetry
      .filter(({ metric, statistic }) => metric.startsWith('gpu-') && statistic === 'maximum')
      .map(({ metric, unit, device, source, points }) => ({
        metric,
        unit,
        device,
        source,
        value: points[0]?.value,
      })),
  ).toEqual([
    {
      metric: 'gpu-power',
      unit: 'percent-of-limit',
      device: '0',
      source: 'AWS/EC2 GPUPowerUtilization',
      value: 12,
    },
    {
      metric: 'gpu-memory-used',
      unit: 'MiB',
      device: '2',
      source: 'ContainerInsights node_gpu_memory_used',
      value: 3,
    },
    {
      metric: 'gpu-utilization',
      unit: 'percent',
      device: '3',
      source: 'Custom DCGM_FI_PROF_GR_ENGINE_ACTIVE',
      value: 50,
    },
  ]);
});

test('without GPU telemetry there is only the machine: CPU and network', async () => {
  const { id } = await machine();
  const { cloudwatch } = session(moto);
  const hours = halfHours(now, 5);
  for (const name of ['CPUUtilization', 'NetworkIn'])
    await publish(
      cloudwatch,
      'AWS/EC2',
      name,
      { InstanceId: id },
      hours.flatMap((at) => [
        { at, value: 2 },
        { at: new Date(at.getTime() + 300_000), value: 4 },
      ]),
    );
  const { telemetry, coverage } = await look();
  expect(coverage[0]?.status).toBe('complete');
  expect(
    telemetry.map(({ metric, statistic, points }) => [metric, statistic, points.length, points[0]?.value]),
  ).toEqual([
    ['cpu-utilization', 'maximum', 5, 4],
    ['network-in', 'sum', 5, 6],
    ['network-out', 'sum', 0, undefined],
  ]);
});

test('stopped machines and machines without accelerators cost no metric', async () => {
  const { ec2 } = session(moto);
  const [stopped] = await launch(ec2, 'g4dn.xlarge');
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped?.id ?? ''] }));
  await launch(ec2, 't3.micro');
  const meter = new Meter();
  const { telemetry } = await look(moto, meter);
  expect(telemetry).toEqual([]);
  expect(meter.total().calls.map(({ api }) => api)).not.toContain('cloudwatch:GetMetricData');
});

const Query = z.object({ MetricDataQueries: z.array(z.unknown()), NextToken: z.string().optional() });
const Results = z.object({
  MetricDataResults: z.array(
    z.object({
      Id: z.string(),
      Label: z.string(),
      Timestamps: z.array(z.unknown()),
      Values: z.array(z.number()),
      StatusCode: z.string(),
    }),
  ),
});

/** Answers as the real service does: at most `most` points a page, a series over several pages as PartialData. */
function paged(most: number) {
  return async ({ action, body }: Request, pass: (body?: string) => Promise<Answer>) => {
    if (action !== 'GetMetricData') return null;
    const { NextToken, ...asked } = Query.parse(JSON.parse(body));
    if (asked.MetricDataQueries.length > 500) return jsonRefusal('ValidationError', 'more than 500 queries');
    const whole = await pass(JSON.stringify({ ...JSON.parse(body), NextToken: undefined }));
    const all = Results.parse(JSON.parse(whole.body)).MetricDataResults;
    const from = Number(NextToken ?? 0);
    let seen = 0;
    const page = all.flatMap((result) => {
      const start = Math.max(0, from - seen);
      const end = Math.min(result.Values.length, from + most - seen);
      seen += result.Values.length;
      if (end < start || (end === start && result.Values.length > 0)) return [];
      return [
        {
          ...result,
          Values: result.Values.slice(start, end),
          Timestamps: result.Timestamps.slice(start, end),
          StatusCode: end < result.Values.length ? 'PartialData' : 'Complete',
        },
      ];
    });
    const more = from + most < seen ? { NextToken: String(from + most) } : {};
    return { ...whole, body: JSON.stringify({ MetricDataResults: page, Messages: [], ...more }) };
  };
}

test('a series that comes in pages is whole; every page is counted with its price', async () => {
  const { id } = await machine();
  const { cloudwatch } = session(moto);
  await publish(
    cloudwatch,
    'CWAgent',
    'nvidia_smi_utilization_gpu',
    { InstanceId: id, index: '0' },
    halfHours(now, 168).map((at, hour) => ({ at, value: hour % 100 })),
  );
  const real = await behind(paged(100));
  const meter = new Meter();
  const { telemetry, coverage } = await look(real.url, meter);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  const [use] = of(telemetry, id, 'gpu-utilization');
  expect(use?.points.map(({ value }) => value)).toEqual(Array.from({ length: 168 }, (_, hour) => hour % 100));
  // 336 points in pages of 100, five metrics each: utilisation twice, CPU, network in and out.
  expect(meter.total()).toMatchObject({ amount: '0.0002', currency: 'USD' });
  expect(meter.total().calls).toContainEqual({ api: 'cloudwatch:GetMetricData', count: 4 });
});

test('more than 500 metrics go in several requests', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 'g4dn.xlarge', 170);
  const real = await behind(paged(100_800));
  const { telemetry, coverage } = await look(real.url);
  expect(coverage[0]?.status).toBe('complete');
  expect(real.calls.filter((call) => call === 'GetMetricData')).toHaveLength(2);
  expect(new Set(telemetry.map(({ resourceId }) => resourceId)).size).toBe(170);
});

test('a result that was not completed is no data: the machine is left out and coverage says so', async () => {
  const faulty = await machine();
  const sound = await machine();
  const { cloudwatch } = session(moto);
  for (const { id } of [faulty, sound])
    await publish(
      cloudwatch,
      'CWAgent',
      'nvidia_smi_utilization_gpu',
      { InstanceId: id, index: '0' },
      halfHours(now, 20).map((at) => ({ at, value: 0 })),
    );
  const failing = await behind(async ({ action, body }, pass) => {
    if (action !== 'GetMetricData') return null;
    const asked: unknown[] = Query.parse(JSON.parse(body)).MetricDataQueries;
    const broken = asked.findIndex((query) => JSON.stringify(query).includes(faulty.id));
    const answer = await pass();
    const { MetricDataResults } = Results.parse(JSON.parse(answer.body));
    const changed = MetricDataResults.map((result) =>
      result.Id === `q${broken}`
        ? { ...result, Values: [], Timestamps: [], StatusCode: 'InternalError' }
        : result,
    );
    return { ...answer, body: JSON.stringify({ MetricDataResults: changed, Messages: [] }) };
  });
  const { telemetry, coverage } = await look(failing.url);
  expect(coverage[0]?.status).toBe('partial');
  expect(coverage[0]?.reason).toContain('could not answer for 1 of 2 machines');
  expect(coverage[0]?.reason).toContain(
    `${arn(faulty.id)} CWAgent nvidia_smi_utilization_gpu: InternalError`,
  );
  expect(new Set(telemetry.map(({ resourceId }) => resourceId))).toEqual(new Set([arn(sound.id)]));
});

test('a refusal, a cut answer and a token that never ends are faults of the telemetry alone', async () => {
  await machine();
  const answers: readonly [Answer, string][] = [
    [
      jsonRefusal('AccessDenied', 'User: a is not authorized to perform: cloudwatch:GetMetricData'),
      'Allow cloudwatch:GetMetricData',
    ],
    [
      {
        status: 200,
        type: 'application/x-amz-json-1.0',
        body: JSON.stringify({
          MetricDataResults: [],
          Messages: [{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }],
        }),
      },
      'MaxMetricsExceeded Maximum number of allowed metrics exceeded',
    ],
    [
      {
        status: 200,
        type: 'application/x-amz-json-1.0',
        body: JSON.stringify({ MetricDataResults: [], Messages: [], NextToken: 'again' }),
      },
      'gave the same page twice',
    ],
    [
      {
        status: 200,
        type: 'application/x-amz-json-1.0',
        body: JSON.stringify({ MetricDataResults: [], Messages: [] }),
      },
      'could not answer for 1 of 1 machines',
    ],
  ];
  for (const [answer, said] of answers) {
    const broken = await behind(async ({ action }) => (action === 'GetMetricData' ? answer : null));
    const { telemetry, resources, coverage } = await look(broken.url);
    expect(coverage[0]?.status).toBe('partial');
    expect(coverage[0]?.reason).toContain(`aws.ec2.gpu-telemetry: `);
    expect(coverage[0]?.reason).toContain(said);
    expect(telemetry).toEqual([]);
    expect(resources.length).toBeGreaterThan(0);
  }
});
