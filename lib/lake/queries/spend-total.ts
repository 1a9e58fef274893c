import { type NamedQuery, TOLD_ENDS, textIn, toldEnd, toldEnds } from './query.ts';

export interface SpendTotal {
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  /** First ChargePeriodStart and last ChargePeriodEnd. */
  readonly start: string;
  readonly end: string;
  /** Up to when the bills of this currency tell what was used. */
  readonly asOf: string;
}

/** Everything that was charged, by currency. */
export const spendTotal: NamedQuery<SpendTotal> = {
  name: 'spend-total',
  params: [],
  sql: (d) => `
    SELECT ${d.name('BillingCurrency')} AS currency, SUM(${d.name('BilledCost')}) AS billed,
           SUM(${d.name('EffectiveCost')}) AS effective, MIN(${d.name('ChargePeriodStart')}) AS start_at,
           ${toldEnds(d)}
    FROM costs GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['currency'], sum: ['billed', 'effective'], min: ['start_at'], max: TOLD_ENDS },
  row: (raw) => ({
    currency: textIn(raw, 'currency'),
    billed: textIn(raw, 'billed'),
    effective: textIn(raw, 'effective'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'last_end'),
    asOf: toldEnd(raw).end,
  }),
};
