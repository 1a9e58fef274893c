import type { ResourceCost } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import type { Dialect } from '../dialect/model.ts';
import { byUse, covered, isUse } from './commitment-sql.ts';
import { account, inWindow, type NamedQuery, numberIn, orEmpty, textIn, textOrNull } from './query.ts';

/**
 * What each resource cost in a window. `committed` is the part that a commitment covers, `byUse` what
 * else was charged for what went through it. Fees of the commitments themselves (Unused, and Purchase rows that have a commitment's id) are left out:
 * their resource is the commitment.
 */
export const resourceCosts = costsQuery('resource-costs');

/**
 * What of it is charged for what each bucket of S3 keeps, and not for requests, transfer or deleting early: usage types
 * of the form `EUC1-TimedStorage-ByteHrs` (Amazon S3 User Guide, "Understanding your AWS billing and usage reports for
 * Amazon S3"). A bill whose rows name no meter (FOCUS 1.0) has none.
 */
export const storageCosts = costsQuery(
  'storage-costs',
  (d) => `COALESCE(${d.name('SkuMeter')}, '') LIKE '%TimedStorage-%'`,
);

/** @param only which rows alone; all where it is left out */
function costsQuery(name: string, only?: (d: Dialect) => string): NamedQuery<ResourceCost> {
  return {
    name,
    params: ['start', 'end'],
    sql: (d) => byMonths(d, only),
    merge: {
      keys: ['provider_name', 'account', 'resource_id', 'currency'],
      sum: ['effective', 'committed', 'by_use'],
      min: ['region', 'service'],
      max: ['resource_name'],
      distinct: ['days'],
      partial: (d) =>
        `${resourceSql(d, d.distinctTexts(d.dayText(d.name('ChargePeriodStart'))), [], only)} ORDER BY 1, 2, 3, 4`,
    },
    row: (raw) => {
      const used = textIn(raw, 'by_use');
      return {
        provider: providerOf(textIn(raw, 'provider_name')),
        accountId: textIn(raw, 'account'),
        region: textOrNull(raw, 'region'),
        resourceId: textIn(raw, 'resource_id'),
        resourceName: textOrNull(raw, 'resource_name'),
        service: textIn(raw, 'service'),
        currency: textIn(raw, 'currency'),
        effective: textIn(raw, 'effective'),
        committed: textIn(raw, 'committed'),
        ...(used === '0' ? {} : { byUse: used }),
        days: numberIn(raw, 'days'),
      };
    },
  };
}

/**
 * The days are counted month by month, each a bit: a set of days for each resource takes twice the time of all the
 * rest of the question.
 */
function byMonths(d: Dialect, only?: (d: Dialect) => string): string {
  const start = d.name('ChargePeriodStart');
  const month = `EXTRACT(YEAR FROM ${start}) * 12 + EXTRACT(MONTH FROM ${start})`;
  return `
    SELECT provider_name, account, resource_id, currency, MIN(region) AS region,
           MAX(resource_name) AS resource_name, MIN(service) AS service, SUM(effective) AS effective,
           SUM(committed) AS committed, SUM(by_use) AS by_use, CAST(SUM(${d.bitCount('days')}) AS BIGINT) AS days
    FROM (${resourceSql(d, d.daysOfMonth(start), [month], only)}) AS months
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
}

/** @param more further keys of the groups, after the four that tell resources apart */
function resourceSql(
  d: Dialect,
  days: string,
  more: readonly string[],
  only?: (d: Dialect) => string,
): string {
  const keys = [
    `${orEmpty(d, 'ProviderName')} AS provider_name`,
    `${account(d)} AS account`,
    `${d.name('ResourceId')} AS resource_id`,
    `${d.name('BillingCurrency')} AS currency`,
    ...more.map((sql, at) => `${sql} AS more${at + 1}`),
  ];
  return `
    SELECT ${keys.join(', ')},
           MIN(${d.name('RegionId')}) AS region, MAX(${d.name('ResourceName')}) AS resource_name,
           MIN(${orEmpty(d, 'ServiceName')}) AS service, SUM(${d.name('EffectiveCost')}) AS effective,
           ${covered(d)} AS committed, ${byUse(d)} AS by_use, ${days} AS days
    FROM costs
    WHERE ${inWindow(d)} AND ${d.name('ResourceId')} IS NOT NULL AND ${isUse(d)}${only === undefined ? '' : ` AND ${only(d)}`}
    GROUP BY ${keys.map((_, at) => at + 1).join(', ')}`;
}
