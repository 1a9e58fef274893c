import type { Band, Expected, NotEnough, Series } from '../series.ts';
import { calibrate, type Growth, type Judging, PLAIN, type Ranges } from './calibrate.ts';
import { type Paths, pathsOf } from './paths.ts';
import { seasonsOf, timeAt } from './seasons.ts';

/** Something that is known to come: a commitment that expires, a stop in progress. */
export interface KnownEvent {
  /** From which moment on, ISO-8601 UTC. */
  readonly at: string;
  /** What it adds to each step, in the unit of the series; below zero: what it takes off. */
  readonly perStep: number;
  /** One clause: `the stop of i-0abc`. */
  readonly what: string;
}

export interface ForecastAsk {
  /** Steps ahead. */
  readonly horizon: number;
  /** Numbers of steps, from the next one on, of which the sum is wanted: to the end of the month. */
  readonly sums?: readonly number[];
  /** Probabilities that ranges hold with; 0.8 and 0.9 where none are named. */
  readonly levels?: readonly number[];
  readonly events?: readonly KnownEvent[];
  /** Days (`YYYY-MM-DD`) that are like a Sunday. */
  readonly holidays?: ReadonlySet<string>;
}

/** What the sum of the next steps will be. */
export interface ExpectedSum {
  readonly steps: number;
  readonly mean: number;
  readonly bands: readonly Band[];
  /** Errors that were made over so many steps, ascending: the distribution behind the ranges. */
  readonly errors: readonly number[];
}

export interface Forecast {
  readonly steps: readonly Expected[];
  readonly sums: readonly ExpectedSum[];
  /** Steps ahead for which errors were measured on the series; beyond, ranges are extended by how errors grew. */
  readonly measured: number;
  /** What a reader must know: one sentence each. */
  readonly notes: readonly string[];
}

const DAY = 86_400_000;
export const LEVELS: readonly number[] = [0.8, 0.9];
/** Known steps that a forecast needs: four weeks of days; of shorter steps two of their first season. */
const FEWEST = 28;
/** Steps ahead up to which errors are measured: a quarter of days. */
const MEASURED = 92;
/** Of the newest steps, the share that must be known. */
const KNOWN = 0.5;
/** A level that is not quite known errs in proportion in sums, one that wanders by the power of one and a half. */
const OF_DAYS: Growth = { least: 1.2, most: 1.5 };
/** Steps over which the size of a series is taken. */
const MEMORY = 60;

/**
 * What comes next, step by step and in sums, with ranges that held as often as they say on the series itself.
 *
 * Level, slope, week and day, and charges that come with the day of the month are learned from the series alone
 * (`walk`, `calendarOf`); ranges come from the errors of forecasts that are made at every step of the past from what
 * had come by then (`calibrate`). A gap is no zero. Pure: the same series gives the same forecast.
 * @returns or why nothing can be told: fewer than 28 known steps (two days of shorter steps), or half of them missing
 */
export function forecast(series: Series, ask: ForecastAsk): Forecast | NotEnough {
  const levels = ask.levels ?? LEVELS;
  const { values, step } = series;
  const missing = notEnough(series);
  if (missing !== null) return missing;
  if (values.every((value) => value === null || value === 0)) return nothing(series, ask, levels);
  const measured = Math.max(1, Math.min(ask.horizon, MEASURED, Math.floor(values.length / 3)));
  const stride = strideOf(values.length);
  const walked = pathsOf(series, {
    horizon: measured,
    last: ask.horizon,
    stride,
    ...(ask.holidays && { holidays: ask.holidays }),
  });
  const newest = walked.origins.length - 1;
  const ranges = calibrate(walked, values, judgingOf(series, stride, levels), new Set([newest])).get(newest);
  const path = walked.paths[newest];
  if (ranges === undefined || path === undefined || path.length === 0 || ranges.measured === 0)
    return {
      notEnough: true,
      reason: `${known(values)} known ${step === 86_400_000 ? 'days' : 'steps'} gave too few forecasts to judge them by.`,
    };
  const end = Date.parse(series.start) + values.length * step;
  const least = values.some((value) => value !== null && value < 0) ? Number.NEGATIVE_INFINITY : 0;
  const mean = shifted(path, end, step, ask.events ?? [], least);
  const bands = ranges.steps(mean);
  const bounded = (band: Band): Band => {
    const { level, low, high } = atLeast(band, least);
    return { level, low: walked.pausing ? Math.min(low, 0) : low, high };
  };
  return {
    steps: Array.from(mean, (value, at) => ({
      at: timeAt(series, values.length + at),
      mean: value,
      bands: (bands[at] ?? []).map(bounded),
    })),
    sums: (ask.sums ?? []).map((steps) => sumOf(mean, steps, ranges, least, bounded)),
    measured: ranges.measured,
    notes: notesOf(walked, ranges.measured, ask, end + ask.horizon * step),
  };
}

/** What never cost anything is not expected to. */
function nothing(series: Series, { horizon, sums }: ForecastAsk, levels: readonly number[]): Forecast {
  const none = { mean: 0, bands: levels.map((level) => ({ level, low: 0, high: 0 })) };
  return {
    steps: Array.from({ length: horizon }, (_, at) => ({
      at: timeAt(series, series.values.length + at),
      ...none,
    })),
    sums: (sums ?? []).map((steps) => ({ steps, ...none, errors: [] })),
    measured: 0,
    notes: ['It has never cost anything.'],
  };
}

/** The probability that a sum exceeds what is left, from errors that were made; between 0 and 1, never either. */
export function exceeds({ mean, errors }: ExpectedSum, left: number): number {
  const above = errors.filter((error) => mean + error > left).length;
  return (above + 0.5) / (errors.length + 1);
}

/** Why a series is too short or too full of gaps; null: it is not. */
export function notEnough({ start, step, values }: Series): NotEnough | null {
  const [season] = seasonsOf(start, step);
  const needed = Math.max(FEWEST, 2 * (season?.period ?? 0));
  const all = known(values);
  if (all < needed)
    return { notEnough: true, reason: `${all} known ${nameOf(step, all)}; ${needed} are needed.` };
  const newest = values.slice(-needed);
  const late = known(newest);
  if (late < KNOWN * needed)
    return {
      notEnough: true,
      reason: `Of the newest ${needed} ${nameOf(step, needed)} ${late} are known; half of them are needed.`,
    };
  return null;
}

/** Steps between forecasts that are made to learn from: every one of days, fewer where there are thousands. */
export function strideOf(length: number): number {
  return Math.max(1, Math.ceil(length / 1000));
}

/**
 * How errors on a series are judged: by its size over two months or two seasons, from its first two seasons on; sums of
 * days from its first four weeks on, since from two a month is not known.
 */
export function judgingOf(
  { start, step, values }: Series,
  stride: number,
  levels: readonly number[],
): Judging {
  const period = seasonsOf(start, step)[0]?.period ?? 0;
  const areDays = step === DAY;
  // A short series has no later errors.
  const learned = values.length < 3 * period ? 0 : 2 * period;
  return {
    stride,
    levels,
    memory: Math.max(MEMORY, 2 * period),
    learned,
    learnedSums: areDays && values.length >= 8 * period ? 2 * learned : learned,
    growthOfSums: areDays ? OF_DAYS : PLAIN,
  };
}

function sumOf(
  mean: Float64Array,
  steps: number,
  ranges: Ranges,
  least: number,
  bounded: (band: Band) => Band,
): ExpectedSum {
  const sum = mean.subarray(0, steps).reduce((all, value) => all + value, 0);
  return {
    steps,
    mean: sum,
    bands: ranges.sum(sum, steps).map(bounded),
    errors: ranges.sumErrors(steps).map((error) => Math.max(error, least - sum)),
  };
}

/** @param least below which nothing can be: a stop takes off no more than there is */
function shifted(
  path: Float64Array,
  end: number,
  step: number,
  events: readonly KnownEvent[],
  least: number,
): Float64Array {
  return path.map((value, at) => {
    const sum = events.reduce((all, event) => {
      // Of the step in which it happens, the part after it.
      const part = (end + (at + 1) * step - Date.parse(event.at)) / step;
      return all + event.perStep * Math.min(1, Math.max(0, part));
    }, value);
    return Math.max(sum, Math.min(value, least));
  });
}

function atLeast({ level, low, high }: Band, least: number): Band {
  return { level, low: Math.max(low, least), high: Math.max(high, least) };
}

/** @param until end of the horizon, milliseconds since 1970: what comes later is in no figure */
function notesOf(
  { stopped, pausing }: Paths,
  measured: number,
  { horizon, events }: ForecastAsk,
  until: number,
): string[] {
  return [
    ...(stopped
      ? ['It has cost nothing for days, far longer than ever before: it is taken to have stopped.']
      : []),
    ...(pausing
      ? ['Of late it has cost nothing, longer than ever before: whether it has stopped cannot be told yet.']
      : []),
    ...(horizon > measured ? [extendedNote(measured)] : []),
    ...(events ?? [])
      .filter(({ at }) => Date.parse(at) < until)
      .map(({ at, what }) => `From ${at.slice(0, 10)} on: ${what}.`),
  ];
}

/** What is said where the horizon lies beyond what could be measured. */
export function extendedNote(measured: number): string {
  return `Beyond ${measured} steps ahead ranges are extended by how errors grew up to there.`;
}

function known(values: readonly (number | null)[]): number {
  return values.reduce<number>((count, value) => count + (value === null ? 0 : 1), 0);
}

function nameOf(step: number, count: number): string {
  const name = step === 86_400_000 ? 'day' : step === 3_600_000 ? 'hour' : 'step';
  return count === 1 ? name : `${name}s`;
}
