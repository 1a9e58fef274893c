import { describe, expect, test } from 'vitest';
import { beforeAfter, perUnitBeforeAfter } from '../../../lib/analysis/units/before-after.ts';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

const from = (start: string, values: readonly (string | null)[]) =>
  new Map(
    values.flatMap((value, at) =>
      value === null ? [] : [[dayPlus(start, at), new Decimal(value)] as const],
    ),
  );
const repeated = (value: string, days: number) => Array.from({ length: days }, () => value);
/** Fourteen days, the day of the stop, fourteen days. */
const around = (before: string, on: string, after: string) =>
  from('2026-10-18', [...repeated(before, 14), on, ...repeated(after, 14)]);
const STOP = { from: '2026-11-01', until: null };

describe('a number before and after a stop', () => {
  test('means of two weeks each; the day of the stop is in neither', () => {
    expect(beforeAfter(around('0.98', '0.5', '0.97'), STOP)).toEqual({
      before: '0.98',
      after: '0.97',
      beforeDays: 14,
      afterDays: 14,
      percent: '-1.0',
    });
  });

  test('from the day on which it ran again nothing counts; too few days say nothing', () => {
    const values = around('100', '0', '80');
    expect(beforeAfter(values, { from: '2026-11-01', until: '2026-11-10' })).toMatchObject({ afterDays: 8 });
    expect(beforeAfter(values, { from: '2026-11-01', until: '2026-11-08' })).toBeNull();
    expect(beforeAfter(from('2026-10-27', repeated('1', 30)), STOP)).toBeNull();
    expect(beforeAfter(new Map(), STOP)).toBeNull();
  });

  test('what was zero before has no percent; what was below zero rises', () => {
    expect(beforeAfter(around('0', '0', '5'), STOP)?.percent).toBeNull();
    expect(beforeAfter(around('-4', '0', '-2'), STOP)?.percent).toBe('50.0');
  });

  test('cost per unit: all cost by all units, on days that know both', () => {
    const cost = around('50', '50', '30');
    const units = from('2026-10-18', [
      ...repeated('100', 15),
      ...repeated('90', 10),
      null,
      '110',
      '110',
      '80',
    ]);
    expect(perUnitBeforeAfter(cost, units, STOP)).toEqual({
      before: '0.5',
      // 13 x 30 over 10 x 90 + 110 + 110 + 80.
      after: '0.325',
      beforeDays: 14,
      afterDays: 13,
      percent: '-35.0',
    });
    expect(perUnitBeforeAfter(cost, around('100', '100', '0'), STOP)).toBeNull();
  });
});
