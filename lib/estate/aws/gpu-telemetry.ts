import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Collected, type Dataset, type Resource, type Scope, scopeName } from '../model.ts';
import { type Dimension, gpuJoin, type Joined } from './gpu-join.ts';
import { GPU_METRICS, type GpuMetric, MACHINE_METRICS } from './gpu-metrics.ts';
import { awsInstances } from './instances.ts';
import {
  METRIC_DATA_PERMISSION,
  type MetricPoint,
  type MetricQuery,
  type MetricWindow,
  metricData,
} from './metric-data.ts';
import { LIST_METRICS_PERMISSION, owned, seeLinked } from './observability.ts';
import { type RawSeries, toTelemetry } from './series.ts';
import type { AwsSession } from './session.ts';

/**
 * Pages of ListMetrics that are read of one metric, of 500 series each (CloudWatch API Reference, ListMetrics): a
 * hundred thousand devices that spoke in two weeks. Whoever has more has them by short-lived names.
 */
const MOST_PAGES = 200;
const TOO_MANY =
  'No more are read. Publish it by fewer names: without dimensions that change with every task, pod or process.';
const HOUR_MS = 3_600_000;
export const GPU_WINDOW_HOURS = 168;

/**
 * How busy the running machines with accelerators were over the last 168 full hours, an hour a point: GPU
 * utilisation, memory and power by device from whatever publishes them, and the machine's CPU and network.
 *
 * ListMetrics leaves out metrics that were silent for two weeks, which is longer than the window: what it does
 * not name has no point in the window. It does not see: GPUs that nobody publishes metrics of (no telemetry is
 * not idle), Neuron devices, a host name that two instances share. A metric of more than a hundred thousand series is
 * not read to its end: then nothing is told of any machine, and coverage says so.
 */
export const awsGpuTelemetry: Dataset<AwsSession> = {
  id: 'aws.ec2.gpu-telemetry',
  needs: [awsInstances.id],
  permissions: [LIST_METRICS_PERMISSION, METRIC_DATA_PERMISSION],
  async collect(scope, session, now, earlier, meter) {
    const here = earlier.resources.filter(({ type }) => type === 'aws:ec2:instance');
    const machines = here.filter(({ state, accelerators }) => state === 'running' && accelerators.length > 0);
    return await telemetryOf(machines, here, scope, session, now, meter);
  },
};

/**
 * The same for these machines alone. The other instances still count where host names are joined to machines: a
 * name that two bear belongs to neither.
 */
export function gpuTelemetryOf(only: ReadonlySet<string>): Dataset<AwsSession> {
  return {
    ...awsGpuTelemetry,
    async collect(scope, session, now, earlier, meter) {
      const here = earlier.resources.filter(({ type }) => type === 'aws:ec2:instance');
      const machines = here.filter(
        ({ id, state, accelerators }) => only.has(id) && state === 'running' && accelerators.length > 0,
      );
      return await telemetryOf(machines, here, scope, session, now, meter);
    },
  };
}

async function telemetryOf(
  machines: readonly Resource[],
  here: readonly Resource[],
  scope: Scope,
  session: AwsSession,
  now: Date,
  meter: Meter,
): Promise<Collected> {
  if (machines.length === 0) return {};
  const where = scopeName(scope);
  const wanted = [
    ...(await publishedSeries(session, here, new Set(machines.map(({ id }) => id)), where, meter)),
    ...machines.flatMap(ofMachine),
  ];
  return await readSeries(wanted, machines, scope, session, now, meter);
}

/**
 * Asks for these series and makes telemetry of them.
 * @param machines everything that is asked about, so that it is known since when it runs
 * @param expected how many points a source without gaps gives of what does not run until the end of the window
 * @throws IncompleteError where a series had no answer: what it is of is left out whole
 */
export async function readSeries(
  wanted: readonly WantedSeries[],
  machines: readonly Resource[],
  scope: Scope,
  session: AwsSession,
  now: Date,
  meter: Meter,
  expected: ReadonlyMap<string, number> = new Map(),
): Promise<Collected> {
  const where = scopeName(scope);
  const window = lastHours(now, GPU_WINDOW_HOURS);
  const answers = await metricData(
    session,
    wanted.map(({ query }) => query),
    window,
    where,
    meter,
  );

  const faults = new Map<string, string>();
  const raw: RawSeries[] = [];
  for (const [index, { series, scale }] of wanted.entries()) {
    const answer = answers[index];
    if (answer?.ok === true) raw.push({ ...series, points: scaled(answer.points, scale) });
    else faults.set(series.resourceId, `${series.source}: ${answer?.fault ?? 'no answer'}`);
  }
  // A machine of which one series is missing would look less busy than it is: it is not told at all.
  const whole = raw.filter(({ resourceId }) => !faults.has(resourceId));
  const launched = new Map(machines.map(({ id, created }) => [id, created]));
  const collected = {
    telemetry: toTelemetry(whole, window, launched).map((series) => ({
      ...series,
      expectedPoints: expected.get(series.resourceId) ?? series.expectedPoints,
    })),
  };
  if (faults.size > 0) {
    const [first] = faults;
    throw new IncompleteError(
      'unavailable',
      `cloudwatch:GetMetricData could not answer for ${faults.size} of ${machines.length} machines with accelerators (${first?.join(' ')})`,
      collected,
      { where, hint: 'Look again later: the machines are left out, not taken for idle.' },
    );
  }
  return collected;
}

/** Most need none: then no second point of each is made. */
function scaled(points: readonly MetricPoint[], scale: number): readonly MetricPoint[] {
  return scale === 1 ? points : points.map(({ at, value }) => ({ at, value: value * scale }));
}

export interface WantedSeries {
  readonly query: MetricQuery;
  readonly series: Omit<RawSeries, 'points'>;
  readonly scale: number;
}

/**
 * Every query to ask of the GPU metrics that somebody publishes of `ours`.
 * @param here all that bear names by which a metric may be joined, ours among them
 */
export async function publishedSeries(
  session: AwsSession,
  here: readonly Pick<Resource, 'id' | 'attributes'>[],
  ours: ReadonlySet<string>,
  where: string,
  meter: Meter,
): Promise<WantedSeries[]> {
  await seeLinked(session, where, meter);
  const join = gpuJoin(here);
  const wanted: WantedSeries[] = [];
  // A metric that is listed twice must not be asked, paid and counted twice.
  const seen = new Set<string>();
  for (const metric of GPU_METRICS) {
    const pages = awsPages({ action: LIST_METRICS_PERMISSION.action, where, meter }, (token) =>
      session.cloudwatch.send(
        new ListMetricsCommand({
          MetricName: metric.metricName,
          ...owned(session),
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    let read = 0;
    for await (const { Metrics, NextToken } of pages) {
      for (const { Namespace, Dimensions } of Metrics ?? []) {
        const dimensions = (Dimensions ?? []).flatMap(({ Name, Value }) =>
          Name === undefined || Value === undefined ? [] : [{ Name, Value }],
        );
        const joined = join(dimensions);
        if (Namespace === undefined || joined === null || !ours.has(joined.resourceId)) continue;
        const key = JSON.stringify([
          Namespace,
          metric.metricName,
          dimensions.toSorted((a, b) => (a.Name < b.Name ? -1 : 1)),
        ]);
        if (seen.has(key)) continue;
        seen.add(key);
        wanted.push(...gpuQueries(metric, Namespace, dimensions, joined));
      }
      read += 1;
      if (read >= MOST_PAGES && NextToken !== undefined && NextToken !== '')
        throw new BursarError(
          'unavailable',
          `${LIST_METRICS_PERMISSION.action} names more than ${MOST_PAGES} pages of ${metric.metricName}`,
          { where, hint: TOO_MANY },
        );
    }
  }
  return wanted;
}

/** What EC2 always publishes of an instance. */
function ofMachine({ id }: Resource): WantedSeries[] {
  return MACHINE_METRICS.map(({ metricName, metric, statistic, unit }) => ({
    query: {
      namespace: 'AWS/EC2',
      metricName,
      dimensions: [{ Name: 'InstanceId', Value: id.slice(id.lastIndexOf('/') + 1) }],
      stat: statistic === 'sum' ? 'Sum' : 'Maximum',
    },
    series: { resourceId: id, metric, statistic, unit, device: null, source: `AWS/EC2 ${metricName}` },
    scale: 1,
  }));
}

function gpuQueries(
  metric: GpuMetric,
  namespace: string,
  dimensions: readonly Dimension[],
  joined: Joined,
): WantedSeries[] {
  const { metricName, scale, unit } = metric;
  const series = { ...joined, metric: metric.metric, source: `${namespace} ${metricName}` };
  const query = { namespace, metricName, dimensions };
  return [
    {
      query: { ...query, stat: 'Maximum' },
      series: { ...series, statistic: 'maximum', unit },
      scale,
    },
    ...(metric.counted
      ? [
          {
            query: { ...query, stat: 'SampleCount' as const },
            series: { ...series, statistic: 'sample-count' as const, unit: 'count' },
            scale: 1,
          },
        ]
      : []),
  ];
}

/** The last `hours` full hours before `now`, half-open. */
export function lastHours(now: Date, hours: number): MetricWindow {
  const end = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return { start: new Date(end - hours * HOUR_MS), end: new Date(end), period: HOUR_MS / 1000 };
}
