import {
  type CostExplorerClient,
  GetCostAndUsageCommand,
  type GetCostAndUsageResponse,
} from '@aws-sdk/client-cost-explorer';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Ceiling } from './ceiling.ts';
import { costExplorerError } from './errors.ts';
import type { CostQuery } from './queries.ts';

/**
 * What AWS charges for one page: "Each request will incur a cost of $0.01" (AWS Cost Explorer pricing page; AWS
 * price list, AWSCostExplorer USE1-APIRequest, effective 2019-11-01) and "each page counts as a separate
 * request" (AWS Cost Explorer FAQ).
 */
export const USD_A_PAGE = '0.01';

/** A guard against an endless answer: 14 months of 1,000 accounts and 100 services stay far below. */
const MOST_PAGES = 2_000;

/** What a question is asked with. */
export interface AskContext {
  readonly client: CostExplorerClient;
  readonly where: string;
  readonly meter: Meter;
  readonly ceiling: Ceiling;
}

/**
 * All pages of one question: both costs a day. Each page is paid for before it is asked, within the ceiling, and
 * each answered one is counted in the meter at its price.
 */
export async function* costPages(
  context: AskContext,
  days: { readonly start: string; readonly end: string },
  query: CostQuery,
): AsyncGenerator<GetCostAndUsageResponse> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    context.ceiling.pay(USD_A_PAGE);
    const page = await ask(context, days, query, token);
    context.meter.count('ce:GetCostAndUsage', USD_A_PAGE);
    yield page;
    token = page.NextPageToken === '' ? undefined : page.NextPageToken;
    if (token !== undefined && (seen.has(token) || seen.size >= MOST_PAGES))
      throw new BursarError(
        'unavailable',
        seen.has(token)
          ? 'Cost Explorer gave the same page token twice, so its answer would never end'
          : `Cost Explorer gave more than ${MOST_PAGES} pages`,
        { where: context.where, hint: 'Nothing of this run was kept; run again with fewer billing periods.' },
      );
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

async function ask(
  { client, where }: AskContext,
  days: { readonly start: string; readonly end: string },
  { groupBy, filter }: CostQuery,
  token: string | undefined,
): Promise<GetCostAndUsageResponse> {
  try {
    return await client.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: days.start, End: days.end },
        Granularity: 'DAILY',
        Metrics: ['UnblendedCost', 'AmortizedCost'],
        ...(groupBy.length === 0 ? {} : { GroupBy: [...groupBy] }),
        ...(filter === null ? {} : { Filter: filter }),
        ...(token === undefined ? {} : { NextPageToken: token }),
      }),
    );
  } catch (error) {
    throw costExplorerError(error, where);
  }
}
