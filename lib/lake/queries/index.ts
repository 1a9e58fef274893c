import type { Row } from '../model.ts';
import { accountServiceTotals } from './account-service-totals.ts';
import { aiCalls } from './ai-calls.ts';
import { aiServices } from './ai-services.ts';
import { billDetail } from './bill-detail.ts';
import { commitmentUsage } from './commitment-usage.ts';
import { commitmentEnds, commitmentsHeld, providerEnds } from './commitments-held.ts';
import { dailySeriesOf } from './daily-series.ts';
import { dataEnd } from './data-end.ts';
import { eligibleUsage } from './eligible-usage.ts';
import { excessOf } from './excess.ts';
import { focusRulesOf } from './focus-rules.ts';
import { gceGpuHours } from './gce-gpu-hours.ts';
import { machineHours } from './machine-hours.ts';
import { modelCosts } from './model-costs.ts';
import { moversOf } from './movers.ts';
import type { NamedQuery } from './query.ts';
import { resourceCosts, storageCosts } from './resource-costs.ts';
import { resourceDays } from './resource-days.ts';
import { savingsRates } from './savings-rates.ts';
import { seriesDaysOf } from './series-days.ts';
import { sourceEnds, spendByOf } from './spend-by.ts';
import { spendByDay } from './spend-by-day.ts';
import { spendByProviderMonth } from './spend-by-provider-month.ts';
import { spendByService } from './spend-by-service.ts';
import { spendDaysOf } from './spend-days.ts';
import { spendTotal } from './spend-total.ts';
import { tagSpend } from './tag-spend.ts';
import { tokenCosts } from './token-costs.ts';
import { unusedCommitment } from './unused-commitment.ts';

const ALL: readonly NamedQuery<object>[] = [
  accountServiceTotals,
  spendTotal,
  spendByProviderMonth,
  spendByDay,
  spendByService,
  resourceCosts,
  storageCosts,
  resourceDays,
  unusedCommitment,
  tagSpend,
  aiCalls,
  aiServices,
  tokenCosts,
  modelCosts,
  machineHours,
  gceGpuHours,
  savingsRates,
  eligibleUsage,
  commitmentUsage,
  commitmentsHeld,
  commitmentEnds,
  providerEnds,
  billDetail,
  dataEnd,
  sourceEnds,
];

export const QUERIES: ReadonlyMap<string, NamedQuery<object>> = new Map(
  ALL.map((query) => [query.name, query]),
);

/** The query of a name, after its parameters were compared with those given; a mismatch is a defect. */
export function queryOf(name: string, params: Row): NamedQuery<object> {
  const query =
    QUERIES.get(name) ??
    spendByOf(name) ??
    spendDaysOf(name) ??
    dailySeriesOf(name) ??
    seriesDaysOf(name) ??
    excessOf(name) ??
    moversOf(name) ??
    focusRulesOf(name);
  if (query === undefined) throw new RangeError(`no query is named ${name}`);
  const given = Object.keys(params).toSorted().join(', ');
  const wanted = query.params.toSorted().join(', ');
  if (given !== wanted) throw new RangeError(`query ${name} takes (${wanted}), not (${given})`);
  return query;
}
