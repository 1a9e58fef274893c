import { describe, expect, test } from 'vitest';
import { savingsRate } from '../../../lib/analysis/units/savings-rate.ts';

const NONE = {
  unused: '0',
  list: '0',
  effectiveOfList: '0',
  contracted: '0',
  effectiveOfContracted: '0',
  withoutList: '0',
  withoutContracted: '0',
};

describe('effective savings rate', () => {
  test('by hand: 1000 at list, 900 contracted, 600 paid, of which 60 for what nobody used', () => {
    const rates = savingsRate({
      ...NONE,
      unused: '60',
      list: '1000',
      effectiveOfList: '540',
      contracted: '900',
      effectiveOfContracted: '540',
      withoutList: '12.5',
    });
    expect(rates.overList).toEqual({
      price: '1000',
      effective: '600',
      percent: '40.0',
      withoutPrice: '12.5',
    });
    expect(rates.overContracted).toMatchObject({ percent: '33.3', withoutPrice: '0' });
  });

  test('commitments that cost more than they saved are below zero', () => {
    const { overContracted } = savingsRate({
      ...NONE,
      unused: '500',
      contracted: '400',
      effectiveOfContracted: '200',
    });
    expect(overContracted.percent).toBe('-75.0');
  });

  test('no price is no rate', () => {
    expect(savingsRate({ ...NONE, withoutList: '5' }).overList).toEqual({
      price: '0',
      effective: '0',
      percent: null,
      withoutPrice: '5',
    });
  });
});
