import { covered, isByUse, isUse } from './commitment-sql.ts';
import { inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

export interface ResourceDay {
  /** ResourceId as the bill writes it. */
  readonly resourceId: string;
  readonly source: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly currency: string;
  readonly effective: string;
  readonly committed: string;
}

/**
 * What one resource was billed a day. `id` is its canonical id; a bill may write the last part of it alone, which
 * is `short`. Fees of commitments themselves are left out, as in `resource-costs`, and so is what was charged for data
 * and requests: it ends with the use, before anything is stopped for the want of it, so that no stop saves it.
 */
export const resourceDays: NamedQuery<ResourceDay> = {
  name: 'resource-days',
  params: ['start', 'end', 'id', 'short', 'account'],
  sql: (d) => `
    SELECT ${d.day(d.name('ChargePeriodStart'))} AS day, ${d.name('BillingCurrency')} AS currency,
           ${d.name('ResourceId')} AS resource_id, ${orEmpty(d, 'x_Source')} AS source, SUM(${d.name('EffectiveCost')}) AS effective,
           ${covered(d)} AS committed
    FROM costs
    WHERE ${inWindow(d)}
      AND (${d.name('ResourceId')} = ${d.param('id')}
           OR ${d.name('ResourceId')} = ${d.param('short')}
              AND COALESCE(${d.name('SubAccountId')}, ${d.name('BillingAccountId')}) = ${d.param('account')})
      AND ${isUse(d)} AND NOT ${isByUse(d)}
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  merge: { keys: ['day', 'currency', 'resource_id', 'source'], sum: ['effective', 'committed'] },
  row: (raw) => ({
    resourceId: textIn(raw, 'resource_id'),
    source: textIn(raw, 'source'),
    day: textIn(raw, 'day'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    committed: textIn(raw, 'committed'),
  }),
};
