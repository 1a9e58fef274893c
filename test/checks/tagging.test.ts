import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TagSpend } from '../../lib/checks/model.ts';
import { requiredOf, taggingSummary } from '../../lib/checks/tagging.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { machine, spend } from './facts.ts';

const resources = [machine({ tags: { owner: 'a' } })];

describe('taggingSummary', () => {
  it('parts the bill', () => {
    const rows = [
      spend({ tags: { owner: 'x' }, effective: '1', resourceId: 'a' }),
      spend({ tags: {}, effective: '2', resourceId: 'b' }),
      spend({ tags: {}, effective: '4' }),
      spend({ tags: {}, effective: '8', resourceId: null, chargeCategory: 'Tax' }),
      spend({ tags: null, effective: '16', resourceId: null }),
      spend({ tags: {}, effective: '-0.5', resourceId: 'b', chargeCategory: 'Credit' }),
      spend({ tags: null, effective: '3', currency: 'EUR', resourceId: null }),
    ];
    expect(taggingSummary({ resources, tagSpend: rows }, { required: ['owner'] })).toEqual([
      { currency: 'EUR', tagged: '0', untagged: '0', notActivated: '0', untaggable: '0', unknown: '3' },
      { currency: 'USD', tagged: '1', untagged: '1.5', notActivated: '4', untaggable: '8', unknown: '16' },
    ]);
  });

  it('counts what lies in a tagged account as tagged', () => {
    const account = { provider: 'aws', id: '111122223333', name: null, state: 'ACTIVE', scope: 's' } as const;
    const known = {
      accounts: new Map([['111122223333', { ...account, tags: { owner: 'a' } }]]),
      creations: new Map(),
      activation: null,
    };
    const rows = [spend({ tags: {}, effective: '2' }), spend({ tags: {}, effective: '4', accountId: '999' })];
    const of = (given: Parameters<typeof taggingSummary>[1]) =>
      taggingSummary({ resources: [], tagSpend: rows, known }, given)[0];
    expect(of({ required: ['owner'] })).toMatchObject({ tagged: '2', untagged: '4' });
    expect(of({ required: ['owner'], inherit: false })).toMatchObject({ tagged: '0', untagged: '6' });
    expect(requiredOf({ required: ['owner'], inherit: false })).toEqual({
      required: ['owner'],
      inherit: false,
    });
  });

  it('adds up exactly to the bill (property)', () => {
    const row: fc.Arbitrary<TagSpend> = fc
      .record({
        tags: fc.option(
          fc.dictionary(fc.constantFrom('owner', 'Owner', 'aws:x', 'user:owner'), fc.constantFrom('', 'v')),
        ),
        resourceId: fc.constantFrom(null, 'i-0000000000000001', 'arn:aws:s3:::b'),
        chargeCategory: fc.constantFrom('Usage', 'Tax', 'Credit', 'Adjustment', 'Purchase'),
        service: fc.constantFrom('Amazon S3', 'AWS Support', 'Bandwidth'),
        currency: fc.constantFrom('USD', 'EUR', 'JPY'),
        effective: fc
          .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 18 }))
          .map(([digits, places]) =>
            new Decimal(digits.toString())
              .div(new Decimal(10).pow(12 + places))
              .toDecimalPlaces(18)
              .toFixed(),
          ),
      })
      .map((given) => spend(given));
    const required = fc.constantFrom({}, { required: ['owner'] }, { required: ['owner', 'team'] });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), required, (tagSpend, keys) => {
        const summary = taggingSummary({ resources, tagSpend }, keys);
        const totals = new Map<string, Decimal>();
        for (const { currency, effective } of tagSpend)
          totals.set(currency, (totals.get(currency) ?? new Decimal(0)).plus(effective));
        expect(summary.map(({ currency }) => currency)).toEqual([...totals.keys()].toSorted());
        for (const { currency, ...parts } of summary) {
          const sum = Object.values(parts).reduce((all, part) => all.plus(part), new Decimal(0));
          expect(sum.equals(totals.get(currency) ?? Number.NaN)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('reads its keys from the settings of the check', () => {
    expect(requiredOf(undefined)).toEqual({});
    expect(requiredOf({ required: ['a'], defaultRequired: ['b'] })).toEqual({
      required: ['a'],
      defaultRequired: ['b'],
    });
  });
});
