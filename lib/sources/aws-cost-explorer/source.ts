import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  CostExplorerClient,
  GetCostAndUsageResponse,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Delivery, Source } from '../model.ts';
import { costPages } from './pages.ts';
import { COLUMNS, costRow, csvLine, hasMoney } from './rows.ts';
import { billingWindow, dayAfter } from './window.ts';

/** Cost Explorer has one endpoint a partition; that of the commercial one lies in us-east-1 (ce.us-east-1.amazonaws.com). */
export const COST_EXPLORER_REGION = 'us-east-1';

export const costExplorerPermissions: readonly Permission[] = [
  {
    cloud: 'aws',
    action: 'ce:GetCostAndUsage',
    why: 'reads daily cost by linked account and service; AWS charges $0.01 a page',
  },
];

export interface CostExplorerSettings {
  /** Source id: the key in the config. */
  readonly id: string;
  /** Built for `COST_EXPLORER_REGION`, with adaptive retries. */
  readonly client: CostExplorerClient;
  /** The account whose Cost Explorer is asked: the payer, or a linked account that sees itself alone. */
  readonly accountId: string;
  /** Billing periods to read, the one of yesterday included: 1 to 14. Three hold what the digest compares. */
  readonly months?: number;
}

/**
 * The bill of an account and its linked accounts from the Cost Explorer API, a day, account and service a row:
 * no resources and no tags. For an account that has no export yet.
 *
 * Each run reads its billing periods whole and replaces them. An account without spend gives no rows and a
 * complete coverage; everything that Cost Explorer cannot or will not answer throws, and nothing is delivered.
 */
export function costExplorerSource(settings: CostExplorerSettings): Source {
  const { id, client, accountId, months = 3 } = settings;
  const where = `bill:${id}`;
  return {
    id,
    type: 'aws-cost-explorer',
    permissions: costExplorerPermissions,
    async deliver({ workDir, now, meter, progress }): Promise<Delivery> {
      const window = billingWindow(now, months);
      const path = join(workDir, 'cost-explorer.csv');
      const rows = rowWriter({ where, billingAccountId: accountId, window });
      const file = await open(path, 'w');
      try {
        await file.write(csvLine(COLUMNS));
        let pages = 0;
        for await (const page of costPages(client, window, { where, meter })) {
          await file.write(rows.lines(page));
          progress.step(`Cost Explorer of ${accountId}: page`, ++pages);
        }
      } finally {
        await file.close();
      }
      const shownAs = `Cost Explorer of ${accountId}, ${window.start} to ${window.end}`;
      return {
        sourceId: id,
        sourceType: 'aws-cost-explorer',
        grain: 'account-service',
        files: rows.count() === 0 ? [] : [{ path, shownAs, format: 'csv' }],
        periods: window.periods,
        skipped: [],
        asOf: rows.asOf(),
        coverage: [{ scope: where, status: 'complete', reason: null, asOf: rows.asOf() }],
      };
    },
  };
}

/** Turns pages into CSV lines, and refuses what would lose money or count it twice. */
function rowWriter(context: {
  where: string;
  billingAccountId: string;
  window: { start: string; end: string };
}) {
  const { where, billingAccountId, window } = context;
  const accountNames = new Map<string, string>();
  const groupsOfDay = new Map<string, Set<string>>();
  let count = 0;
  let lastDay: string | null = null;

  const refuse = (what: string) =>
    new BursarError('unavailable', `Cost Explorer answered with ${what}`, {
      where,
      hint: 'Nothing of this run was kept; run again, and report it if it stays.',
    });

  const linesOfDay = (result: ResultByTime): string => {
    const start = result.TimePeriod?.Start ?? '';
    const end = result.TimePeriod?.End ?? '';
    if (
      !(start >= window.start && end <= window.end) ||
      !/^\d{4}-\d\d-\d\d$/.test(start) ||
      dayAfter(start) !== end
    )
      throw refuse(`the period ${start || '?'} to ${end || '?'}, which is no day that was asked for`);
    const groups = result.Groups ?? [];
    // Grouped answers have an empty Total, or zeros on a day without groups; money there would be lost.
    if (groups.length === 0 && Object.values(result.Total ?? {}).some(hasMoney))
      throw refuse(`a total for ${start} without its accounts and services`);
    const day = { start, end };
    let lines = '';
    for (const group of groups) {
      const row = costRow(group, {
        where,
        billingAccountId,
        day,
        estimated: result.Estimated ?? true,
        accountNames,
      });
      if (row === null) continue;
      const seen = groupsOfDay.get(start) ?? new Set();
      groupsOfDay.set(start, seen);
      const key = `${row.SubAccountId}\n${row.ServiceName}`;
      if (seen.has(key))
        throw refuse(
          `${row.ServiceName} of account ${row.SubAccountId} on ${start} twice, which would count it double`,
        );
      seen.add(key);
      lines += csvLine(COLUMNS.map((column) => row[column]));
      count += 1;
      if (lastDay === null || end > lastDay) lastDay = end;
    }
    return lines;
  };

  return {
    lines(page: GetCostAndUsageResponse): string {
      for (const { Value, Attributes } of page.DimensionValueAttributes ?? []) {
        const name = Attributes?.['description'];
        if (Value !== undefined && name !== undefined) accountNames.set(Value, name);
      }
      return (page.ResultsByTime ?? []).map(linesOfDay).join('');
    },
    count: () => count,
    /** The end of the last day that has a row: a day that is still empty has not arrived yet. */
    asOf: () => (lastDay === null ? null : `${lastDay}T00:00:00.000Z`),
  };
}
