import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manifest } from '../../lib/lake/manifest.ts';
import { leftOut, leftOutOf } from '../../lib/lake/precedence.ts';

const A = '111122223333';
const B = '222233334444';
const EXPORTS = new Set(['aws-focus-export', 'aws-cur']);
const P1 = '999900001111';
const P2 = '999900002222';

const day = (of: number) => `2026-11-${String(of).padStart(2, '0')}T00:00:00.000Z`;

test('of whatever is held, each account of a payer counts in a period, and never in Cost Explorer and an export both', () => {
  const accounts = fc.uniqueArray(fc.tuple(fc.constantFrom(P1, P2), fc.constantFrom(A, B, '')), {
    minLength: 1,
    selector: (pair) => pair.join(),
  });
  const source = fc.record({
    type: fc.constantFrom('aws-cost-explorer', 'aws-focus-export', 'aws-cur', 'focus-file'),
    periods: fc.uniqueArray(
      fc.record({
        period: fc.constantFrom('2026-09', '2026-10', '2026-11'),
        accounts,
        end: fc.integer({ min: 2, max: 30 }),
        read: fc.integer({ min: 1, max: 30 }),
      }),
      { selector: ({ period }) => period },
    ),
  });
  fc.assert(
    fc.property(fc.array(source, { maxLength: 5 }), (sources) => {
      const manifests = sources.map(
        ({ type, periods }, index): Manifest => ({
          schemaVersion: 1,
          generation: 1,
          sourceId: `s${index}`,
          sourceType: type,
          grain: type === 'aws-cost-explorer' ? 'account-service' : 'resource',
          asOf: null,
          ingestedAt: day(30),
          periods: periods.map(({ period, accounts: held, end, read }) => ({
            period,
            former: null,
            current: {
              id: 'x',
              ingestedAt: day(read),
              rows: 1,
              bytes: 1,
              parts: [],
              columns: [],
              totals: [],
              extents: held.map(([billingAccount, subAccount]) => ({
                provider: 'AWS',
                billingAccount,
                subAccount,
                start: day(1),
                end: day(end),
              })),
            },
          })),
        }),
      );
      const out = leftOut(manifests);
      const held = new Map<string, Set<string>>();
      const counting = new Map<string, Set<string>>();
      const left = new Set<string>();
      for (const { sourceId, sourceType, periods } of manifests)
        for (const { period, current } of periods) {
          const kind = EXPORTS.has(sourceType) ? 'export' : sourceType;
          const without = leftOutOf(out, sourceId, period).map((each) => JSON.stringify(each));
          for (const { billingAccount, subAccount } of current?.extents ?? []) {
            const key = [period, billingAccount, subAccount].join('|');
            held.set(key, (held.get(key) ?? new Set()).add(kind));
            const isOut = without.includes(JSON.stringify({ billingAccount, subAccount }));
            if (isOut) left.add(kind);
            else counting.set(key, (counting.get(key) ?? new Set()).add(kind));
          }
        }
      expect(left).not.toContain('focus-file');
      // Somebody tells each account, by all that hold it but one of the two.
      for (const [key, kinds] of held) {
        const counted = counting.get(key) ?? new Set();
        const both = kinds.has('aws-cost-explorer') && kinds.has('export');
        expect([key, counted.size]).toEqual([key, both ? kinds.size - 1 : kinds.size]);
        expect([key, counted.has('aws-cost-explorer') && counted.has('export')]).toEqual([key, false]);
      }
    }),
    { numRuns: 500 },
  );
});
