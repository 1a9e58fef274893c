import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { awsGpuTelemetry } from '../../../lib/estate/aws/gpu-telemetry.ts';
import { awsInstances } from '../../../lib/estate/aws/instances.ts';
import { metricData } from '../../../lib/estate/aws/metric-data.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { cloudWatch, instancePages, type Published } from './cloudwatch-fake.ts';
import { OWN, type Proxy, proxy, session } from './emulated.ts';
import { launch } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
/** Instances of the emulator start now: a look a week ahead sees machines of a week. */
const now = new Date(Date.now() + 170 * 3_600_000);
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** The emulator with pages as the service has them: 50 instances each, and a CloudWatch that holds these. */
async function service(published: readonly Published[]): Promise<Proxy> {
  const [instances, metrics] = [instancePages(10, 50), cloudWatch(published)];
  const made = await proxy(
    moto,
    async (request, pass) => (await metrics(request)) ?? (await instances(request, pass)),
  );
  open.push(made);
  return made;
}

const times = (calls: readonly string[], action: string) => calls.filter((one) => one === action).length;

/** Each device of a machine by what the agent publishes of it. */
function devices(instanceId: string): Published[] {
  return ['0', '1', '2', '3'].flatMap((index) =>
    ['nvidia_smi_utilization_gpu', 'nvidia_smi_memory_used'].map((metricName) => ({
      namespace: 'CWAgent',
      metricName,
      dimensions: { InstanceId: instanceId, index, name: 'Tesla T4', arch: 'Turing' },
      value: (at: number) => (at / 3_600_000) % 7,
    })),
  );
}

test('calls grow with pages and batches, never with machines; each is counted with its price', async () => {
  const { ec2 } = session(moto);
  const machines = [];
  for (let reservation = 0; reservation < 13; reservation += 1)
    machines.push(...(await launch(ec2, 'g4dn.12xlarge', 10)));
  const { url, calls } = await service(machines.flatMap(({ id }) => devices(id)));

  const meter = new Meter();
  const datasets = [awsInstances, awsGpuTelemetry];
  const { resources, telemetry, coverage } = await collectScope(scope, session(url), datasets, now, meter);
  expect(coverage).toMatchObject([{ status: 'complete' }]);
  expect(resources).toHaveLength(130);
  expect(new Set(telemetry.map(({ resourceId }) => resourceId)).size).toBe(130);
  const use = telemetry.filter(({ metric }) => metric === 'gpu-utilization');
  expect(use).toHaveLength(130 * 4 * 2);
  expect(use.every(({ points }) => points.length === 168)).toBe(true);

  // Utilisation twice and memory of four devices, CPU, network in and out: 15 metrics a machine.
  const metrics = 130 * 15;
  expect(times(calls, 'DescribeInstances')).toBe(Math.ceil(130 / 50));
  expect(times(calls, 'GetMetricData')).toBe(Math.ceil(metrics / 500) * Math.ceil((500 * 168) / 100_800));
  // Eleven metrics are looked for; of two there are 520 series, which is a page and a bit.
  expect(times(calls, 'ListMetrics')).toBe(11 + 2);
  expect(meter.total()).toMatchObject({
    amount: '0.0195',
    calls: expect.arrayContaining([
      { api: 'cloudwatch:GetMetricData', count: 4 },
      { api: 'cloudwatch:ListMetrics', count: 13 },
      { api: 'ec2:DescribeInstances', count: 3 },
    ]),
  });
});

test('a batch of more points than a page holds is asked in pages, and every series comes whole', async () => {
  const published = Array.from({ length: 1100 }, (_, index) => ({
    namespace: 'AWS/SageMaker',
    metricName: 'Invocations',
    dimensions: { EndpointName: `e-${index}` },
    // Some have gaps, one has nothing at all.
    value: (at: number) => (index === 7 || (index % 5 === 0 && at % 7_200_000 === 0) ? null : index),
  }));
  const { url, calls } = await service(published);
  const end = new Date('2026-11-20T00:00:00Z');
  const start = new Date(end.getTime() - 336 * 3_600_000);
  const queries = published.map(({ namespace, metricName, dimensions }) => ({
    namespace,
    metricName,
    dimensions: [{ Name: 'EndpointName', Value: dimensions.EndpointName }],
    stat: 'Sum' as const,
  }));
  const meter = new Meter();
  const answers = await metricData(session(url), queries, { start, end, period: 3600 }, 'here', meter);
  expect(answers.map((one) => (one.ok ? one.points.length : one.fault))).toEqual(
    published.map((_, index) => (index === 7 ? 0 : index % 5 === 0 ? 168 : 336)),
  );
  expect(answers.every((one, index) => one.ok && one.points.every(({ value }) => value === index))).toBe(
    true,
  );
  // 500 x 336 points less the gaps are two pages; the last hundred metrics are one.
  expect(times(calls, 'GetMetricData')).toBe(2 + 2 + 1);
});

test('a metric of which there is no end of series is not read to its end, and coverage says so', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 'g4dn.xlarge', 10);
  let pages = 0;
  const endless = await proxy(moto, async ({ action }) => {
    if (action !== 'ListMetrics') return null;
    pages += 1;
    const body = JSON.stringify({ Metrics: [], NextToken: String(pages) });
    return { status: 200, type: 'application/x-amz-json-1.0', body };
  });
  open.push(endless);
  const datasets = [awsInstances, awsGpuTelemetry];
  const { resources, telemetry, coverage } = await collectScope(
    scope,
    session(endless.url),
    datasets,
    now,
    new Meter(),
  );
  expect(pages).toBe(200);
  expect(resources).toHaveLength(10);
  expect(telemetry).toEqual([]);
  expect(coverage[0]).toMatchObject({ status: 'partial', incomplete: [awsGpuTelemetry.id] });
  expect(coverage[0]?.reason).toContain('names more than 200 pages of nvidia_smi_utilization_gpu');
});
