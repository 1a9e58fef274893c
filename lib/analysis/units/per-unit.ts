import { Decimal, decimalText } from '../../focus/decimal.ts';
import { dayPlus, daysOf, periodStart } from './days.ts';
import type { ByDay, Grain, Stretch, UnitPeriod, UnitTrend } from './model.ts';

/** Days of a stretch of a trend, and how many of them must be known. */
const STRETCH = 28;
const FEWEST = 21;

/**
 * What a unit cost, by period. Only days count on which both cost and units are known, so that a missing day makes
 * nothing dear or cheap; the cost of the others is told apart. For every period `cost` and `costWithoutUnits` add up to
 * what it cost, and periods to the whole span. A day of no units counts with its cost: it is no gap.
 * @param span UTC days, half-open; a period that reaches beyond it is cut
 */
export function unitPeriods(
  cost: ByDay,
  units: ByDay,
  span: { readonly start: string; readonly end: string },
  grain: Grain,
): UnitPeriod[] {
  const byPeriod = Map.groupBy(daysOf(span.start, span.end), (day) => periodStart(day, grain));
  return [...byPeriod.values()].map((days) => periodOf(days, cost, units));
}

/** The same over a whole span. */
export function unitTotal(
  cost: ByDay,
  units: ByDay,
  span: { readonly start: string; readonly end: string },
): UnitPeriod | null {
  const days = daysOf(span.start, span.end);
  return days.length === 0 ? null : periodOf(days, cost, units);
}

function periodOf(days: readonly string[], cost: ByDay, units: ByDay): UnitPeriod {
  const known = days.filter((day) => cost.has(day) && units.has(day));
  const uncounted = days.filter((day) => cost.has(day) && !units.has(day));
  const spent = sumOf(cost, known);
  const count = sumOf(units, known);
  return {
    start: days[0] ?? '',
    end: dayPlus(days.at(-1) ?? '', 1),
    cost: decimalText(spent),
    units: decimalText(count),
    perUnit: perUnit(spent, count),
    days: known.length,
    costWithoutUnits: decimalText(sumOf(cost, uncounted)),
    daysWithoutUnits: days.filter((day) => !units.has(day)).length,
    daysWithoutCost: days.filter((day) => !cost.has(day)).length,
  };
}

/** Cost of one unit, decimal text of at most 18 places (half-even); null where there is no unit to share it. */
export function perUnit(cost: Decimal, units: Decimal): string | null {
  return units.gt(0) ? decimalText(cost.div(units)) : null;
}

/**
 * How many units succeeded a day, where success is told as a share of 0 to 1; days without a share are missing. Null
 * where it is none, or could as well be a count: no value lies between the two, or one beyond them.
 */
export function succeeded(units: ByDay, success: ByDay): ByDay | null {
  const shares = [...success.values()];
  if (shares.some((share) => share.lt(0) || share.gt(1)) || shares.every((share) => share.isInteger()))
    return null;
  return new Map(
    [...units].flatMap(([day, count]) => {
      const share = success.get(day);
      return share === undefined ? [] : [[day, count.times(share)] as const];
    }),
  );
}

/**
 * The last four weeks on which both are known against the four before; null where fewer than 21 days of either are
 * known, or either has no units, or the former cost nothing.
 * @param end first day that is not looked at
 */
export function unitTrend(cost: ByDay, units: ByDay, end: string): UnitTrend | null {
  const current = stretch(cost, units, dayPlus(end, -STRETCH));
  const former = stretch(cost, units, dayPlus(end, -2 * STRETCH));
  if (current === null || former === null) return null;
  const before = new Decimal(former.perUnit);
  if (!before.gt(0)) return null;
  return {
    former,
    current,
    percent: new Decimal(current.perUnit).div(before).minus(1).times(100).toFixed(1),
  };
}

function stretch(cost: ByDay, units: ByDay, start: string): Stretch | null {
  const end = dayPlus(start, STRETCH);
  const known = daysOf(start, end).filter((day) => cost.has(day) && units.has(day));
  const each = perUnit(sumOf(cost, known), sumOf(units, known));
  return each === null || known.length < FEWEST ? null : { start, end, perUnit: each, days: known.length };
}

/** Cost per unit of each day, for looking at its ups and downs; a day that does not tell is missing. */
export function perUnitByDay(cost: ByDay, units: ByDay): ByDay {
  const found = new Map<string, Decimal>();
  for (const [day, count] of units) {
    const spent = cost.get(day);
    if (spent !== undefined && count.gt(0)) found.set(day, spent.div(count));
  }
  return found;
}

/** Sum of the days that are known. */
export function sumOf(values: ByDay, days: readonly string[]): Decimal {
  return days.reduce((total, day) => total.plus(values.get(day) ?? 0), new Decimal(0));
}
