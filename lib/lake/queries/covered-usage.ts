import { inWindow, type NamedQuery, textIn } from './query.ts';

export interface CoveredSpend {
  readonly programme: string;
  readonly currency: string;
  /** Sum of EffectiveCost of what commitments covered, decimal text. */
  readonly effective: string;
  /** The same usage at contracted prices: what it would have cost without the commitment. */
  readonly onDemand: string;
}

/**
 * Compute usage that a spend-based commitment covered in a window, by the programme that eligible-spend-daily
 * names, from which the discount that is really paid follows.
 */
export const coveredUsage: NamedQuery<CoveredSpend> = {
  name: 'covered-usage',
  params: ['start', 'end'],
  sql: (d) => `
    SELECT CASE WHEN LOWER(${d.trim(d.name('ProviderName'))}) IN ('aws', 'amazon web services')
                THEN 'aws-compute-savings-plan' ELSE 'gcp-compute-flexible-cud' END AS programme,
           ${d.name('BillingCurrency')} AS currency, SUM(${d.name('EffectiveCost')}) AS effective,
           SUM(${d.name('ContractedCost')}) AS on_demand
    FROM costs WHERE ${inWindow(d)}
      AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('CommitmentDiscountStatus')} = 'Used'
      AND ${d.name('CommitmentDiscountCategory')} = 'Spend' AND ${d.name('ContractedCost')} > 0
      AND COALESCE(${d.name('ServiceCategory')}, 'Compute') = 'Compute'
      AND LOWER(${d.trim(d.name('ProviderName'))})
          IN ('aws', 'amazon web services', 'google cloud', 'google cloud platform', 'google', 'gcp')
    GROUP BY 1, 2 ORDER BY 1, 2`,
  merge: { keys: ['programme', 'currency'], sum: ['effective', 'on_demand'] },
  row: (raw) => ({
    programme: textIn(raw, 'programme'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    onDemand: textIn(raw, 'on_demand'),
  }),
};
