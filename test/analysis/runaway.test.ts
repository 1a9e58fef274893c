import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runaway } from '../../lib/analysis/runaway.ts';

const HOUR = 3_600_000;
const START = '2026-10-19T00:00:00.000Z';
const LENGTH = 29 * 24 + 1;
const last = LENGTH - 1;

/** Office hours at 10 an hour with some noise, nights at 1; ends on Tuesday, 17 November 2026, 00:00 UTC. */
function office(at: number): number {
  const weekday = Math.floor(at / 24) % 7 < 5;
  const hour = at % 24;
  return (weekday && hour >= 8 && hour < 18 ? 10 : 1) * (1 + 0.1 * Math.sin(at * 2.3));
}

const series = (valueAt: (at: number) => number | null, length = LENGTH) => ({
  start: START,
  step: HOUR,
  values: Array.from({ length }, (_, at) => valueAt(at)),
});

const weekly = (now: number) =>
  series((at) => (at === last ? now : at % 168 === last % 168 ? 400 : office(at)));

describe('usage that runs away', () => {
  test('is told with its hours and what would have been usual', () => {
    const found = runaway(
      series((at) => (at >= last - 1 ? 400 : office(at))),
      50,
    );
    if (found === null || 'notEnough' in found) throw new Error('it runs away');
    expect(found).toMatchObject({
      first: '2026-11-16T23:00:00.000Z',
      last: '2026-11-17T00:00:00.000Z',
      value: 800,
    });
    expect(found.usual).toBeGreaterThan(1.6);
    expect(found.usual).toBeLessThan(2.4);
    expect(found.high).toBeLessThan(800);
  });

  test('is not what every week has at that hour, nor what costs less than the minimum', () => {
    expect(runaway(series(office), 0)).toBeNull();
    // A batch of every Monday night.
    expect(
      runaway(
        series((at) => (at % 168 >= 23 && at % 168 <= 25 ? 400 : office(at))),
        50,
      ),
    ).toBeNull();
    expect(
      runaway(
        series((at) => (at === last ? 45 : office(at))),
        50,
      ),
    ).toBeNull();
    expect(
      runaway(
        series((at) => (at === last ? 45 : office(at))),
        40,
      ),
    ).not.toBeNull();
  });

  test('is no batch of one hour a week, but is one that takes many times as much', () => {
    expect(runaway(weekly(400), 50)).toBeNull();
    expect(runaway(weekly(1100), 50)).toBeNull();
    expect(runaway(weekly(4000), 50)).toMatchObject({ value: 4000, usual: 400, high: 1200 });
  });

  test('is told on as long as it goes on, and not taken for usual after some hours', () => {
    for (const hours of [2, 8, 24, 72])
      expect(
        runaway(
          series((at) => (at > last - hours ? 400 : office(at))),
          50,
        ),
      ).toMatchObject({ last: '2026-11-17T00:00:00.000Z' });
  });

  test('does not hide behind one that came a week before', () => {
    const hours = series((at) => (at === last || at === last - 168 ? 500 : office(at)));
    expect(runaway(hours, 50)).not.toBeNull();
  });

  test('takes less usage, and hours that are not known, for nothing', () => {
    expect(
      runaway(
        series((at) => (at >= last - 5 ? 0 : office(at))),
        0,
      ),
    ).toBeNull();
    expect(
      runaway(
        series((at) => (at >= last - 5 ? null : office(at))),
        0,
      ),
    ).toBeNull();
  });

  test('cannot be told without two weeks of use', () => {
    const young = (days: number) =>
      runaway(
        series((at) => (at < LENGTH - days * 24 ? 0 : 500)),
        50,
      );
    expect(young(13)).toEqual({
      notEnough: true,
      reason: '312 hours since its first use; 336 are needed.',
    });
    expect(
      runaway(
        series(() => 0),
        0,
      ),
    ).toMatchObject({ notEnough: true });
  });

  test('is told whatever the scale, and never of a constant', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (scale) => {
        expect(
          runaway(
            series(() => scale),
            0,
          ),
        ).toBeNull();
        expect(
          runaway(
            series((at) => scale * (at === last ? 400 : office(at))),
            0,
          ),
        ).not.toBeNull();
      }),
    );
  });
});
