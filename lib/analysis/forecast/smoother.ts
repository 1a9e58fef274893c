/** How one smoother learns. */
export interface Recipe {
  /** Share of a surprise that moves the level, 0 to 1. */
  readonly alpha: number;
  /** Share that moves the slope; 0: no slope. */
  readonly beta: number;
  /** Share that moves the season. */
  readonly gamma: number;
  /** Which season: an index into those of the series; null: none. */
  readonly season: number | null;
  /** Learns logarithms, so that season and growth are shares; silent where a value is not above zero. */
  readonly log: boolean;
}

/** Where smoothers say what they expect; of what has a value for each horizon and smoother, that is at `g * count + k`. */
export interface Saying {
  /** By step ahead, what all of them expect. */
  readonly all: Float64Array;
  /** Horizons, ascending, the first of them 1. */
  readonly grid: readonly number[];
  /** How much each is heard from a horizon up to the next. */
  readonly weights: Float64Array;
  /** What each says at the horizons. */
  readonly said: Float64Array;
  readonly count: number;
}

/** What a slope keeps of itself from step to step: growth ends after about fifty steps of itself. */
const DAMPING = 0.98;
/** Surprises beyond so many deviations are cut there, as in robust Holt-Winters (Gelper, Fried, Croux 2010). */
const CUT = 3;
/** Surprises on one side, each beyond the cut, after which the series is taken to have a new level. */
const ACCEPTED = 3;
/** Share of a surprise that moves the deviation. */
const SPREAD = 0.05;
/** Whole seasons from which the first profile is made. */
const SEASONS = 2;

/**
 * Exponential smoothing with level, damped slope and additive season, that a few wild values do not move: surprises
 * are cut at three deviations. Three cut ones on one side in a row are a new level, which is taken at once. Values
 * are learned one by one, so that what it says at a step rests on that step and earlier ones alone.
 */
export class Smoother {
  readonly #recipe: Recipe;
  readonly #season: Float64Array | null;
  readonly #first: { bin: number; value: number }[] = [];
  readonly #need: number;
  #level = 0;
  #slope = 0;
  #spread = 0;
  #isReady = false;
  #isSilent = false;
  #surprises: number[] = [];

  /** @param bins parts of the season; @param period its steps */
  constructor(recipe: Recipe, bins: number, period: number) {
    this.#recipe = recipe;
    this.#season = recipe.season === null ? null : new Float64Array(bins);
    this.#need = recipe.season === null ? 3 : SEASONS * period;
  }

  /** Has it seen enough to speak? */
  get isReady(): boolean {
    return this.#isReady && !this.#isSilent;
  }

  /** Deviation of its surprises, in the unit that it learns. */
  get spread(): number {
    return this.#spread;
  }

  /** What it expects of the next step, in the unit that it learns. */
  expects(bin: number): number {
    return this.#level + this.#slope * DAMPING + (this.#season?.[bin] ?? 0);
  }

  /** Takes the value of one step; null: it is not known, and nothing is learned. */
  learn(value: number | null, bin: number): void {
    if (value === null || this.#isSilent) {
      if (this.#isReady) this.#move(0);
      return;
    }
    if (this.#recipe.log && value <= 0) {
      this.#isSilent = true;
      return;
    }
    const y = this.#recipe.log ? Math.log(value) : value;
    if (!this.#isReady) this.#begin(y, bin);
    else this.#follow(y, bin);
  }

  /**
   * Adds what it expects of the next steps to what all expect, by its weight from each horizon to the next, and keeps
   * what it says at the horizons.
   * @param k its place among all; @param bins from `first` on, the parts of its season that the next steps lie in
   */
  speak({ all, grid, weights, said, count }: Saying, k: number, bins: Int32Array, first: number): void {
    const { log } = this.#recipe;
    const season = this.#season;
    let slope = this.#slope * DAMPING;
    let level = this.#level;
    // Without a slope it says the same of all steps in one part of the season.
    const parts = log && slope === 0 ? this.#flat(all.length) : null;
    for (let g = 0; g < grid.length; g++) {
      const from = (grid[g] ?? 1) - 1;
      const to = Math.min((grid[g + 1] ?? all.length + 1) - 1, all.length);
      const weight = weights[g * count + k] ?? 0;
      for (let h = from; h < to; h++) {
        const bin = bins[first + h] ?? 0;
        let y: number;
        if (parts !== null) y = parts[bin] ?? 0;
        else {
          level += slope;
          slope *= DAMPING;
          y = season === null ? level : level + (season[bin] ?? 0);
          if (log) y = Math.exp(y);
        }
        if (h === from) said[g * count + k] = y;
        if (weight !== 0) all[h] = (all[h] ?? 0) + weight * y;
      }
    }
  }

  /** What it expects of each part of its season; null where that are more than the steps asked for. */
  #flat(steps: number): Float64Array | null {
    const season = this.#season;
    if (season === null || season.length > steps) return null;
    return season.map((each) => Math.exp(this.#level + each));
  }

  #begin(y: number, bin: number): void {
    this.#first.push({ bin, value: y });
    if (this.#first.length < this.#need) return;
    const values = this.#first.map(({ value }) => value);
    this.#level = mean(values);
    if (this.#season !== null) {
      const sums = new Map<number, { sum: number; count: number }>();
      for (const { bin: at, value } of this.#first) {
        const part = sums.get(at) ?? { sum: 0, count: 0 };
        sums.set(at, { sum: part.sum + value - this.#level, count: part.count + 1 });
      }
      for (const [at, { sum, count }] of sums) this.#season[at] = sum / count;
    }
    const off = this.#first.map(({ bin: at, value }) =>
      Math.abs(value - this.#level - (this.#season?.[at] ?? 0)),
    );
    this.#spread = mean(off) * 1.25 * (this.#season === null ? 1 : Math.SQRT2);
    this.#first.length = 0;
    this.#isReady = true;
  }

  #follow(y: number, bin: number): void {
    const seasonal = this.#season?.[bin] ?? 0;
    const surprise = y - this.expects(bin);
    const most = CUT * this.#spread;
    const cut = Math.max(-most, Math.min(most, surprise));
    this.#notice(surprise, cut);
    if (this.#surprises.length >= ACCEPTED) {
      this.#level += median(this.#surprises);
      this.#slope = 0;
      this.#surprises = [];
      return;
    }
    this.#move(cut);
    const { alpha, gamma } = this.#recipe;
    if (this.#season !== null) this.#season[bin] = seasonal + gamma * (1 - alpha) * cut;
    // 1.25 times the mean deviation is the standard deviation of a normal distribution.
    const seen = Math.min(Math.abs(surprise), most === 0 ? Number.POSITIVE_INFINITY : most) * 1.25;
    this.#spread += SPREAD * (seen - this.#spread);
  }

  /** Keeps surprises that were cut, as long as they lie on one side. */
  #notice(surprise: number, cut: number): void {
    if (surprise === cut) this.#surprises.length = 0;
    else if (this.#surprises.length > 0 && Math.sign(this.#surprises[0] ?? 0) !== Math.sign(surprise))
      this.#surprises = [surprise];
    else this.#surprises.push(surprise);
  }

  #move(surprise: number): void {
    const { alpha, beta } = this.#recipe;
    this.#slope *= DAMPING;
    this.#level += this.#slope + alpha * surprise;
    this.#slope += beta * surprise;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const n = values.length;
  if (n === 0) return Number.NaN;
  const rest = new Float64Array(values);
  const high = select(rest, n >> 1);
  if (n % 2 === 1) return high;
  // Those before it are no larger, in no order.
  let low = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < n >> 1; at++) low = Math.max(low, rest[at] ?? low);
  return (low + high) / 2;
}

/** The value of a rank, counted from 0; puts what is smaller before it and what is larger after (Hoare 1961, FIND). */
function select(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let from = low;
    let to = high;
    while (from <= to) {
      while ((values[from] ?? 0) < pivot) from++;
      while ((values[to] ?? 0) > pivot) to--;
      if (from > to) break;
      const swapped = values[from] ?? 0;
      values[from++] = values[to] ?? 0;
      values[to--] = swapped;
    }
    if (rank <= to) high = to;
    else if (rank >= from) low = from;
    else break;
  }
  return values[rank] ?? Number.NaN;
}
