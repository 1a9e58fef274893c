import { describe, expect, test } from 'vitest';
import { detect } from '../../../lib/analysis/anomalies/detect.ts';
import type { Anomaly } from '../../../lib/analysis/anomalies/model.ts';
import type { Series } from '../../../lib/analysis/series.ts';
import { billDays, caseOf, START } from '../generated.ts';

const DAY = 86_400_000;
const daily = (values: readonly (number | null)[], start = START): Series => ({ start, step: DAY, values });
const dayAt = (at: number) => new Date(Date.parse(START) + at * DAY).toISOString();

function found(series: Series, minimum = 0): Anomaly[] {
  const answer = detect(series, { minimum });
  if ('notEnough' in answer) throw new Error(answer.reason);
  return answer;
}

/** Weekends cheaper, a little jitter that no chance makes. */
const usual = (at: number) => ((at + 2) % 7 > 4 ? 60 : 100) + 2 * Math.sin(at * 1.7);
const days = (length: number, change: (at: number, value: number) => number | null = (_, value) => value) =>
  Array.from({ length }, (_, at) => change(at, usual(at)));

const huge = (at: number, value: number) => (at === 100 ? 20 * value : value);

const charged = (months: (month: number) => boolean) =>
  daily(
    days(365, (at, value) => {
      const date = new Date(Date.parse(START) + at * DAY);
      return value + (date.getUTCDate() === 17 && months(date.getUTCMonth()) ? 400 : 0);
    }),
  );

describe('one series of days', () => {
  test('nothing is told of what is as ever', () => {
    expect(found(daily(days(300)))).toEqual([]);
  });

  test('a spike is told on its day, with what it is off by, and does not echo', () => {
    const [spike, ...more] = found(daily(days(300, (at, value) => (at === 200 ? value + 80 : value))));
    expect(more).toEqual([]);
    expect(spike).toMatchObject({ kind: 'spike', first: dayAt(200), last: dayAt(200), caught: dayAt(200) });
    expect((spike?.actual ?? 0) - (spike?.expected ?? 0)).toBeCloseTo(80, -1);
    expect(spike?.judged.high).toBeLessThan(spike?.judged.value ?? 0);
  });

  test.each([1, 2, 3, 4, 5, 6])('a spike of %i days is told once; that it is over is no dip', (length) => {
    const all = found(
      daily(days(300, (at, value) => (at >= 200 && at < 200 + length ? value + 900 : value))),
    );
    expect(all.map(({ kind, first, last, open }) => [kind, first, last, open])).toEqual([
      ['spike', dayAt(200), dayAt(199 + length), false],
    ]);
    // Nor is the next one hidden by what was expected meanwhile.
    const twice = found(
      daily(
        days(300, (at, value) =>
          (at >= 200 && at < 200 + length) || at === 215 + length ? value + 900 : value,
        ),
      ),
    );
    expect(twice.map(({ first }) => first)).toEqual([dayAt(200), dayAt(215 + length)]);
  });

  test('what falls below where it was before a spike is told', () => {
    const all = found(
      daily(
        days(300, (at, value) =>
          at >= 200 && at < 203 ? value + 900 : at >= 204 && at < 206 ? value - 50 : value,
        ),
      ),
    );
    expect(all.map(({ kind, first, last }) => [kind, first, last])).toEqual([
      ['spike', dayAt(200), dayAt(202)],
      ['dip', dayAt(204), dayAt(205)],
    ]);
  });

  test('a level that changes is told once, and so is its way back', () => {
    const all = found(daily(days(300, (at, value) => (at >= 150 && at < 220 ? value + 50 : value))));
    expect(all.map(({ kind, first }) => [kind, first])).toEqual([
      ['step up', dayAt(150)],
      ['step down', dayAt(220)],
    ]);
    expect(all[1]?.open).toBe(true);
  });

  test('a slow leak that no single day shows is told', () => {
    const leak = found(
      daily(days(300, (at, value) => (at < 150 ? value : value + Math.min(at - 149, 60) * 0.7))),
    );
    expect(leak.length).toBeGreaterThan(0);
    const after = (Date.parse(leak[0]?.caught ?? '') - Date.parse(dayAt(150))) / DAY;
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(40);
    expect(leak[0]?.actual).toBeGreaterThan(leak[0]?.expected ?? 0);
    expect(leak[0]?.kind).toMatch(/up$/);
  });

  test('what was never charged is new from its first day; nothing before the minimum', () => {
    const series = daily(days(60, (at, value) => (at < 40 ? 0 : value)));
    expect(found(series)[0]).toMatchObject({ kind: 'new', first: dayAt(40), expected: 0 });
    expect(found(series, 1e6)).toEqual([]);
  });

  test('what is charged no more has stopped', () => {
    const [stopped] = found(daily(days(200, (at, value) => (at >= 190 ? 0 : value))));
    expect(stopped).toMatchObject({ kind: 'stopped', first: dayAt(190), open: true });
  });

  test('a charge of every month is no news, the same charge of one month is', () => {
    expect(found(charged(() => true))).toEqual([]);
    expect(found(charged((month) => month === 6)).map(({ first }) => first.slice(0, 10))).toEqual([
      '2025-07-17',
    ]);
  });

  test('a gap is nothing that happened', () => {
    expect(found(daily(days(300, (at, value) => (at > 200 && at < 206 ? null : value))))).toEqual([]);
  });

  test('days that nobody knows of are not days of nothing, after which a charge is new', () => {
    expect(found(daily(days(200, (at, value) => (at < 20 ? null : value))))).toEqual([]);
    const [fresh] = found(daily(days(200, (at, value) => (at < 20 ? 0 : value))));
    expect(fresh).toMatchObject({ kind: 'new', first: dayAt(20) });
  });

  test('a range that was told stays, whatever sign comes later', () => {
    const [before] = found(daily(days(150, huge)));
    const [after] = found(daily(days(150, (at, value) => (at > 140 ? -value : huge(at, value)))));
    expect(before?.judged).toEqual(after?.judged);
  });

  test('ten days are not enough', () => {
    expect(detect(daily(days(10)))).toEqual({ notEnough: true, reason: '10 known steps; 14 are needed.' });
  });

  test('what later days bring changes nothing that was told before', () => {
    const series = billDays(21, true);
    const whole = found(daily(series)).filter(({ caught }) => caught < dayAt(250));
    const part = found(daily(series.slice(0, 250)));
    expect(part.map(({ caught, first }) => [caught, first])).toEqual(
      whole.map(({ caught, first }) => [caught, first]),
    );
  });

  test('opposing moves of two series are both told', () => {
    const caught = caseOf(10_007, 'opposing').map(({ series, from }) =>
      found(series).some((each) => Math.abs((Date.parse(each.first) - Date.parse(dayAt(from))) / DAY) <= 3),
    );
    expect(caught).toEqual([true, true]);
  });
});
