import type { Band, NotEnough, Series } from '../series.ts';
import { calibrate } from './calibrate.ts';
import { judgingOf, LEVELS, notEnough, strideOf } from './forecast.ts';
import { pathsOf } from './paths.ts';
import { seasonsOf, timeAt } from './seasons.ts';

/** One forecast step beside what came. */
export interface ScoredStep {
  /** Start of the step, ISO-8601 UTC. */
  readonly at: string;
  readonly value: number;
  readonly mean: number;
  readonly bands: readonly Band[];
  /** Steps that it lay ahead when it was forecast. */
  readonly ahead: number;
  /** What a seasonal naive forecast, made at the same time, said. */
  readonly naive: number;
}

export interface Coverage {
  readonly level: number;
  /** Share of steps, or sums, that lay in their range, and of how many; null of none. */
  readonly share: number | null;
  readonly count: number;
}

/** Point errors of one way of forecasting. */
export interface PointScores {
  /** Mean absolute error in percent of what came, steps with nothing left out; null where that is all. */
  readonly mape: number | null;
  /**
   * Mean absolute error in units of what a seasonal naive forecast errs one season ahead within the history (Hyndman
   * and Koehler 2006); null where that is nothing.
   */
  readonly mase: number | null;
}

export interface ForecastScores extends PointScores {
  readonly steps: number;
  readonly coverage: readonly Coverage[];
  /** Of sums over the whole horizon. */
  readonly sumCoverage: readonly Coverage[];
  /** The same steps by the value of one season before. */
  readonly seasonalNaive: PointScores;
  /** Steps to the season that the naive forecast repeats. */
  readonly season: number;
}

export interface ForecastBacktest {
  readonly horizon: number;
  readonly scores: ForecastScores;
  readonly scored: readonly ScoredStep[];
}

/**
 * Forecasts of a series as they would have been made, one horizon after another, each step scored once. What a
 * forecast and its ranges rest on ended before it.
 * @param horizon steps that each looks ahead
 * @returns or why nothing can be scored
 */
export function backtestForecast(series: Series, horizon: number): ForecastBacktest | NotEnough {
  const short = notEnough(series);
  if (short !== null) return short;
  const { start, step, values } = series;
  if (horizon >= values.length)
    return {
      notEnough: true,
      reason: `${values.length} steps; forecasts ${horizon} ahead need more than that.`,
    };
  const stride = strideOf(values.length);
  const period = seasonsOf(start, step)[0]?.period ?? 1;
  const walked = pathsOf(series, { horizon, last: horizon, stride });
  const turns = turnsOf(walked.origins, values.length, horizon, Math.max(56, 3 * period));
  const ranges = calibrate(walked, values, judgingOf(series, stride, LEVELS), new Set(turns));
  const scored: ScoredStep[] = [];
  const sums: { value: number; bands: readonly Band[] }[] = [];
  const units: number[] = [];
  for (const turn of turns) {
    const origin = walked.origins[turn] ?? 0;
    const path = walked.paths[turn];
    const own = ranges.get(turn);
    const unit = naiveError(values, origin, period);
    if (path === undefined || path.length === 0 || own === undefined || own.measured === 0) continue;
    const bands = own.steps(path);
    let [sum, known, mean] = [0, 0, 0];
    for (let h = 1; h <= horizon && origin + h < values.length; h++) {
      const value = values[origin + h] ?? null;
      mean += path[h - 1] ?? 0;
      if (value === null) continue;
      known++;
      sum += value;
      units.push(unit);
      scored.push({
        at: timeAt(series, origin + h),
        value,
        mean: path[h - 1] ?? 0,
        bands: bands[h - 1] ?? [],
        ahead: h,
        naive: lastSeason(values, origin, h, period),
      });
    }
    if (known === horizon) sums.push({ value: sum, bands: own.sum(mean, horizon) });
  }
  if (scored.length === 0 && values.every((value) => value === null || value === 0))
    return { notEnough: true, reason: 'It has never been other than zero: there is nothing to forecast.' };
  if (scored.length === 0)
    return {
      notEnough: true,
      reason: `${values.length} steps leave none to score: forecasts ${horizon} steps ahead have to be judged first.`,
    };
  return {
    horizon,
    scored,
    scores: {
      steps: scored.length,
      ...pointScores(scored, units, ({ mean }) => mean),
      coverage: LEVELS.map((level) => coverageOf(level, scored)),
      sumCoverage: LEVELS.map((level) => coverageOf(level, sums)),
      seasonalNaive: pointScores(scored, units, ({ naive }) => naive),
      season: period,
    },
  };
}

/** Origins that are scored: as far apart as they look, from where there is enough to learn from. */
function turnsOf(origins: readonly number[], length: number, horizon: number, learned: number): number[] {
  const turns: number[] = [];
  let next = Math.min(learned, Math.floor(length / 2));
  origins.forEach((origin, index) => {
    if (origin < next || origin >= length - 1) return;
    turns.push(index);
    next = origin + horizon;
  });
  return turns;
}

/** The value of the same part of the last season that was known; of gaps, of the season before. */
function lastSeason(values: readonly (number | null)[], origin: number, h: number, period: number): number {
  for (let at = origin + h - period * Math.ceil(h / period); at >= 0; at -= period) {
    const value = values[at] ?? null;
    if (value !== null) return value;
  }
  return 0;
}

function naiveError(values: readonly (number | null)[], origin: number, period: number): number {
  let [sum, count] = [0, 0];
  for (let at = period; at <= origin; at++) {
    const [now, before] = [values[at] ?? null, values[at - period] ?? null];
    if (now === null || before === null) continue;
    sum += Math.abs(now - before);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function pointScores(
  scored: readonly ScoredStep[],
  units: readonly number[],
  said: (step: ScoredStep) => number,
): PointScores {
  const shares = scored.flatMap((each) =>
    each.value === 0 ? [] : [Math.abs((each.value - said(each)) / each.value)],
  );
  const scaled = scored.flatMap((each, at) => {
    const unit = units[at] ?? 0;
    return unit === 0 ? [] : [Math.abs(each.value - said(each)) / unit];
  });
  return { mape: percent(meanOf(shares)), mase: meanOf(scaled) };
}

function coverageOf(
  level: number,
  all: readonly { readonly value: number; readonly bands: readonly Band[] }[],
): Coverage {
  const ranged = all.flatMap(({ value, bands }) => {
    const band = bands.find((each) => each.level === level);
    return band === undefined ? [] : [value >= band.low && value <= band.high];
  });
  return {
    level,
    share: ranged.length === 0 ? null : ranged.filter(Boolean).length / ranged.length,
    count: ranged.length,
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}
