import type { Season } from './seasons.ts';
import { Smoother } from './smoother.ts';

const DAY = 86_400_000;
/** Deviations that a charge of the calendar stands out by, at least. */
const STANDS_OUT = 4;
/** Times that a day of the month has to stand out; the first of the month, when subscriptions are billed, once. */
const TIMES = 2;
/** Days before the end of a month that are known by it: 0 is the last. */
const FROM_END = 3;

/** What is added on days of the month, by how it is known: `d1` the first, `e0` the last. */
export type Effects = ReadonlyMap<string, number>;

/** Charges of the calendar, taken off, and what was known of them at each step. */
export interface Calendar {
  /** Values less what the calendar was known, before the day, to add to it. */
  readonly rest: readonly (number | null)[];
  /** By step: what was known when it had been seen. */
  readonly known: readonly Effects[];
}

interface Seen {
  readonly surprise: number;
  readonly standsOut: boolean;
}

/**
 * Finds charges that come with the day of the month: a subscription billed on the first, a fee on the last. A day is
 * known when it stood out from level and weekday twice in a row, on the same side; the first of a month, when
 * once, since so many charges are billed then. It is forgotten when it no longer does. Each day is judged by days
 * before it alone.
 */
export function calendarOf(
  values: readonly (number | null)[],
  start: string,
  week: Season,
  binAt: (season: Season, at: number) => number,
): Calendar {
  const smoother = new Smoother(
    { alpha: 0.15, beta: 0, gamma: 0.15, season: 0, log: false },
    week.bins,
    week.period,
  );
  const seen = new Map<string, Seen[]>();
  const rest: (number | null)[] = [];
  const known: Effects[] = [];
  let effects: Effects = new Map();
  const first = Date.parse(start);
  values.forEach((value, at) => {
    const keys = keysOf(first + at * DAY);
    const bin = binAt(week, at);
    const effect = effectOn(effects, keys);
    rest.push(value === null ? null : value - effect);
    if (value !== null && smoother.isReady) {
      const surprise = value - smoother.expects(bin);
      const standsOut = Math.abs(surprise) > STANDS_OUT * smoother.spread;
      for (const key of keys)
        seen.set(key, [...(seen.get(key) ?? []), { surprise, standsOut }].slice(-TIMES));
      if (standsOut || effect !== 0) effects = activeOf(seen);
    }
    smoother.learn(value === null ? null : value - effect, bin);
    known.push(effects);
  });
  return { rest, known };
}

/** What is added on a day, by what was known. */
export function effectOn(effects: Effects, keys: readonly string[]): number {
  if (effects.size === 0) return 0;
  const key = keys.find((each) => effects.has(each));
  return key === undefined ? 0 : (effects.get(key) ?? 0);
}

/** How a day is known in its month. */
export function keysOf(at: number): string[] {
  const date = new Date(at);
  const day = date.getUTCDate();
  const left = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate() - day;
  return left < FROM_END ? [`d${day}`, `e${left}`] : [`d${day}`];
}

function activeOf(seen: ReadonlyMap<string, readonly Seen[]>): Effects {
  const active = new Map<string, number>();
  for (const [key, list] of seen) {
    const last = list.at(-1);
    if (last === undefined || !list.every(({ standsOut }) => standsOut)) continue;
    const sameSide = list.every(({ surprise }) => Math.sign(surprise) === Math.sign(last.surprise));
    if (list.length >= (key === 'd1' ? 1 : TIMES) && sameSide)
      active.set(key, list.reduce((sum, { surprise }) => sum + surprise, 0) / list.length);
  }
  return active;
}
