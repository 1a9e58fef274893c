import { describe, expect, it } from 'vitest';
import { limited, outcome, SCENARIOS, weeksOf } from '../../../lib/analysis/commitments/scenarios.ts';
import { usage } from './series.ts';

const WEEK = 168;
const flat = weeksOf(new Float64Array(4 * WEEK).fill(10), 1);

describe('weeksOf', () => {
  it('takes whole weeks from the end, and leaves out those that are mostly not known', () => {
    expect(weeksOf(new Float64Array(3 * WEEK - 1), 1)).toHaveLength(2);
    const gap = new Float64Array(2 * WEEK).fill(1).fill(Number.NaN, 0, 100);
    expect(weeksOf(gap, 1)).toHaveLength(1);
    expect(weeksOf(new Float64Array(14), 24)).toHaveLength(2);
  });
});

describe('outcome', () => {
  it('adds up to the mix that it names', () => {
    expect(SCENARIOS.map(({ paths }) => paths)).toEqual([100, 40, 30, 20, 10]);
  });

  it('of a flat spend is what can be reckoned by hand', () => {
    // d = 0.3, all of 10 covered. Losses: stopped before 70% of the term (7 of 10 paths at 5%, 15% ... 65%), no others:
    // a drop to 0.7 on the first day is 0.7 used, which pays exactly.
    const { lossProbability, worst } = outcome(flat, 10, 0.3, 52);
    expect(lossProbability).toBe(7 / 200);
    // Stopped at 5% of 52 weeks: the third week is the last that runs: 3/52 x 10 - 7.
    expect(worst.scenario).toBe('usage stops at some moment');
    expect(worst.saving).toBeCloseTo((3 / 52) * 10 - 7, 9);
  });

  it('is the same each time, and falls with the cover', () => {
    const history = weeksOf(Float64Array.from(usage(3, 8 * WEEK), Number), 1);
    expect(outcome(history, 9, 0.25, 52)).toEqual(outcome(history, 9, 0.25, 52));
    const losses = [2, 4, 6, 8, 10, 12, 14].map((cover) => outcome(history, cover, 0.25, 52).lossProbability);
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    expect(losses.at(-1)).toBeGreaterThan(losses[0] ?? 1);
  });
});

describe('limited', () => {
  it('keeps what is safe, and cuts what is not to where it is', () => {
    expect(limited(flat, 10, 0.3, 52, 0.05)).toBe(10);
    const cut = limited(flat, 10, 0.15, 52, 0.05);
    expect(cut).toBeLessThan(10);
    expect(outcome(flat, cut, 0.15, 52).lossProbability).toBeLessThanOrEqual(0.05);
    expect(outcome(flat, cut * 1.02, 0.15, 52).lossProbability).toBeGreaterThan(0.05);
  });

  it('buys nothing for a discount that the chance of a stop eats up', () => {
    expect(limited(flat, 10, 0.01, 52, 0.05)).toBeLessThan(0.01);
  });
});
