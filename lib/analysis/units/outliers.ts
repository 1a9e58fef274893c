import { detect } from '../anomalies/detect.ts';
import type { NotEnough } from '../series.ts';
import { daysBetween, daysOf } from './days.ts';
import type { ByDay, Outlier } from './model.ts';

const DAY = 86_400_000;

/**
 * Times in which a number a day was off what its own past led to expect, oldest first; see `detect`. Days that are
 * not known are gaps.
 */
export function outliers(values: ByDay): Outlier[] | NotEnough {
  const known = [...values.keys()].toSorted();
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return { notEnough: true, reason: 'No day is known.' };
  const days = [...daysOf(first, last), last];
  const found = detect({
    start: `${first}T00:00:00.000Z`,
    step: DAY,
    values: days.map((day) => values.get(day)?.toNumber() ?? null),
  });
  if ('notEnough' in found) return found;
  return found.map(({ kind, first: from, last: to, caught, actual, expected, judged, deviations, open }) => {
    const off = days.filter((day) => day >= dayOf(from) && day <= dayOf(to) && values.has(day)).length || 1;
    const seen = daysBetween(dayOf(judged.start), dayOf(caught)) + 1;
    return {
      kind,
      first: dayOf(from),
      last: dayOf(to),
      caught: dayOf(caught),
      actual: actual / off,
      expected: expected / off,
      low: judged.low / seen,
      high: judged.high / seen,
      deviations: Number.isFinite(deviations) ? Math.round(deviations * 10) / 10 : null,
      open,
    };
  });
}

/** Those that were caught in a half-open span of days. */
export function caughtIn(
  all: readonly Outlier[],
  span: { readonly start: string; readonly end: string },
): Outlier[] {
  return all.filter(({ caught }) => caught >= span.start && caught < span.end);
}

function dayOf(iso: string): string {
  return iso.slice(0, 10);
}
