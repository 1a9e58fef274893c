import { leaning } from '../analysis/leaning.ts';
import { decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import type { BudgetLine, ForecastFigure } from './content-model.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { days, ended } from './words.ts';

/** What is to come, as text, Slack and HTML say it alike. */

/** `Month to Nov 30: $53,932 expected, $52,316 to $66,656 with 80%`; or why there is none. */
export function forecastFacts(
  { month, notEnough, notes, until, budget }: ForecastFigure,
  format: Format,
): string[] {
  const limit =
    budget === null
      ? []
      : [
          `Budget ${plain(budget.name, 60)}: ${format.money(budget.limit)} in the month, ${format.money(budget.aDay)} a day.`,
        ];
  if (notEnough !== null) return [`No forecast: ${plain(notEnough, 300)}`, ...limit];
  if (month === null) return limit;
  const last = format.day(new Date(Date.parse(month.end) - 1).toISOString().slice(0, 10));
  const ranges = month.ranges.map(
    ({ level, low, high }) =>
      `${format.money(low)} to ${format.money(high)} with ${format.percent(String(level * 100))}`,
  );
  const settled =
    until <= month.start.slice(0, 10)
      ? 'no day of it has settled yet.'
      : ended(`${format.money(month.actual)} settled before ${format.day(until)}`);
  const unknown =
    month.unknownDays === 0
      ? []
      : [
          `${days(month.unknownDays, format)} of the month ${month.unknownDays === 1 ? 'is' : 'are'} in no bill.`,
        ];
  return [
    `Month to ${last}: ${format.money(month.total)} expected${ranges.length === 0 ? '' : `, ${ranges.join(', ')}`}; ${settled}`,
    ...limit,
    ...unknown,
    ...(month.extended ? ['The ranges are extended beyond what could be measured on its past.'] : []),
    ...notes.map((note) => plain(note, 300)),
  ];
}

const STANDING: Readonly<Record<string, string>> = {
  open: 'not acknowledged yet',
  acknowledged: 'acknowledged',
  expected: 'which is expected',
  closed: 'closed since',
};

/** `reached 80% and will be exceeded, not acknowledged yet`: what the alerts of a budget say, one for each standing. */
export function budgetAlerts(alerts: readonly { readonly what: string; readonly state: string }[]): string[] {
  const groups = Map.groupBy(alerts, ({ state }) => STANDING[state] ?? state);
  return [...groups].map(([standing, all]) => {
    const said = all.map(({ what }) => plain(what, 60)).toSorted();
    return `${said.join(' and ')}, ${standing}`;
  });
}

function leaningWords({ total, probability }: NonNullable<BudgetLine['outlook']>, limit: Money): string {
  const side = leaning(decimal(total.amount), decimal(limit.amount), probability);
  return side === null ? '' : `, since forecasts mostly came out too ${side}`;
}

type Spent = Pick<BudgetLine, 'limit' | 'spent' | 'notComparable'>;

/** Is more than its limit spent already, so that nothing need be foreseen to say so? */
export function isExceeded({ limit, spent, notComparable }: Spent): boolean {
  return notComparable.length === 0 && exact(spent.amount).gt(exact(limit.amount));
}

/** Percent of the limit that is spent; null where no percentage is one: of a limit of nothing, or with what is not counted. */
export function budgetPercent({
  limit,
  notComparable,
  percent,
}: Spent & { readonly percent: string }): string | null {
  return notComparable.length > 0 || exact(limit.amount).isZero() ? null : percent;
}

/** What a budget's period will have cost, or why nobody can say: what is not added up first of all. */
function outlookWords(line: BudgetLine, format: Format): string {
  const { limit, outlook, notEnough, notComparable } = line;
  if (outlook !== null)
    return `, ${format.money(outlook.total)} expected${
      isExceeded(line)
        ? ''
        : `: ${format.percent(String(Math.round(outlook.probability * 100)))} likely to exceed it${leaningWords(outlook, limit)}`
    }`;
  const [apart] = notComparable;
  if (apart !== undefined) return `; not added up, and not foreseen: ${plain(apart.why, 200)}`;
  return notEnough === null ? '' : `; not enough to foresee: ${plain(notEnough, 200)}`;
}

/** `$20,000 of $25,000 (80%) spent, $26,100 expected: 62% likely to exceed it; alerted that it reached 80%, acknowledged`. */
export function budgetFact(line: BudgetLine, format: Format): string {
  const { spent, limit, notComparable, alerts } = line;
  const percent = budgetPercent(line);
  const share =
    percent === null
      ? `${[spent, ...notComparable.map(({ amount }) => amount)].map((each) => format.money(each)).join(' + ')} spent, the limit is ${format.money(limit)}`
      : `${format.money(spent)} of ${format.money(limit)} (${format.percent(percent)}) spent`;
  const over = isExceeded(line) ? ': exceeded' : '';
  return `${share}${over}${outlookWords(line, format)}${budgetAlerts(alerts)
    .map((said) => `; alerted that it ${said}`)
    .join('')}`;
}

/** What a budget is called; with its period where two of it are told, as in the first days of a month. */
export function budgetName(
  { name, start, end }: BudgetLine,
  all: readonly BudgetLine[],
  format: Format,
): string {
  const isOne = all.every((each) => each.name !== name || each.start === start);
  return isOne ? plain(name, 40) : `${plain(name, 40)}, ${format.period({ start, end })}`;
}
