import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backtestForecast } from '../../../lib/analysis/forecast/backtest.ts';
import { exceeds, type Forecast, forecast } from '../../../lib/analysis/forecast/forecast.ts';
import type { Series } from '../../../lib/analysis/series.ts';
import { billDays, randomOf, START } from '../generated.ts';

const DAY = 86_400_000;
const daily = (values: readonly (number | null)[], start = START): Series => ({ start, step: DAY, values });

function told(series: Series, ask: Parameters<typeof forecast>[1]): Forecast {
  const answer = forecast(series, ask);
  if ('notEnough' in answer) throw new Error(answer.reason);
  return answer;
}

/** Forecasts of days before the 20th of July. */
function scored(values: readonly number[]) {
  const answer = backtestForecast(daily(values), 14);
  if ('notEnough' in answer) throw new Error(answer.reason);
  return answer.scored.filter(({ at }) => at < '2025-07-20').map(({ mean, bands }) => [mean, bands]);
}

/** 0 is a Sunday; day 0 the first of 2026. */
const dayOfWeek = (at: number) => new Date(Date.UTC(2026, 0, 1 + at)).getUTCDay();

const week = (at: number) => (at % 7 > 4 ? 60 : 100);

describe('a forecast of days', () => {
  test('repeats a week that never differs, with ranges of hardly any width', () => {
    const { steps, sums } = told(daily(Array.from({ length: 120 }, (_, at) => week(at))), {
      horizon: 14,
      sums: [14],
    });
    steps.forEach(({ mean, bands }, at) => {
      expect(mean).toBeCloseTo(week(120 + at), 6);
      for (const { low, high } of bands) expect(high - low).toBeLessThan(5);
    });
    expect(sums[0]?.mean).toBeCloseTo(2 * (5 * 100 + 2 * 60), 6);
    expect(steps[0]?.at).toBe('2025-05-01T00:00:00.000Z');
  });

  test('holds a charge of the first of a month, and one of its last day, across a leap day', () => {
    const start = '2027-09-01T00:00:00.000Z';
    const values = Array.from({ length: 180 }, (_, at) => {
      const next = new Date(Date.parse(start) + (at + 1) * DAY);
      const first = new Date(Date.parse(start) + at * DAY).getUTCDate() === 1;
      return 100 + (at % 3) + (first ? 500 : 0) + (next.getUTCDate() === 1 ? 300 : 0);
    });
    const { steps } = told(daily(values, start), { horizon: 40 });
    const by = new Map(steps.map(({ at, mean }) => [at.slice(0, 10), mean]));
    expect(by.get('2028-02-29')).toBeGreaterThan(380);
    expect(by.get('2028-02-28')).toBeLessThan(120);
    expect(by.get('2028-03-01')).toBeGreaterThan(580);
    expect(by.get('2028-03-02')).toBeLessThan(120);
  });

  test('a gap is no zero', () => {
    const values = Array.from({ length: 150 }, (_, at) => (at % 11 === 0 ? null : 100 + (at % 5)));
    const { steps } = told(daily(values), { horizon: 7 });
    for (const { mean } of steps) expect(mean).toBeGreaterThan(98);
  });

  test('says nothing of ten days, nor of a history that is mostly gaps at its end', () => {
    const ten = forecast(daily(Array.from({ length: 10 }, () => 5)), { horizon: 7 });
    expect(ten).toEqual({ notEnough: true, reason: '10 known days; 28 are needed.' });
    const gaps = Array.from({ length: 100 }, (_, at) => (at > 75 ? null : 5));
    expect(forecast(daily(gaps), { horizon: 7 })).toHaveProperty('notEnough', true);
  });

  test('what was zero for ever stays zero; what stopped is taken to have stopped, and said so', () => {
    const zeros = told(daily(Array.from({ length: 60 }, () => 0)), { horizon: 5, sums: [5] });
    expect(zeros.steps.every(({ mean, bands }) => mean === 0 && bands.every(({ high }) => high === 0))).toBe(
      true,
    );
    const stopped = told(daily([...Array.from({ length: 100 }, (_, at) => 50 + (at % 7)), 0, 0, 0]), {
      horizon: 30,
      sums: [30],
    });
    expect(stopped.sums[0]?.mean).toBe(0);
    expect(stopped.notes.join(' ')).toContain('stopped');
  });

  test('a working day off is no stop; a first day of nothing may be one, and no range leaves that out', () => {
    const worked = (off: number) =>
      daily(
        Array.from({ length: 103 }, (_, at) => (at === off || [0, 6].includes(dayOfWeek(at)) ? 0 : 100)),
        '2026-01-01T00:00:00.000Z',
      );
    expect(dayOfWeek(102)).toBe(1);
    const holiday = told(worked(102), { horizon: 28, sums: [28] });
    expect(holiday.sums[0]?.mean).toBeGreaterThan(1500);
    expect(holiday.notes.join(' ')).toContain('whether it has stopped cannot be told yet');
    const usual = told(worked(-1), { horizon: 28, sums: [28] });
    expect(usual.notes.join(' ')).not.toContain('stopped');
    const yesterday = told(daily([...Array.from({ length: 100 }, (_, at) => 50 + (at % 7)), 0]), {
      horizon: 30,
      sums: [30],
    });
    for (const { low } of [
      ...yesterday.steps.flatMap(({ bands }) => bands),
      ...(yesterday.sums[0]?.bands ?? []),
    ])
      expect(low).toBe(0);
  });

  test('a back-test that looks ahead further than the series is long scores nothing', () => {
    expect(backtestForecast(daily(billDays(7, false)), 1_000_000)).toEqual({
      notEnough: true,
      reason: '400 steps; forecasts 1000000 ahead need more than that.',
    });
  });

  test('a stop takes off no more than there is', () => {
    const { steps, sums } = told(daily(billDays(7, false)), {
      horizon: 10,
      sums: [10],
      events: [{ at: '2026-02-05T00:00:00.000Z', perStep: -1e6, what: 'the stop of i-0abc' }],
    });
    expect(steps.every(({ mean }) => mean === 0)).toBe(true);
    expect(sums[0]?.mean).toBe(0);
  });

  test('ranges of a level that wanders hold from the first months on', () => {
    const random = randomOf(77);
    const held = Array.from({ length: 40 }, () => {
      let level = 100;
      return Array.from({ length: 200 }, () => {
        level *= 1 + 0.035 * (random() + random() + random() - 1.5);
        return level;
      });
    }).flatMap((values) => {
      const answer = backtestForecast(daily(values), 31);
      if ('notEnough' in answer) throw new Error(answer.reason);
      return answer.scored.map(({ value, bands }) => {
        const [, wide] = bands;
        return wide !== undefined && value >= wide.low && value <= wide.high;
      });
    });
    expect(held.length).toBeGreaterThan(3000);
    expect(held.filter(Boolean).length / held.length).toBeGreaterThan(0.82);
  });

  test('of a cost that grows by the same each day, too, what is expected lies within its ranges', () => {
    const { steps, sums } = told(daily(Array.from({ length: 82 }, (_, at) => 1000 + at)), {
      horizon: 9,
      sums: [9],
    });
    for (const { mean, bands } of [...steps, ...sums])
      for (const { low, high } of bands) expect(low <= mean && mean <= high).toBe(true);
  });

  test('what is always the same is held by its ranges, and what is never charged is not scored', () => {
    const always = backtestForecast(daily(Array.from({ length: 200 }, () => 42.1)), 31);
    if ('notEnough' in always) throw new Error(always.reason);
    for (const { share } of always.scores.coverage) expect(share).toBe(1);
    expect(backtestForecast(daily(Array.from({ length: 200 }, () => 0)), 31)).toEqual({
      notEnough: true,
      reason: 'It has never been other than zero: there is nothing to forecast.',
    });
  });

  test('one huge credit moves nothing', () => {
    const values = Array.from({ length: 120 }, (_, at) => (at === 100 ? -50_000 : 100 + (at % 7)));
    const { steps } = told(daily(values), { horizon: 14 });
    for (const { mean } of steps) expect(Math.abs(mean - 103)).toBeLessThan(8);
  });

  test('a stop that is known to come takes its cost off from that moment on', () => {
    const series = daily(billDays(7, false));
    const plain = told(series, { horizon: 20, sums: [20] });
    const stop = { at: '2026-02-10T12:00:00.000Z', perStep: -4, what: 'the stop of i-0abc' };
    const shifted = told(series, { horizon: 20, sums: [20], events: [stop] });
    const off = plain.steps.map(
      ({ mean, at }, index) => [at.slice(0, 10), mean - (shifted.steps[index]?.mean ?? 0)] as const,
    );
    for (const [day, less] of off)
      expect(less).toBeCloseTo(day < '2026-02-10' ? 0 : day === '2026-02-10' ? 2 : 4, 6);
    expect(shifted.notes.join(' ')).toContain('the stop of i-0abc');
  });

  test('what comes after the horizon moves nothing, and is not told', () => {
    const series = daily(billDays(7, false));
    const end = Date.parse(series.start) + (series.values.length + 20) * DAY;
    const event = { at: new Date(end).toISOString(), perStep: 4, what: 'the end of sp-1' };
    const ask = { horizon: 20, sums: [20] };
    expect(told(series, { ...ask, events: [event] })).toEqual(told(series, ask));
    const before = { ...event, at: new Date(end - 1).toISOString() };
    expect(told(series, { ...ask, events: [before] }).notes.join()).toContain('the end of sp-1');
  });

  test('a holiday is like a Sunday', () => {
    const at = 3;
    const holiday = new Date(Date.parse(START) + (140 + at) * DAY).toISOString().slice(0, 10);
    const values = Array.from({ length: 140 }, (_, day) => ((day + 2) % 7 > 4 ? 20 : 100));
    const { steps } = told(daily(values), { horizon: 7, holidays: new Set([holiday]) });
    expect(steps[at]?.mean).toBeCloseTo(20, 4);
  });

  test('the probability to exceed falls as more is left, and is never certain', () => {
    const [sum] = told(daily(billDays(11, false)), { horizon: 31, sums: [31] }).sums;
    if (sum === undefined) throw new Error('no sum');
    const chances = [0.5, 0.9, 1, 1.1, 2].map((share) => exceeds(sum, share * sum.mean));
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
    for (const chance of chances) {
      expect(chance).toBeGreaterThan(0);
      expect(chance).toBeLessThan(1);
    }
    expect(chances[0]).toBeGreaterThan(0.95);
    expect(chances[4]).toBeLessThan(0.05);
  });
});

describe('whatever the series', () => {
  // No amount is smaller than the last of the eighteen places that the lake holds; squares of smaller ones are none.
  const amount = fc
    .double({ min: -1e6, max: 1e6, noNaN: true })
    .map((value) => (Math.abs(value) < 1e-18 ? 0 : value));
  const anything = fc.array(
    fc.oneof(
      { arbitrary: amount, weight: 8 },
      { arbitrary: fc.integer({ min: -1e8, max: 1e8 }).map((cents) => cents / 100), weight: 4 },
      { arbitrary: fc.constant(null), weight: 1 },
      { arbitrary: fc.constant(0), weight: 2 },
    ),
    { minLength: 40, maxLength: 140, size: 'max' },
  );

  test('ranges are finite, hold the narrower ones, and a currency of another size changes sizes alone', () => {
    fc.assert(
      fc.property(anything, (all) => {
        const answer = forecast(daily(all), { horizon: 20, sums: [20] });
        if ('notEnough' in answer) return;
        for (const { mean, bands } of [...answer.steps, ...answer.sums]) {
          expect(Number.isFinite(mean)).toBe(true);
          const [narrow, wide] = bands;
          for (const { low, high } of bands) {
            expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
            expect(low).toBeLessThanOrEqual(mean);
            expect(mean).toBeLessThanOrEqual(high);
          }
          expect(wide?.low).toBeLessThanOrEqual(narrow?.low ?? Number.NaN);
          expect(wide?.high).toBeGreaterThanOrEqual(narrow?.high ?? Number.NaN);
        }
        const twice = told(daily(all.map((value) => (value === null ? null : value * 1024))), {
          horizon: 20,
        });
        twice.steps.forEach(({ mean }, at) => {
          const own = answer.steps[at]?.mean ?? 0;
          expect(mean).toBeCloseTo(
            own * 1024,
            Math.max(0, 6 - Math.ceil(Math.log10(Math.abs(own) * 1024 + 1))) - 4,
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  test('what was told of a day rests on earlier days alone', () => {
    const days = billDays(3, true);
    const before = scored(days);
    expect(before.length).toBeGreaterThan(100);
    // Only what was forecast before the change may be compared: 14 days after it, it was known.
    expect(scored(days.map((day, at) => (at >= 200 ? day * 50 : day)))).toEqual(before);
  });
});
