import { commitmentAdvice, observedDiscount } from '../analysis/commitments.ts';
import type { CommitmentAdvice } from '../analysis/model.ts';
import type { Facts } from '../checks/model.ts';
import { type CoveredSpend, coveredUsage } from '../lake/queries/covered-usage.ts';
import {
  type EligibleDay,
  eligibleSeries,
  eligibleSpendDaily,
} from '../lake/queries/eligible-spend-daily.ts';
import type { Auditor } from './auditor.ts';

/**
 * What to commit, by programme and currency, over the last 30 days of bills. The discount is the config's, else
 * the one that the bill shows on covered usage; where neither is known there is no advice, since none is invented.
 */
export async function commitmentOpportunities(
  auditor: Auditor,
  sources: readonly string[] | null,
  window: Facts['billWindow'],
  now: Date,
): Promise<CommitmentAdvice[]> {
  if (window === null) return [];
  const { start, end } = window;
  const days = await auditor.lake.ask<EligibleDay & Record<string, unknown>>(
    eligibleSpendDaily.name,
    { start, end },
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
    const advice = commitmentAdvice(series, { discount, discountSource }, now);
    return 'tooShort' in advice || advice.hourlyCommitment.amount === '0' ? [] : [advice];
  });
}
