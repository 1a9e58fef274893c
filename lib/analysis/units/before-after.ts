import { Decimal, decimalText } from '../../focus/decimal.ts';
import { dayPlus, daysOf } from './days.ts';
import type { ByDay } from './model.ts';
import { perUnit, sumOf } from './per-unit.ts';

/** Days before and after that are compared, and how many of them must be known on each side. */
const AROUND = 14;
const FEWEST = 7;

/** A number a day before and after something was stopped. Decimal text. */
export interface BeforeAfter {
  readonly before: string;
  readonly after: string;
  /** Days that each rests on. */
  readonly beforeDays: number;
  readonly afterDays: number;
  /** Percent of before, one decimal; null where that was zero. */
  readonly percent: string | null;
}

/** The day on which something was stopped (`YYYY-MM-DD`), and the one on which it ran again; null: it has not. */
export interface StoppedDays {
  readonly from: string;
  readonly until: string | null;
}

/**
 * Means of up to 14 known days before and after a stop, the days of stop and start left out, for they are neither;
 * null where either side has fewer than seven. It says what happened, not why.
 */
export function beforeAfter(values: ByDay, stop: StoppedDays): BeforeAfter | null {
  const mean = (days: readonly string[]) => decimalText(sumOf(values, days).div(days.length));
  return compared(stop, (day) => values.has(day), mean);
}

/** The same of what a unit cost: all cost of each side by all of its units. */
export function perUnitBeforeAfter(cost: ByDay, units: ByDay, stop: StoppedDays): BeforeAfter | null {
  return compared(
    stop,
    (day) => cost.has(day) && units.has(day),
    (days) => perUnit(sumOf(cost, days), sumOf(units, days)),
  );
}

function compared(
  { from, until }: StoppedDays,
  isKnown: (day: string) => boolean,
  value: (days: readonly string[]) => string | null,
): BeforeAfter | null {
  const first = dayPlus(from, 1);
  const after = daysOf(first, dayPlus(first, AROUND)).filter((day) => until === null || day < until);
  const [known, later] = [daysOf(dayPlus(from, -AROUND), from), after].map((days) => days.filter(isKnown));
  if (known === undefined || later === undefined || Math.min(known.length, later.length) < FEWEST)
    return null;
  const [was, is] = [value(known), value(later)];
  if (was === null || is === null) return null;
  const base = new Decimal(was);
  return {
    before: was,
    after: is,
    beforeDays: known.length,
    afterDays: later.length,
    percent: base.isZero() ? null : new Decimal(is).minus(base).div(base.abs()).times(100).toFixed(1),
  };
}
