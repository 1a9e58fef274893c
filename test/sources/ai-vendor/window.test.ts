import { expect, test } from 'vitest';
import { estimatedFrom, rfc3339, vendorPeriods } from '../../../lib/sources/ai-vendor/window.ts';

const shown = (now: string, months: number) =>
  vendorPeriods(new Date(now), months).map(
    ({ period, start, end, settled }) =>
      `${period} ${rfc3339(start).slice(0, 10)} ${rfc3339(end).slice(0, 10)}${settled ? ' settled' : ''}`,
  );

test('whole months and the running one up to the last midnight', () => {
  expect(shown('2026-11-22T11:30:00Z', 3)).toEqual([
    '2026-08 2026-08-01 2026-09-01 settled',
    '2026-09 2026-09-01 2026-10-01 settled',
    '2026-10 2026-10-01 2026-11-01',
    '2026-11 2026-11-01 2026-11-22',
  ]);
});

test('on the first of a month the month before is the last, over the turn of a year', () => {
  expect(shown('2027-01-01T23:59:59Z', 1)).toEqual([
    '2026-11 2026-11-01 2026-12-01',
    '2026-12 2026-12-01 2027-01-01',
  ]);
  expect(shown('2027-01-02T00:00:00Z', 0)).toEqual(['2027-01 2027-01-01 2027-01-02']);
});

test('a month is settled 35 days after its end, to the second', () => {
  expect(shown('2026-11-04T23:59:59Z', 2)[0]).toBe('2026-09 2026-09-01 2026-10-01');
  expect(shown('2026-11-05T00:00:00Z', 2)[0]).toBe('2026-09 2026-09-01 2026-10-01 settled');
});

test('the last three whole days are estimated', () => {
  expect(estimatedFrom(new Date('2026-11-22T11:30:00Z'))).toBe('2026-11-19');
});

test.each([-1, 13, 1.5, Number.NaN])('%s months are refused', (months) => {
  expect(() => vendorPeriods(new Date('2026-11-22T00:00:00Z'), months)).toThrow('months');
});
