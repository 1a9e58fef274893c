import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { endOfGrace, nextStopTime, whyNoStop } from '../../lib/ledger/business-time.ts';
import type { WorkCalendar } from '../../lib/ledger/calendar.ts';
import { publicHolidays } from '../../lib/platform/holidays.ts';

const BERLIN: WorkCalendar = {
  timezone: 'Europe/Berlin',
  holidays: publicHolidays('DE', [2026, 2027]),
  quiet: { from: 18 * 60, to: 8 * 60 },
  weekends: false,
};
const ALWAYS: WorkCalendar = { timezone: 'UTC', holidays: new Set(), quiet: null, weekends: true };

describe('the end of a grace', () => {
  it.each([
    ['two business days within a week', '2026-03-02T09:00:00.000Z', '2026-03-04T09:00:00.000Z'],
    ['over a weekend', '2026-03-05T09:00:00.000Z', '2026-03-09T09:00:00.000Z'],
    ['Friday afternoon waits for Monday', '2026-03-04T14:00:00.000Z', '2026-03-09T07:00:00.000Z'],
    ['a Saturday counts from Monday', '2026-03-07T12:00:00.000Z', '2026-03-11T07:00:00.000Z'],
    ['Good Friday and Easter Monday are none', '2026-04-02T08:00:00.000Z', '2026-04-08T08:00:00.000Z'],
    [
      'clock time is kept over the change to summer time',
      '2026-03-27T09:00:00.000Z',
      '2026-03-31T08:00:00.000Z',
    ],
    ['in the evening it waits for the morning', '2026-03-02T20:00:00.000Z', '2026-03-05T07:00:00.000Z'],
  ])('%s', (_, from, end) => {
    expect(endOfGrace(from, { businessDays: 2 }, BERLIN)).toBe(end);
  });

  it('of hours runs on, and the stop waits for a time at which it may fall', () => {
    expect(endOfGrace('2026-03-02T09:00:00Z', { minutes: 90 }, BERLIN)).toBe('2026-03-02T10:30:00.000Z');
    expect(endOfGrace('2026-03-06T09:00:00Z', { minutes: 180 }, BERLIN)).toBe('2026-03-09T07:00:00.000Z');
    expect(endOfGrace('2026-03-06T09:00:00Z', { minutes: 180 }, ALWAYS)).toBe('2026-03-06T12:00:00.000Z');
  });

  it('refuses a calendar without any time for a stop', () => {
    const none = { ...BERLIN, holidays: new Set<string>(), quiet: { from: 12 * 60, to: 12 * 60 - 1 } };
    const year = Array.from({ length: 500 }, (_, n) =>
      Temporal.PlainDate.from('2026-01-01').add({ days: n }).toString(),
    );
    const allHolidays = { ...ALWAYS, holidays: new Set(year) };
    expect(() => endOfGrace('2026-01-05T09:00:00Z', { businessDays: 1 }, allHolidays)).toThrow(RangeError);
    expect(() => nextStopTime('2026-01-05T09:00:00Z', allHolidays)).toThrow(RangeError);
    expect(() => nextStopTime('2026-01-05T09:00:00Z', allHolidays)).toThrow(
      /^within \d+ days of 2026-01-05 the calendar has no time for a stop$/,
    );
    expect(nextStopTime('2026-01-05T09:00:00Z', none)).toBe('2026-01-05T10:59:00.000Z');
  });
});

describe('times at which nothing is stopped', () => {
  it.each([
    ['2026-03-06T10:59:00Z', null],
    ['2026-03-06T11:00:00Z', 'nothing is stopped on a Friday from 12:00 on'],
    ['2026-03-07T10:00:00Z', 'nothing is stopped on weekends'],
    ['2026-03-03T06:59:00Z', 'quiet hours until 08:00'],
    ['2026-03-03T17:00:00Z', 'quiet hours until 08:00'],
    ['2026-05-01T09:00:00Z', '2026-05-01 is a public holiday'],
  ])('at %s: %s', (at, why) => {
    expect(whyNoStop(at, BERLIN)).toBe(why);
  });

  it('by day are neither what comes before nor what comes after', () => {
    const noon = { ...ALWAYS, quiet: { from: 11 * 60, to: 13 * 60 } };
    const times = ['10:59', '11:00', '12:59', '13:00'].map((time) =>
      whyNoStop(`2026-03-03T${time}:00Z`, noon),
    );
    expect(times).toEqual([null, 'quiet hours until 13:00', 'quiet hours until 13:00', null]);
  });

  it('end with the quiet hours also in the nights when clocks change', () => {
    const early = { ...ALWAYS, timezone: 'Europe/Berlin', quiet: { from: 60, to: 150 } };
    // 02:30 does not exist on 29 March 2026 and comes twice on 25 October 2026.
    expect(nextStopTime('2026-03-29T00:30:00Z', early)).toBe('2026-03-29T01:30:00.000Z');
    expect(nextStopTime('2026-10-25T00:10:00Z', early)).toBe('2026-10-25T00:30:00.000Z');
    expect(nextStopTime('2026-10-25T01:10:00Z', early)).toBe('2026-10-25T02:00:00.000Z');
  });

  it('are never chosen for a stop, in any zone, and a grace is never shortened', () => {
    const calendar = fc.record({
      timezone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/St_Johns',
        'Asia/Kolkata',
        'Pacific/Apia',
        'Pacific/Chatham',
      ),
      holidays: fc.constantFrom(new Set<string>(), BERLIN.holidays),
      quiet: fc.option(
        fc
          .record({ from: fc.integer({ min: 0, max: 1439 }), to: fc.integer({ min: 0, max: 1439 }) })
          .filter(({ from, to }) => from !== to && !(from <= 12 * 60 && to > 12 * 60)),
      ),
      weekends: fc.boolean(),
    });
    const grace = fc.oneof(
      fc.record({ minutes: fc.integer({ min: 1, max: 30_000 }) }),
      fc.record({ businessDays: fc.integer({ min: 1, max: 12 }) }),
    );
    const from = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-06-01'), noInvalidDate: true });
    fc.assert(
      fc.property(from, grace, calendar, (start, length, days) => {
        const usable = days.quiet === null || days.weekends || days.quiet.from < days.quiet.to;
        fc.pre(usable);
        const end = endOfGrace(start.toISOString(), length, days);
        expect(whyNoStop(end, days)).toBeNull();
        expect(nextStopTime(end, days)).toBe(end);
        // A day can be 23 hours long, or be left out altogether where a zone changes its side of the date line.
        const least = 'minutes' in length ? length.minutes : (length.businessDays - 1) * 23 * 60;
        expect(Date.parse(end) - start.getTime()).toBeGreaterThanOrEqual(least * 60_000);
      }),
      { numRuns: 300 },
    );
  });
});
