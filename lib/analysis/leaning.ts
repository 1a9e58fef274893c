import type { Decimal } from '../focus/decimal.ts';

/**
 * On which side forecasts came out, where that makes a limit likelier to be exceeded, or to be kept, than the expected
 * total alone says: the probability rests on the errors that forecasts over as many days made, and these may lean.
 * Null where total and probability say the same.
 */
export function leaning(total: Decimal, limit: Decimal, probability: number): 'low' | 'high' | null {
  if (probability > 0.5 && total.lte(limit)) return 'low';
  return probability < 0.5 && total.gt(limit) ? 'high' : null;
}
