import { describe, expect, test } from 'vitest';
import {
  generatedBills,
  injectedScores,
  nabFiles,
  nabScores,
  pooled,
  purchaseFiles,
  restlessAlarms,
} from '../bench/scores.ts';
import { describeWithShared } from '../shared.ts';

/** Ranges hold as often as they say, within three points, over at least 3,000 steps. */
function holds({ coverage }: ReturnType<typeof pooled>, most = 0.03): void {
  for (const { level, share, count } of coverage) {
    expect(count).toBeGreaterThanOrEqual(3000);
    expect(Math.abs((share ?? 0) - level)).toBeLessThanOrEqual(most);
  }
}

describe('generated bills', () => {
  test('forecasts err less than the week before, and their ranges hold', () => {
    const scores = pooled('bills', generatedBills(60), 31);
    holds(scores);
    expect(scores.mape).toBeLessThan(scores.naiveMape);
    expect(scores.mase).toBeLessThan(scores.naiveMase);
  });

  test.each([
    ['month', 31, 2200],
    ['quarter', 92, 600],
  ])('ranges of sums over a %s hold within three points', (_, days, sums) => {
    for (const { level, share, count } of pooled('bills', generatedBills(200), days).sumCoverage) {
      expect(count).toBe(sums);
      expect(Math.abs((share ?? 0) - level)).toBeLessThanOrEqual(0.03);
    }
  });

  test('charges that come seldom or vary by powers of ten give less than one alarm a series and month', () => {
    const rows = restlessAlarms(40);
    expect(rows).toHaveLength(7);
    for (const { alarms } of rows) expect(alarms).toBeLessThan(1);
  });

  test('injected anomalies are caught by dollars, with less than one false alarm a series and month', () => {
    const rows = injectedScores(20);
    const all = rows.at(-1);
    expect((all?.dollarsCaught ?? 0) / (all?.dollars ?? 1)).toBeGreaterThan(0.9);
    expect((all?.caught ?? 0) / (all?.injected ?? 1)).toBeGreaterThan(0.85);
    for (const { falseAlarms, months } of rows) expect(falseAlarms / months).toBeLessThan(0.2);
  });
});

describeWithShared('real series', () => {
  test('ranges of forecasts hold on CloudWatch metrics of five minutes', async () => {
    const scores = pooled(
      'nab',
      (await nabFiles()).map(({ file }) => file.series),
      288,
    );
    holds(scores);
    expect(scores.mase).toBeLessThan(scores.naiveMase);
  });

  test('forecasts of purchases err less than the day before', async () => {
    const scores = pooled(
      'purchases',
      (await purchaseFiles()).map(({ file }) => file.series),
      24,
    );
    expect(scores.mape).toBeLessThan(scores.naiveMape);
    expect(scores.mase).toBeLessThan(scores.naiveMase);
    // Many hours have no purchase at all, and a range that begins at zero always holds those.
    holds(scores, 0.04);
  });

  test("NAB's standard profile, of five minutes and of hours", async () => {
    expect((await nabScores(1)).total.normalised ?? 0).toBeGreaterThan(50);
    expect((await nabScores(12)).total.normalised ?? 0).toBeGreaterThan(50);
  });
});
