import { describe, expect, it } from 'vitest';
import { countRange, leastShare } from '../../../lib/checks/stale/confidence.ts';

function binomial(n: number, k: number): number {
  let product = 1;
  for (let at = 1; at <= k; at += 1) product = (product * (n - k + at)) / at;
  return k < 0 || k > n ? 0 : product;
}

describe('the range of a count', () => {
  it('is the count itself when everything was drawn', () => {
    for (const hits of [0, 1, 17, 40])
      expect(countRange(40, 40, hits)).toEqual({ likeliest: hits, least: hits, most: hits });
  });

  it('holds the truth in 95 of 100 samples or more, of every small population', () => {
    for (let population = 1; population <= 24; population += 1)
      for (let size = 1; size <= population; size += 1)
        for (let truth = 0; truth <= population; truth += 1) {
          let held = 0;
          for (let hits = Math.max(0, size - population + truth); hits <= Math.min(size, truth); hits += 1) {
            const { least, most } = countRange(population, size, hits);
            if (least <= truth && truth <= most)
              held +=
                (binomial(truth, hits) * binomial(population - truth, size - hits)) /
                binomial(population, size);
          }
          expect(held, `${truth} of ${population}, ${size} drawn`).toBeGreaterThanOrEqual(0.95 - 1e-12);
        }
  });

  it('holds what was drawn, and the likeliest lies in it', () => {
    for (const [population, size, hits] of [
      [1_000_000, 10_000, 120],
      [1_000_000, 10_000, 10_000],
      [10_000_000, 1024, 0],
      [1_000_000, 999_999, 500_000],
      [500, 2, 1],
    ] as const) {
      const { likeliest, least, most } = countRange(population, size, hits);
      expect(least).toBeGreaterThanOrEqual(hits);
      expect(most).toBeLessThanOrEqual(population - (size - hits));
      expect(likeliest).toBeGreaterThanOrEqual(least);
      expect(likeliest).toBeLessThanOrEqual(most);
    }
  });

  it('is as narrow as the sample is large: 120 of 10,000 drawn from a million', () => {
    const { likeliest, least, most } = countRange(1_000_000, 10_000, 120);
    expect(likeliest).toBe(12_000);
    // Tails added up term by term from the gamma function of another language's library cross 2.5% here.
    expect([least, most]).toEqual([9969, 14_320]);
  });

  it('is found of the largest samples too, in the middle of which no tail is thin', () => {
    // Mean and deviation of the normal distribution agree: 30,000,000 and 1.96 * 32,077 on either side.
    expect(countRange(100_000_000, 2_000_000, 600_000)).toEqual({
      likeliest: 30_000_000,
      least: 29_937_132,
      most: 30_062_925,
    });
    expect(countRange(5_000_000, 2_000_000, 1_000_000)).toEqual({
      likeliest: 2_500_000,
      least: 2_497_315,
      most: 2_502_685,
    });
  });
});

describe('the least share', () => {
  it('is the lower end of Wilson: 1,024 of 1,024 are at least 99.6%, nothing is nothing', () => {
    expect(leastShare(1024, 1024)).toBeCloseTo(1024 / (1024 + 1.959963984540054 ** 2), 12);
    expect(leastShare(10, 0)).toBe(0);
    expect(leastShare(0, 0)).toBe(0);
    // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I: 81 of 263.
    expect(leastShare(263, 81)).toBeCloseTo(0.2553, 4);
  });
});
