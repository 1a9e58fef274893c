import { timeAt } from '../forecast/seasons.ts';
import type { Series } from '../series.ts';
import type { Anomaly } from './model.ts';

/** Days of a first charge that are told as one. */
const FIRST_WEEK = 7;

/**
 * What was never charged before: of the first week, all is more than was expected.
 * @param at index of the first charge
 * @param minimum least that it must have come to
 */
export function fresh(series: Series, at: number, minimum: number): Anomaly[] {
  const { values } = series;
  const days = values.slice(at, at + FIRST_WEEK);
  const actual = days.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const iso = (index: number) => timeAt(series, index);
  if (actual < minimum) return [];
  let sum = 0;
  const caught = days.findIndex((value) => {
    sum += value ?? 0;
    return sum >= minimum;
  });
  return [
    {
      kind: 'new',
      first: iso(at),
      last: iso(at + days.length - 1),
      caught: iso(at + Math.max(caught, 0)),
      actual,
      expected: 0,
      judged: { start: iso(at), value: sum, low: 0, mean: 0, high: 0 },
      deviations: Number.POSITIVE_INFINITY,
      open: at + days.length >= values.length,
    },
  ];
}
