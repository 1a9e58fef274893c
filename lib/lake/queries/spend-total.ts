import { type NamedQuery, textIn } from './query.ts';

export interface SpendTotal {
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  /** First ChargePeriodStart and last ChargePeriodEnd. */
  readonly start: string;
  readonly end: string;
  /** Up to when the bills of this currency speak: the last ChargePeriodEnd. */
  readonly asOf: string;
}

/** Everything that was charged, by currency. */
export const spendTotal: NamedQuery<SpendTotal> = {
  name: 'spend-total',
  params: [],
  sql: `
    SELECT "BillingCurrency" AS currency, SUM("BilledCost") AS billed, SUM("EffectiveCost") AS effective,
           MIN("ChargePeriodStart") AS start_at, MAX(COALESCE("ChargePeriodEnd", "ChargePeriodStart")) AS end_at
    FROM costs GROUP BY ALL ORDER BY currency`,
  row: (raw) => ({
    currency: textIn(raw, 'currency'),
    billed: textIn(raw, 'billed'),
    effective: textIn(raw, 'effective'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'end_at'),
    asOf: textIn(raw, 'end_at'),
  }),
};
