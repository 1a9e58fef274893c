import type { Series } from '../series.ts';

/** Seasons of a series, by how long its steps are: days repeat by the week, hours by the day and the week. */

const DAY = 86_400_000;
/** The step of a series of calendar months: their mean length. */
export const MONTH = 30.4375 * DAY;
/** Parts that a season is told by: finer than these, each part is seen too seldom to be told from noise. */
const MOST_BINS = { day: 288, week: 168 } as const;

export interface Season {
  /** Steps until it repeats. */
  readonly period: number;
  /** Parts of it that are told apart, at most `period`. */
  readonly bins: number;
  /** Steps from its beginning to the first step of the series. */
  readonly offset: number;
}

/** Which seasons steps of this length may have, the shortest first; none for weeks and odd lengths. */
export function seasonsOf(start: string, step: number): Season[] {
  if (step <= 0 || DAY % step !== 0) return step === MONTH ? [{ period: 12, bins: 12, offset: 0 }] : [];
  const perDay = DAY / step;
  const sinceMonday = (Date.parse(start) / DAY + 3) * perDay;
  const season = (period: number, most: number): Season => ({
    period,
    bins: Math.min(period, most),
    offset: Math.floor(sinceMonday) % period,
  });
  const week = season(7 * perDay, MOST_BINS.week);
  return perDay === 1 ? [{ ...week, bins: 7 }] : [season(perDay, MOST_BINS.day), week];
}

/** The part of its season that a step lies in. */
export function binOf({ period, bins, offset }: Season, at: number): number {
  const phase = (at + offset) % period;
  return Math.floor((phase * bins) / period);
}

/** Start of a step, or of one after the last, ISO-8601 UTC. */
export function timeAt({ start, step }: Series, at: number): string {
  const first = new Date(start);
  if (step !== MONTH) return new Date(first.getTime() + at * step).toISOString();
  return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + at, 1)).toISOString();
}
