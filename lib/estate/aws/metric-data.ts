import { GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Dimension } from './gpu-join.ts';
import { type MetricsSession, seeLinked } from './observability.ts';

export const METRIC_DATA_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'cloudwatch:GetMetricData',
  why: 'reads how busy machines and services were',
  price: '0.01 USD per 1,000 metrics',
};

/** One request takes at most 500 metrics and answers at most 100,800 points a page (CloudWatch API Reference). */
const BATCH = 500;
/**
 * $0.01 per 1,000 metrics requested, outside the free tier (CloudWatch User Guide, "Retrieve metric data",
 * Pricing; read November 2026). Every query of every page is counted: never below what is charged.
 */
const USD_PER_METRIC = new Decimal('0.00001');

export interface MetricQuery {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly Dimension[];
  /** A percentile as CloudWatch writes it: `p99`, `p99.9`. */
  readonly stat: 'Maximum' | 'Minimum' | 'Average' | 'SampleCount' | 'Sum' | `p${number}`;
}

/** Half-open, both on a full period. */
export interface MetricWindow {
  readonly start: Date;
  readonly end: Date;
  /** Seconds. */
  readonly period: number;
}

export interface MetricPoint {
  /** Start of the period, milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** Whole, or a fault: a result that CloudWatch did not complete is never taken for data. */
export type MetricAnswer =
  | { readonly ok: true; readonly points: readonly MetricPoint[] }
  | { readonly ok: false; readonly fault: string };

/** Answers of `queries`, in their order. @throws BursarError also where the account is not linked to whose metrics these are */
export async function metricData(
  session: MetricsSession,
  queries: readonly MetricQuery[],
  window: MetricWindow,
  where: string,
  meter: Meter,
): Promise<MetricAnswer[]> {
  if (queries.length > 0) await seeLinked(session, where, meter);
  const answers: MetricAnswer[] = [];
  for (let from = 0; from < queries.length; from += BATCH)
    answers.push(...(await batch(session, queries.slice(from, from + BATCH), window, where, meter)));
  return answers;
}

async function batch(
  session: MetricsSession,
  queries: readonly MetricQuery[],
  window: MetricWindow,
  where: string,
  meter: Meter,
): Promise<MetricAnswer[]> {
  const series = queries.map(() => ({ points: new Map<number, number>(), status: '', said: '' }));
  const usd = decimalText(USD_PER_METRIC.times(queries.length));
  const pages = awsPages({ action: METRIC_DATA_PERMISSION.action, where, meter, usd }, (token) =>
    session.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: window.start,
        EndTime: window.end,
        ScanBy: 'TimestampAscending',
        MetricDataQueries: queries.map(({ namespace, metricName, dimensions, stat }, index) => ({
          Id: `q${index}`,
          ...(session.metricsOf === undefined ? {} : { AccountId: session.metricsOf }),
          MetricStat: {
            Metric: { Namespace: namespace, MetricName: metricName, Dimensions: [...dimensions] },
            Period: window.period,
            Stat: stat,
          },
        })),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  for await (const page of pages) {
    const said = (page.Messages ?? []).map(({ Code, Value }) => `${Code ?? ''} ${Value ?? ''}`.trim());
    if (said.length > 0)
      throw new BursarError('unavailable', `cloudwatch:GetMetricData was cut short: ${said.join('; ')}`, {
        where,
      });
    for (const result of page.MetricDataResults ?? []) take(result, series, where);
  }
  return series.map(({ points, status, said }) =>
    status === 'Complete'
      ? {
          ok: true,
          points: [...points].map(([at, value]) => ({ at, value })).toSorted((a, b) => a.at - b.at),
        }
      : { ok: false, fault: [status === '' ? 'no answer' : status, said].filter(Boolean).join(': ') },
  );
}

/**
 * Adds a page's part of a series. `PartialData` on the way only means that more pages come (MetricDataResult,
 * StatusCode), so what the last page says of a series counts.
 */
function take(
  result: MetricDataResult,
  series: readonly { points: Map<number, number>; status: string; said: string }[],
  where: string,
): void {
  const one = series[Number(/^q(\d+)$/.exec(result.Id ?? '')?.[1] ?? -1)];
  const times = result.Timestamps ?? [];
  const values = result.Values ?? [];
  if (one === undefined || times.length !== values.length)
    throw new BursarError('unavailable', `cloudwatch:GetMetricData gave an answer without its question`, {
      where,
    });
  for (const [index, time] of times.entries()) {
    const value = values[index];
    if (value !== undefined) one.points.set(time.getTime(), value);
  }
  one.status = result.StatusCode ?? '';
  one.said = (result.Messages ?? []).map(({ Value }) => Value ?? '').join('; ');
}
