import { IN_WINDOW, type NamedQuery, textIn } from './query.ts';

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
  sql: `
    SELECT CASE WHEN LOWER(TRIM("ProviderName")) IN ('aws', 'amazon web services')
                THEN 'aws-compute-savings-plan' ELSE 'gcp-compute-flexible-cud' END AS programme,
           "BillingCurrency" AS currency, SUM("EffectiveCost") AS effective, SUM("ContractedCost") AS on_demand
    FROM costs WHERE ${IN_WINDOW}
      AND "ChargeCategory" = 'Usage' AND "CommitmentDiscountStatus" = 'Used'
      AND "CommitmentDiscountCategory" = 'Spend' AND "ContractedCost" > 0
      AND COALESCE("ServiceCategory", 'Compute') = 'Compute'
      AND LOWER(TRIM("ProviderName")) IN ('aws', 'amazon web services', 'google cloud', 'google cloud platform', 'google', 'gcp')
    GROUP BY ALL ORDER BY programme, currency`,
  row: (raw) => ({
    programme: textIn(raw, 'programme'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    onDemand: textIn(raw, 'on_demand'),
  }),
};
