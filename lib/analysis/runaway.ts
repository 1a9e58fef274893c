import { median } from './forecast/smoother.ts';
import type { NotEnough, Series } from './series.ts';

const HOUR = 3_600_000;
const WEEK = 168;
/** Weeks of the same hour that are looked back on, and hours beside it. */
const WEEKS = 4;
const BESIDE = 1;
/** Newest hours that are judged: a run of them is one thing. */
const NEWEST = 3;
/** Hours since the first use that a baseline needs: two weeks. */
const FEWEST = 2 * WEEK;
/** 1.4826 times the median absolute deviation is a normal standard deviation. */
const MEDIAN = 1.4826;
/** What is far above usual: so many deviations, so many times the usual, and above all but one hour in a hundred. */
const DEVIATIONS = 8;
const TIMES = 3;
const SHARE = 0.99;
/** Weeks with as much at that hour, from which on it is usual there: a batch of every week, and not what ran away once. */
const AGAIN = 2;

/** Newest hours in which far more was used than ever at that hour of the week. */
export interface Runaway {
  /** Start of the first and of the last of them, ISO-8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** Sum of their values, of what is usual, and of what would still have been nothing. */
  readonly value: number;
  readonly usual: number;
  readonly high: number;
}

/**
 * Is the newest use running away: a loop, a retry storm? Each of the newest hours is held against the same hour of the
 * week in four weeks before, robustly, and against all hours of the first three of them. The running hour counts as
 * far as it is told: what is too much already, is. Pure.
 * @param hours one value an hour, the last of them the running one
 * @param minimum least sum above usual, in the unit of the series
 * @returns null: nothing is; or why nothing can be told
 */
export function runaway({ start, step, values }: Series, minimum: number): Runaway | NotEnough | null {
  if (step !== HOUR) throw new RangeError('a series of hours');
  const begun = values.findIndex((value) => value !== null && value > 0);
  const known = begun < 0 ? 0 : values.length - begun;
  if (known < FEWEST)
    return { notEnough: true, reason: `${known} hours since its first use; ${FEWEST} are needed.` };
  const newest = Math.max(0, values.length - NEWEST);
  const off = values.slice(newest).flatMap((value, index) => {
    const base = baseline(values, newest + index);
    return value === null || base === null || value <= base.high
      ? []
      : [{ at: newest + index, value, ...base }];
  });
  const sum = (of: (hour: (typeof off)[number]) => number) => off.reduce((all, hour) => all + of(hour), 0);
  const [first, last] = [off[0], off.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [value, usual] = [sum((hour) => hour.value), sum((hour) => hour.usual)];
  if (value - usual < minimum) return null;
  const hour = (at: number) => new Date(Date.parse(start) + at * HOUR).toISOString();
  return { first: hour(first.at), last: hour(last.at), value, usual, high: sum(({ high }) => high) };
}

/**
 * What is usual at an hour, and the most that would be nothing; null where too few hours of the weeks are known. The
 * newest week does not tell how high hours are: what runs away for a day must not become their way, and so seem over.
 */
function baseline(
  values: Series['values'],
  at: number,
): { readonly usual: number; readonly high: number } | null {
  const alike: number[] = [];
  const peaks: number[] = [];
  for (let week = 1; week <= WEEKS; week += 1) {
    const beside: number[] = [];
    for (let by = -BESIDE; by <= BESIDE; by += 1) {
      const value = values[at - week * WEEK + by];
      if (value !== null && value !== undefined) beside.push(value);
    }
    alike.push(...beside);
    peaks.push(Math.max(0, ...beside));
  }
  const all = values
    .slice(Math.max(0, at - WEEKS * WEEK), Math.max(0, at - WEEK))
    .filter((value) => value !== null)
    .toSorted((a, b) => a - b);
  if (alike.length < WEEKS || all.length === 0) return null;
  const usual = median(alike);
  const deviation = MEDIAN * median(alike.map((value) => Math.abs(value - usual)));
  const highest = all[Math.floor(SHARE * (all.length - 1))] ?? 0;
  const high = Math.max(usual + DEVIATIONS * deviation, TIMES * usual, highest);
  const again = peaks.toSorted((a, b) => b - a)[AGAIN - 1] ?? 0;
  return again > high ? { usual: again, high: TIMES * again } : { usual, high };
}
