import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactText } from '../../lib/focus/decimal.ts';
import { ratesOf } from '../../lib/focus/rates.ts';
import { BursarError } from '../../lib/platform/errors.ts';

const table = (...lines: string[]) => ratesOf(['date,from,to,rate', ...lines].join('\n'), 'rates.csv');

function rateOn(rates: ReturnType<typeof table>, day: string, mostDays = 7, from = 'USD', to = 'EUR') {
  const found = rates.rateOn(from, to, day, mostDays);
  return found.ok ? exactText(found.rate.rate) : found.why;
}

function told(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof BursarError) return error.told;
    throw error;
  }
  return 'nothing is wrong';
}

describe('a rate table', () => {
  test('gives the last rate on or before a day, no older than is allowed', () => {
    const rates = table('2026-10-05,USD,EUR,0.92', '2026-10-01,USD,EUR,0.9', '2026-10-30,USD,EUR,0.95');
    expect(rateOn(rates, '2026-10-01')).toBe('0.9');
    expect(rateOn(rates, '2026-10-04')).toBe('0.9');
    expect(rateOn(rates, '2026-10-05')).toBe('0.92');
    expect(rateOn(rates, '2026-10-12')).toBe('0.92');
    expect(rateOn(rates, '2026-10-13')).toBe('the last rate before is of 2026-10-05, more than 7 days older');
    expect(rateOn(rates, '2026-10-13', 8)).toBe('0.92');
    expect(rateOn(rates, '2026-10-02', 0)).toContain('more than 0 days older');
    expect(rateOn(rates, '2026-10-30', 0)).toBe('0.95');
    expect(rateOn(rates, '2026-09-30')).toBe('no rate before 2026-10-01');
  });

  test('a month is every one of its days, and as old as its last', () => {
    const rates = table('2026-02,USD,EUR,0.9', '2024-02,USD,EUR,0.8');
    expect(rateOn(rates, '2026-02-28', 0)).toBe('0.9');
    expect(rateOn(rates, '2026-03-07')).toBe('0.9');
    expect(rateOn(rates, '2026-03-08')).toContain('of 2026-02, more than 7');
    expect(rateOn(rates, '2024-02-29', 0)).toBe('0.8');
    expect(rateOn(rates, '2024-03-01', 0)).toContain('more than 0');
  });

  test('knows no rate that it was not given: no other way round, and none across a third currency', () => {
    const rates = table('2026-10-01,USD,EUR,0.9', '2026-10-01,EUR,GBP,0.8');
    expect(rateOn(rates, '2026-10-01', 7, 'EUR', 'USD')).toBe('no rate of EUR to USD, only of USD to EUR');
    expect(rateOn(rates, '2026-10-01', 7, 'USD', 'GBP')).toBe('no rate of USD to GBP');
  });

  test('may have columns of its own in any order, a byte order mark, quotes, and CRLF', () => {
    const rates = ratesOf(
      '\uFEFFRate,To,"From",Source,Date\r\n1.5,EUR,GBP,"ECB, daily",2026-10-01\r\n\r\n',
      'r',
    );
    expect(rateOn(rates, '2026-10-01', 7, 'GBP')).toBe('1.5');
  });

  test('keeps every place of a rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.stringMatching(/^\d{0,17}[1-9]$/),
        (whole, places) => {
          const rate = `${whole}.${places}`;
          expect(rateOn(table(`2026-10-01,USD,EUR,${rate}`), '2026-10-02')).toBe(rate);
        },
      ),
    );
  });
});

describe('what is wrong with a rate table is told by line', () => {
  test.each([
    ['2026-02-30,USD,EUR,1', 'rates.csv:2: date "2026-02-30" is no day'],
    ['2026-13,USD,EUR,1', 'date "2026-13" is no day'],
    ['1.10.2026,USD,EUR,1', 'date "1.10.2026" is no day'],
    ['2026-10-01,usd,EUR,1', '"usd" is no currency'],
    ['2026-10-01,USD,EUX,1', '"EUX" is no currency'],
    ['2026-10-01,USD,USD,1', 'USD to USD needs no rate'],
    ['2026-10-01,USD,EUR,0', 'a rate of 0'],
    ['2026-10-01,USD,EUR,0.000', 'a rate of 0'],
    ['2026-10-01,USD,EUR,-0.9', 'rate "-0.9" is no plain decimal'],
    ['2026-10-01,USD,EUR,9e-1', 'rate "9e-1" is no plain decimal'],
    ['2026-10-01,USD,EUR,', 'rate "" is no plain decimal'],
    ['2026-10-01,USD,EUR,.', 'rate "." is no plain decimal'],
    ['2026-10-01,USD,EUR,"0,92"', 'rate "0,92" is no plain decimal'],
    ['2026-10-01,USD,EUR,0.1234567890123456789', 'is no plain decimal'],
    ['2026-10-01,USD,EUR,1234567890123', 'more than 12 digits'],
    ['2026-10-01,USD,EUR', 'rate "" is no plain decimal'],
    ['2026-10-01,USD,EUR,"1', 'it is no CSV'],
  ])('%s', (line, expected) => {
    expect(told(() => table(line))).toContain(expected);
  });

  test('each line that is wrong, twins with the line that they repeat', () => {
    const text = told(() =>
      table('2026-10-01,USD,EUR,0.9', '2026-10-01,USD,EUR,0.9', 'x,USD,EUR,1', '2026-10,USD,EUR,0.8'),
    );
    expect(text).toContain('3 things are wrong');
    expect(text).toContain(
      'rates.csv:3: USD to EUR from 2026-10-01 on is told in line 2 already\nrates.csv:4: date "x"',
    );
    expect(text).toContain('rates.csv:5: USD to EUR from 2026-10-01 on is told in line 2 already');
    const many = told(() => table(...Array.from({ length: 25 }, () => 'x,USD,EUR,1')));
    expect(many).toContain('25 things are wrong');
    expect(many).toContain('and 5 more');
  });

  test('a file that is no table of rates', () => {
    expect(told(() => ratesOf('', 'r'))).toContain('it holds no rate');
    expect(told(() => ratesOf('date,from,to,rate\n', 'r'))).toContain('it holds no rate');
    expect(told(() => ratesOf('date;from;to;rate\n2026-10-01;USD;EUR;1', 'r'))).toContain(
      'r:1: the header must name date, from, to, rate, each once: date, from, to, rate',
    );
    expect(told(() => ratesOf('date,from,to,rate,Rate\n', 'r'))).toContain('each once: rate');
  });
});
