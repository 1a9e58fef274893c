import { describe, expect, test } from 'vitest';
import { leaning } from '../../lib/analysis/leaning.ts';
import { Decimal } from '../../lib/focus/decimal.ts';

describe('a probability that rests on errors that lean', () => {
  test.each([
    ['53932', '56000', 0.56, 'low'],
    ['56000', '56000', 0.51, 'low'],
    ['57000', '56000', 0.4, 'high'],
    ['57000', '56000', 0.6, null],
    ['53932', '56000', 0.3, null],
    ['53932', '56000', 0.5, null],
    ['57000', '56000', 0.5, null],
  ])('%s expected of %s, %s to exceed it: %s', (total, limit, probability, side) => {
    expect(leaning(new Decimal(total), new Decimal(limit), probability)).toBe(side);
  });
});
