import { describe, expect, it } from 'vitest';
import type { Pool } from '../../lib/analysis/commitments/model.ts';
import { backtestFile, backtestPools, readHours } from '../../lib/run/backtest-commitments.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');

function csv(count: number, minutes: number, value: (index: number) => string, from = START): string {
  const lines = Array.from(
    { length: count },
    (_, index) => `${new Date(from + index * minutes * 60_000).toISOString()},${value(index)}`,
  );
  return `timestamp,value\n${lines.join('\n')}\n`;
}

describe('readHours', () => {
  it('reads columns in any case and order, with others beside, exactly', () => {
    const text =
      '\uFEFFlabel,VALUE,Timestamp\nx,0.1000000000000000001,2026-01-01 00:00:00\ny,2,2026-01-01T02:00:00+01:00\n';
    expect(readHours(text, 'a.csv')).toEqual({
      start: '2026-01-01T00:00:00.000Z',
      stepHours: 1,
      amounts: ['0.1', '2'],
      notes: [],
    });
  });

  it('takes no part of an amount that a comma cuts in two', () => {
    expect(() =>
      readHours(
        csv(48, 60, () => '1,234.5'),
        'a.csv',
      ),
    ).toThrow(/48 lines of the series have not the 2 fields.*line 2, 3/);
  });

  it('adds finer steps up to hours; an hour with a gap is not known', () => {
    const { stepHours, amounts, notes } = readHours(
      csv(24, 15, (index) => (index === 5 ? '' : '0.25')),
      'a.csv',
    );
    expect(stepHours).toBe(1);
    expect(amounts).toEqual(['1', null, '1', '1', '1', '1']);
    expect(notes).toEqual(['Steps of 15 minutes are added up to hours.']);
    // Five minutes that do not begin on the hour: the first and the last hour are not whole.
    const odd = readHours(
      csv(24, 5, () => '1', START + 27 * 60_000),
      'a.csv',
    );
    expect(odd.amounts).toEqual([null, '12', null]);
  });

  it.each([
    [60, 1],
    [120, 2],
    [360, 6],
    [1440, 24],
  ])('takes steps of %i minutes as they are', (minutes, hours) => {
    const { stepHours, amounts } = readHours(csv(10, minutes, String), 'a.csv');
    expect(stepHours).toBe(hours);
    expect(amounts).toHaveLength(10);
    expect(amounts[9]).toBe('9');
  });

  it('takes days that begin at another hour, and a series that begins within a day', () => {
    const days = readHours(csv(3, 1440, String, START + 5 * 3_600_000), 'a.csv');
    expect(days).toMatchObject({
      start: '2026-01-01T00:00:00.000Z',
      stepHours: 24,
      amounts: ['0', '1', '2'],
    });
    const hours = readHours(csv(3, 60, String, START + 5 * 3_600_000), 'a.csv');
    expect(hours.amounts).toEqual([null, null, null, null, null, '0', '1', '2']);
  });

  it('leaves gaps open, takes the mean of an hour that a clock repeats, and sorts', () => {
    const text = `timestamp,value
2026-10-25 03:00,5
2026-10-25 01:00,1
2026-10-25 02:00,2
2026-10-25 02:00,4
2026-10-25 06:00,NaN
2026-10-25 07:00,-1`;
    const { amounts, notes } = readHours(text, 'a.csv');
    expect(amounts).toEqual([null, '1', '3', '5', null, null, null, '-1']);
    expect(notes).toEqual(['1 times have several lines; each is taken as their mean.']);
  });

  it.each([
    ['no column', 'time,value\n2026-01-01,1\n', 'lacks a column timestamp or value'],
    ['a bad time', 'timestamp,value\n2026-01-01,1\n2026-02-30,1\nyesterday,2\n', 'line 3, 4'],
    ['a bad value', 'timestamp,value\n2026-01-01,1\n2026-01-02,1e999\n2026-01-03,"1,5"\n', 'line 3, 4'],
    ['one line', 'timestamp,value\n2026-01-01,1\n', 'fewer than two lines'],
    ['an odd step', 'timestamp,value\n2026-01-01T00:00Z,1\n2026-01-01T00:07Z,1\n', '7 minutes apart'],
    [
      'a slip of a century',
      csv(3, 60, String).concat('2226-01-01T00:00:00Z,1\n'),
      'steps from the first line',
    ],
    ['no CSV', 'timestamp,value\n"2026-01-01,1\n', 'no CSV'],
  ])('refuses %s', (_, text, told) => {
    expect(() => readHours(text, 'a.csv')).toThrow(told);
  });
});

describe('backtestFile', () => {
  it('walks over the file', () => {
    const report = backtestFile(
      csv(100 * 24, 60, () => '10'),
      'a.csv',
      { discount: '0.3', term: '1y' },
    );
    expect(report).toMatchObject({
      schemaVersion: 1,
      series: [{ name: 'a.csv', currency: null, result: { score: { advice: { capture: '1' } } } }],
    });
  });

  it('says where ten days are not enough', () => {
    const { series } = backtestFile(
      csv(10, 1440, () => '10', START - 5 * DAY_MS),
      'a.csv',
      { discount: '0.3', term: '1y' },
    );
    expect(series[0]?.result).toMatchObject({ notEnough: true });
  });
});

describe('backtestPools', () => {
  const amounts = Array.from({ length: 24 * 120 }, () => '10');
  const pool: Pool = {
    provider: 'aws',
    currency: 'USD',
    shared: {
      programme: 'aws-compute-savings-plan',
      rates: [
        { term: '1y', payment: 'none', discount: '0.27', source: 'from the config' },
        { term: '3y', payment: 'all', discount: '0.5', source: 'from the config' },
        { term: '3y', payment: 'none', discount: '0.45', source: 'from the config' },
      ],
    },
    start: new Date(START).toISOString(),
    stepHours: 1,
    slices: [
      { name: 'us-east-1 m5', own: [], amounts },
      { name: '', own: [], amounts: amounts.map((each, at) => (at === 3 ? null : each)) },
    ],
    wasteLeftOut: 0,
    expiring: [],
  };
  const tried = (more: Parameters<typeof backtestPools>[1], given: Pool = pool) => {
    const { series } = backtestPools([given], more);
    const result = series[0]?.result;
    return result === undefined || 'notEnough' in result
      ? result?.reason
      : [result.term, result.discount, result.unknownSteps];
  };

  it('takes the rate of the asked term, the one that is paid latest', () => {
    expect(tried({})).toEqual(['1y', '0.27', 1]);
    expect(tried({ term: '3y' })).toEqual(['3y', '0.45', 1]);
    expect(tried({ term: '3y', discount: '0.6' })).toEqual(['3y', '0.6', 1]);
    expect(backtestPools([pool], { term: '3y' }).series[0]?.notes).toEqual([
      'Rate: three years, paid upfront: none (from the config).',
    ]);
  });

  it('says so where no rate of the term is known', () => {
    const yearly = { ...pool, shared: { programme: 'x', rates: pool.shared?.rates.slice(0, 1) ?? [] } };
    expect(tried({ term: '3y' }, yearly)).toBe(
      'No rate of it for three years is known, only for one year: give one with --discount.',
    );
    expect(backtestPools([{ ...pool, shared: { programme: 'x', rates: [] } }], {}).series).toEqual([]);
  });
});
