import type { Dialect } from '../dialect/model.ts';
import { inWindow, type NamedQuery, OF_WINDOW, orEmpty, textIn } from './query.ts';
import { axesIn, axesText, axisSql, type SpendAxes, whereParam } from './spend-by.ts';

/** What one combination of axes cost on one day. */
export interface SeriesDay {
  /** Values of the axes, in their order. */
  readonly key: readonly string[];
  readonly source: string;
  readonly currency: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** EffectiveCost without credits and corrections, decimal text. */
  readonly effective: string;
}

const PREFIX = 'daily-series:';

/** The name under which the lake is asked for cost a day by axes: `daily-series:service,account|`. */
export function dailySeriesName(axes: SpendAxes): string {
  return `${PREFIX}${axesText(axes)}`;
}

/** The query that such a name means; undefined where the name is another. */
export function dailySeriesOf(name: string): NamedQuery<SeriesDay> | undefined {
  return name.startsWith(PREFIX) ? dailySeries(axesIn(name.slice(PREFIX.length))) : undefined;
}

/**
 * Effective cost a day in a window (`$start` to `$end`, half-open), by axes and source. Credits and corrections
 * (ChargeCategory Credit and Adjustment, FOCUS 1.2) are left out: they come when a biller pleases and say nothing
 * of use. A charge counts on the day on which it begins. Days without a charge have no row.
 */
function dailySeries({ by, where }: SpendAxes): NamedQuery<SeriesDay> {
  const keys = [...by.map((_, at) => `k${at + 1}`), 'source', 'currency', 'charge_day'];
  const numbers = keys.map((_, at) => at + 1).join(', ');
  const texts = sameTexts();
  let last: readonly string[] = [];
  return {
    name: dailySeriesName({ by, where }),
    params: ['start', 'end', ...where.map(whereParam)],
    windows: OF_WINDOW,
    sql: (d) => `
        SELECT ${by.map((axis, at) => `${axisSql(d, axis)} AS k${at + 1}, `).join('')}${orEmpty(d, 'x_Source')} AS source,
               ${d.name('BillingCurrency')} AS currency, ${d.dayText(d.name('ChargePeriodStart'))} AS charge_day,
               SUM(${d.name('EffectiveCost')}) AS effective
        FROM costs WHERE ${dayCharges(d, where)} GROUP BY ${numbers} ORDER BY ${numbers}`,
    merge: { keys, sum: ['effective'] },
    row: (raw) => {
      // The days of one series follow each other: they share its key.
      if (!by.every((_, at) => raw[keys[at] ?? ''] === last[at]))
        last = by.map((_, at) => texts(textIn(raw, keys[at] ?? '')));
      return {
        key: last,
        source: texts(textIn(raw, 'source')),
        currency: texts(textIn(raw, 'currency')),
        day: texts(textIn(raw, 'charge_day')),
        effective: textIn(raw, 'effective'),
      };
    },
  };
}

/** Which charges count in cost a day: those of the window without credits and corrections, narrowed to values of axes. */
export function dayCharges(d: Dialect, where: readonly string[]): string {
  return [
    inWindow(d),
    `${orEmpty(d, 'ChargeCategory')} NOT IN ('Credit', 'Adjustment')`,
    ...where.map((axis) => d.inJsonArray(axisSql(d, axis), whereParam(axis))),
  ].join(' AND ');
}

/** Gives the same text for equal ones: a large bill has millions of days, and each row would hold texts of its own. */
function sameTexts(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const same = known.get(text);
    if (same === undefined) known.set(text, text);
    return same ?? text;
  };
}
