import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayPlus, daysOf, periodStart } from '../../../lib/analysis/units/days.ts';
import type { ByDay } from '../../../lib/analysis/units/model.ts';
import {
  perUnit,
  perUnitByDay,
  succeeded,
  unitPeriods,
  unitTotal,
  unitTrend,
} from '../../../lib/analysis/units/per-unit.ts';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';

const by = (start: string, values: readonly (string | null)[]): ByDay =>
  new Map(
    values.flatMap((value, at) =>
      value === null ? [] : [[dayPlus(start, at), new Decimal(value)] as const],
    ),
  );
const repeated = (value: string, days: number) => Array.from({ length: days }, () => value);

const cents = (values: readonly (bigint | null)[]) =>
  by(
    '2026-01-29',
    values.map((value) => (value === null ? null : new Decimal(String(value)).div(100).toFixed())),
  );

const sum = (values: Iterable<Decimal | string>) =>
  [...values].reduce<Decimal>((total, value) => total.plus(value), new Decimal(0));

describe('days', () => {
  test('a week begins on Monday, a month on its first, also in a leap year', () => {
    expect(periodStart('2026-11-22', 'week')).toBe('2026-11-16');
    expect(periodStart('2026-11-16', 'week')).toBe('2026-11-16');
    expect(periodStart('2028-02-29', 'month')).toBe('2028-02-01');
    expect(periodStart('2028-02-29', 'day')).toBe('2028-02-29');
    expect(daysOf('2028-02-28', '2028-03-02')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
  });
});

describe('cost of a unit by period', () => {
  test('to the cent: two weeks, of which one day has no units and another no cost', () => {
    const cost = by('2026-11-02', ['10', '10', '10', null, '10', '0', '10', ...repeated('12.10', 7)]);
    const units = by('2026-11-02', ['100', null, '100', '100', '0', '0', '100', ...repeated('110', 7)]);
    expect(unitPeriods(cost, units, { start: '2026-11-02', end: '2026-11-16' }, 'week')).toEqual([
      {
        start: '2026-11-02',
        end: '2026-11-09',
        // Monday, Wednesday, Sunday with units; Friday and Saturday without: their cost counts.
        cost: '40',
        units: '300',
        perUnit: '0.133333333333333333',
        days: 5,
        costWithoutUnits: '10',
        daysWithoutUnits: 1,
        daysWithoutCost: 1,
      },
      {
        start: '2026-11-09',
        end: '2026-11-16',
        cost: '84.7',
        units: '770',
        perUnit: '0.11',
        days: 7,
        costWithoutUnits: '0',
        daysWithoutUnits: 0,
        daysWithoutCost: 0,
      },
    ]);
  });

  test('a span that cuts weeks has cut weeks', () => {
    const cost = by('2026-11-01', repeated('1', 30));
    const periods = unitPeriods(cost, cost, { start: '2026-11-04', end: '2026-11-11' }, 'week');
    expect(periods.map(({ start, end, days }) => [start, end, days])).toEqual([
      ['2026-11-04', '2026-11-09', 5],
      ['2026-11-09', '2026-11-11', 2],
    ]);
  });

  test('no units, units below zero, and nothing known: null, never Infinity', () => {
    expect(perUnit(new Decimal(5), new Decimal(0))).toBeNull();
    expect(perUnit(new Decimal(5), new Decimal(-2))).toBeNull();
    expect(perUnit(new Decimal(-5), new Decimal(2))).toBe('-2.5');
    const span = { start: '2026-11-01', end: '2026-11-03' };
    expect(unitTotal(new Map(), new Map(), span)).toMatchObject({
      perUnit: null,
      days: 0,
      daysWithoutCost: 2,
    });
    expect(unitTotal(new Map(), new Map(), { start: '2026-11-03', end: '2026-11-03' })).toBeNull();
    expect([...perUnitByDay(by('2026-11-01', ['5', '5', '5']), by('2026-11-01', ['0', '-1', '2']))]).toEqual([
      ['2026-11-03', new Decimal('2.5')],
    ]);
  });

  const amounts = fc.array(fc.option(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })), {
    minLength: 1,
    maxLength: 90,
  });

  test('periods of every length add up to what was spent, whatever is missing', () => {
    fc.assert(
      fc.property(amounts, amounts, fc.constantFrom('day', 'week', 'month'), (costs, counts, grain) => {
        const [cost, units] = [cents(costs), cents(counts)];
        const end = dayPlus('2026-01-29', Math.max(costs.length, counts.length));
        const periods = unitPeriods(cost, units, { start: '2026-01-29', end }, grain);
        const told = sum(periods.flatMap((period) => [period.cost, period.costWithoutUnits]));
        expect(decimalText(told)).toBe(decimalText(sum(cost.values())));
        const whole = unitTotal(cost, units, { start: '2026-01-29', end });
        expect(whole?.cost).toBe(decimalText(sum(periods.map((period) => period.cost))));
        expect(whole?.days).toBe(periods.reduce((days, period) => days + period.days, 0));
        const withUnits = periods.filter((period) => new Decimal(period.units).gt(0));
        expect(periods.every((period) => withUnits.includes(period) === (period.perUnit !== null))).toBe(
          true,
        );
        // Units times what each cost is what was spent, to the 18th place of each.
        const off = withUnits.map(({ perUnit: each, units: count, cost: spent }) =>
          new Decimal(each ?? Number.NaN).times(count).minus(spent).abs().div(count),
        );
        expect(off.every((difference) => difference.lte('1e-18'))).toBe(true);
      }),
    );
  });

  test('twice the cost is twice the cost of each, twice the units half of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 6 }),
        (cost, units) => {
          const span = { start: '2026-11-01', end: '2026-11-02' };
          const of = (c: number, u: number) =>
            new Decimal(
              unitTotal(by('2026-11-01', [String(c)]), by('2026-11-01', [String(u)]), span)?.perUnit ?? 0,
            );
          expect(
            of(2 * cost, units)
              .minus(of(cost, units).times(2))
              .abs()
              .lte('2e-18'),
          ).toBe(true);
          expect(
            of(cost, 2 * units)
              .times(2)
              .minus(of(cost, units))
              .abs()
              .lte('2e-18'),
          ).toBe(true);
        },
      ),
    );
  });
});

describe('what succeeded', () => {
  const units = by('2026-11-02', ['100', '200', null, '400']);

  test('is a share of the units of its day; days without either are missing', () => {
    const good = succeeded(units, by('2026-11-02', ['0.5', '1', '0.9', null]));
    expect([...(good ?? [])].map(([day, value]) => [day, value.toFixed()])).toEqual([
      ['2026-11-02', '50'],
      ['2026-11-03', '200'],
    ]);
    const cost = by('2026-11-02', ['10', '15', '99', '99']);
    const span = { start: '2026-11-02', end: '2026-11-06' };
    expect(unitTotal(cost, good ?? new Map(), span)).toMatchObject({ cost: '25', perUnit: '0.1' });
  });

  test.each([
    ['percent', ['99.5', '98']],
    ['a count', ['90', '180']],
    ['what is below zero', ['-0.1', '0.5']],
    ['what could be a count as well', ['1', '0']],
    ['nothing', []],
  ])('is not known from %s', (_what, values) => {
    expect(succeeded(units, by('2026-11-02', values))).toBeNull();
  });
});

describe('trend', () => {
  const units = by('2026-09-01', repeated('100', 60));

  test('four weeks against the four before', () => {
    const cost = by('2026-09-01', [...repeated('50', 4), ...repeated('10', 28), ...repeated('12.5', 28)]);
    expect(unitTrend(cost, units, '2026-10-31')).toEqual({
      former: { start: '2026-09-05', end: '2026-10-03', perUnit: '0.1', days: 28 },
      current: { start: '2026-10-03', end: '2026-10-31', perUnit: '0.125', days: 28 },
      percent: '25.0',
    });
  });

  test('too few known days, and a former cost of nothing, have none', () => {
    const gappy = by(
      '2026-09-01',
      Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? null : '10')),
    );
    expect(unitTrend(gappy, units, '2026-10-31')).toBeNull();
    const free = by('2026-09-01', [...repeated('0', 32), ...repeated('10', 28)]);
    expect(unitTrend(free, units, '2026-10-31')).toBeNull();
  });
});
