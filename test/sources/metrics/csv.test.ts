import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { dailyCsv } from '../../../lib/sources/metrics/csv.ts';
import { csvFile } from '../../../lib/sources/metrics/csv-file.ts';

const COLUMNS = { shownAs: 'orders.csv', date: 'date', column: 'value' };
const read = (text: string, more: Partial<typeof COLUMNS> = {}) => dailyCsv(text, { ...COLUMNS, ...more });
const plain = (text: string, more: Partial<typeof COLUMNS> = {}) =>
  Object.fromEntries([...read(text, more).values].map(([day, value]) => [day, value.toFixed()]));

describe('a number a day from a CSV file', () => {
  test('as a spreadsheet writes it: byte order mark, CRLF, quotes, other columns, names in other case', () => {
    const text = '\ufeff"Date",Region, Orders \r\n2026-11-01,"eu, west",12.50\r\n"2026-11-02",eu,7\r\n';
    expect(plain(text, { column: 'orders' })).toEqual({ '2026-11-01': '12.5', '2026-11-02': '7' });
  });

  test('midnight of UTC is its day; any other time of day is refused', () => {
    expect(
      plain('date,value\n2026-11-01T00:00:00Z,1\n2026-11-02 00:00:00,2\n2026-11-03T00:00:00.000Z,3\n'),
    ).toEqual({
      '2026-11-01': '1',
      '2026-11-02': '2',
      '2026-11-03': '3',
    });
    for (const day of ['2026-11-01T01:00:00Z', '2026-11-01T00:00:00+02:00', '01.11.2026', '2026-02-30', ''])
      expect(() => read(`date,value\n${day},1\n`)).toThrow('is no day');
  });

  test('unknown values are gaps and are told; zero is a zero; what is negative stays and is told', () => {
    const { values, notes } = read('date,value\n2026-11-01,\n2026-11-02,n/a\n2026-11-03,0\n2026-11-04,-5\n');
    expect([...values].map(([day, value]) => `${day} ${value.toFixed()}`)).toEqual([
      '2026-11-03 0',
      '2026-11-04 -5',
    ]);
    expect(notes).toEqual([
      '2 rows of orders.csv have no value; a gap is no zero.',
      '1 day of orders.csv is negative and counts so.',
    ]);
  });

  test.each([
    [
      'a day that comes twice',
      'date,value\n2026-11-01,1\n2026-11-02,1\n2026-11-01,2\n',
      /line 4: 2026-11-01 a second time, after line 2/,
    ],
    ['a wrong column', 'date,orders\n2026-11-01,1\n', /line 1: there is no column value/],
    ['a column that comes twice', 'date,value,Value\n2026-11-01,1,2\n', /several columns value/],
    ['thousands with a comma', 'date,value\n2026-11-01,"1,234"\n', /line 2: not a decimal number/],
    [
      'more places than money has',
      'date,value\n2026-11-01,0.1234567890123456789\n',
      /more than 18 decimal places/,
    ],
    ['a row that is short', 'date,value\n2026-11-01\n', /line 2: 1 fields where the first line names 2/],
    ['a quote that never ends', 'date,value\n"2026-11-01,1\n', /orders.csv/],
    ['no day with a value', 'date,value\n2026-11-01,\n', /no day has a value/],
    ['nothing but a head', 'date,value\n', /no day has a value/],
    ['nothing', '', /the file is empty/],
  ])('%s is refused with its line', (_, text, message) => {
    let told = '';
    try {
      read(text);
    } catch (error) {
      told = String(Reflect.get(Object(error), 'told'));
    }
    expect(told).toMatch(message);
  });

  test('whatever is written comes back exactly', () => {
    const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const amount = fc.tuple(
      fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
      fc.integer({ min: 0, max: 18 }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(day, amount), {
          minLength: 1,
          selector: ([at]) => at.toISOString().slice(0, 10),
        }),
        (rows) => {
          const written = rows.map(([at, [digits, places]]) => {
            const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
            const split = text.length - places;
            const value = `${digits < 0n ? '-' : ''}${text.slice(0, split)}${places === 0 ? '' : `.${text.slice(split)}`}`;
            return [at.toISOString().slice(0, 10), value] as const;
          });
          const { values } = read(`date,value\n${written.map((cells) => cells.join(',')).join('\n')}\n`);
          expect(values.size).toBe(written.length);
          for (const [at, value] of written) expect(values.get(at)?.eq(value)).toBe(true);
        },
      ),
    );
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bursar-metric-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const span = { start: '2026-11-01', end: '2026-12-01' };

  test('a file is read; one that is not there, and one that is no UTF-8, say so with their name', async () => {
    const path = join(folder, 'a.csv');
    await writeFile(path, 'date,value\n2026-11-01,3\n');
    const { values } = await csvFile(path, COLUMNS).read(span, new Meter());
    expect(values.get('2026-11-01')?.toFixed()).toBe('3');
    await expect(csvFile(join(folder, 'b.csv'), COLUMNS).read(span, new Meter())).rejects.toMatchObject({
      code: 'input',
      where: 'orders.csv',
    });
    await writeFile(path, Buffer.from([0x64, 0x61, 0x74, 0x65, 0xff]));
    await expect(csvFile(path, COLUMNS).read(span, new Meter())).rejects.toThrow('no UTF-8');
  });
});
