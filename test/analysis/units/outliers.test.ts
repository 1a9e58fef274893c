import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/analysis/seeded.ts';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import { outliers } from '../../../lib/analysis/units/outliers.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

/** A hundred days of about `level`, with what a test says of some. */
function series(level: number, noise: number, change: (at: number, value: number) => number | null) {
  const random = seeded(7);
  return new Map(
    Array.from({ length: 100 }, (_, at) => {
      const value = change(at, level * (1 + noise * (random() - 0.5)));
      return [dayPlus('2026-08-01', at), value === null ? null : new Decimal(value.toFixed(6))] as const;
    }).flatMap(([day, value]) => (value === null ? [] : [[day, value] as const])),
  );
}

describe('times off the band', () => {
  test('a latency that doubles for two days is told by its day, with numbers of a day', () => {
    const found = outliers(series(200, 0.1, (at, value) => (at === 80 || at === 81 ? value * 2 : value)));
    if ('notEnough' in found) throw new Error(found.reason);
    const spike = found.find(({ kind }) => kind === 'spike');
    expect(spike).toMatchObject({ first: '2026-10-20', last: '2026-10-21', open: false });
    expect(spike?.actual).toBeGreaterThan(380);
    expect(spike?.actual).toBeLessThan(420);
    expect(spike?.expected).toBeGreaterThan(180);
    expect(spike?.expected).toBeLessThan(220);
    expect(spike?.high).toBeLessThan(380);
  });

  test('gaps are no dips: nothing is told of days that nobody knows', () => {
    const found = outliers(series(200, 0.1, (at, value) => (at % 7 === 3 ? null : value)));
    expect(found).toEqual([]);
  });

  test('a success that falls and stays is a step down', () => {
    const found = outliers(series(0.99, 0.004, (at, value) => (at >= 85 ? value * 0.8 : value)));
    if ('notEnough' in found) throw new Error(found.reason);
    expect(found.at(-1)).toMatchObject({ kind: 'step down', first: '2026-10-25', open: true });
  });

  test('ten days, and none, are not enough', () => {
    const ten = new Map([...series(5, 0.1, (_, value) => value)].slice(0, 10));
    expect(outliers(ten)).toMatchObject({ notEnough: true });
    expect(outliers(new Map())).toEqual({ notEnough: true, reason: 'No day is known.' });
  });
});
