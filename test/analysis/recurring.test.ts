import { describe, expect, test } from 'vitest';
import { cameBefore, MONTHLY_HOURS } from '../../lib/analysis/recurring.ts';
import { runaway } from '../../lib/analysis/runaway.ts';

const HOUR = 3_600_000;

/** One an hour, and what `at` adds, up to the running hour `now`. */
function history(now: string, batches: Readonly<Record<string, number>>, length = MONTHLY_HOURS + 1) {
  const end = Date.parse(now);
  const begin = end - (length - 1) * HOUR;
  const extra = new Map(Object.entries(batches).map(([at, amount]) => [Date.parse(at), amount]));
  return {
    start: new Date(begin).toISOString(),
    step: HOUR,
    values: Array.from({ length }, (_, at) => 1 + (extra.get(begin + at * HOUR) ?? 0)),
  };
}

/** Is what runs now told, seen from its first hour with `now` dollars above the usual one? */
function told(now: string, before: Readonly<Record<string, number>>, amount = 400): boolean {
  const whole = history(now, { ...before, [now]: amount });
  const found = runaway(whole, 50);
  if (found === null || 'notEnough' in found) throw new Error('it stands out');
  return cameBefore(whole, found) === null;
}

const runs = (day: string, hours: number) =>
  Object.fromEntries(
    Array.from({ length: hours }, (_, at) => [
      new Date(Date.parse(`${day}T03:00Z`) + at * HOUR).toISOString(),
      400,
    ]),
  );
const after = (hours: number) => {
  const now = new Date(Date.parse('2026-11-05T03:00Z') + (hours - 1) * HOUR).toISOString();
  const whole = history(now, { ...runs('2026-10-05', 4), ...runs('2026-11-05', hours) });
  const found = runaway(whole, 50);
  if (found === null || 'notEnough' in found) throw new Error('it stands out');
  return cameBefore(whole, found) === null;
};

describe('a batch of every month', () => {
  test.for([
    ['the same day of the month', '2026-11-05T03:00Z', '2026-10-05T03:00Z'],
    ['the same day, two months ago, where one failed', '2026-11-05T03:00Z', '2026-09-05T03:00Z'],
    ['the last day of months that are not as long', '2026-11-30T03:00Z', '2026-10-31T03:00Z'],
    ['the last day of February', '2026-03-31T23:00Z', '2026-02-28T23:00Z'],
    ['the first Monday', '2026-11-02T03:00Z', '2026-10-05T03:00Z'],
    ['the last Friday', '2026-11-27T03:00Z', '2026-10-30T03:00Z'],
    ['the first working day', '2026-11-02T03:00Z', '2026-10-01T03:00Z'],
    ['the last working day', '2026-11-30T03:00Z', '2026-10-30T03:00Z'],
    ['an hour later after summer time', '2026-11-05T03:00Z', '2026-10-05T02:00Z'],
    ['over midnight, by two hours', '2026-11-05T00:00Z', '2026-10-04T22:00Z'],
  ] as const)('is expected on %s', ([, now, before]) => {
    expect(told(now, { [before]: 400 })).toBe(false);
  });

  test.for([
    ['at another time of the month', { '2026-10-14T03:00Z': 400 }],
    ['at another hour of that day', { '2026-10-05T09:00Z': 400 }],
    ['half as much then', { '2026-10-05T03:00Z': 200 }],
    ['nothing then', {}],
  ] as const)('is not: %s', ([, before]) => {
    expect(told('2026-11-05T03:00Z', before)).toBe(true);
  });

  test('as much as before, up to half as much again', () => {
    const before = { '2026-10-05T03:00Z': 400 };
    expect(told('2026-11-05T03:00Z', before, 600)).toBe(false);
    expect(told('2026-11-05T03:00Z', before, 610)).toBe(true);
  });

  test('that does not end as it used to is told within four hours', () => {
    expect([1, 2, 3, 4].map(after)).toEqual([false, false, false, false]);
    expect([8, 9, 12].map(after)).toEqual([true, true, true]);
  });

  test('nothing is excused by hours that nobody knows', () => {
    const now = '2026-11-05T03:00Z';
    const short = history(now, { [now]: 400 }, 29 * 24 + 1);
    const found = runaway(short, 50);
    if (found === null || 'notEnough' in found) throw new Error('it stands out');
    expect(cameBefore(short, found)).toBeNull();
    const whole = history(now, { '2026-10-05T03:00Z': 400, [now]: 400 });
    const known = { ...whole, values: whole.values.map((value, at) => (at < 29 * 24 ? null : value)) };
    expect(cameBefore(whole, found)).toBe('2026-10-05T03:00:00.000Z');
    expect(cameBefore(known, found)).not.toBe('2026-09-05T03:00:00.000Z');
  });

  test('two whole months and their weekdays are looked back on, whatever the month', () => {
    for (let day = 0; day < 730; day += 1) {
      const now = new Date(Date.UTC(2027, 0, 1, 5) + day * 24 * HOUR);
      const same = new Date(now);
      same.setUTCDate(1);
      same.setUTCMonth(same.getUTCMonth() - 2);
      const nth = Math.ceil(now.getUTCDate() / 7);
      while (same.getUTCDay() !== now.getUTCDay()) same.setUTCDate(same.getUTCDate() + 1);
      const month = same.getUTCMonth();
      same.setUTCDate(same.getUTCDate() + (nth - 1) * 7);
      // Not every month has a fifth one.
      if (same.getUTCMonth() !== month) continue;
      expect(told(now.toISOString(), { [same.toISOString()]: 400 })).toBe(false);
    }
  });
});
