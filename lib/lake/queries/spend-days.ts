import type { Dialect } from '../dialect/model.ts';
import { inWindow, type NamedQuery, OF_WINDOW, textIn } from './query.ts';
import { axesIn, axesText, axisSql, type SpendAxes, whereParam } from './spend-by.ts';

/** Cost of one combination of axes in one currency, of one day where the currency has to be converted. */
export interface SpendDay {
  /** Values of the axes, in their order; '' where the bill names none. */
  readonly key: readonly string[];
  readonly currency: string;
  /** UTC day on which the charges begin, `YYYY-MM-DD`; '' for all days of the currency that is converted into. */
  readonly day: string;
  readonly billed: string;
  readonly effective: string;
  readonly listEstimate: string;
}

const PREFIX = 'spend-days:';
const NAME = /^spend-days:([A-Z]{3}):(.*)$/;

/** The name under which the lake is asked for spend by axes, by day where it is in another currency than `into`. */
export function spendDaysName(axes: SpendAxes, into: string): string {
  if (!/^[A-Z]{3}$/.test(into)) throw new RangeError(`${JSON.stringify(into)} is no currency`);
  return `${PREFIX}${into}:${axesText(axes)}`;
}

/** The query that such a name means; undefined where the name is another. */
export function spendDaysOf(name: string): NamedQuery<SpendDay> | undefined {
  const [, into, axes] = NAME.exec(name) ?? [];
  return into === undefined || axes === undefined ? undefined : spendDays(axesIn(axes), into);
}

const sum = (d: Dialect, column: string) => `COALESCE(SUM(${d.name(column)}), 0)`;

/** Cost in a window, as `spend-by` has it, with the day of what has to be converted: rates differ from day to day. */
function spendDays({ by, where }: SpendAxes, into: string): NamedQuery<SpendDay> {
  const keys = [...by.map((_, at) => `k${at + 1}`), 'currency', 'charge_day'];
  const numbers = keys.map((_, at) => at + 1).join(', ');
  return {
    name: spendDaysName({ by, where }, into),
    params: ['start', 'end', ...where.map(whereParam)],
    windows: OF_WINDOW,
    sql: (d) => {
      const currency = d.name('BillingCurrency');
      const conditions = [
        inWindow(d),
        ...where.map((axis) => d.inJsonArray(axisSql(d, axis), whereParam(axis))),
      ];
      return `
        SELECT ${by.map((axis, at) => `${axisSql(d, axis)} AS k${at + 1}, `).join('')}${currency} AS currency,
               CASE WHEN ${currency} = ${d.text(into)} THEN '' ELSE ${d.dayText(d.name('ChargePeriodStart'))} END AS charge_day,
               ${sum(d, 'BilledCost')} AS billed, ${sum(d, 'EffectiveCost')} AS effective,
               ${sum(d, 'x_ListEstimate')} AS list_estimate
        FROM costs WHERE ${conditions.join(' AND ')} GROUP BY ${numbers} ORDER BY ${numbers}`;
    },
    merge: { keys, sum: ['billed', 'effective', 'list_estimate'] },
    row: (raw) => ({
      key: by.map((_, at) => textIn(raw, `k${at + 1}`)),
      currency: textIn(raw, 'currency'),
      day: textIn(raw, 'charge_day'),
      billed: textIn(raw, 'billed'),
      effective: textIn(raw, 'effective'),
      listEstimate: textIn(raw, 'list_estimate'),
    }),
  };
}
