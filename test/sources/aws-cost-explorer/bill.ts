import type {
  GetCostAndUsageResponse,
  Group,
  MetricValue,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { z } from 'zod';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { groupsOf } from '../../../lib/sources/aws-cost-explorer/record-types.ts';
import { day as dayOf } from './fake.ts';

/** One amount of a bill as Cost Explorer knows it. */
export interface Entry {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly account?: string;
  readonly service?: string;
  readonly type?: string;
  readonly billed: string;
  readonly effective?: string;
  readonly unit?: string;
  readonly estimated?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

const request = z.object({
  TimePeriod: z.object({ Start: z.string(), End: z.string() }),
  Granularity: z.enum(['DAILY', 'MONTHLY', 'HOURLY']).default('DAILY'),
  Metrics: z.array(z.string()),
  GroupBy: z.array(z.object({ Type: z.string(), Key: z.string() })).default([]),
  Filter: z
    .object({ Dimensions: z.object({ Key: z.literal('RECORD_TYPE'), Values: z.array(z.string()) }) })
    .optional(),
  NextPageToken: z.string().optional(),
});

const KEY: Readonly<Record<string, (entry: Entry) => string>> = {
  LINKED_ACCOUNT: ({ account = '111122223333' }) => account,
  SERVICE: ({ service = 'A' }) => service,
  RECORD_TYPE: ({ type = 'Usage' }) => type,
};

/**
 * Answers GetCostAndUsage as a bill of these entries would be answered: filtered by record type, grouped by up to two
 * dimensions, days without a group left empty, `pageSize` groups a page.
 */
export function answersOf(
  entries: readonly Entry[],
  pageSize = Number.POSITIVE_INFINITY,
): (body: Record<string, unknown>) => GetCostAndUsageResponse {
  return (body) => {
    const { TimePeriod, Granularity, Metrics, GroupBy, Filter, NextPageToken } = request.parse(body);
    if (GroupBy.length > 2) throw new RangeError('Cost Explorer groups by two at most');
    const meant = entries.filter(
      (entry) =>
        entry.day >= TimePeriod.Start &&
        entry.day < TimePeriod.End &&
        (Filter === undefined || Filter.Dimensions.Values.includes(entry.type ?? 'Usage')),
    );
    const results: ResultByTime[] = [];
    for (const { start: at, end } of spans(TimePeriod.Start, TimePeriod.End, Granularity)) {
      const today = meant.filter((entry) => entry.day >= at.slice(0, 10) && entry.day < end.slice(0, 10));
      const metrics = (some: readonly Entry[]): Record<string, MetricValue> =>
        Object.fromEntries(
          Metrics.map((name) => [
            name,
            {
              Amount: some
                .reduce(
                  (sum, entry) =>
                    sum.plus(name === 'AmortizedCost' ? (entry.effective ?? entry.billed) : entry.billed),
                  new Decimal(0),
                )
                .toFixed(),
              Unit: some[0]?.unit ?? 'USD',
            },
          ]),
        );
      const byKeys = Map.groupBy(today, (entry) =>
        JSON.stringify(
          GroupBy.map(({ Type, Key }) =>
            Type === 'TAG' ? `${Key}$${entry.tags?.[Key] ?? ''}` : (KEY[Key]?.(entry) ?? ''),
          ),
        ),
      );
      const groups: Group[] =
        GroupBy.length === 0
          ? []
          : [...byKeys].map(([keys, some]) => ({
              Keys: z.array(z.string()).parse(JSON.parse(keys)),
              Metrics: metrics(some),
            }));
      results.push({
        ...dayOf(
          at.slice(0, 10),
          groups,
          today.some(({ estimated = false }) => estimated),
        ),
        TimePeriod: { Start: at, End: end },
        Total: GroupBy.length === 0 ? metrics(today) : {},
      });
    }
    return paged(results, pageSize, NextPageToken);
  };
}

/** Days, months or, for the first hour of each day, hours. */
function spans(start: string, end: string, granularity: string): { start: string; end: string }[] {
  const found: { start: string; end: string }[] = [];
  for (let at = start; at < end; at = found.at(-1)?.end ?? end) {
    const [year = 0, month = 0] = at.split('-').map(Number);
    const next =
      granularity === 'MONTHLY'
        ? new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10)
        : (dayOf(at.slice(0, 10), []).TimePeriod?.End ?? '');
    found.push({ start: at, end: granularity === 'HOURLY' ? `${next}T00:00:00Z` : next < end ? next : end });
  }
  return found;
}

/** The page that a token names: `pageSize` groups, a day may go on over two pages. */
function paged(
  results: readonly ResultByTime[],
  pageSize: number,
  token: string | undefined,
): GetCostAndUsageResponse {
  const from = Number(token?.replace('from ', '') ?? 0);
  const to = from + pageSize;
  let at = 0;
  const page = results.flatMap((result) => {
    const groups = result.Groups ?? [];
    const own = groups.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += groups.length;
    return own.length > 0 || (groups.length === 0 && from === 0) ? [{ ...result, Groups: own }] : [];
  });
  return {
    ResultsByTime: page,
    DimensionValueAttributes: [{ Value: '111122223333', Attributes: { description: 'Platform, "prod"' } }],
    ...(at > to ? { NextPageToken: `from ${to}` } : {}),
  };
}

const by = (...keys: string[]) => ({ GroupBy: keys.map((Key) => ({ Type: 'DIMENSION', Key })) });

/** The answers to the questions of a run about these entries, in its order: total, record types, one a group. */
export function inOrder(
  entries: readonly Entry[],
  days: { start: string; end: string },
): GetCostAndUsageResponse[] {
  const answer = answersOf(entries);
  const ask = (more: Record<string, unknown>): GetCostAndUsageResponse =>
    answer({
      TimePeriod: { Start: days.start, End: days.end },
      Metrics: ['UnblendedCost', 'AmortizedCost'],
      ...more,
    });
  return [
    ask({}),
    ask(by('RECORD_TYPE')),
    ...groupsOf(entries.map(({ type = 'Usage' }) => type)).map(({ types }) =>
      ask({
        ...by('LINKED_ACCOUNT', 'SERVICE'),
        Filter: { Dimensions: { Key: 'RECORD_TYPE', Values: types } },
      }),
    ),
  ];
}
