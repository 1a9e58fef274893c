/** Newest errors that a range rests on, at each horizon. */
const REMEMBERED = 365;
/** How fast a range that held too seldom, or too often, is widened or narrowed: shares of a probability. */
const PACE = 0.02;

/** Share of errors that overlap, up to which the others tell enough. */
const OVERLAP = 0.2;

/** Low and high end of a range of errors. */
export type Range = readonly [low: number, high: number];

/**
 * Errors that forecasts of one horizon made, and the ranges that the next will lie in: split conformal prediction,
 * with levels that follow how often ranges have held (adaptive conformal inference, Gibbs and Candès 2021), so that
 * they hold where a series changes its ways.
 */
export class Errors {
  readonly #newest: number[] = [];
  readonly #sorted: number[] = [];
  readonly #levels: readonly number[];
  readonly #overlap: number;
  readonly #unseen: number;
  /** By level: the share of errors that is left out, half of it below and half above. */
  readonly #left: number[];

  /**
   * @param overlap forecasts that look at one step: they are wrong together, and each says less
   * @param unseen how much wider ranges get as errors get fewer, by overlapping ones over all beyond a fifth
   */
  constructor(levels: readonly number[], overlap: number, unseen: number) {
    this.#levels = levels;
    this.#overlap = overlap;
    this.#unseen = unseen;
    this.#left = levels.map((level) => 1 - level);
  }

  /** All that are remembered, ascending. */
  get sorted(): readonly number[] {
    return this.#sorted;
  }

  /** @param said the ranges that were told before this error was known, by level; null where none was */
  add(error: number, said: readonly Range[] | null): void {
    const pace = PACE / this.#overlap;
    said?.forEach(([low, high], at) => {
      const wanted = 1 - (this.#levels[at] ?? 0);
      const missed = error < low || error > high ? 1 : 0;
      this.#left[at] = within((this.#left[at] ?? wanted) + pace * (wanted - missed));
    });
    this.#newest.push(error);
    this.#sorted.splice(placeOf(this.#sorted, error), 0, error);
    if (this.#newest.length <= REMEMBERED) return;
    const old = this.#newest.shift() ?? 0;
    this.#sorted.splice(placeOf(this.#sorted, old), 1);
  }

  /** The ranges that the next error lies in, by level. */
  ranges(): Range[] {
    // Few errors that overlap do not tell a leaning from chance: then both sides are as wide.
    const sure = Math.max(0, 1 - this.#overlap / this.#sorted.length);
    // Of sums, few errors have hardly seen the worst.
    const wider = 1 + this.#unseen * Math.max(0, this.#overlap / this.#sorted.length - OVERLAP);
    return this.#levels.map((_, at) => {
      const left = (this.#left[at] ?? 0) / 2;
      const low = -beyond(this.#sorted, left, -1);
      const high = beyond(this.#sorted, left, 1);
      const half = (high - low) / 2;
      return [wider * (sure * low - (1 - sure) * half), wider * (sure * high + (1 - sure) * half)];
    });
  }
}

const within = (share: number) => Math.min(0.9, Math.max(0, share));

/** Where a value stands, or would stand, in sorted values. */
function placeOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The error that at most a share of errors lies beyond, on one side, by the rank of split conformal prediction: the
 * (n + 1)(1 - share)-th smallest, so that it holds for the next error too. Where that is beyond the largest of them,
 * the largest is taken up to a half further from the middle.
 */
function beyond(sorted: readonly number[], share: number, side: 1 | -1): number {
  const n = sorted.length;
  const of = (rank: number) => (side === 1 ? (sorted[rank - 1] ?? 0) : -(sorted[n - rank] ?? 0));
  const rank = (n + 1) * (1 - share);
  if (rank <= n) {
    const below = Math.max(Math.floor(rank), 1);
    return of(below) + (rank - below) * (of(Math.min(below + 1, n)) - of(below));
  }
  const middle = of(Math.ceil(n / 2));
  return of(n) + ((rank - n) / 2) * (of(n) - middle);
}
