/** Newest errors that a range rests on, at each horizon. */
const REMEMBERED = 365;
/** How fast a range that held too seldom, or too often, is widened or narrowed: shares of a probability. */
const PACE = 0.02;
/**
 * Ranges that rest on n errors, each of which tells something of its own, are wider by so many n-ths, and by so many
 * of its square, of 80 % and more with each point. Student's t is wider than the normal distribution by 0.7 n-ths at
 * 80 % and 1.1 at 90 % from five degrees of freedom on, and by far more at one or two; errors lean less far out than
 * its tails.
 */
const FEW = { first: 0.45, firstMore: 3.5, squareMore: 2 };
/** The same of sums, whose first errors, of forecasts from little history, are larger than those to come. */
const FEW_SUMS = { first: 0.35, firstMore: 3, squareMore: 2 };
/** Sums that overlap tell as much as so many times those that do not: their ends differ. */
const OVERLAPPING = 1.5;

/** Low and high end of a range of errors. */
export type Range = readonly [low: number, high: number];

/**
 * Errors that forecasts of one horizon made, and the ranges that the next will lie in: split conformal prediction,
 * with levels that follow how often ranges have held (adaptive conformal inference, Gibbs and Candès 2021), so that
 * they hold where a series changes its ways.
 */
export class Errors {
  readonly #newest: number[] = [];
  /** The first `#newest.length` of it are in use. */
  readonly #sorted = new Float64Array(REMEMBERED + 1);
  readonly #levels: readonly number[];
  readonly #overlap: number;
  readonly #areSums: boolean;
  /** By level: the share of errors that is left out, half of it below and half above. */
  readonly #left: number[];
  /** Of remembered errors: the sum of their squares, and of the products of those that follow each other. */
  #squares = 0;
  #products = 0;

  /**
   * @param overlap forecasts that look at one step: they may be wrong together, and then each says less
   * @param areSums are they errors of sums? Those share all but their ends, whatever their neighbours look like
   */
  constructor(levels: readonly number[], overlap: number, areSums: boolean) {
    this.#areSums = areSums;
    this.#levels = levels;
    this.#overlap = overlap;
    this.#left = levels.map((level) => 1 - level);
  }

  /** All that are remembered, ascending. */
  get sorted(): readonly number[] {
    return Array.from(this.#sorted.subarray(0, this.count));
  }

  /** How many are remembered. */
  get count(): number {
    return this.#newest.length;
  }

  /** How much wider than the errors seen a range of this level has to be, since they are few. */
  wider(level: number): number {
    const n = this.#telling;
    const more = Math.max(0, level - 0.8);
    const few = this.#areSums ? FEW_SUMS : FEW;
    return 1 + (few.first + few.firstMore * more) / n + (few.squareMore * more) / n ** 2;
  }

  /**
   * How many errors that know nothing of each other tell as much: of errors that follow each other alike, as those of a
   * level that wanders do, n (1 - r) / (1 + r) (r: how neighbours correlate; Bayley and Hammersley 1946), and never
   * less than those that do not overlap. Neighbouring sums differ by noise that hides how alike they are.
   */
  get #telling(): number {
    const n = this.count;
    if (this.#areSums) return Math.max((OVERLAPPING * n) / this.#overlap, 1);
    const alike = this.#products / this.#squares;
    // Not of errors that are all nothing, or so far apart in size that their squares are no numbers.
    const r = alike > 0 ? Math.min(1, alike) : 0;
    return Math.max(n / this.#overlap, (n * (1 - r)) / (1 + r), 1);
  }

  /** @param said the ranges that were told before this error was known, by level; null where none was */
  add(error: number, said: readonly Range[] | null): void {
    const pace = PACE / this.#overlap;
    if (said !== null)
      for (let at = 0; at < said.length; at++) {
        const [low, high] = said[at] ?? NONE;
        const wanted = 1 - (this.#levels[at] ?? 0);
        const missed = error < low || error > high ? 1 : 0;
        this.#left[at] = within((this.#left[at] ?? wanted) + pace * (wanted - missed));
      }
    this.#squares += error * error;
    this.#products += error * (this.#newest.at(-1) ?? 0);
    const place = placeOf(this.#sorted, this.count, error);
    this.#sorted.copyWithin(place + 1, place, this.count);
    this.#sorted[place] = error;
    this.#newest.push(error);
    if (this.count <= REMEMBERED) return;
    const old = this.#newest.shift() ?? 0;
    this.#squares -= old * old;
    this.#products -= old * (this.#newest[0] ?? 0);
    const gone = placeOf(this.#sorted, REMEMBERED + 1, old);
    this.#sorted.copyWithin(gone, gone + 1);
  }

  /** The ranges that the next error lies in, by level. */
  ranges(): Range[] {
    // Few errors that overlap do not tell a leaning from chance: then both sides are as wide.
    const sure = Math.max(0, 1 - this.#overlap / this.count);
    return this.#levels.map((level, at) => {
      const wider = this.wider(level);
      const left = (this.#left[at] ?? 0) / 2;
      const low = -beyond(this.#sorted, this.count, left, -1);
      const high = beyond(this.#sorted, this.count, left, 1);
      const half = (high - low) / 2;
      return [wider * (sure * low - (1 - sure) * half), wider * (sure * high + (1 - sure) * half)];
    });
  }
}

const within = (share: number) => Math.min(0.9, Math.max(0, share));

const NONE: Range = [0, 0];

/** Where a value stands, or would stand, in the first values of a sorted array. */
function placeOf(sorted: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
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
function beyond(sorted: Float64Array, n: number, share: number, side: 1 | -1): number {
  const rank = (n + 1) * (1 - share);
  if (rank <= n) {
    const below = Math.max(Math.floor(rank), 1);
    const here = ranked(sorted, n, below, side);
    return here + (rank - below) * (ranked(sorted, n, Math.min(below + 1, n), side) - here);
  }
  const middle = ranked(sorted, n, Math.ceil(n / 2), side);
  const last = ranked(sorted, n, n, side);
  return last + ((rank - n) / 2) * (last - middle);
}

/** The value of a rank, counted from below, or from above with the other sign. */
function ranked(sorted: Float64Array, n: number, rank: number, side: 1 | -1): number {
  return side === 1 ? (sorted[rank - 1] ?? 0) : -(sorted[n - rank] ?? 0);
}
