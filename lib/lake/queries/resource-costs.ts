import type { ResourceCost } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import type { Dialect } from '../dialect/model.ts';
import { covered, isUse } from './commitment-sql.ts';
import { account, inWindow, type NamedQuery, numberIn, orEmpty, textIn, textOrNull } from './query.ts';

/**
 * What each resource cost in a window. `committed` is the part that a commitment covers. Fees of the commitments themselves (Unused, and Purchase rows that have a commitment's id) are left out:
 * their resource is the commitment.
 */
export const resourceCosts: NamedQuery<ResourceCost> = {
  name: 'resource-costs',
  params: ['start', 'end'],
  sql: (d) => resourceSql(d, `COUNT(DISTINCT ${chargeDay(d)})`),
  merge: {
    keys: ['provider_name', 'account', 'resource_id', 'currency'],
    sum: ['effective', 'committed'],
    min: ['region', 'service'],
    max: ['resource_name'],
    distinct: ['days'],
    partial: (d) => resourceSql(d, d.distinctTexts(d.dayText(d.name('ChargePeriodStart')))),
  },
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

const chargeDay = (d: Dialect) => d.day(d.name('ChargePeriodStart'));

function resourceSql(d: Dialect, days: string): string {
  return `
    SELECT ${orEmpty(d, 'ProviderName')} AS provider_name, ${account(d)} AS account,
           ${d.name('ResourceId')} AS resource_id, ${d.name('BillingCurrency')} AS currency,
           MIN(${d.name('RegionId')}) AS region, MAX(${d.name('ResourceName')}) AS resource_name,
           MIN(${orEmpty(d, 'ServiceName')}) AS service, SUM(${d.name('EffectiveCost')}) AS effective,
           ${covered(d)} AS committed, ${days} AS days
    FROM costs
    WHERE ${inWindow(d)} AND ${d.name('ResourceId')} IS NOT NULL AND ${isUse(d)}
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
}
