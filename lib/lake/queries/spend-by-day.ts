import { flagIn, IN_WINDOW, type NamedQuery, textIn } from './query.ts';

export interface DaySpend {
  /** `YYYY-MM-DD`, UTC: the day on which the charge period begins. */
  readonly day: string;
  readonly currency: string;
  readonly effective: string;
  /** True where any row of the day is provisional. */
  readonly estimated: boolean;
}

/** Effective cost a day and currency in a window. */
export const spendByDay: NamedQuery<DaySpend> = {
  name: 'spend-by-day',
  params: ['start', 'end'],
  sql: `
    SELECT CAST("ChargePeriodStart" AS DATE) AS day, "BillingCurrency" AS currency,
           SUM("EffectiveCost") AS effective, COALESCE(BOOL_OR("x_Estimated"), false) AS estimated
    FROM costs WHERE ${IN_WINDOW} GROUP BY ALL ORDER BY day, currency`,
  row: (raw) => ({
    day: textIn(raw, 'day'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    estimated: flagIn(raw, 'estimated'),
  }),
};
