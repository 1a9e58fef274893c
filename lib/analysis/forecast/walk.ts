import { recipesOf } from './recipes.ts';
import { binOf, type Season } from './seasons.ts';
import { Smoother } from './smoother.ts';

/** Steps ahead at which errors are remembered; what lies between is taken to be like the nearest below. */
export const HORIZONS = [1, 2, 3, 5, 7, 10, 14, 21, 28, 45, 60, 90, 135, 180, 288, 420, 720, 1440];
/** What an error still counts for at the next origin: about thirty origins are remembered. */
const KEEP = 0.97;
/** Comparisons below which a smoother is not heard. */
const FEWEST = 3;

/** Forecasts made from one step after another, each from the steps up to then alone. */
export interface Walk {
  /** Steps after which a forecast was made, ascending. */
  readonly origins: readonly number[];
  /** Steps that each looks ahead. */
  readonly horizon: number;
  /** By origin: what was expected of the steps after it. Empty where nothing could be said yet. */
  readonly paths: readonly Float64Array[];
}

/** What is walked over. */
export interface Walked {
  readonly values: readonly (number | null)[];
  readonly seasons: readonly Season[];
  readonly isDaily: boolean;
  /** Steps ahead at each origin, and at the last one (which may look further). */
  readonly horizon: number;
  readonly last: number;
  /** Steps between origins; the last step is always one. */
  readonly stride: number;
  /** The part of a season of steps that are unlike their kind: a holiday is like a Sunday. */
  readonly binAt?: (season: Season, at: number) => number;
}

/**
 * Walks over a series and forecasts from each origin. Every smoother is asked, and each is heard by how it has done
 * so far on this series as far ahead: nothing that comes later is known, neither values nor weights.
 */
export function walk({ values, seasons, isDaily, horizon, last, stride, binAt = binOf }: Walked): Walk {
  const recipes = recipesOf(seasons.length, isDaily);
  const smoothers = recipes.map((recipe) => {
    const season = recipe.season === null ? undefined : seasons[recipe.season];
    return new Smoother(recipe, season?.bins ?? 1, season?.period ?? 1);
  });
  const far = Math.max(horizon, last);
  const bins = seasons.map((season) =>
    Int32Array.from({ length: values.length + far }, (_, at) => binAt(season, at)),
  );
  const none = new Int32Array(values.length + far);
  const binsOf = recipes.map(({ season }) => (season === null ? none : (bins[season] ?? none)));
  const grid = HORIZONS.filter((h) => h <= horizon);
  const record = new Record(recipes.length, grid, stride, values);
  const origins: number[] = [];
  const paths: Float64Array[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? null;
    for (let k = 0; k < smoothers.length; k++) smoothers[k]?.learn(value, binsOf[k]?.[at] ?? 0);
    const isLast = at === values.length - 1;
    if (!isLast && (values.length - 1 - at) % stride !== 0) continue;
    origins.push(at);
    record.compare(origins);
    const speaking = smoothers.map(({ isReady }) => isReady);
    const all = new Float64Array(speaking.includes(true) ? (isLast ? last : horizon) : 0);
    const saying = {
      all,
      grid,
      weights: record.weights(speaking),
      said: record.open(),
      count: recipes.length,
    };
    for (let k = 0; k < smoothers.length; k++)
      if (speaking[k] === true) smoothers[k]?.speak(saying, k, binsOf[k] ?? none, at + 1);
    paths.push(all);
  }
  return { origins, horizon, paths };
}

/** What each smoother said, and how far off it was, by horizon. */
class Record {
  readonly #count: number;
  readonly #grid: readonly number[];
  readonly #stride: number;
  readonly #values: readonly (number | null)[];
  /** By horizon and smoother: errors and how many, each origin counting less than the next. */
  readonly #errors: Float64Array;
  readonly #weights: Float64Array;
  /** By origin, horizon and smoother, what it said; NaN where it did not. */
  readonly #said: Float64Array;
  /** How much each is heard at the newest origin. */
  readonly #heard: Float64Array;
  #opened = 0;

  constructor(count: number, grid: readonly number[], stride: number, values: readonly (number | null)[]) {
    this.#count = count;
    this.#grid = grid;
    this.#stride = stride;
    this.#values = values;
    this.#errors = new Float64Array(count * grid.length);
    this.#weights = new Float64Array(count * grid.length);
    this.#heard = new Float64Array(count * grid.length);
    const origins = Math.floor((values.length - 1) / stride) + 1;
    this.#said = new Float64Array(origins * count * grid.length).fill(Number.NaN);
  }

  /** Compares what was said with what came, at every horizon, by the newest origin that has come so far. */
  compare(origins: readonly number[]): void {
    const newest = origins.length - 1;
    for (let g = 0; g < this.#grid.length; g++) {
      const h = this.#grid[g] ?? 1;
      const from = newest - Math.ceil(h / this.#stride);
      if (from < 0) continue;
      const value = this.#values[(origins[from] ?? 0) + h] ?? null;
      if (value === null) continue;
      const said = from * this.#errors.length;
      for (let k = 0; k < this.#count; k++) {
        const at = g * this.#count + k;
        const off = Math.abs(value - (this.#said[said + at] ?? Number.NaN));
        if (Number.isNaN(off)) continue;
        this.#errors[at] = (this.#errors[at] ?? 0) * KEEP + off;
        this.#weights[at] = (this.#weights[at] ?? 0) * KEEP + 1;
      }
    }
  }

  /** Where each is to keep what it says at the newest origin. */
  open(): Float64Array {
    const size = this.#errors.length;
    this.#opened++;
    return this.#said.subarray((this.#opened - 1) * size, this.#opened * size);
  }

  /**
   * How much each is heard, by horizon and smoother; they add up to one. Where nobody was compared so far ahead
   * yet, as at the next shorter horizon, and before any comparison all alike. Good until it is asked again.
   */
  weights(speaking: readonly boolean[]): Float64Array {
    const weights = this.#heard;
    const all = speaking.filter(Boolean).length;
    for (let g = 0; g < this.#grid.length; g++) {
      const sum = this.#raw(speaking, g, weights);
      for (let k = 0; k < this.#count; k++) {
        const at = g * this.#count + k;
        if (sum > 0) weights[at] = (weights[at] ?? 0) / sum;
        else if (g > 0) weights[at] = weights[at - this.#count] ?? 0;
        else weights[at] = speaking[k] === true ? 1 / all : 0;
      }
    }
    return weights;
  }

  /** Writes weights of one horizon before they add up to one; gives their sum, 0 where nothing is known. */
  #raw(speaking: readonly boolean[], g: number, weights: Float64Array): number {
    const from = g * this.#count;
    let best = Number.POSITIVE_INFINITY;
    // First what each erred by in the mean; NaN of those that are not heard.
    for (let k = 0; k < this.#count; k++) {
      const count = this.#weights[from + k] ?? 0;
      const mean =
        speaking[k] !== true || count < FEWEST ? Number.NaN : (this.#errors[from + k] ?? 0) / count;
      weights[from + k] = mean;
      if (mean < best) best = mean;
    }
    let sum = 0;
    for (let k = 0; k < this.#count; k++) {
      const own = weights[from + k] ?? Number.NaN;
      // One that was never wrong is heard alone, with those like it.
      const weight = Number.isNaN(own) ? 0 : own === 0 ? 1 : sixth(best / own);
      weights[from + k] = weight;
      sum += weight;
    }
    return sum;
  }
}

/** How much more a smoother is heard that errs less: by the sixth power of how much less. */
function sixth(ratio: number): number {
  const cube = ratio * ratio * ratio;
  return cube * cube;
}
