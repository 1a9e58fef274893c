import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BursarError } from '../../../lib/platform/errors.ts';
import { billingPeriodOf, billingWindow, dayAfter } from '../../../lib/sources/aws-cost-explorer/window.ts';

const at = (text: string) => new Date(text);

test('the window runs from the first of a month up to and not including today', () => {
  expect(billingWindow(at('2026-11-22T23:59:59Z'), 3)).toEqual({
    start: '2026-09-01',
    end: '2026-11-22',
    periods: ['2026-09', '2026-10', '2026-11'],
  });
});

test('on the first of a month the month that just began waits for tomorrow', () => {
  expect(billingWindow(at('2026-01-01T00:00:00Z'), 1)).toEqual({
    start: '2025-12-01',
    end: '2026-01-01',
    periods: ['2025-12'],
  });
  expect(billingWindow(at('2026-01-02T00:00:00Z'), 1)).toMatchObject({
    start: '2026-01-01',
    end: '2026-01-02',
  });
});

test.each([0, -1, 15, 1.5, Number.NaN])('%s billing periods are refused', (months) => {
  expect(() => billingWindow(at('2026-11-22T00:00:00Z'), months)).toThrow(BursarError);
});

test('any window is asked for whole periods and is never empty', () => {
  fc.assert(
    fc.property(
      fc.date({ min: at('2020-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z'), noInvalidDate: true }),
      fc.integer({ min: 1, max: 14 }),
      (now, months) => {
        const { start, end, periods } = billingWindow(now, months);
        expect(start < end).toBe(true);
        expect(end).toBe(now.toISOString().slice(0, 10));
        expect(periods).toHaveLength(months);
        expect(start).toBe(`${periods[0]}-01`);
        // Every day lies in one of the periods, and every period has a day.
        const seen = new Set<string>();
        for (let day = start; day < end; day = dayAfter(day)) seen.add(day.slice(0, 7));
        expect([...seen]).toEqual(periods);
        expect(billingPeriodOf(start).start).toBe(start);
      },
    ),
  );
});

test('a billing period ends with its month, in leap years too', () => {
  expect(billingPeriodOf('2028-02-29')).toEqual({ start: '2028-02-01', end: '2028-03-01' });
  expect(billingPeriodOf('2026-12-31')).toEqual({ start: '2026-12-01', end: '2027-01-01' });
});
