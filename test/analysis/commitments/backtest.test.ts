import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtestCommitments, type CommitmentBacktest } from '../../../lib/analysis/commitments/backtest.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { START, steps, usage } from './series.ts';

const DAY = 24;

function run(amounts: readonly (string | null)[], discount = '0.3', windowDays?: number): CommitmentBacktest {
  const result = backtestCommitments({ start: START, stepHours: 1, amounts }, discount, '1y', windowDays);
  if ('notEnough' in result) throw new Error(result.reason);
  return result;
}

describe('backtestCommitments', () => {
  it('on a flat spend saves all that can be saved, to the last decimal', () => {
    const { windows, score } = run(
      steps(120 * DAY, () => '10'),
      '0.3',
      60,
    );
    // 10 USD an hour on demand, 7 committed: 3 x 24 x 60.
    expect(windows).toMatchObject([
      { start: '2026-01-31', end: '2026-04-01', onDemand: '14400' },
      { start: '2026-03-02', end: '2026-05-01', onDemand: '14400' },
    ]);
    for (const { clairvoyant, advice, lastMonth } of windows)
      for (const each of [clairvoyant, advice, lastMonth]) {
        expect(each.saving).toBe('4320');
        expect(each.commitments.map(({ hourly }) => hourly)).toEqual(['7']);
      }
    expect(score.advice).toEqual({
      capture: '1',
      regret: '0',
      worst: { start: '2026-01-31', saving: '4320' },
      lossProbability: '0',
    });
  });

  it('counts what is lost when use is gone, and sees it no sooner than it happens', () => {
    // Gone after the first window began: 30 of 60 days used, 0.7 x 60 days paid: 7200 - 10080.
    const { windows, score } = run(
      steps(90 * DAY, (hour) => (hour < 60 * DAY ? '10' : '0')),
      '0.3',
      60,
    );
    expect(windows).toMatchObject([{ advice: { saving: '-2880' }, lastMonth: { saving: '-2880' } }]);
    expect(windows[0]?.clairvoyant).toEqual({ saving: '0', commitments: [] });
    expect(windows[0]?.advice.untold).toEqual([]);
    expect(score.advice).toMatchObject({ capture: null, regret: '0.4', lossProbability: '1' });
  });

  it('buys nothing right after a fall, and says why', () => {
    const fell = steps(100 * DAY, (hour) => (hour < 20 * DAY ? '20' : '10'));
    const { windows } = run(fell, '0.3', 60);
    expect(windows[0]?.advice.untold).toMatchObject([
      { at: '2026-01-31', reason: expect.stringContaining('Use fell on 2026-01-21') },
    ]);
    expect(windows[0]?.advice.commitments).toEqual([{ at: '2026-03-02', hourly: '7' }]);
  });

  it('leaves out what is not known, and takes what is below zero for nothing', () => {
    const odd = steps(120 * DAY, (hour) => (hour % 100 === 0 ? null : hour % 101 === 0 ? '-3' : '10'));
    const result = run(odd, '0.3', 60);
    expect(result.unknownSteps).toBe(29);
    expect(result.negativeSteps).toBe(28);
    expect(new Decimal(result.windows[0]?.onDemand ?? 0).lt(14_400)).toBe(true);
  });

  it('says what it lacks', () => {
    const short = { start: START, stepHours: 24, amounts: steps(89, () => '1') };
    expect(backtestCommitments(short, '0.3', '1y')).toMatchObject({ notEnough: true });
    expect(backtestCommitments({ ...short, amounts: steps(90, () => '1') }, '0.3', '1y')).toMatchObject({
      windowDays: 30,
    });
    expect(backtestCommitments(short, '0.3', '1y', 60)).toMatchObject({
      notEnough: true,
      reason: expect.stringContaining('89 whole days'),
    });
  });

  it('never saves more than the clairvoyant, nor does any rule (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 10, max: 60 }),
        fc.constantFrom(0.5, 0.8, 1, 1.3, 2),
        (seed, percent, last) => {
          const hours = 100 * DAY;
          const amounts = usage(seed, hours, (hour) => 1 + ((last - 1) * hour) / hours);
          const { windows } = run(amounts, (percent / 100).toFixed(2));
          for (const { clairvoyant, advice, lastMonth } of windows) {
            const best = new Decimal(clairvoyant.saving).plus('0.05');
            expect(best.gte(advice.saving)).toBe(true);
            expect(best.gte(lastMonth.saving)).toBe(true);
            expect(new Decimal(clairvoyant.saving).gte('-0.05')).toBe(true);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
