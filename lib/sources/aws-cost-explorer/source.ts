import { join } from 'node:path';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { Coverage } from '../../platform/coverage.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Delivery, FocusFile, Source } from '../model.ts';
import { type BesideSettings, besideOf } from './beside.ts';
import { Ceiling, CeilingReached } from './ceiling.ts';
import { chunksOf, fingerprintOf } from './periods.ts';
import { readChunk } from './read-chunk.ts';
import type { Totals } from './sums.ts';
import { billingWindow } from './window.ts';

const right = (action: string, why: string): Permission => ({ cloud: 'aws', action, why });

/** What the source needs, with what it is to read beside the bill. */
export function costExplorerPermissions(beside: BesideSettings = {}): readonly Permission[] {
  return [
    right('ce:GetCostAndUsage', 'reads daily cost by linked account and service; AWS charges $0.01 a page'),
    ...(beside.resources === true
      ? [right('ce:GetCostAndUsageWithResources', 'reads the cost of instances of the last 14 days')]
      : []),
    ...(beside.commitments === true
      ? [
          right('ce:GetSavingsPlansUtilization', 'reads weekly how well Savings Plans were used'),
          right('ce:GetSavingsPlansUtilizationDetails', 'reads weekly when Savings Plans end'),
          right('ce:GetSavingsPlansCoverage', 'reads weekly how much Savings Plans covered'),
          right(
            'ce:GetReservationUtilization',
            'reads weekly how well reservations were used, and when they end',
          ),
          right('ce:GetReservationCoverage', 'reads weekly how much reservations covered'),
        ]
      : []),
    ...(beside.commitmentAdvice === true
      ? [
          right('ce:GetSavingsPlansPurchaseRecommendation', 'reads weekly which Savings Plans AWS would buy'),
          right('ce:GetReservationPurchaseRecommendation', 'reads weekly which reservations AWS would buy'),
        ]
      : []),
  ];
}

export interface CostExplorerSettings {
  /** Source id: the key in the config. */
  readonly id: string;
  /** Built for the region that Cost Explorer has in the partition, with adaptive retries. */
  readonly client: CostExplorerClient;
  /** The account whose Cost Explorer is asked: the payer, or a linked account that sees itself alone. */
  readonly accountId: string;
  /** Billing periods to read, the one of yesterday included: 1 to 14. Three hold what the digest compares. */
  readonly months?: number;
  /** What one run may pay for pages, USD, decimal text; null or left out: no ceiling. */
  readonly ceiling?: string | null;
  /** What is read beside the bill; left out: nothing. */
  readonly beside?: BesideSettings;
}

/** How the rows are made: a period that was made otherwise is read again. */
const SCHEME = 'record types 1';

/**
 * The bill of an account and its linked accounts from the Cost Explorer API, a day, account, service and kind of
 * charge a row: no resources and no tags. For an account that has no export yet.
 *
 * Each run reads what has not settled, in whole billing periods, and replaces them. An account without spend gives no
 * rows and a complete coverage; everything that Cost Explorer cannot or will not answer throws, and nothing is
 * delivered. Where the ceiling ends the run, the newest periods that were read are delivered and the rest is told.
 */
export function costExplorerSource(settings: CostExplorerSettings): Source {
  const { id, client, accountId, months = 3, ceiling = null, beside = {} } = settings;
  const where = `bill:${id}`;
  return {
    id,
    type: 'aws-cost-explorer',
    permissions: costExplorerPermissions(beside),
    async deliver({ workDir, now, meter, progress, held = null }): Promise<Delivery> {
      const scheme = `${SCHEME} of ${accountId}`;
      const chunks = chunksOf(billingWindow(now, months), held, now, scheme);
      const context = {
        client,
        where,
        meter,
        ceiling: new Ceiling(ceiling, where),
        billingAccountId: accountId,
      };
      const files: FocusFile[] = [];
      const periods: string[] = [];
      let pages = 0;
      let lastDay: string | null = null;
      const totals: Totals[] = [];
      let unread: Pick<Coverage, 'status' | 'reason'> | null = null;
      for (const [index, chunk] of chunks.entries()) {
        const path = join(workDir, `cost-explorer-${index}.csv`);
        try {
          const read = await readChunk(context, chunk, path, () =>
            progress.step(`Cost Explorer of ${accountId}: page`, ++pages),
          );
          const shownAs = `Cost Explorer of ${accountId}, ${chunk.start} to ${chunk.end}`;
          if (read.rows > 0) files.push({ path, shownAs, format: 'csv' });
          periods.push(...chunk.periods);
          totals.push({ chunk, byDay: read.byDay });
          if (read.lastDay !== null && (lastDay === null || read.lastDay > lastDay)) lastDay = read.lastDay;
        } catch (error) {
          if (!(error instanceof CeilingReached) || index === 0) throw error;
          const left = chunks.slice(index).flatMap((each) => each.periods);
          unread = { status: 'partial', reason: `${left.toSorted().join(', ')} not read: ${error.message}` };
          break;
        }
      }
      // What is beside the bill comes after it, so that a ceiling is kept for the bill.
      const aside =
        unread === null
          ? await besideOf(context, beside, { now, held: held?.beside ?? {}, totals })
          : { tables: [], coverage: [] };
      const asOf = lastDay === null ? null : `${lastDay}T00:00:00.000Z`;
      return {
        sourceId: id,
        sourceType: 'aws-cost-explorer',
        grain: 'account-service',
        files,
        periods: periods.toSorted(),
        fingerprints: Object.fromEntries(
          periods.map((period) => [period, fingerprintOf(period, scheme, now)]),
        ),
        skipped: [],
        asOf,
        beside: aside.tables,
        coverage: [{ scope: where, status: 'complete', reason: null, ...unread, asOf }, ...aside.coverage],
      };
    },
  };
}
