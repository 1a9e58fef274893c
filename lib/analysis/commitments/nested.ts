/**
 * Several programmes over the same spend: each slice has one of its own (an EC2 Instance Savings Plan, a
 * reservation), and one programme covers what they leave of all slices (a Compute Savings Plan). AWS applies them in
 * this order ("Savings Plans apply to your usage after the EC2 Reserved Instances (RI) are applied. [...] EC2 Instance
 * Savings Plans apply before Compute Savings Plans", Savings Plans User Guide, "Understanding how Savings Plans
 * apply to your usage"). Pure numbers: amounts are calculated anew from what is found.
 */
import { quantile, sortedQuantile } from './quantile.ts';

export interface NestedSlice {
  /** On-demand spend a step, none below zero. */
  readonly spend: Float64Array;
  /** Discount of the slice's own programme, decimal text; null: it has none. */
  readonly discount: string | null;
}

export interface NestedOptimum {
  /** On-demand spend a step that each slice's own programme covers, in their order. */
  readonly own: readonly number[];
  /** That of the shared programme, of what they leave. */
  readonly shared: number;
}

/** Of each descent; it has settled after a few. */
const ROUNDS = 60;

/**
 * The cheapest covers. The cost of a step is (1 - d) u for every slice's own programme, (1 - D) U for the shared one,
 * and what both leave: convex and linear between breakpoints. It is minimised along each cover, and along each
 * exchange of a slice's own cover for the shared one, where each minimum is a quantile in closed form:
 *
 * - u alone: a unit more pays in the steps in which it would be on demand, so u is the d-quantile of
 *   max(0, x - (U - rest)+), where the rest is what the other slices leave;
 * - U alone: the D-quantile of all that the slices leave;
 * - u up and U down by the same: it costs (1 - d) - (1 - D), and only hurts in steps above max(x - u, U - rest).
 *
 * A kink can hold every one of these directions and not yet be the minimum. On series of a month and more that is
 * rare: the tests bound the difference by the dual problem, at a thousandth of the cost.
 */
export function nestedOptimum(slices: readonly NestedSlice[], sharedDiscount: string | null): NestedOptimum {
  if (sharedDiscount === null)
    return {
      own: slices.map(({ spend, discount }) => (discount === null ? 0 : quantile(spend, discount))),
      shared: 0,
    };
  return descend(
    slices,
    sharedDiscount,
    slices.map(() => 0),
  );
}

/** What all steps cost under these covers. */
export function nestedCost(
  slices: readonly NestedSlice[],
  sharedDiscount: string | null,
  { own, shared }: NestedOptimum,
): number {
  const left = leftOf(slices, own);
  let cost = 0;
  for (const each of left) cost += Math.max(each - shared, 0);
  const fee = (covered: number, discount: string | null) =>
    discount === null ? 0 : covered * (1 - Number(discount)) * left.length;
  return slices.reduce(
    (sum, { discount }, at) => sum + fee(own[at] ?? 0, discount),
    cost + fee(shared, sharedDiscount),
  );
}

/** What own programmes leave of every slice, added up a step. */
export function leftOf(slices: readonly NestedSlice[], own: readonly number[]): Float64Array {
  const left = new Float64Array(slices[0]?.spend.length ?? 0);
  for (const [at, { spend }] of slices.entries()) {
    const covered = own[at] ?? 0;
    for (let step = 0; step < left.length; step++)
      left[step] = (left[step] ?? 0) + Math.max((spend[step] ?? 0) - covered, 0);
  }
  return left;
}

function descend(
  slices: readonly NestedSlice[],
  sharedDiscount: string,
  start: readonly number[],
): NestedOptimum {
  const own = [...start];
  const left = leftOf(slices, own);
  let shared = quantile(left, sharedDiscount);
  const steps = left.length;
  const scratch = new Float64Array(steps);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [at, { spend, discount }] of slices.entries()) {
      if (discount === null) continue;
      const before = own[at] ?? 0;
      // Alone.
      for (let step = 0; step < steps; step++) {
        const x = spend[step] ?? 0;
        const rest = (left[step] ?? 0) - Math.max(x - before, 0);
        scratch[step] = Math.max(x - Math.max(shared - rest, 0), 0);
      }
      const alone = sortedQuantile(scratch.toSorted(), discount);
      // For the shared one: only where its own discount is the larger.
      const gain = Number(discount) - Number(sharedDiscount);
      recover(left, spend, before, alone);
      let exchanged = 0;
      if (gain > 0 && shared > 0) {
        for (let step = 0; step < steps; step++) {
          const x = spend[step] ?? 0;
          const rest = (left[step] ?? 0) - Math.max(x - alone, 0);
          scratch[step] = Math.max(x - alone, shared - rest);
        }
        const rank = Math.floor(gain * steps);
        exchanged = Math.min(Math.max(scratch.toSorted()[rank] ?? 0, 0), shared);
      }
      own[at] = alone + exchanged;
      recover(left, spend, alone, own[at]);
      shared -= exchanged;
      moved ||= Math.abs(own[at] - before) > 1e-9 * Math.max(1, before);
    }
    const next = quantile(left, sharedDiscount);
    moved ||= Math.abs(next - shared) > 1e-9 * Math.max(1, shared);
    shared = next;
    if (!moved) break;
  }
  return { own, shared };
}

/** Changes what is left of all slices by another cover of one. */
function recover(left: Float64Array, spend: Float64Array, before: number, after: number): void {
  if (before === after) return;
  for (let step = 0; step < left.length; step++) {
    const x = spend[step] ?? 0;
    left[step] = Math.max((left[step] ?? 0) + Math.max(x - after, 0) - Math.max(x - before, 0), 0);
  }
}
