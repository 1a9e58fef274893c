import { IN_WINDOW, type NamedQuery, textIn } from './query.ts';

export interface ResourceDay {
  /** ResourceId as the bill writes it. */
  readonly resourceId: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly currency: string;
  readonly effective: string;
  readonly committed: string;
}

/**
 * What one resource was billed a day. `id` is its canonical id; a bill may write the last part of it alone, which
 * is `short`. Fees of commitments themselves are left out, as in `resource-costs`.
 */
export const resourceDays: NamedQuery<ResourceDay> = {
  name: 'resource-days',
  params: ['start', 'end', 'id', 'short', 'account'],
  sql: `
    SELECT "ResourceId" AS resource_id, CAST("ChargePeriodStart" AS DATE) AS day, "BillingCurrency" AS currency,
           SUM("EffectiveCost") AS effective,
           COALESCE(SUM("EffectiveCost") FILTER (WHERE "CommitmentDiscountId" IS NOT NULL), 0) AS committed
    FROM costs
    WHERE ${IN_WINDOW}
      AND ("ResourceId" = $id OR "ResourceId" = $short AND COALESCE("SubAccountId", "BillingAccountId") = $account)
      AND ("CommitmentDiscountId" IS NULL
           OR COALESCE("CommitmentDiscountStatus", '') <> 'Unused' AND "ChargeCategory" <> 'Purchase')
    GROUP BY ALL ORDER BY day, currency, resource_id`,
  row: (raw) => ({
    resourceId: textIn(raw, 'resource_id'),
    day: textIn(raw, 'day'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    committed: textIn(raw, 'committed'),
  }),
};
