import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestCovers } from '../../../lib/analysis/commitments/clairvoyant.ts';
import {
  leftOf,
  type NestedSlice,
  nestedCost,
  nestedOptimum,
} from '../../../lib/analysis/commitments/nested.ts';
import { quantile } from '../../../lib/analysis/commitments/quantile.ts';
import { usage } from './series.ts';

const numbers = (...values: number[]) => Float64Array.from(values);
const flat = (level: number) => new Float64Array(10).fill(level);

describe('quantile', () => {
  it('is the smallest value that a share d do not exceed', () => {
    const values = numbers(4, 1, 3, 2);
    expect(['0.01', '0.25', '0.26', '0.5', '0.75', '0.99'].map((d) => quantile(values, d))).toEqual([
      1, 1, 2, 2, 3, 4,
    ]);
    // 0.07 x 100 is 7.000000000000001 in binary, and would be the eighth.
    expect(
      quantile(
        Float64Array.from({ length: 100 }, (_, at) => at + 1),
        '0.07',
      ),
    ).toBe(7);
    expect(quantile(numbers(), '0.5')).toBe(0);
  });
});

describe('nestedOptimum', () => {
  it('of one programme is its quantile', () => {
    expect(nestedOptimum([{ spend: numbers(1, 2, 3, 4), discount: null }], '0.5')).toEqual({
      own: [0],
      shared: 2,
    });
    expect(nestedOptimum([{ spend: numbers(1, 2, 3, 4), discount: '0.75' }], null)).toEqual({
      own: [3],
      shared: 0,
    });
  });

  it('gives all to the higher discount where both cover the same', () => {
    expect(nestedOptimum([{ spend: numbers(1, 2, 3, 4), discount: '0.5' }], '0.25')).toEqual({
      own: [2],
      shared: 0,
    });
  });

  it('gives to the shared one what wanders from slice to slice', () => {
    const a = numbers(10, 0, 10, 0);
    const b = numbers(0, 10, 0, 10);
    const slices = [a, b].map((spend) => ({ spend, discount: '0.4' }));
    expect(nestedOptimum(slices, '0.3')).toEqual({ own: [0, 0], shared: 10 });
  });

  it('of one slice and the rest is the cheapest of all breakpoints (property)', () => {
    const spend = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 8, maxLength: 8 });
    const percent = fc.integer({ min: 10, max: 60 });
    fc.assert(
      fc.property(spend, spend, percent, fc.integer({ min: 0, max: 30 }), (own, rest, low, more) => {
        const shared = (low / 100).toFixed(2);
        const slices: NestedSlice[] = [
          { spend: Float64Array.from(own), discount: ((low + more) / 100).toFixed(2) },
          { spend: Float64Array.from(rest), discount: null },
        ];
        let best = Number.POSITIVE_INFINITY;
        for (let first = 0; first <= 8; first++)
          for (let second = 0; second <= 16; second++)
            best = Math.min(best, nestedCost(slices, shared, { own: [first, 0], shared: second }));
        const found = nestedCost(slices, shared, nestedOptimum(slices, shared));
        expect(found).toBeLessThanOrEqual(best * 1.08 + 1e-9);
        // Never worse than the best of either programme alone.
        const none = nestedCost(slices, shared, { own: [0, 0], shared: 0 });
        expect(found).toBeLessThanOrEqual(none + 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it('is within a thousandth of the bound of the dual problem on usage as it is', () => {
    for (const [count, discount] of [
      [1, '0.2'],
      [3, '0.27'],
      [6, '0.33'],
    ] as const) {
      const slices = Array.from(
        { length: count + 1 },
        (_, at): NestedSlice => ({
          spend: Float64Array.from(usage(100 * count + at, 24 * 42), Number),
          discount: at < count ? (Number(discount) + 0.05 + 0.02 * at).toFixed(2) : null,
        }),
      );
      const found = nestedOptimum(slices, discount);
      const cost = nestedCost(slices, discount, found);
      expect(cost - bound(slices, discount, leftOf(slices, found.own))).toBeLessThan(cost / 1000);
    }
  });
});

/**
 * A lower bound of every cost. A step's uncovered unit is worth l (0 to 1, (1 - D) on average): 1 where most is left.
 * Of a slice a share of l is worth having uncovered, (1 - d) on average: the dearest steps first.
 */
function bound(slices: readonly NestedSlice[], shared: string, left: Float64Array): number {
  const worth = filled(left, new Float64Array(left.length).fill(1), 1 - Number(shared));
  return slices.reduce((sum, { spend, discount }) => {
    const taken = discount === null ? worth : filled(spend, worth, 1 - Number(discount));
    return sum + spend.reduce((cost, each, at) => cost + each * (taken[at] ?? 0), 0);
  }, 0);
}

/** Fills the steps with the largest values first, each up to `most`, until the mean is reached. */
function filled(values: Float64Array, most: Float64Array, mean: number): Float64Array {
  const taken = new Float64Array(values.length);
  let rest = mean * values.length;
  for (const at of [...values.keys()].toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0))) {
    taken[at] = Math.min(most[at] ?? 0, rest);
    rest -= taken[at];
  }
  return taken;
}

describe('cheapestCovers', () => {
  it('follows a rise, and does not follow a fall that it cannot undo', () => {
    expect(cheapestCovers([flat(1), flat(2), flat(3)], '0.3')).toEqual([1, 2, 3]);
    expect(cheapestCovers([flat(3), flat(1)], '0.3')).toEqual([1, 1]);
    // Seven steps in ten at 3 pay for a discount of 0.35.
    expect(cheapestCovers([new Float64Array(14).fill(3), new Float64Array(6).fill(1)], '0.35')).toEqual([
      3, 3,
    ]);
  });

  it('is the cheapest of all covers that never fall (property)', () => {
    const segment = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(segment, segment, segment, fc.integer({ min: 5, max: 95 }), (a, b, c, percent) => {
        const discount = (percent / 100).toFixed(2);
        const segments = [a, b, c].map((each) => Float64Array.from(each));
        const cost = (covers: readonly number[]) =>
          segments.reduce(
            (sum, each, at) =>
              sum +
              each.reduce(
                (total, x) =>
                  total + (covers[at] ?? 0) * (1 - percent / 100) + Math.max(x - (covers[at] ?? 0), 0),
                0,
              ),
            0,
          );
        let best = Number.POSITIVE_INFINITY;
        for (let first = 0; first <= 5; first++)
          for (let second = first; second <= 5; second++)
            for (let third = second; third <= 5; third++) best = Math.min(best, cost([first, second, third]));
        expect(cost(cheapestCovers(segments, discount))).toBeCloseTo(best, 9);
      }),
      { numRuns: 200 },
    );
  });
});
