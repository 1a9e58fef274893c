import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decompose, totals } from '../../../lib/analysis/movers/decompose.ts';
import type { Leaf } from '../../../lib/analysis/movers/model.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

const WEEKS = { former: 7, current: 7 };

const leaf = (more: Partial<Leaf> = {}): Leaf => ({
  key: ['search'],
  currency: 'USD',
  kind: 'usage',
  unit: 'Hrs',
  former: '0',
  current: '0',
  newBase: '0',
  goneBase: '0',
  newResources: 0,
  goneResources: 0,
  formerBase: '0',
  currentBase: '0',
  formerQuantity: '0',
  currentQuantity: '0',
  unmeasured: 0,
  formerCovered: '0',
  currentCovered: '0',
  ...more,
});

/** Use of both periods: so many units at such a price. */
const kept = (before: [quantity: number, cost: string], now: [quantity: number, cost: string], more = {}) =>
  leaf({
    former: before[1],
    current: now[1],
    formerBase: before[1],
    currentBase: now[1],
    formerQuantity: String(before[0]),
    currentQuantity: String(now[0]),
    ...more,
  });

const sum = (amounts: readonly string[]) =>
  amounts.reduce((all, amount) => all.plus(amount), new Decimal(0)).toFixed();

describe('why a cost moved', () => {
  test('more of it at the former price, and the rest by another price', () => {
    // 100 h at 2.00, then 150 h at 3.00: 50 h more at 2.00, and 1.00 more for each of 150 h.
    expect(decompose([kept([100, '200'], [150, '450'])], WEEKS)).toEqual([
      {
        key: ['search'],
        currency: 'USD',
        former: '200',
        current: '450',
        difference: '250',
        percent: '125.0',
        by: [
          { cause: 'price', amount: '150' },
          { cause: 'quantity', amount: '100' },
        ],
        newResources: 0,
        goneResources: 0,
        quantity: { unit: 'Hrs', former: '100', current: '150' },
      },
    ]);
  });

  test('a longer month is told apart from more use', () => {
    // 24 h a day at 1.00 in 30 days, then in 31: nothing but a day more.
    const [same] = decompose([kept([720, '720'], [744, '744'])], { former: 30, current: 31 });
    expect(same?.by).toEqual([{ cause: 'days', amount: '24' }]);
    // The same hours in a longer month are a day less of use.
    const [less] = decompose([kept([720, '720'], [720, '720'])], { former: 30, current: 31 });
    expect(less?.by).toEqual([
      { cause: 'quantity', amount: '-24' },
      { cause: 'days', amount: '24' },
    ]);
    // A month of a gigabyte is one, whatever month it is.
    for (const unit of ['GB-Mo', 'gibibyte month', '1 GB/Month'])
      expect(
        decompose([kept([100, '2.3'], [100, '2.3'], { unit })], { former: 30, current: 31 })[0]?.by,
      ).toEqual([]);
  });

  test('new and gone resources, credits, taxes, fees and corrections are what they are', () => {
    const [moved] = decompose(
      [
        leaf({ current: '10', newBase: '10', newResources: 2 }),
        leaf({ former: '4', goneBase: '4', goneResources: 1 }),
        leaf({ kind: 'credit', former: '-1', current: '-6' }),
        leaf({ kind: 'tax', former: '1', current: '3' }),
        leaf({ kind: 'one-off', current: '100' }),
        leaf({ kind: 'recurring', former: '7' }),
        leaf({ kind: 'correction', current: '-0.5' }),
      ],
      WEEKS,
    );
    expect(moved).toMatchObject({ difference: '95.5', newResources: 2, goneResources: 1 });
    expect(Object.fromEntries(moved?.by.map(({ cause, amount }) => [cause, amount]) ?? [])).toEqual({
      'one-off': '100',
      new: '10',
      recurring: '-7',
      credit: '-5',
      gone: '-4',
      tax: '2',
      correction: '-0.5',
    });
  });

  test('the same use, now covered by a commitment, is the commitment and no price', () => {
    const [moved] = decompose(
      [
        kept([100, '200'], [100, '200'], { current: '140', currentCovered: '-60' }),
        leaf({ kind: 'commitment', current: '15' }),
      ],
      WEEKS,
    );
    expect(moved?.by).toEqual([{ cause: 'commitment', amount: '-45' }]);
  });

  test('what lies between contracted and effective cost without a commitment is a discount', () => {
    const [moved] = decompose([kept([10, '20'], [10, '20'], { current: '17' })], WEEKS);
    expect(moved?.by).toEqual([{ cause: 'discount', amount: '-3' }]);
  });

  test('nothing is made of quantities that are not told', () => {
    for (const unknown of [
      kept([0, '20'], [10, '27']),
      kept([10, '20'], [10, '27'], { unit: '' }),
      kept([10, '20'], [10, '27'], { unmeasured: 1 }),
      kept([-10, '20'], [10, '27']),
    ]) {
      const [moved] = decompose([unknown], WEEKS);
      expect(moved).toMatchObject({ by: [{ cause: 'unexplained', amount: '7' }], quantity: null });
    }
  });

  test('no percentage of nothing, nor of a credit', () => {
    expect(decompose([leaf({ current: '1', newBase: '1' })], WEEKS)[0]?.percent).toBeNull();
    expect(decompose([leaf({ kind: 'credit', former: '-1', current: '1' })], WEEKS)[0]?.percent).toBeNull();
  });

  const money = fc
    .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat({ max: 18 }))
    .map(([digits, places]) => new Decimal(digits).times(new Decimal(10).pow(-places)).toFixed());
  const anyLeaf = fc
    .record({
      key: fc.constantFrom(['a'], ['b']),
      currency: fc.constantFrom('USD', 'EUR'),
      kind: fc.constantFrom<Leaf['kind']>('usage', 'usage', 'usage', 'commitment', 'credit', 'tax'),
      unit: fc.constantFrom('Hrs', ''),
      newBase: money,
      goneBase: money,
      formerBase: money,
      currentBase: money,
      formerQuantity: money,
      currentQuantity: money,
      formerCovered: money,
      currentCovered: money,
      former: money,
      current: money,
      unmeasured: fc.constantFrom(0, 0, 1),
    })
    .map((more) => leaf(more));

  test('parts add up to the difference, rows to the totals, exactly, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(anyLeaf, { maxLength: 8 }),
        fc.integer({ min: 1, max: 31 }),
        fc.integer({ min: 1, max: 31 }),
        (leaves, former, current) => {
          const rows = decompose(leaves, { former, current });
          for (const row of [...rows, ...totals(rows)]) {
            expect(sum(row.by.map(({ amount }) => amount))).toBe(new Decimal(row.difference).toFixed());
            expect(new Decimal(row.current).minus(row.former).toFixed()).toBe(
              new Decimal(row.difference).toFixed(),
            );
          }
          for (const total of totals(rows))
            expect(total.difference).toBe(
              sum(rows.filter((row) => row.currency === total.currency).map((row) => row.difference)),
            );
          expect(decompose(leaves.toReversed(), { former, current })).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});
