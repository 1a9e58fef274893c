import { Decimal } from '../../focus/decimal.ts';

/** Rank of the d-quantile among n values, from 1: the smallest value that at least a share d do not exceed. */
export function rankOf(discount: string, n: number): number {
  return Math.max(new Decimal(discount).times(n).ceil().toNumber(), 1);
}

/** The d-quantile; 0 where there are no values. */
export function quantile(values: Float64Array, discount: string): number {
  return sortedQuantile(values.toSorted(), discount);
}

/** The same of values that are sorted already. */
export function sortedQuantile(sorted: Float64Array, discount: string): number {
  return sorted[rankOf(discount, sorted.length) - 1] ?? 0;
}
