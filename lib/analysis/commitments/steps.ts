/** Steps of spend, in decimals for what is told and in binary numbers for the search. */
import { Decimal, decimal } from '../../focus/decimal.ts';
import type { Span } from './history.ts';

const ZERO = new Decimal(0);

/** Binary numbers for the search: none below zero, NaN where not known. */
export function numbers(amounts: readonly (string | null)[], steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, step) => {
    const amount = amounts[step] ?? null;
    return amount === null ? Number.NaN : Math.max(Number(amount), 0);
  });
}

/** Decimals of the steps that are looked at; null: not known, or not looked at. */
export function decimals(
  amounts: readonly (string | null)[],
  steps: number,
  { from, to }: Span = { from: 0, to: steps },
): (Decimal | null)[] {
  return Array.from({ length: steps }, (_, step) => {
    const amount = step < from || step >= to ? null : (amounts[step] ?? null);
    return amount === null ? null : Decimal.max(decimal(amount), ZERO);
  });
}

export function numeric(spend: readonly (Decimal | null)[]): Float64Array {
  return Float64Array.from(spend, (each) => (each === null ? Number.NaN : each.toNumber()));
}

export function plus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : a.plus(b);
}

/** Steps of all slices together; NaN where one is not known. */
export function added(spends: readonly Float64Array[], steps: number): Float64Array {
  const sum = new Float64Array(steps);
  for (const spend of spends)
    for (let step = 0; step < steps; step++) sum[step] = (sum[step] ?? 0) + (spend[step] ?? 0);
  return sum;
}
