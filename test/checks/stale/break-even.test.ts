import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeenIndex } from '../../../lib/checks/model.ts';
import { breakEvenOf, s3VectorsCost } from '../../../lib/checks/stale/break-even.ts';
import { type Share, wholeCost } from '../../../lib/checks/stale/share.ts';
import type { VectorIndex } from '../../../lib/estate/model.ts';
import { vectorIndex } from '../../../lib/estate/vector-index.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

const KB = 1024;
const MILLION = 1_000_000;

function index(given: Partial<VectorIndex> = {}): SeenIndex {
  return {
    at: '2026-11-20T10:00:00.000Z',
    scope: 'aws:111122223333:us-east-1',
    ...vectorIndex({
      store: 'docs',
      storeType: 'opensearch-serverless',
      provider: 'aws',
      accountId: '111122223333',
      region: 'us-east-1',
      dataset: 'x',
      id: 'a',
      index: 'docs',
      vectors: MILLION,
      dimension: 1024,
      metric: 'cosine',
      capacity: { kind: 'by-index', billed: ['x'], bytes: null, sharedBy: null },
      gaps: [],
      ...given,
    }),
  };
}

const share = (more: Partial<Share> = {}): Share => ({
  costBasis: 'billed',
  cost: { amount: '350', currency: 'USD' },
  uncovered: null,
  byUse: false,
  evidence: [],
  blindSpots: [],
  falls: 'index',
  ...more,
});

const told = (given: Partial<VectorIndex> = {}, more: Partial<Share> = {}) =>
  breakEvenOf(index(given), share(more));

describe('what S3 Vectors costs', () => {
  test('is what the worked examples of its price list say', () => {
    // "Pricing example 1": 40 indexes of 250,000 vectors, 6.17 KB each, of which 5.17 KB are processed.
    const one = s3VectorsCost(250_000, 5.17 * KB, 6.17 * KB);
    expect(one.stored.times(40).toFixed(1)).toBe('3.5');
    expect(one.aQuery.times(MILLION).toFixed(2)).toBe('5.87');
    expect(one.written.times(40).div(6).toFixed(2)).toBe('1.96');
    // "Pricing example 2": 10 million vectors an index, 10 million queries.
    const two = s3VectorsCost(10 * MILLION, 5.17 * KB, 6.17 * KB);
    expect(two.aQuery.times(10 * MILLION).toFixed(2)).toBe('997.62');
    expect(two.stored.times(40).toFixed(2)).toBe('141.22');
  });

  test('never falls with more vectors, and rises by the price of their tier', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 * MILLION }),
        fc.integer({ min: 1, max: 4096 }),
        (vectors, dimension) => {
          const [less, more] = [
            s3VectorsCost(vectors, dimension * 4),
            s3VectorsCost(vectors + 1, dimension * 4),
          ];
          const step = more.aQuery
            .minus(less.aQuery)
            .times(2 ** 40)
            .div(dimension * 4);
          const tier = vectors < 100_000 ? 0.004 : vectors < 10 * MILLION ? 0.002 : 0.0004;
          expect(step.minus(tier).abs().lt(1e-6)).toBe(true);
          expect(more.stored.gt(less.stored)).toBe(true);
        },
      ),
    );
  });
});

describe('the break-even', () => {
  test('is where both cost the same', () => {
    const [first, ...rest] = told().evidence;
    const there = s3VectorsCost(MILLION, 4096);
    const queries = new Decimal(first?.value ?? '');
    expect(there.stored.plus(there.aQuery.times(queries)).lte(350)).toBe(true);
    expect(there.stored.plus(there.aQuery.times(queries.plus(1))).gt(350)).toBe(true);
    expect(first).toMatchObject({
      name: 'S3 Vectors costs less up to',
      unit: 'queries a month, against 350 USD that go with this index',
      source: expect.stringContaining('2026-09-28'),
    });
    expect(rest.map(({ name, value }) => [name, value])).toEqual([
      ['S3 Vectors without a query', '0.23'],
      ['S3 Vectors for a million queries', '10.7'],
      ['writing these vectors to S3 Vectors', '0.77'],
    ]);
  });

  test('is told of what goes with the index, or where it is alone in its store', () => {
    expect(told({}, { falls: 'never' }).evidence).toEqual([]);
    const alone = { kind: 'minimum', billed: ['x'], bytes: null, sharedBy: ['a'] } as const;
    expect(told({ capacity: alone }, { falls: 'never' }).evidence).toHaveLength(4);
    expect(told({ capacity: { ...alone, sharedBy: ['a', 'b'] } }, { falls: 'never' }).evidence).toEqual([]);
  });

  test.each<[string, Partial<VectorIndex>, Partial<Share>]>([
    ['no cost', {}, { cost: null }],
    ['another currency', {}, { cost: { amount: '350', currency: 'EUR' } }],
    ['a cost below that of storing alone', {}, { cost: { amount: '0.1', currency: 'USD' } }],
    ['no count of vectors', { vectors: null }, {}],
    ['no vectors', { vectors: 0 }, {}],
    ['no dimension', { dimension: null }, {}],
    ['more dimensions than it takes', { dimension: 8192 }, {}],
    ['a region of other prices', { region: 'eu-central-1' }, {}],
    ['a distance that it lacks', { metric: 'innerproduct' }, {}],
  ])('is not told with %s', (_, given, more) => {
    expect(told(given, more)).toEqual({ evidence: [], blindSpots: [] });
  });
});

function namesOf(more: Partial<Share>): string[] {
  const cost = wholeCost(share({ uncovered: { amount: '300', currency: 'USD' }, ...more }));
  return cost.evidence.map(({ name }) => name);
}

test('what is not saved of a store is told by what it was charged for', () => {
  expect(namesOf({})).toEqual(['its cost', 'covered by commitments']);
  expect(namesOf({ byUse: true })).toEqual([
    'its cost',
    'covered by commitments, or charged by use (data, requests)',
  ]);
});
