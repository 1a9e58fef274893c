import { expect, test } from 'vitest';
import { ofCurrency } from '../../lib/run/spend-rows.ts';

const part = (team: string, effective: string) => ({
  key: [team],
  currency: 'USD',
  billed: effective,
  effective,
  since: '2026-11-01T00:00:00.000Z',
  tokens: '0',
  listEstimate: '0',
  rows: 1,
  estimated: false,
});

test.each([
  [
    ['75', '25'],
    ['75.0', '25.0'],
  ],
  [
    ['110', '-10'],
    ['110.0', '-10.0'],
  ],
  [
    ['10', '-10'],
    [null, null],
  ],
  [
    ['10', '-30'],
    [null, null],
  ],
])('shares of %j are %j: of a total that is not above zero there are none', (amounts, shares) => {
  const { rows } = ofCurrency(
    'USD',
    ['team'],
    amounts.map((amount, at) => part(`t${at}`, amount)),
    null,
  );
  expect(rows.map(({ share }) => share)).toEqual(shares);
});
