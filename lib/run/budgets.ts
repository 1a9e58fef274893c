import { type BudgetStanding, standingOf, windowsOf } from '../analysis/budgets.ts';
import { leaning } from '../analysis/leaning.ts';
import type { Series } from '../analysis/series.ts';
import { Decimal, decimal } from '../focus/decimal.ts';
import { money } from '../focus/money.ts';
import { allDimensions } from '../lake/dimensions.ts';
import { AXIS_NAMES } from '../lake/queries/spend-by.ts';
import { BursarError } from '../platform/errors.ts';
import type { Auditor } from './auditor.ts';
import type {
  BudgetQuestion,
  BudgetReport,
  BudgetRow,
  BudgetSettings,
  NotComparable,
} from './budget-model.ts';
import type { Conversion } from './converted.ts';
import { type DailySeries, dailySeries, dayOf, summed } from './daily-series.ts';
import { type ChargeEvent, eventsAfter, knownEvents } from './known-events.ts';
import { isWanted, nameOf, wantedOf } from './spend-where.ts';

const DAY = 86_400_000;
/** A bill that ends so many days ago goes on no more: it counts, and is not foreseen. */
const STALE = 45;

/**
 * How every budget stands, on settled days of the bills. What is known to come is in the outlook of budgets that look
 * at everything: which part of a total a stop or an end is, nobody tells.
 * @throws BursarError for an axis that there is not
 */
export async function budgetReport(
  auditor: Pick<Auditor, 'lake' | 'ledger'>,
  question: BudgetQuestion,
  sources: readonly string[] | null,
  now: Date,
): Promise<BudgetReport> {
  const { lake } = auditor;
  const events = await knownEvents(auditor, sources, now);
  const dimensions = Object.keys(allDimensions(question.dimensions));
  const known = [...dimensions, ...AXIS_NAMES.filter((name) => !dimensions.includes(name))];
  // Budgets that look at the same axes are answered by one question.
  const asked = new Map<string, Promise<Axis[]>>();
  const rows: BudgetRow[] = [];
  for (const budget of question.budgets) {
    const wanted = wantedOf(budget.where, known);
    const axes = [...wanted.keys()].toSorted();
    const id = axes.join(',');
    const found = asked.get(id) ?? dailySeries(lake, axes, {}, sources, now).then((all) => placed(all, axes));
    asked.set(id, found);
    // With as many budgets as teams, each looks at its own series, not at everyone's: those of the rarest value.
    const [least = []] = (await found)
      .map(({ axis, all, byName }) =>
        axis === null ? all : [...(wanted.get(axis) ?? [])].flatMap((name) => byName.get(name) ?? []),
      )
      .toSorted((a, b) => a.length - b.length);
    const own = least.filter(({ key }) => isWanted(wanted, axes, key));
    rows.push(...(await rowsOf(budget, own, axes.length === 0 ? events : [], question.rates, now)));
  }
  return { schemaVersion: 1, now: now.toISOString(), rows };
}

/** The series of a question by what the config calls their values of one axis; of no axis: all of them. */
interface Axis {
  readonly axis: string | null;
  readonly all: readonly DailySeries[];
  readonly byName: ReadonlyMap<string, readonly DailySeries[]>;
}

function placed(all: readonly DailySeries[], axes: readonly string[]): Axis[] {
  if (axes.length === 0) return [{ axis: null, all, byName: new Map() }];
  return axes.map((axis, at) => ({
    axis,
    all,
    byName: Map.groupBy(all, ({ key }) => nameOf(axis, key[at] ?? '')),
  }));
}

async function rowsOf(
  budget: BudgetSettings,
  all: readonly DailySeries[],
  events: readonly ChargeEvent[],
  rates: BudgetQuestion['rates'],
  now: Date,
): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  const limits = Object.entries(budget.amount);
  for (const [currency, limit] of limits) {
    const others = limits.length === 1 ? all.filter((each) => each.currency !== currency) : [];
    const conversion = others.length === 0 ? null : await conversionOf(rates, currency);
    for (const window of windowsOf(budget, now)) {
      const apart = new Apart();
      const own = all.flatMap((each) => {
        if (each.currency === currency) return [each];
        return limits.length === 1 ? [converted(each, currency, conversion, window, apart)] : [];
      });
      const left = all.filter((each) => limits.length > 1 && !Object.hasOwn(budget.amount, each.currency));
      for (const each of left)
        apart.addAll(each, window, `the budget has no limit in ${each.currency}, and several in others`);
      rows.push(rowOf(budget, currency, decimal(limit), window, own, events, apart, now));
    }
  }
  return rows;
}

type Rates =
  | { readonly ok: true; readonly conversion: Conversion }
  | { readonly ok: false; readonly why: string };

/** The rates, or in words why there are none: a charge without a rate is told, and in no figure. */
async function conversionOf(rates: BudgetQuestion['rates'], into: string): Promise<Rates> {
  if (rates === null) return { ok: false, why: 'the config names no exchange rates' };
  try {
    return { ok: true, conversion: await rates(into) };
  } catch (error) {
    if (error instanceof BursarError) return { ok: false, why: error.message };
    throw error;
  }
}

/** Charges of a period that are in no figure, by currency and why. */
class Apart {
  readonly #sums = new Map<string, { amount: Decimal; currency: string; why: string }>();

  add(amount: Decimal, currency: string, why: string): void {
    const id = JSON.stringify([currency, why]);
    const known = this.#sums.get(id)?.amount ?? new Decimal(0);
    this.#sums.set(id, { amount: known.plus(amount), currency, why });
  }

  addAll({ exact, currency }: DailySeries, window: Window, why: string): void {
    for (const [day, amount] of exact) if (isIn(day, window)) this.add(amount, currency, why);
  }

  get told(): NotComparable[] {
    return [...this.#sums.values()]
      .filter(({ amount }) => !amount.isZero())
      .map(({ amount, currency, why }) => ({ amount: money(amount, currency), why }));
  }
}

interface Window {
  readonly start: string;
  readonly end: string;
}

function isIn(day: string, { start, end }: Window): boolean {
  return day >= start.slice(0, 10) && day < end.slice(0, 10);
}

/** The series in another currency; a day without a rate is a gap of it, and its charge is apart. */
function converted(
  each: DailySeries,
  into: string,
  rates: Rates | null,
  window: Window,
  apart: Apart,
): DailySeries {
  const exact = new Map<string, Decimal>();
  const gaps = new Set<string>();
  for (const [day, amount] of each.exact) {
    const found =
      rates?.ok === true
        ? rates.conversion.rates.rateOn(each.currency, into, day, rates.conversion.mostDays)
        : { ok: false as const, why: rates?.why ?? 'the config names no exchange rates' };
    if (found.ok) exact.set(day, amount.times(found.rate.rate));
    else {
      gaps.add(day);
      if (isIn(day, window)) apart.add(amount, each.currency, found.why);
    }
  }
  const start = Date.parse(each.series.start);
  const values = each.series.values.map((value, at) => {
    const day = dayOf(start + at * DAY);
    return gaps.has(day) ? null : (exact.get(day)?.toNumber() ?? value);
  });
  return { ...each, currency: into, exact, series: { ...each.series, values } };
}

function rowOf(
  budget: BudgetSettings,
  currency: string,
  limit: Decimal,
  window: Window,
  all: readonly DailySeries[],
  events: readonly ChargeEvent[],
  apart: Apart,
  now: Date,
): BudgetRow {
  const charged = new Map<string, Decimal>();
  for (const { exact } of all)
    for (const [day, amount] of exact) charged.set(day, (charged.get(day) ?? new Decimal(0)).plus(amount));
  const isLive = ({ end }: DailySeries) => now.getTime() - Date.parse(`${end}T00:00:00Z`) <= STALE * DAY;
  const live = summed(all.filter(isLive));
  const ends = all.map(({ end }) => end).toSorted();
  const until = live?.end ?? ends.at(-1) ?? window.start.slice(0, 10);
  const series: Series | null = live?.series ?? null;
  const standing = standingOf(budget, window, limit, {
    charged,
    until,
    series,
    events: eventsAfter(events, currency, until),
  });
  const ended = [...new Set(all.filter((each) => !isLive(each)).map(({ source }) => source))].toSorted();
  return {
    name: budget.name,
    period: budget.period,
    ...window,
    ...told(standing, currency),
    ...(budget.throttle === 'advice' ? {} : { throttle: null }),
    experiment: budget.experiment === undefined ? null : overdue(budget.experiment.until, charged, currency),
    notComparable: apart.told,
    notes: [
      ...(all.length === 0
        ? ['No charge in any bill matches it: look whether its values are written as the bills have them.']
        : []),
      ...ended.map(
        (source) => `${source} has no settled charges of the last ${STALE} days: it is not foreseen.`,
      ),
      ...leaningNote(standing),
    ],
    alerts: [],
  };
}

function leaningNote({ outlook, limit }: BudgetStanding): string[] {
  const side = outlook === null ? null : leaning(outlook.total, limit, outlook.probability);
  return side === null
    ? []
    : [
        `Forecasts over as many days came out too ${side} more often than not: the probability reckons with that, the expected total does not.`,
      ];
}

function told(standing: BudgetStanding, currency: string) {
  const { limit, spent, percent, reached, until, exceededOn, outlook, notEnough, throttle } = standing;
  const cents = (amount: Decimal | number) => money(new Decimal(amount).toDecimalPlaces(2), currency);
  return {
    limit: money(limit, currency),
    spent: money(spent, currency),
    percent: percent.toDecimalPlaces(1).toFixed(),
    reached,
    until,
    exceededOn,
    outlook:
      outlook === null
        ? null
        : {
            total: cents(outlook.total),
            ranges: outlook.bands.map(({ level, low, high }) => ({
              level,
              low: cents(low),
              high: cents(high),
            })),
            probability: Math.round(outlook.probability * 1000) / 1000,
            extended: outlook.extended,
          },
    notEnough,
    throttle:
      throttle === null
        ? null
        : {
            allowed: cents(throttle.allowed),
            recent: cents(throttle.recent),
            percent: throttle.percent.toDecimalPlaces(0).toNumber(),
          },
  };
}

/** What was charged on settled days from the end of an experiment on. */
function overdue(
  until: string,
  charged: ReadonlyMap<string, Decimal>,
  currency: string,
): BudgetRow['experiment'] {
  let since = new Decimal(0);
  for (const [day, amount] of charged) if (day >= until) since = since.plus(amount);
  return { until, since: money(since, currency) };
}
