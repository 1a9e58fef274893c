import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manifest } from '../../lib/lake/manifest.ts';
import { leftOut, leftOutOf } from '../../lib/lake/precedence.ts';

const A = '111122223333';
const B = '222233334444';
const P1 = '999900001111';
const P2 = '999900002222';

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
  const day = (of: number) => `2026-11-${String(of).padStart(2, '0')}T00:00:00.000Z`;
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
      const all = new Map<string, Set<string>>();
      const counts = new Map<string, Set<string>>();
      for (const { sourceId, sourceType, periods } of manifests)
        for (const { period, current } of periods) {
          const without = leftOutOf(out, sourceId, period);
          for (const { billingAccount, subAccount } of current?.extents ?? []) {
            const key = [period, billingAccount, subAccount].join('|');
            const kind =
              sourceType === 'aws-focus-export' || sourceType === 'aws-cur' ? 'export' : sourceType;
            all.set(key, (all.get(key) ?? new Set()).add(kind));
            if (
              without.some((each) => each.billingAccount === billingAccount && each.subAccount === subAccount)
            ) {
              expect(kind).not.toBe('focus-file');
              continue;
            }
            counts.set(key, (counts.get(key) ?? new Set()).add(kind));
          }
        }
      for (const [key, kinds] of all) {
        const counting = counts.get(key) ?? new Set();
        expect(counting.size, key).toBeGreaterThan(0);
        expect(counting.has('aws-cost-explorer') && counting.has('export'), key).toBe(false);
        if (kinds.size === 1) expect(counting, key).toEqual(kinds);
      }
    }),
    { numRuns: 500 },
  );
});
