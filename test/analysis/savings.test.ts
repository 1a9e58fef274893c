import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { apart, type BilledDay, realised } from '../../lib/analysis/savings.ts';
import { Decimal, decimal } from '../../lib/focus/decimal.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const none = new Decimal(0);

function day(index: number): string {
  return new Date(START + index * DAY).toISOString().slice(0, 10);
}

function at(index: number, hour = 0): string {
  return new Date(START + index * DAY + hour * 3_600_000).toISOString();
}

function bills(amounts: readonly string[], committed = '0'): BilledDay[] {
  return amounts.map((effective, index) => ({ day: day(index), currency: 'USD', effective, committed }));
}

it('is the hours stopped at the rate of before, less what went on', () => {
  // 24 a day for ten days; stopped on day 10 at 12:00; two days at 1 each; started on day 13 at 06:00.
  const paid = bills([...Array.from({ length: 10 }, () => '24'), '12', '1', '1', '18']);
  const found = realised({ from: at(10, 12), until: at(13, 6) }, paid, at(20), none);
  expect(found).toMatchObject({ hoursStopped: 66, ratePerHour: '1', wentOn: '2', unusedCommitment: '0' });
  expect(found.saved).toEqual({ amount: '64', currency: 'USD' });
});

it('takes off what a commitment covered and nobody used, and no more than that', () => {
  const paid = bills(
    Array.from({ length: 10 }, () => '24'),
    '24',
  );
  const span = { from: at(10), until: null };
  expect(realised(span, paid, at(11), decimal('10')).saved).toEqual({ amount: '14', currency: 'USD' });
  expect(realised(span, paid, at(11), decimal('100')).saved).toEqual({ amount: '0', currency: 'USD' });
  expect(realised(span, paid, at(11), decimal('-5')).saved).toEqual({ amount: '24', currency: 'USD' });
});

it('says nothing where no bill told the cost before, or none reaches the stop', () => {
  const span = { from: at(10), until: null };
  expect(realised(span, [], at(20), none).saved).toBeNull();
  expect(realised(span, bills(['24']), at(9), none).saved).toBeNull();
});

it('never counts more than the rate could give, and is whole when nothing goes on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 10 }),
      (charged, rate, hour, hours, after) => {
        const paid = bills([
          ...Array.from({ length: charged }, () => String(rate * 24)),
          String(rate * hour),
          ...after.map(String),
        ]);
        const from = Date.parse(at(charged, hour));
        const until = new Date(from + hours * 3_600_000).toISOString();
        const found = realised({ from: new Date(from).toISOString(), until }, paid, at(charged + 60), none);
        const most = new Decimal(rate).times(hours);
        expect(found.hoursStopped).toBeCloseTo(hours, 6);
        expect(decimal(found.saved?.amount ?? '0').lte(most)).toBe(true);
        const whole = decimal(found.saved?.amount ?? '0')
          .minus(most)
          .abs()
          .lt('1e-9');
        expect(whole || after.length > 0).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

it('counts an hour once, whatever findings stopped the resource', () => {
  const estimated = { amount: '9', currency: 'USD' };
  const [early, late, open] = [
    { from: at(1), until: at(5), estimated },
    { from: at(3), until: at(9), estimated },
    { from: at(2), until: null, estimated: null },
  ];
  expect(apart([late, early])).toEqual([early, { ...late, from: at(5) }]);
  expect(apart([{ ...early, until: null }, late])).toEqual([{ ...early, until: null }]);
  // What was said to save nothing takes no hour from what was.
  expect(apart([open, late, early])).toEqual([early, { ...late, from: at(5) }, { ...open, from: at(9) }]);
  expect(apart([early, { ...late, from: at(5) }])).toEqual([early, { ...late, from: at(5) }]);
  expect(apart([{ ...early, until: early.from }])).toEqual([]);
});

it('never counts an hour twice nor loses one', () => {
  const stop = fc
    .record({
      from: fc.integer({ min: 0, max: 30 }),
      length: fc.option(fc.integer({ min: 1, max: 20 })),
      known: fc.boolean(),
    })
    .map(({ from, length, known }) => ({
      from: at(from),
      until: length === null ? null : at(from + length),
      estimated: known ? { amount: '1', currency: 'USD' } : null,
    }));
  fc.assert(
    fc.property(fc.array(stop, { maxLength: 6 }), (stops) => {
      const pieces = apart(stops);
      for (let n = 0; n < 60; n += 1) {
        const covers = (each: { from: string; until: string | null }) =>
          each.from <= at(n) && (each.until ?? '9999') > at(n);
        expect(pieces.filter(covers)).toHaveLength(stops.some(covers) ? 1 : 0);
      }
    }),
  );
});
