import { describe, expect, test } from 'vitest';
import { backtestCommitments, type CommitmentBacktest } from '../../../lib/analysis/commitments/backtest.ts';
import { KINDS, usageOf } from '../../bench/commitment-usage.ts';

/** One seed of each kind: the table of docs/accuracy-commitments.md has five. */
function scoreOf(name: string, discount: string): CommitmentBacktest['score'] {
  const kind = KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new RangeError(name);
  const result = backtestCommitments(usageOf(kind, 1), discount, '1y', 365);
  if ('notEnough' in result) throw new Error(result.reason);
  return result.score;
}

describe('over two years of made-up usage', () => {
  test('usage that stays or grows: nearly all that could be saved, and never a loss', () => {
    for (const name of ['stationary', 'doubling in two years'])
      for (const discount of ['0.28', '0.5']) {
        const { advice } = scoreOf(name, discount);
        expect(Number(advice.capture)).toBeGreaterThan(0.98);
        expect(advice.lossProbability).toBe('0');
      }
  });

  test('usage that steps down or goes: no more is lost than by the optimum of the last 30 days', () => {
    for (const name of [
      'stepping down by 35% once',
      'stepping down in thirds',
      'decommissioned over 90 days',
    ]) {
      const { advice, lastMonth } = scoreOf(name, '0.28');
      expect(Number(advice.regret)).toBeLessThanOrEqual(Number(lastMonth.regret));
      expect(Number(advice.lossProbability)).toBeLessThanOrEqual(Number(lastMonth.lossProbability));
    }
  });
});
