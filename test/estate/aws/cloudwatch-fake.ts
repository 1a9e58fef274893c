import { z } from 'zod';
import { type Answer, ec2Refusal, jsonRefusal, type Request } from './emulated.ts';

/** What CloudWatch gives a page at most (CloudWatch API Reference, ListMetrics and GetMetricData). */
const METRICS_A_PAGE = 500;
const POINTS_A_PAGE = 100_800;
const QUERIES = 500;

/** A metric that something publishes. */
export interface Published {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** What every statistic of the period that begins then says; null: nothing was published in it. */
  value(at: number): number | null;
}

const Dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const Listed = z.object({ MetricName: z.string().optional(), NextToken: z.string().optional() });
const Asked = z.object({
  StartTime: z.number(),
  EndTime: z.number(),
  MetricDataQueries: z.array(
    z.object({
      Id: z.string(),
      MetricStat: z.object({
        Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions }),
        Period: z.number(),
        Stat: z.string(),
      }),
    }),
  ),
  NextToken: z.string().optional(),
});

/**
 * A CloudWatch of many series, for `proxy`: the emulator looks at every point for each hour of each query, and its
 * pages have no limits. This one holds what it is told and pages as the service does. Any other call goes on.
 */
export function cloudWatch(published: readonly Published[]): (request: Request) => Promise<Answer | null> {
  const bySeries = new Map(
    published.map((one) => [nameOf(one.namespace, one.metricName, listOf(one)), one] as const),
  );
  const byMetric = Map.groupBy(published, ({ metricName }) => metricName);
  return async ({ action, body }) => {
    if (action === 'ListMetrics') {
      const { MetricName, NextToken = '0' } = Listed.parse(JSON.parse(body));
      const all = MetricName === undefined ? published : (byMetric.get(MetricName) ?? []);
      const from = Number(NextToken);
      const page = all.slice(from, from + METRICS_A_PAGE);
      return json({
        Metrics: page.map((one) => ({
          Namespace: one.namespace,
          MetricName: one.metricName,
          Dimensions: listOf(one),
        })),
        ...(from + page.length < all.length ? { NextToken: String(from + page.length) } : {}),
      });
    }
    if (action !== 'GetMetricData') return null;
    const asked = Asked.parse(JSON.parse(body));
    if (asked.MetricDataQueries.length > QUERIES)
      return jsonRefusal('ValidationError', `more than ${QUERIES} queries`);
    return json(pageOf(asked, bySeries));
  };
}

/** Points in the order of the queries, so many a page: a series that goes on in the next one is `PartialData`. */
function pageOf(
  { StartTime, EndTime, MetricDataQueries, NextToken = '0' }: z.output<typeof Asked>,
  bySeries: ReadonlyMap<string, Published>,
) {
  const from = Number(NextToken);
  const to = from + POINTS_A_PAGE;
  let seen = 0;
  const results = MetricDataQueries.flatMap(({ Id, MetricStat: { Metric, Period } }) => {
    const series = bySeries.get(nameOf(Metric.Namespace, Metric.MetricName, Metric.Dimensions));
    const points = series === undefined ? [] : pointsOf(series, StartTime, EndTime, Period);
    const start = Math.max(0, from - seen);
    const end = Math.min(points.length, to - seen);
    seen += points.length;
    if (end < start || (end === start && points.length > 0)) return [];
    const page = points.slice(start, end);
    return [
      {
        Id,
        Label: Metric.MetricName,
        Timestamps: page.map(([at]) => at),
        Values: page.map(([, value]) => value),
        StatusCode: end < points.length ? 'PartialData' : 'Complete',
      },
    ];
  });
  return { MetricDataResults: results, Messages: [], ...(to < seen ? { NextToken: String(to) } : {}) };
}

/** Seconds since 1970 and value of every period that has one. */
function pointsOf(
  series: Published,
  start: number,
  end: number,
  period: number,
): (readonly [number, number])[] {
  return Array.from(
    { length: Math.ceil((end - start) / period) },
    (_, index) => start + index * period,
  ).flatMap((at) => {
    const value = series.value(at * 1000);
    return value === null ? [] : [[at, value] as const];
  });
}

/**
 * Pages of DescribeInstances, for `proxy`: the emulator counts reservations where the service counts instances (EC2 API
 * Reference, DescribeInstances, MaxResults).
 * @param inReservation instances of every reservation
 * @param most instances of a page, whatever is asked for: the service may give fewer
 */
export function instancePages(inReservation: number, most = 1000) {
  return async (
    { action, body }: Request,
    pass: (body?: string) => Promise<Answer>,
  ): Promise<Answer | null> => {
    const asked = new URLSearchParams(body);
    const wanted = Number(asked.get('MaxResults') ?? Number.NaN);
    if (action !== 'DescribeInstances' || Number.isNaN(wanted)) return null;
    if (wanted < 5 || wanted > 1000) return ec2Refusal('InvalidParameterValue', 'MaxResults is 5 to 1000');
    asked.set('MaxResults', String(Math.floor(Math.min(wanted, most) / inReservation)));
    return await pass(asked.toString());
  };
}

function listOf({ dimensions }: Published): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

function nameOf(namespace: string, metricName: string, dimensions: z.output<typeof Dimensions>): string {
  const sorted = dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted();
  return [namespace, metricName, ...sorted].join('\n');
}

function json(body: unknown): Answer {
  return { status: 200, type: 'application/x-amz-json-1.0', body: JSON.stringify(body) };
}
