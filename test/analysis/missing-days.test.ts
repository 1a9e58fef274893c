import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingDays } from '../../lib/analysis/missing-days.ts';

const DAY = 86_400_000;
const day = (at: number) => new Date(Date.UTC(2026, 8, 7) + at * DAY).toISOString().slice(0, 10);
/** Days of ten weeks from Monday, 7 September 2026, that `on` names. */
const days = (on: (at: number) => boolean, length = 70) =>
  new Set(
    Array.from({ length }, (_, at) => at)
      .filter(on)
      .map(day),
  );
const missing = (charged: ReadonlySet<string>, from = 56, to = 70) =>
  missingDays(charged, day(from), day(to));

describe('days that a bill lacks', () => {
  test('one, some, a whole week and three, its last ones', () => {
    expect(missing(days((at) => at !== 60))).toEqual([day(60)]);
    expect(missing(days((at) => at !== 58 && at !== 66))).toEqual([day(58), day(66)]);
    expect(missing(days((at) => at < 63))).toEqual([63, 64, 65, 66, 67, 68, 69].map(day));
    expect(missing(days((at) => at < 49))).toHaveLength(14);
  });

  test('none of a bill that has all, is rare, has no weekends, has begun, or has ended', () => {
    expect(missing(days(() => true))).toEqual([]);
    expect(missing(days((at) => at % 30 === 1))).toEqual([]);
    expect(missing(days((at) => at % 14 === 1))).toEqual([]);
    expect(missing(days((at) => at % 7 < 5))).toEqual([]);
    expect(missing(days((at) => at > 60))).toEqual([]);
    expect(missing(days((at) => at < 10))).toEqual([]);
    expect(missing(new Set())).toEqual([]);
  });

  test('a working day of a bill of working days', () => {
    expect(missing(days((at) => at % 7 < 5 && at !== 64))).toEqual([day(64)]);
  });

  test('no weekend of a bill of working days that began two weeks ago', () => {
    const working = days((at) => at % 7 < 5, 19);
    expect(missingDays(working, day(0), day(19))).toEqual([]);
  });

  test('with a short history by all days before it', () => {
    expect(
      missingDays(
        days((at) => at !== 9, 12),
        day(0),
        day(12),
      ),
    ).toEqual([day(9)]);
    // Of six days nobody can tell what is usual.
    expect(
      missingDays(
        days((at) => at !== 4, 6),
        day(0),
        day(6),
      ),
    ).toEqual([]);
  });

  test('is never a day that is charged, nor before the first, nor out of the span', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(69)), fc.nat(69), fc.nat(30), (some, from, length) => {
        const charged = new Set(some.map(day));
        const first = [...charged].toSorted()[0] ?? '9999';
        for (const each of missingDays(charged, day(from), day(from + length)))
          expect([charged.has(each), each >= first, each >= day(from), each < day(from + length)]).toEqual([
            false,
            true,
            true,
            true,
          ]);
      }),
    );
  });
});
