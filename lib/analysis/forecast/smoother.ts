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

  /** Writes what it expects of the next steps into `path`; `bins` from `first` on are their parts of the season. */
  ahead(path: Float64Array, bins: Int32Array, first: number, steps: number): void {
    const { log } = this.#recipe;
    const season = this.#season;
    let slope = this.#slope * DAMPING;
    let level = this.#level;
    for (let h = 0; h < steps; h++) {
      level += slope;
      slope *= DAMPING;
      const y = season === null ? level : level + (season[bins[first + h] ?? 0] ?? 0);
      path[h] = log ? Math.exp(y) : y;
    }
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
    if (surprise === cut) this.#surprises = [];
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
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  const high = sorted[sorted.length >> 1] ?? Number.NaN;
  return (low + high) / 2;
}
