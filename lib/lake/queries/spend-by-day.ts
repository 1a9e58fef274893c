import { flagIn, inWindow, type NamedQuery, textIn } from './query.ts';

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
  sql: (d) => `
    SELECT ${d.day(d.name('ChargePeriodStart'))} AS day, ${d.name('BillingCurrency')} AS currency,
           SUM(${d.name('EffectiveCost')}) AS effective,
           MAX(CASE WHEN ${d.name('x_Estimated')} THEN 1 ELSE 0 END) = 1 AS estimated
    FROM costs WHERE ${inWindow(d)} GROUP BY 1, 2 ORDER BY 1, 2`,
  merge: { keys: ['day', 'currency'], sum: ['effective'], any: ['estimated'] },
  row: (raw) => ({
    day: textIn(raw, 'day'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    estimated: flagIn(raw, 'estimated'),
  }),
};
