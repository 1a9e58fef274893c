import { commitmentAdvice, observedDiscount } from '../analysis/commitments.ts';
import type { CommitmentAdvice } from '../analysis/model.ts';
import type { Facts } from '../checks/model.ts';
import { type CoveredSpend, coveredUsage } from '../lake/queries/covered-usage.ts';
import {
  type EligibleDay,
  eligibleSeries,
  eligibleSpendDaily,
} from '../lake/queries/eligible-spend-daily.ts';
import type { Finding } from '../ledger/model.ts';
import type { Auditor } from './auditor.ts';

/**
 * What to commit, by programme and currency, over the last 30 days of bills. The discount is the config's, else
 * the one that the bill shows on covered usage; where neither is known there is no advice, since none is invented.
 */
export async function commitmentOpportunities(
  auditor: Auditor,
  sources: readonly string[] | null,
  window: Facts['billWindow'],
  findings: readonly Finding[],
  now: Date,
): Promise<CommitmentAdvice[]> {
  if (window === null) return [];
  const { start, end } = window;
  const wasted = [...new Set(findings.filter(isWaste).map(({ resourceId }) => resourceId))];
  const days = await auditor.lake.ask<EligibleDay & Record<string, unknown>>(
    eligibleSpendDaily.name,
    { start, end, wasted: JSON.stringify(wasted.flatMap(spellings)) },
    sources,
  );
  const covered = await auditor.lake.ask<CoveredSpend & Record<string, unknown>>(
    coveredUsage.name,
    { start, end },
    sources,
  );
  return eligibleSeries(days, start, end).flatMap((series) => {
    const configured = auditor.discounts[series.programme];
    const discount =
      configured ??
      observedDiscount(
        covered.filter(
          ({ programme, currency }) => programme === series.programme && currency === series.currency,
        ),
      );
    if (discount === null || discount === undefined) return [];
    const discountSource =
      configured === undefined ? 'observed on covered usage of the bill' : 'from the config';
    const advice = commitmentAdvice(series, { discount, discountSource, wasteLeftOut: wasted.length }, now);
    return 'tooShort' in advice || advice.hourlyCommitment.amount === '0' ? [] : [advice];
  });
}

/** Waste that a stop would end: what it costs must not be committed to. */
function isWaste({ state, verdict }: Finding): boolean {
  return state !== 'RESOLVED' && (verdict === 'IDLE' || verdict === 'UNUSED' || verdict === 'EXPIRED');
}

/** An ARN, and the bare id at its end, which AWS bills write for instances and volumes. */
function spellings(id: string): string[] {
  const bare = /^arn:.*[/:]((?:i|vol)-[0-9a-f]+)$/.exec(id)?.[1];
  return bare === undefined ? [id] : [id, bare];
}
