import { Decimal, decimalText } from '../focus/decimal.ts';
import type { MonthFigure } from './content-model.ts';
import type { DigestInput } from './model.ts';
import { exact } from './number.ts';

/**
 * What the running month has cost up to the last settled day, by currency, the main one first. Empty where no day of
 * it has settled: nothing is told of nothing.
 */
export function monthFigures({ insight, now, asOf, begins }: DigestInput, main: string): MonthFigure[] {
  // Bills count UTC days, and so does the forecast of the month.
  const start = `${now.slice(0, 7)}-01`;
  return (insight?.forecasts ?? [])
    .flatMap(({ currency, settled, until, budget: named }) => {
      // Of a budget that other currencies are charged to, too, no percentage is told: budgets say what of each.
      const partly = insight?.budgets.some(
        ({ name, limit, notComparable }) =>
          name === named?.name && limit.currency === currency && notComparable.length > 0,
      );
      const budget = partly === true ? null : named;
      const days = settled.filter(({ day }) => day >= start);
      if (days.length === 0) return [];
      const spent = days.reduce((sum, { amount }) => sum.plus(exact(amount ?? '0')), new Decimal(0));
      const limit = budget === null ? null : exact(budget.limit.amount);
      return [
        {
          currency,
          start,
          until,
          since: begins !== undefined && begins > start ? begins : null,
          spent: decimalText(spent),
          unknownDays: days.filter(({ amount }) => amount === null).length,
          budget:
            budget === null || limit === null || limit.lte(0)
              ? null
              : {
                  name: budget.name,
                  limit: budget.limit,
                  percent: decimalText(spent.div(limit).times(100).toDecimalPlaces(1)),
                },
          source: `daily-series: EffectiveCost in ${currency} of ${start}/${until} on settled days, without credits and corrections; bills up to ${asOf ?? 'no day'}`,
        },
      ];
    })
    .toSorted(
      (a, b) =>
        Number(a.currency !== main) - Number(b.currency !== main) || (a.currency < b.currency ? -1 : 1),
    );
}
