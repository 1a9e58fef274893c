import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal } from '../../../lib/focus/decimal.ts';
import { type ListPrice, listCost, type PriceAsk, priceIndex } from '../../../lib/focus/prices/model.ts';

const NAME = {
  provider: 'aws',
  region: 'us-east-1',
  service: 'AmazonEC2',
  usage: 'BoxUsage:g5.xlarge',
  operation: 'RunInstances',
} as const;
const PRICE: ListPrice = {
  ...NAME,
  sku: 'A',
  unit: 'Hrs',
  currency: 'USD',
  tiers: [{ from: '0', price: '1.006' }],
  effective: '2026-10-01T00:00:00Z',
  asOf: '2026-11-20T00:00:00.000Z',
};
const ASK: PriceAsk = { ...NAME, unit: 'hour', quantity: '730' };

const cost = (asks: readonly PriceAsk[], ...prices: ListPrice[]) => listCost(asks, priceIndex(prices));

describe('an estimate', () => {
  test('is units times price, exactly', () => {
    expect(cost([ASK], PRICE)).toEqual({
      total: { amount: '734.38', currency: 'USD' },
      lines: [{ ask: ASK, price: PRICE, cost: '734.38' }],
    });
  });

  test('goes through the tiers: each unit costs what its own says', () => {
    const tiers = [
      { from: '500', price: '0.5' },
      { from: '0', price: '1' },
      { from: '700', price: '0.25' },
    ];
    expect(cost([ASK], { ...PRICE, tiers })?.total.amount).toBe('607.5');
  });

  test('of what is free below a number of units begins there', () => {
    expect(cost([ASK], { ...PRICE, tiers: [{ from: '700', price: '2' }] })?.total.amount).toBe('60');
  });

  test('takes the newest price of a name', () => {
    const newer = { ...PRICE, asOf: '2026-11-21T00:00:00.000Z', tiers: [{ from: '0', price: '2' }] };
    expect(cost([ASK], newer, PRICE)?.total.amount).toBe('1460');
    expect(cost([ASK], PRICE, newer)?.total.amount).toBe('1460');
  });

  test.each([
    ['no price of one of its parts', [ASK, { ...ASK, usage: 'BoxUsage:p5.48xlarge' }], [PRICE]],
    ['a price of another region', [{ ...ASK, region: 'eu-west-1' }], [PRICE]],
    ['a price of another operation', [{ ...ASK, operation: 'RunInstances:0002' }], [PRICE]],
    ['a price by another unit', [ASK], [{ ...PRICE, unit: 'GB-Mo' }]],
    [
      'prices in two currencies',
      [ASK, { ...ASK, usage: 'x' }],
      [PRICE, { ...PRICE, usage: 'x', currency: 'CNY' }],
    ],
    ['nothing to price', [], [PRICE]],
  ] as const)('is none with %s', (_, asks, prices) => {
    expect(cost(asks, ...prices)).toBeNull();
  });

  test('grows with the quantity and never with a part of it left out', () => {
    const quantity = fc.integer({ min: 0, max: 100_000 }).map(String);
    const tiers = fc
      .uniqueArray(fc.integer({ min: 1, max: 50_000 }), { maxLength: 4 })
      .chain((begins) =>
        fc.tuple(
          ...[0, ...begins].map((from) =>
            fc
              .nat(10_000)
              .map((price) => ({ from: String(from), price: `0.${String(price).padStart(5, '0')}` })),
          ),
        ),
      );
    fc.assert(
      fc.property(tiers, quantity, quantity, (some, a, b) => {
        const of = (each: string) =>
          decimal(cost([{ ...ASK, quantity: each }], { ...PRICE, tiers: some })?.total.amount ?? '-1');
        const [less, more] = decimal(a).lt(decimal(b)) ? [a, b] : [b, a];
        expect(of(less).gte(0)).toBe(true);
        expect(of(more).gte(of(less))).toBe(true);
      }),
    );
  });
});
