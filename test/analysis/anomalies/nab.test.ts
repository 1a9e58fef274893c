import { describe, expect, test } from 'vitest';
import { nabScore, nabTotal } from '../../../lib/analysis/anomalies/nab.ts';

/** By hand, from the formulas of Lavin and Ahmad 2015: a window of rows 100 to 199 among 400, probation 60 rows. */
const windows = [{ first: 100, last: 199 }];
const sigmoid = (y: number) => 2 / (1 + Math.exp(5 * y)) - 1;

describe("NAB's standard profile", () => {
  test('saying nothing scores 0; the first row of a window 100', () => {
    expect(nabScore(400, [], windows)).toMatchObject({ raw: -1, normalised: 0 });
    const perfect = nabScore(400, [100], windows);
    expect(perfect.raw).toBeCloseTo(1, 12);
    expect(perfect.normalised).toBeCloseTo(100, 10);
  });

  test('within a window the earliest row counts, once', () => {
    const late = sigmoid(-0.5) / sigmoid(-1);
    expect(nabScore(400, [150], windows).raw).toBeCloseTo(late, 12);
    expect(nabScore(400, [150, 160, 199], windows).raw).toBeCloseTo(late, 12);
  });

  test('a false alarm costs 0.11, less where it lies close behind a window', () => {
    expect(nabScore(400, [80], windows).raw).toBeCloseTo(-1 - 0.11, 12);
    expect(nabScore(400, [199 + 99], windows).raw).toBeCloseTo(-1 + 0.11 * sigmoid(1), 12);
    expect(nabScore(10_000, [199 + 99 * 4], [{ first: 1000, last: 1099 }]).raw).toBe(-1);
  });

  test('the first 15 % of rows, at most 750, count for nothing', () => {
    expect(nabScore(400, [59], windows).raw).toBe(-1);
    expect(nabScore(400, [60], windows).raw).toBeCloseTo(-1.11, 12);
    expect(nabScore(100_000, [749], []).raw).toBeCloseTo(0, 12);
    expect(nabScore(100_000, [750], []).raw).toBeCloseTo(-0.11, 12);
  });

  test('files are summed before they are normalised', () => {
    const total = nabTotal([nabScore(400, [100], windows), nabScore(400, [], windows)]);
    expect(total.normalised).toBeCloseTo(50, 10);
    expect(nabTotal([]).normalised).toBeNull();
  });
});
