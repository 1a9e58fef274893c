import { assert, constantFrom, date, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scheduleExpression } from '../../lib/config/schedule.ts';
import { lastDue, longestGap, rateOf } from '../../lib/config/schedule-times.ts';

const BERLIN = 'Europe/Berlin';
const last = (schedule: string, now: string, zone = BERLIN) =>
  lastDue(scheduleExpression(schedule), zone, new Date(now))?.toISOString() ?? null;
const HOUR = 3_600_000;
const field = (min: number, max: number) => integer({ min, max }).map(String);

describe('the last time that a schedule was due', () => {
  test.for([
    ['Mon 09:00', '2026-11-23T07:59:59Z', '2026-11-16T08:00:00.000Z'],
    ['Mon 09:00', '2026-11-23T08:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['05:00', '2026-11-23T00:00:00Z', '2026-11-22T04:00:00.000Z'],
    ['cron(*/15 8-17 ? * MON-FRI *)', '2026-11-22T12:00:00Z', '2026-11-20T16:45:00.000Z'],
    // Months end on different days; L is the last of each.
    ['cron(0 9 L * ? *)', '2026-03-15T00:00:00Z', '2026-02-28T08:00:00.000Z'],
    // The last weekday: February 28, 2026 is a Saturday.
    ['cron(0 9 LW * ? *)', '2026-03-15T00:00:00Z', '2026-02-27T08:00:00.000Z'],
    // November 15, 2026 is a Sunday: the Monday after is nearest.
    ['cron(0 9 15W * ? *)', '2026-11-30T00:00:00Z', '2026-11-16T08:00:00.000Z'],
    // August 1, 2026 is a Saturday: never into another month.
    ['cron(0 9 1W * ? *)', '2026-08-20T00:00:00Z', '2026-08-03T07:00:00.000Z'],
    ['cron(0 9 ? * 2#1 *)', '2026-11-23T00:00:00Z', '2026-11-02T08:00:00.000Z'],
    ['cron(0 9 ? * 6L *)', '2026-11-23T00:00:00Z', '2026-10-30T08:00:00.000Z'],
    ['cron(0 9 ? * L *)', '2026-11-23T00:00:00Z', '2026-11-21T08:00:00.000Z'],
    ['cron(0 9 29 2 ? *)', '2026-11-23T00:00:00Z', '2024-02-29T08:00:00.000Z'],
    // A range over the end of the week, and of the day.
    ['cron(0 9 ? * SAT-SUN *)', '2026-11-23T00:00:00Z', '2026-11-22T08:00:00.000Z'],
    ['cron(0 22-2 * * ? *)', '2026-11-22T12:00:00Z', '2026-11-22T01:00:00.000Z'],
    ['cron(0 9 1 JAN ? 2020-2022)', '2026-11-23T00:00:00Z', '2022-01-01T08:00:00.000Z'],
  ])('%s at %s', ([schedule = '', now = '', expected = '']) => {
    expect(last(schedule, now)).toBe(expected);
  });

  test('a time that summer time leaves out is not due, and one that comes twice is due the first time', () => {
    expect(last('02:30', '2026-03-29T12:00:00Z')).toBe('2026-03-28T01:30:00.000Z');
    expect(last('02:30', '2026-10-25T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
  });

  test('never after now, and the same again when asked at that time', () => {
    assert(
      property(
        record({ minute: field(0, 59), hour: field(0, 23), weekday: field(1, 7) }),
        date({ min: new Date('2025-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        constantFrom('UTC', BERLIN, 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'),
        ({ minute, hour, weekday }, now, zone) => {
          const expression = scheduleExpression(`cron(${minute} ${hour} ? * ${weekday} *)`);
          const due = lastDue(expression, zone, now);
          if (due === null) throw new Error('there always is one');
          expect(due.getTime()).toBeLessThanOrEqual(now.getTime());
          // A week, an hour of summer time, and a week more where that left its own hour out.
          expect(now.getTime() - due.getTime()).toBeLessThanOrEqual(2 * 168 * HOUR + HOUR);
          expect(lastDue(expression, zone, due)).toEqual(due);
          const shown = new Intl.DateTimeFormat('en', {
            timeZone: zone,
            hour: 'numeric',
            minute: 'numeric',
            hourCycle: 'h23',
          }).formatToParts(due);
          const part = (type: string) => Number(shown.find((each) => each.type === type)?.value);
          expect([part('hour'), part('minute')]).toEqual([Number(hour), Number(minute)]);
        },
      ),
    );
  });

  test('a rate has no such time', () => {
    expect(() => lastDue('rate(1 hour)', 'UTC', new Date())).toThrow('not a cron expression');
    expect(rateOf('cron(0 9 * * ? *)')).toBeNull();
  });
});

test.for([
  ['rate(15 minutes)', 0.25],
  ['rate(1 day)', 24],
  ['05:00', 24],
  ['Mon 09:00', 168],
  ['cron(0 8-17 ? * MON-FRI *)', 63],
  // Years that begin after the moment that is measured from, or before it and go on, change nothing of it.
  ['cron(0 8-17 ? * MON-FRI 2027-2030)', 63],
  ['cron(0/15 * * * ? 2026-2199)', 0.25],
  ['cron(0 5 * * ? 2027)', 24],
  // Winter and summer: neither is near the moment that is measured from.
  ['cron(0 9 1 6,12 ? *)', 183 * 24 + 1],
] as const)('between two starts of %s lie %s hours at most', ([schedule, hours]) => {
  expect(longestGap(scheduleExpression(schedule), BERLIN)).toBe(hours * HOUR);
});

test('of what comes once a year it is a year, of what came once there is none', () => {
  expect(longestGap(scheduleExpression('cron(0 9 1 1 ? *)'), BERLIN)).toBe(365 * 24 * HOUR);
  expect(longestGap(scheduleExpression('cron(0 9 1 6 ? *)'), BERLIN)).toBe(365 * 24 * HOUR);
  expect(longestGap(scheduleExpression('cron(0 9 1 1 ? 2024)'), BERLIN)).toBeNull();
});
