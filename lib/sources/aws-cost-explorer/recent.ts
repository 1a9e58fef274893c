import { GetCostAndUsageWithResourcesCommand, type MetricValue } from '@aws-sdk/client-cost-explorer';
import { BursarError } from '../../platform/errors.ts';
import type { BesideTable } from '../model.ts';
import { type AskContext, askPages, costPages, METRICS } from './pages.ts';
import { HOURLY } from './queries.ts';
import { isoDay } from './window.ts';

/** "The range must be within the last 14 days" (API reference, GetCostAndUsageWithResources, TimePeriod). */
const DAYS = 14;
const DAY = 86_400_000;
/** More would not fit in memory beside the bill; an export tells resources of any number. */
const MOST_ROWS = 200_000;

/** "It requires the Expression SERVICE = Amazon Elastic Compute Cloud - Compute in the filter" (same page). */
const EC2 = 'Amazon Elastic Compute Cloud - Compute';

/** The last 14 days by hour, account and service. */
export async function hourlyRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const rows: Record<string, string | null>[] = [];
  const days = lastDays(now);
  const hours = { start: `${days.start}T00:00:00Z`, end: `${days.end}T00:00:00Z` };
  for await (const page of costPages(context, hours, HOURLY, 'HOURLY'))
    for (const { TimePeriod, Groups, Estimated } of page.ResultsByTime ?? [])
      for (const { Keys, Metrics } of Groups ?? [])
        rows.push({
          start: TimePeriod?.Start ?? null,
          account: Keys?.[0] ?? null,
          service: Keys?.[1] ?? null,
          ...costsOf(Metrics),
          estimated: String(Estimated ?? true),
        });
  return bounded(rows, context);
}

/** The last 14 days by day, account and EC2 instance. */
export async function resourceRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const rows: Record<string, string | null>[] = [];
  const { start, end } = lastDays(now);
  const pages = askPages(context, 'ce:GetCostAndUsageWithResources', (token) =>
    context.client.send(
      new GetCostAndUsageWithResourcesCommand({
        TimePeriod: { Start: start, End: end },
        Granularity: 'DAILY',
        Metrics: METRICS,
        Filter: { Dimensions: { Key: 'SERVICE', Values: [EC2] } },
        GroupBy: [
          { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
          { Type: 'DIMENSION', Key: 'RESOURCE_ID' },
        ],
        ...(token === undefined ? {} : { NextPageToken: token }),
      }),
    ),
  );
  for await (const page of pages)
    for (const { TimePeriod, Groups, Estimated } of page.ResultsByTime ?? [])
      for (const { Keys, Metrics } of Groups ?? [])
        rows.push({
          start: TimePeriod?.Start ?? null,
          account: Keys?.[0] ?? null,
          resource: Keys?.[1] ?? null,
          ...costsOf(Metrics),
          estimated: String(Estimated ?? true),
        });
  return bounded(rows, context);
}

function costsOf(metrics: Readonly<Record<string, MetricValue>> | undefined) {
  return {
    billed: metrics?.['UnblendedCost']?.Amount ?? null,
    effective: metrics?.['AmortizedCost']?.Amount ?? null,
    currency: metrics?.['UnblendedCost']?.Unit ?? null,
  };
}

function bounded(rows: BesideTable['rows'], { where }: AskContext): BesideTable['rows'] {
  if (rows.length <= MOST_ROWS) return rows;
  throw new BursarError('unavailable', `Cost Explorer gave ${rows.length} rows, more than ${MOST_ROWS}`, {
    where,
    hint: 'Use a data export for this account: it tells resources and hours of any number.',
  });
}

function lastDays(now: Date): { start: string; end: string } {
  const end = Math.floor(now.getTime() / DAY) * DAY;
  return { start: isoDay(end - (DAYS - 1) * DAY), end: isoDay(end) };
}
