import { unitsOf, unitsText } from '../../focus/decimal.ts';
import type { Row } from '../model.ts';
import { dayCharges } from './daily-series.ts';
import { type NamedQuery, OF_WINDOW, orEmpty, textIn } from './query.ts';
import { axesIn, axesText, axisSql, type SpendAxes, whereParam } from './spend-by.ts';

/** What one combination of axes cost, day by day. */
export interface SeriesOfDays {
  /** Values of the axes, in their order. */
  readonly key: readonly string[];
  readonly source: string;
  readonly currency: string;
  /** Its days and their EffectiveCost, as `daily-series` has it: `2026-11-01:12.5,2026-11-02:-3`. See `eachDay`. */
  readonly days: string;
}

const PREFIX = 'series-days:';

/** The name under which the lake is asked for whole series by axes: `series-days:service,account|`. */
export function seriesDaysName(axes: SpendAxes): string {
  return `${PREFIX}${axesText(axes)}`;
}

/** The query that such a name means; undefined where the name is another. */
export function seriesDaysOf(name: string): NamedQuery<SeriesOfDays> | undefined {
  return name.startsWith(PREFIX) ? seriesDays(axesIn(name.slice(PREFIX.length))) : undefined;
}

/**
 * The same as `daily-series` (daily-series.ts), a row a series: a large bill has millions of days of some ten thousand
 * series, and a row a day with the texts of its key costs more than the adding up.
 */
function seriesDays({ by, where }: SpendAxes): NamedQuery<SeriesOfDays> {
  const keys = [...by.map((_, at) => `k${at + 1}`), 'source', 'currency'];
  const numbers = keys.map((_, at) => at + 1).join(', ');
  return {
    name: seriesDaysName({ by, where }),
    params: ['start', 'end', ...where.map(whereParam)],
    windows: OF_WINDOW,
    sql: (d) => `
        SELECT ${keys.join(', ')}, ${d.joined(`${d.asText('charge_day')} || ':' || COALESCE(${d.asText('effective')}, '')`)} AS series_days
        FROM (
          SELECT ${by.map((axis, at) => `${axisSql(d, axis)} AS k${at + 1}, `).join('')}${orEmpty(d, 'x_Source')} AS source,
                 ${d.name('BillingCurrency')} AS currency, ${d.day(d.name('ChargePeriodStart'))} AS charge_day,
                 SUM(${d.name('EffectiveCost')}) AS effective
          FROM costs WHERE ${dayCharges(d, where)} GROUP BY ${numbers}, ${keys.length + 1}
        ) AS by_day GROUP BY ${numbers} ORDER BY ${numbers}`,
    merge: { keys, joined: ['series_days'] },
    row: (raw: Row) => ({
      key: by.map((_, at) => textIn(raw, keys[at] ?? '')),
      source: textIn(raw, 'source'),
      currency: textIn(raw, 'currency'),
      days: inOrder(textIn(raw, 'series_days')),
    }),
  };
}

/** Each day (`YYYY-MM-DD`) of such a text, ascending, with what was charged on it: decimal text. */
export function* eachDay(days: string): Iterable<readonly [day: string, effective: string]> {
  for (const each of days.split(',')) yield [each.slice(0, DAY), each.slice(DAY + 1)];
}

/** Length of `YYYY-MM-DD`. */
const DAY = 10;
const TOLD = /^\d{4}-\d{2}-\d{2}:-?\d+(?:\.\d+)?$/;

/**
 * What an engine tells of a series as `eachDay` reads it. It tells days in any order, one again where several engines
 * know parts of it, and amounts with as many places as their decimals have.
 */
function inOrder(told: string): string {
  const amounts = new Map<string, string>();
  for (const each of told.split(',')) {
    if (!TOLD.test(each)) throw new TypeError(`${JSON.stringify(each)} is no day and its cost`);
    const [day, amount] = [each.slice(0, DAY), each.slice(DAY + 1)];
    const known = amounts.get(day);
    amounts.set(day, known === undefined ? plain(amount) : unitsText(unitsOf(known) + unitsOf(amount)));
  }
  return [...amounts]
    .map(([day, amount]) => `${day}:${amount}`)
    .toSorted()
    .join(',');
}

/** `12.500` as `12.5`. */
function plain(amount: string): string {
  if (!amount.includes('.')) return amount;
  let end = amount.length;
  while (amount[end - 1] === '0') end--;
  return amount.slice(0, amount[end - 1] === '.' ? end - 1 : end);
}
