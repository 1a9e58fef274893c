import type { Band } from '../series.ts';
import { Errors, type Range } from './errors.ts';
import { HORIZONS, type Walk } from './walk.ts';

/** Errors below which a horizon has no range of its own. */
const FEWEST = 20;
/** Errors are never measured by less than this share of what the series has been about. */
const LEAST = 0.1;
/** Ranges are never narrower than binary noise: what is always the same is expected but for that. */
const NOISE = 1e-12;

/** Ranges of a forecast, step by step and summed from its first step on, in the unit of the series. */
export interface Ranges {
  /** By step ahead. */
  steps(mean: Float64Array): Band[][];
  /** Of the sum of the next so many steps. */
  sum(mean: number, steps: number): Band[];
  /** Errors of that sum that were seen, as much wider as its ranges, in the unit of the series, ascending. */
  sumErrors(steps: number): number[];
  /** Steps ahead up to which errors were measured; beyond, they are extended by how they grew. */
  readonly measured: number;
}

/** Powers of the horizon that errors may grow with beyond those that were measured. */
export interface Growth {
  readonly least: number;
  readonly most: number;
}

/** At least as chance does, at most in proportion. */
export const PLAIN: Growth = { least: 0.5, most: 1 };

/** How errors are judged. */
export interface Judging {
  /** Steps between origins of the walk. */
  readonly stride: number;
  /** Probabilities that ranges are to hold with. */
  readonly levels: readonly number[];
  /** Steps over which the size of the series is taken, by which errors are measured. */
  readonly memory: number;
  /** Steps of which nothing is learned: until a first season is known, errors are not those of later forecasts. */
  readonly learned: number;
  /** The same of sums: their errors overlap, so that those of a beginning are among them for long. */
  readonly learnedSums: number;
  readonly growthOfSums: Growth;
}

/**
 * Ranges from a walk: the errors that forecasts so far ahead did make, measured by how large the series was. Sums
 * have errors of their own, since errors of days that follow each other are alike.
 * @param wanted indices of origins whose ranges are wanted; each rests on what had come by then
 */
export function calibrate(
  { origins, paths, horizon }: Walk,
  values: readonly (number | null)[],
  { stride, levels, memory, learned, learnedSums, growthOfSums }: Judging,
  wanted: ReadonlySet<number>,
): Map<number, Ranges> {
  const grid = HORIZONS.filter((h) => h <= horizon);
  const scales = scalesOf(origins, values, memory);
  const follow = (areSums: boolean) =>
    grid.map((h, at) => ({
      h,
      at,
      areSums,
      errors: new Errors(levels, Math.max(h / stride, 1), areSums),
      said: [] as (readonly Range[] | null)[],
    }));
  const [steps, sums] = [follow(false), follow(true)];
  // Of each forecast once, when the first of its sums has come.
  const summed: (number | null)[][] = [];
  const all = [...steps, ...sums];
  const found = new Map<number, Ranges>();
  origins.forEach((_, newest) => {
    for (const { h, at, areSums, errors, said } of all) {
      const from = newest - Math.ceil(h / stride);
      const path = paths[from];
      const scale = scales[from] ?? 0;
      // Before anything was charged there is nothing to measure by.
      const origin = origins[from] ?? 0;
      const error =
        path === undefined || path.length < h || scale === 0 || origin < (areSums ? learnedSums : learned)
          ? null
          : areSums
            ? ((summed[from] ??= sumErrors(path, values, origin, grid))[at] ?? null)
            : stepError(path, values, origin, h);
      if (error !== null) errors.add(error / scale, said[from] ?? null);
      said.push(errors.count >= FEWEST ? errors.ranges() : null);
    }
    if (!wanted.has(newest)) return;
    const measured = (some: typeof steps) =>
      some.flatMap(({ h, errors }) => {
        const { sorted } = errors;
        const wider = errors.wider(levels[0] ?? 0);
        return sorted.length < FEWEST
          ? []
          : [{ h, ranges: errors.ranges(), sorted: sorted.map((error) => error * wider) }];
      });
    found.set(newest, rangesOf(measured(steps), measured(sums), levels, scales[newest] ?? 0, growthOfSums));
  });
  return found;
}

interface AtHorizon {
  readonly h: number;
  readonly ranges: readonly Range[];
  readonly sorted: readonly number[];
}

function rangesOf(
  steps: readonly AtHorizon[],
  sums: readonly AtHorizon[],
  levels: readonly number[],
  scale: number,
  growthOfSums: Growth,
): Ranges {
  const bands = (mean: number, at: readonly AtHorizon[], h: number, growth: Growth): Band[] => {
    const noise = NOISE * (Math.abs(mean) + scale);
    // Where errors all lay on one side, the range still reaches to what is said to be expected; and one of a higher
    // level holds those of the lower, though each follows its own misses.
    let below = 0;
    let above = 0;
    return levels.map((level, index) => {
      const [low, high] = rangeAt(at, h, index, growth);
      below = Math.min(below, low * scale);
      above = Math.max(above, high * scale);
      return { level, low: mean + below - noise, high: mean + above + noise };
    });
  };
  return {
    measured: steps.at(-1)?.h ?? 0,
    steps: (mean) =>
      steps.length === 0 ? [] : Array.from(mean, (value, at) => bands(value, steps, at + 1, PLAIN)),
    sum: (mean, count) => (sums.length === 0 ? [] : bands(mean, sums, count, growthOfSums)),
    sumErrors: (count) => {
      const { low, share, grown } = around(sums, count, growthOfSums);
      const nearest = share < 0.5 ? low : low + 1;
      const wanted = grown * (widthAt(sums, low) * (1 - share) + widthAt(sums, low + 1) * share);
      const width = widthAt(sums, nearest);
      // Between two horizons, the errors of the nearer one, made as wide as they are there.
      const wider = scale * (width === 0 ? 1 : wanted / width);
      return (sums[nearest]?.sorted ?? []).map((error) => error * wider);
    },
  };
}

function rangeAt(at: readonly AtHorizon[], h: number, level: number, growth: Growth): Range {
  const { low, share, grown } = around(at, h, growth);
  const own = at[low]?.ranges[level] ?? [0, 0];
  const next = at[low + 1]?.ranges[level] ?? own;
  return [grown * (own[0] * (1 - share) + next[0] * share), grown * (own[1] * (1 - share) + next[1] * share)];
}

/** The measured horizons on both sides, and how far errors have grown beyond the last. */
function around(
  at: readonly AtHorizon[],
  h: number,
  growth: Growth,
): { low: number; share: number; grown: number } {
  const last = at.at(-1);
  if (last === undefined) return { low: 0, share: 0, grown: 1 };
  if (h >= last.h) return { low: at.length - 1, share: 0, grown: (h / last.h) ** growthOf(at, growth) };
  const low = Math.max(
    at.findLastIndex((each) => each.h <= h),
    0,
  );
  const [here, there] = [at[low]?.h ?? 1, at[low + 1]?.h ?? last.h];
  return { low, share: Math.max(0, (h - here) / (there - here)), grown: 1 };
}

/** The power of the horizon that errors grew with, within what is possible. */
function growthOf(at: readonly AtHorizon[], { least, most }: Growth): number {
  const last = at.length - 1;
  const early = at.findIndex(({ h }) => h * 3 >= (at[last]?.h ?? 0));
  const [narrow, wide] = [widthAt(at, early), widthAt(at, last)];
  if (early === last || narrow <= 0 || wide <= 0) return least;
  const power = Math.log(wide / narrow) / Math.log((at[last]?.h ?? 1) / (at[early]?.h ?? 1));
  return Math.min(most, Math.max(least, power));
}

function widthAt(at: readonly AtHorizon[], index: number): number {
  const [low, high] = at[Math.min(index, at.length - 1)]?.ranges[0] ?? [0, 0];
  return high - low;
}

/** How far a forecast lay from what came; null where that is not known. */
function stepError(
  path: Float64Array,
  values: readonly (number | null)[],
  origin: number,
  h: number,
): number | null {
  const value = values[origin + h] ?? null;
  return value === null ? null : value - (path[h - 1] ?? 0);
}

/**
 * How far the sums of the steps of a forecast lay from what came, by horizon: each adds its steps one after another, so
 * that a longer one goes on from a shorter.
 */
function sumErrors(
  path: Float64Array,
  values: readonly (number | null)[],
  origin: number,
  grid: readonly number[],
): (number | null)[] {
  let [sum, known, at] = [0, 0, 0];
  return grid.map((h) => {
    if (path.length < h) return null;
    while (at < h) {
      at++;
      const value = values[origin + at] ?? null;
      if (value === null) continue;
      sum += value - (path[at - 1] ?? 0);
      known++;
    }
    return known * 5 < h * 4 ? null : (sum * h) / known;
  });
}

/** How large the series has been of late, at each origin: what errors are measured by, so that they grow with it. */
function scalesOf(origins: readonly number[], values: readonly (number | null)[], memory: number): number[] {
  let [all, late, count, from] = [0, 0, 0, 0];
  return origins.map((origin) => {
    for (; from <= origin; from++) {
      const value = values[from] ?? null;
      if (value === null) continue;
      count++;
      all += (Math.abs(value) - all) / count;
      late += (Math.abs(value) - late) / Math.min(count, memory);
    }
    // What has stopped, or was near nothing for long, is not measured by nothing.
    return Math.max(late, all * LEAST);
  });
}
