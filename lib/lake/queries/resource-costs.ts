import type { ResourceCost } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { ACCOUNT, IN_WINDOW, type NamedQuery, numberIn, textIn, textOrNull } from './query.ts';

/**
 * What each resource cost in a window. `committed` is the part that a commitment covers. Fees of the commitments themselves (Unused, and Purchase rows that have a commitment's id) are left out:
 * their resource is the commitment.
 */
export const resourceCosts: NamedQuery<ResourceCost> = {
  name: 'resource-costs',
  params: ['start', 'end'],
  sql: `
    SELECT COALESCE("ProviderName", '') AS provider_name, ${ACCOUNT} AS account, "ResourceId" AS resource_id,
           "BillingCurrency" AS currency, MIN("RegionId") AS region, MAX("ResourceName") AS resource_name,
           MIN(COALESCE("ServiceName", '')) AS service, SUM("EffectiveCost") AS effective,
           COALESCE(SUM("EffectiveCost") FILTER (WHERE "CommitmentDiscountId" IS NOT NULL), 0) AS committed,
           COUNT(DISTINCT CAST("ChargePeriodStart" AS DATE)) AS days
    FROM costs
    WHERE ${IN_WINDOW} AND "ResourceId" IS NOT NULL
      AND ("CommitmentDiscountId" IS NULL
           OR COALESCE("CommitmentDiscountStatus", '') <> 'Unused' AND "ChargeCategory" <> 'Purchase')
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  row: (raw) => ({
    provider: providerOf(textIn(raw, 'provider_name')),
    accountId: textIn(raw, 'account'),
    region: textOrNull(raw, 'region'),
    resourceId: textIn(raw, 'resource_id'),
    resourceName: textOrNull(raw, 'resource_name'),
    service: textIn(raw, 'service'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    committed: textIn(raw, 'committed'),
    days: numberIn(raw, 'days'),
  }),
};
