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

/** Both costs that every question asks for. */
export const METRICS = ['UnblendedCost', 'AmortizedCost'];

/**
 * All pages of one question about cost. Each page is paid for before it is asked, within the ceiling, and each
 * answered one is counted in the meter at its price.
 */
export function costPages(
  context: AskContext,
  days: { readonly start: string; readonly end: string },
  { groupBy, filter }: CostQuery,
  granularity: 'DAILY' | 'MONTHLY' | 'HOURLY' = 'DAILY',
): AsyncGenerator<GetCostAndUsageResponse> {
  return askPages(context, 'ce:GetCostAndUsage', (token) =>
    context.client.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: days.start, End: days.end },
        Granularity: granularity,
        Metrics: METRICS,
        ...(groupBy.length === 0 ? {} : { GroupBy: [...groupBy] }),
        ...(filter === null ? {} : { Filter: filter }),
        ...(token === undefined ? {} : { NextPageToken: token }),
      }),
    ),
  );
}

/**
 * All pages of any question of Cost Explorer, each at the same price. Nothing at all to tell, as of commitments that
 * nobody bought, is no page.
 */
export async function* askPages<Page extends object>(
  context: AskContext,
  action: string,
  send: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    context.ceiling.pay(USD_A_PAGE);
    const page = await answered(send(token), action, context.where);
    context.meter.count(action, USD_A_PAGE);
    if (page === null) return;
    yield page;
    token = tokenOf(page);
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

function tokenOf(page: object): string | undefined {
  const token =
    'NextPageToken' in page ? page.NextPageToken : 'NextToken' in page ? page.NextToken : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}

async function answered<Page>(sent: Promise<Page>, action: string, where: string): Promise<Page | null> {
  try {
    return await sent;
  } catch (error) {
    if (
      action !== 'ce:GetCostAndUsage' &&
      error instanceof Error &&
      error.name === 'DataUnavailableException'
    )
      return null;
    throw costExplorerError(error, action, where);
  }
}
