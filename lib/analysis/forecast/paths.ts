import type { Series } from '../series.ts';
import { calendarOf, type Effects, effectOn, keysOf } from './calendar.ts';
import { binOf, type Season, seasonsOf } from './seasons.ts';
import { type Walk, walk } from './walk.ts';

const DAY = 86_400_000;
/**
 * Steps in a row without any cost after which a thing is taken to have stopped, where they are also more than so many
 * times the longest pause before: what runs on working days alone rests for three or four days at a holiday.
 */
const STOPPED = 3;
const LONGER = 2;

/** How a series is walked. */
export interface Way {
  /** Steps that each forecast looks ahead, and that the last one does. */
  readonly horizon: number;
  readonly last: number;
  readonly stride: number;
  /** Days (`YYYY-MM-DD`) that are like a Sunday; of daily series alone. */
  readonly holidays?: ReadonlySet<string>;
}

/** A walk whose paths hold the calendar's charges, and nothing that cannot be. */
export interface Paths extends Walk {
  readonly seasons: readonly Season[];
  /** Was it stopped at the last step? */
  readonly stopped: boolean;
  /** Or has it cost nothing at the last steps, longer than ever before, but not yet so long that it has stopped? */
  readonly pausing: boolean;
}

/** Walks over a series with the charges of its calendar taken off, and puts them on again. */
export function pathsOf(series: Series, way: Way): Paths {
  const { start, step, values } = series;
  const seasons = seasonsOf(start, step);
  const [week] = seasons;
  const isDaily = step === DAY;
  const binAt = binsBy(series, way.holidays ?? new Set());
  const calendar = isDaily && week !== undefined ? calendarOf(values, start, week, binAt) : null;
  const walked = walk({
    values: calendar?.rest ?? values,
    seasons,
    isDaily,
    horizon: way.horizon,
    last: way.last,
    stride: way.stride,
    binAt,
  });
  const first = Date.parse(start);
  const keys: string[][] = [];
  const keysAt = (at: number) => (keys[at] ??= keysOf(first + at * step));
  const states = statesOf(values);
  // Each path is this walk's own.
  walked.paths.forEach((path, index) => {
    const origin = walked.origins[index] ?? 0;
    const state = states[origin];
    if (state?.stopped === true) {
      path.fill(0);
      return;
    }
    const effects: Effects | undefined = calendar?.known[origin];
    if (effects !== undefined && effects.size > 0)
      for (let at = 0; at < path.length; at++)
        path[at] = (path[at] ?? 0) + effectOn(effects, keysAt(origin + at + 1));
    if (state?.negative === true) return;
    for (let at = 0; at < path.length; at++) path[at] = Math.max(path[at] ?? 0, 0);
  });
  const { stopped = false, pausing = false } = states.at(-1) ?? {};
  return { ...walked, seasons, stopped, pausing };
}

/** The part of a season; a holiday counts as a Sunday, the last day of a week. */
function binsBy(
  { start, step }: Series,
  holidays: ReadonlySet<string>,
): (season: Season, at: number) => number {
  if (step !== DAY || holidays.size === 0) return binOf;
  const first = Date.parse(start);
  return (season, at) =>
    holidays.has(new Date(first + at * DAY).toISOString().slice(0, 10)) ? season.bins - 1 : binOf(season, at);
}

interface State {
  readonly negative: boolean;
  readonly stopped: boolean;
  readonly pausing: boolean;
}

/** By step: was anything below zero so far, and has it stopped, or may it have? */
function statesOf(values: readonly (number | null)[]): State[] {
  let negative = false;
  let longest = 0;
  let run = 0;
  let any = false;
  return values.map((value) => {
    if (value !== null) {
      negative ||= value < 0;
      if (value === 0) run++;
      else {
        // What came before the first charge is no pause.
        if (any) longest = Math.max(longest, run);
        any = true;
        run = 0;
      }
    }
    const stopped = any && run >= STOPPED && run > LONGER * longest;
    return { negative, stopped, pausing: any && run > longest && !stopped };
  });
}
