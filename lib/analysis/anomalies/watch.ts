import { median } from '../forecast/smoother.ts';

/** Errors that a deviation rests on, and how many it needs at least. */
const REMEMBERED = 90;
const FEWEST = 14;
/** 1.4826 times the median absolute deviation, and 1.25 times the mean one, are a normal standard deviation. */
const MEDIAN = 1.4826;
const MEAN = 1.2533;
/** A wild error is remembered as at most so many deviations: it must not hide the next one. */
const CUT = 5;
/** The deviation is looked at anew when a twelfth of the errors that it rests on have come. */
const OFTEN = 12;

/** How far off sums over so many steps usually are. */
export class Watch {
  readonly #errors: number[] = [];
  readonly #remembered: number;
  #deviation: number | null = null;
  #since = 0;

  /** @param steps that a deviation is to rest on, where more than 90 */
  constructor(steps: number) {
    this.#remembered = Math.max(REMEMBERED, steps);
  }

  /** The robust standard deviation of errors so far; null where there are too few. */
  get deviation(): number | null {
    return this.#deviation;
  }

  learn(error: number): void {
    const most = this.#deviation === null ? Number.POSITIVE_INFINITY : CUT * this.#deviation;
    this.#errors.push(most === 0 ? error : Math.max(-most, Math.min(most, error)));
    if (this.#errors.length > this.#remembered) this.#errors.shift();
    if (this.#errors.length < FEWEST) return;
    this.#since++;
    if (this.#deviation !== null && this.#since * OFTEN < this.#errors.length) return;
    this.#since = 0;
    const sizes = this.#errors.map(Math.abs);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    this.#deviation = Math.max(MEDIAN * median(sizes), MEAN * mean);
  }
}
