import { LEAST_DAYS } from './history.ts';
import { quantile } from './quantile.ts';

/** Stretches of 30 days that growth is told from. */
const STRETCHES = 3;
/** Share of a stretch that must be known. */
const LEAST_KNOWN = 0.9;

/**
 * By how much more every 30 days bears than the 30 before, in on-demand spend a step at this discount: the smaller of
 * the two rises of the last 90 days, so that one step up is no growth. Zero where either stretch did not rise, or where
 * 90 days are not known.
 * @param spend a step each, NaN where not known
 * @param to end of the newest step that is looked at
 */
export function growthOf(spend: Float64Array, stepHours: number, to: number, discount: string): number {
  const size = (LEAST_DAYS * 24) / stepHours;
  if (to < STRETCHES * size) return 0;
  const [first = 0, middle = 0, newest = 0] = Array.from({ length: STRETCHES }, (_, at) => {
    const from = to - (STRETCHES - at) * size;
    const known = spend.slice(from, from + size).filter((each) => !Number.isNaN(each));
    return known.length < LEAST_KNOWN * size ? Number.NaN : quantile(known, discount);
  });
  const least = Math.min(middle - first, newest - middle);
  return least > 0 ? least : 0;
}
