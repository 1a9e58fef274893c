import { existsSync } from 'node:fs';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases } from '../../deep.ts';
import { csvOf, file, folder, ingest, parquet, SOUND } from './fixtures.ts';

// A DuckDB of its own for each test: quick alone, slow where all files run at once.
const csv = async (...rows: Record<string, string>[]): Promise<string> => await file('bill.csv', csvOf(rows));

test.each(['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_NS', 'DATE'])(
  'a %s of Parquet in a year that no bill tells of is rejected',
  async (type) => {
    const times =
      type === 'TIMESTAMP_NS'
        ? ['1970-01-01', '2026-05-01']
        : ['0001-01-01', '2026-05-01', 'infinity', '12000-01-01'];
    const path = await parquet(`SELECT 1.5 AS BilledCost, 1.0 AS EffectiveCost, 'USD' AS BillingCurrency,
      unnest(['${times.join("', '")}']::${type}[]) AS ChargePeriodStart`);
    const { rows, rejects } = await ingest([path]);
    expect(rows.map((row) => row['ChargePeriodStart'])).toEqual(['2026-05-01 00:00:00']);
    expect(rejects).toHaveLength(times.length - 1);
    for (const { reason } of rejects)
      expect(reason).toMatch(/^ChargePeriodStart is no ISO 8601 time from 1980 to 8999: /);
  },
);

describe('a row of a CSV', () => {
  test('comes out typed, with our columns, the rest null', async () => {
    const path = await csv({ x_Team: 'red' });
    const { rows, columns, periods, start, asOf, repairs } = await ingest([path]);
    expect(rows).toEqual([
      {
        ...Object.fromEntries(columns.map(({ name }) => [name, null])),
        ...SOUND,
        BilledCost: '1.500000000000000000',
        EffectiveCost: '1.250000000000000000',
        ChargePeriodStart: '2026-05-01 00:00:00',
        ChargePeriodEnd: '2026-05-02 00:00:00',
        BillingPeriodStart: '2026-05-01 00:00:00',
        BillingPeriodEnd: '2026-06-01 00:00:00',
        x_Source: 'test',
        x_SourceGrain: 'resource',
        x_Estimated: false,
        x_IngestedAt: '2026-06-02 03:04:05.006',
        x_SourceFile: path,
        x_Team: 'red',
      },
    ]);
    expect(periods).toMatchObject([
      {
        period: '2026-05',
        rows: 1,
        totals: [{ provider: 'AWS', currency: 'USD', billed: '1.5', effective: '1.25' }],
      },
    ]);
    expect([start, asOf, repairs]).toEqual(['2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z', {}]);
  });

  test('with "NULL", a space in a time, a zone, odd casing and braceless or listed tags is repaired and counted', async () => {
    const { rows, repairs, rowsRejected } = await ingest([
      await csv(
        { ResourceId: 'NULL', ChargePeriodStart: '2026-05-01 00:00:00', ChargeCategory: 'usage' },
        { ChargePeriodStart: '2026-05-01T02:00+02:00', Tags: '"a":"b"', BillingCurrency: 'usd' },
        {
          ChargePeriodStart: '2026-05-01T00:00:00',
          Tags: '[{"key":"__proto__","value":"x"},{"Key":"b","Value":"y"}]',
        },
        { ChargePeriodStart: '2026-05-01', Tags: '{broken' },
      ),
    ]);
    expect(rowsRejected).toBe(0);
    expect(new Set(rows.map((row) => row['ChargePeriodStart']))).toEqual(new Set(['2026-05-01 00:00:00']));
    expect(new Set(rows.map((row) => row['BillingCurrency']))).toEqual(new Set(['USD']));
    expect(rows.map((row) => row['Tags'])).toEqual(
      expect.arrayContaining(['{"a":"b"}', '{"__proto__":"x","b":"y"}', '{"team":"red"}', null]),
    );
    expect(repairs).toEqual({
      'Tags as a list of pairs': 1,
      'Tags cannot be read (set to null)': 1,
      'Tags without braces': 1,
      'currency casing': 1,
      'datetime of a day alone': 1,
      'datetime with a space': 1,
      'datetime without a zone, taken as UTC': 1,
      'enum casing': 1,
      'literal NULL': 1,
    });
  });

  test('without a billing period takes the month of its charge', async () => {
    const { rows, repairs, periods } = await ingest([
      await csv({ BillingPeriodStart: '', BillingPeriodEnd: '', ChargePeriodStart: '2026-02-28T23:00:00Z' }),
    ]);
    expect(periods.map(({ period }) => period)).toEqual(['2026-02']);
    expect(rows).toMatchObject([
      { BillingPeriodStart: '2026-02-01 00:00:00', BillingPeriodEnd: '2026-03-01 00:00:00' },
    ]);
    expect(repairs).toEqual({
      'billing period end from its start': 1,
      'billing period from the charge period': 1,
    });
  });

  test('takes no year that stands for no time: for a charge it is rejected, another time is null', async () => {
    const { rows, repairs, rejects, periods } = await ingest([
      await csv(
        { BillingPeriodStart: '0001-01-01T00:00:00Z', BillingPeriodEnd: '9999-12-31T23:59:59.999Z' },
        { ChargePeriodEnd: '9999-12-31T00:00:00+02:00' },
        { ChargePeriodStart: '0001-01-01T00:00:00Z' },
        { ChargePeriodStart: '1979-12-31T00:00:00Z' },
        { ChargePeriodStart: '9999-12-31' },
      ),
    ]);
    expect(periods.map(({ period, totals }) => [period, totals[0]?.billed])).toEqual([['2026-05', '3']]);
    const values = (name: string) => new Set(rows.map((row) => row[name]));
    expect(values('BillingPeriodStart')).toEqual(new Set(['2026-05-01 00:00:00']));
    expect(values('BillingPeriodEnd')).toEqual(new Set(['2026-06-01 00:00:00']));
    expect(values('ChargePeriodEnd')).toEqual(new Set(['2026-05-02 00:00:00', null]));
    expect(repairs).toMatchObject({
      'BillingPeriodStart cannot be read (set to null)': 1,
      'BillingPeriodEnd cannot be read (set to null)': 1,
      'ChargePeriodEnd cannot be read (set to null)': 1,
    });
    expect(rejects.map(({ reason }) => reason)).toEqual(
      ['0001-01-01T00:00:00Z', '1979-12-31T00:00:00Z', '9999-12-31'].map(
        (at) => `ChargePeriodStart is no ISO 8601 time from 1980 to 8999: ${at}`,
      ),
    );
  });

  test.each([
    [
      { BilledCost: '1'.repeat(40) },
      `BilledCost has more than 20 digits before the point: ${'1'.repeat(40)}`,
    ],
    [{ BilledCost: '1,5' }, 'BilledCost is not a decimal number: 1,5'],
    [{ BilledCost: '1_000' }, 'BilledCost is not a decimal number: 1_000'],
    [
      { EffectiveCost: '0.1234567890123456789' },
      'EffectiveCost has more than 18 decimal places: 0.1234567890123456789',
    ],
    [{ ListCost: 'free' }, 'ListCost is not a decimal number: free'],
    [{ BilledCost: 'NULL' }, 'BilledCost is missing'],
    [{ EffectiveCost: '' }, 'EffectiveCost is missing'],
    [{ BillingCurrency: '' }, 'BillingCurrency is missing'],
    [
      { ChargePeriodStart: '05/01/2026' },
      'ChargePeriodStart is no ISO 8601 time from 1980 to 8999: 05/01/2026',
    ],
    [{ ChargePeriodStart: '' }, 'ChargePeriodStart is missing'],
  ])('%j is rejected with the reason', async (change: Record<string, string>, reason) => {
    const path = await csv({}, change, {});
    const { rejects, rowsIn, rowsKept, rowsRejected } = await ingest([path]);
    expect([rowsIn, rowsKept, rowsRejected]).toEqual([3, 2, 1]);
    expect(rejects).toEqual([
      { file: path, line: 3, row: null, reason, text: csvOf([{}, change]).trimEnd().split('\n').at(-1) },
    ]);
  });

  test('that is rejected says how much money it had, where that can be read', async () => {
    const { rejectedMoney, rejectedMoneyUnread } = await ingest([
      await csv(
        { BilledCost: '2.5', EffectiveCost: '' },
        { BilledCost: '-1e-7', EffectiveCost: '', BillingCurrency: 'EUR' },
        { BilledCost: '1', ListCost: 'x' },
        { BilledCost: 'x' },
        { BillingCurrency: '' },
      ),
    ]);
    expect(rejectedMoney).toEqual([
      { currency: 'EUR', billed: '-0.0000001' },
      { currency: 'USD', billed: '3.5' },
    ]);
    expect(rejectedMoneyUnread).toBe(2);
  });

  test('keeps its money where a quantity or price cannot be kept', async () => {
    const { rows, repairs } = await ingest([
      await csv({
        PricingQuantity: 'many',
        ListUnitPrice: '0.1234567890123456785',
        ConsumedQuantity: '1'.repeat(30),
      }),
    ]);
    expect(rows).toMatchObject([
      { PricingQuantity: null, ConsumedQuantity: null, ListUnitPrice: '0.123456789012345678' },
    ]);
    expect(repairs).toEqual({
      'ConsumedQuantity cannot be read (set to null)': 1,
      'PricingQuantity cannot be read (set to null)': 1,
      'rounded to 18 places': 1,
    });
  });

  test.each([
    [
      'a sum of 20 digits',
      ['60000000000000000000', '39999999999999999999.999999999999999999'],
      '99999999999999999999.999999999999999999',
    ],
    ['a sum whose steps are larger', ['99999999999999999999', '-99999999999999999999', '7'], '7'],
  ])('%s is exact', async (_, amounts, total) => {
    const read = await ingest([await csv(...amounts.map((BilledCost) => ({ BilledCost })))]);
    expect(read.periods[0]?.totals[0]?.billed).toBe(total);
  });

  test.each([
    ['a sum of 21 digits', '60000000000000000000'],
    ['a sum beyond 128 bits', '99999999999999999999'],
  ])('%s is told by source and period', async (_, BilledCost) => {
    const read = ingest([await csv({ BilledCost }, { BilledCost })], { sourceId: 'acme' });
    await expect(read).rejects.toMatchObject({
      code: 'input',
      where: 'bill:acme',
      message: 'the costs of 2026-05 add up to more than 20 digits before the point',
    });
  });

  test('with a broken quote is one reject among its neighbours, with its line', async () => {
    const [header = '', sound = ''] = csvOf([{ ResourceName: 'a "b"\nc' }]).split(/\n(?=1\.5)/);
    const fault = sound.replace('""b""', '""b').split('\n')[0] ?? '';
    const path = await file('bill.csv', `${[header, sound.trimEnd(), fault, sound.trimEnd()].join('\n')}\n`);
    const { rowsIn, rowsKept, rejects, rejectedMoneyUnread } = await ingest([path]);
    expect([rowsIn, rowsKept, rejectedMoneyUnread]).toEqual([3, 2, 1]);
    expect(rejects).toMatchObject([{ file: path, line: 4, text: fault }]);
  });

  test('keeps the line of a reject behind broken and long records', async () => {
    const text = csvOf([{ ResourceName: 'two\nlines' }, { BilledCost: 'x' }]);
    const [header = '', ...rest] = text.split('\n');
    const path = await file('bill.csv', [header, 'broken', ...rest].join('\n'));
    const { rejects } = await ingest([path]);
    expect(rejects.map(({ line }) => line)).toEqual([2, 5]);
  });
});

describe('any text', () => {
  test('goes through unchanged, whatever quotes, commas and lines it has', async () => {
    const value = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r\n', ' ', "'", '\\', 'ä', '💶', 'x'),
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }), async (pairs) => {
        const { rows, rowsRejected } = await ingest(
          [
            await csv(
              ...pairs.map(([ResourceName, x_Note], index) => ({
                ResourceId: `${index}`,
                ResourceName,
                x_Note,
              })),
            ),
          ],
          { where: 'ORDER BY CAST(ResourceId AS INTEGER)' },
        );
        expect(rowsRejected).toBe(0);
        expect(rows.map((row) => [row['ResourceName'] ?? '', row['x_Note'] ?? ''])).toEqual(pairs);
      }),
      { numRuns: cases(6, 12) },
    );
  });
});

describe('a delivery', () => {
  test('of two versions, currencies and separators adds up, each by itself', async () => {
    const one = await file(
      'one.csv',
      csvOf([{ BilledCost: '-0.00' }, { BilledCost: '0.1', BillingCurrency: 'EUR' }], ';'),
    );
    const two = await file(
      'two.csv',
      csvOf([{ InvoiceId: 'I-1', ProviderName: '', BilledCost: '1e-7' }], '\t'),
    );
    const { periods, warnings, rowsIn } = await ingest([one, two]);
    expect(rowsIn).toBe(3);
    expect(periods[0]?.totals).toEqual([
      { provider: '', currency: 'USD', billed: '0.0000001', effective: '1.25' },
      { provider: 'AWS', currency: 'EUR', billed: '0.1', effective: '1.25' },
      { provider: 'AWS', currency: 'USD', billed: '0', effective: '1.25' },
    ]);
    expect(warnings).toEqual([
      'Files of several FOCUS versions were read as 1.2: 1.0 (1 file), 1.2 (1 file).',
    ]);
  });

  test('of several periods has a folder for each, and nothing else but rejects', async () => {
    const { outDir, periods } = await ingest([
      await csv(
        {},
        { BillingPeriodStart: '2026-04-01T00:00:00Z' },
        { BillingPeriodStart: '2025-12-01T00:00:00Z' },
        { BilledCost: '' },
      ),
    ]);
    expect(periods.map(({ period, rows }) => [period, rows])).toEqual([
      ['2025-12', 1],
      ['2026-04', 1],
      ['2026-05', 1],
    ]);
    expect((await readdir(outDir)).toSorted()).toEqual(['2025-12', '2026-04', '2026-05', 'rejects.ndjson']);
  });

  test.each([
    ['gzip', 'bill.csv.gz', gzipSync],
    ['Zstandard', 'bill.csv.zst', zstdCompressSync],
    ['the wrong name', 'bill.csv', gzipSync],
  ] as const)('under %s is read', async (_what, name, compress) => {
    const { rowsKept } = await ingest([await file(name, compress(csvOf([{}, {}])))]);
    expect(rowsKept).toBe(2);
  });

  test('with a header alone has no rows', async () => {
    const { rowsIn, periods, start, asOf } = await ingest([await file('bill.csv', csvOf([]))]);
    expect([rowsIn, periods, start, asOf]).toEqual([0, [], null, null]);
  });

  test('whose names are odd is read by them', async () => {
    const path = await file("it's [1]*.csv", csvOf([{}]));
    const { rows } = await ingest([path]);
    expect(rows.map((row) => row['x_SourceFile'])).toEqual([path]);
  });
});

const refused = async (path: string, message: RegExp): Promise<void> => {
  const at = await folder();
  await expect(ingest([path], { outDir: `${at}/out` })).rejects.toThrow(message);
  expect(existsSync(`${at}/out`)).toBe(false);
};

describe('a delivery that cannot be read leaves nothing', () => {
  test('truncated Parquet', async () => {
    const path = await parquet(`SELECT 1.0 AS BilledCost, 1.0 AS EffectiveCost, 'USD' AS BillingCurrency,
      TIMESTAMP '2026-05-01' AS ChargePeriodStart`);
    await truncate(path, 300);
    await refused(path, /cut off or damaged/);
  });
  test('a damaged page behind a sound footer', async () => {
    const path = await parquet(`SELECT i + 0.5 AS BilledCost, 1.0 AS EffectiveCost, 'USD' AS BillingCurrency,
      'r' || md5(i::VARCHAR) AS ResourceId, TIMESTAMP '2026-05-01' AS ChargePeriodStart FROM range(5000) t(i)`);
    const content = await readFile(path);
    content.fill(0xff, 40, 20_000);
    await refused(await file('bad.parquet', content), /damaged/);
  });
  test('cut gzip', async () => {
    const whole = gzipSync(
      csvOf(Array.from({ length: 5000 }, (_, index) => ({ ResourceId: `${index * 7919}` }))),
    );
    await refused(
      await file('bill.csv.gz', whole.subarray(0, whole.length - 2000)),
      /gzip stream is damaged or cut off/,
    );
  });
  test('a file that is not FOCUS', async () => {
    await refused(
      await file('bill.csv', 'a,b\n1,2\n'),
      /lacks BilledCost, EffectiveCost, ChargePeriodStart, BillingCurrency/,
    );
  });
  test('a column twice', async () => {
    await refused(await file('bill.csv', csvOf([{ BILLEDCOST: '2' }])), /BILLEDCOST occurs twice/);
  });
});

const select = (columns: string, rows = 1): string => `SELECT 0.1::DOUBLE AS BilledCost, 1 AS EffectiveCost,
  'USD' AS BillingCurrency, TIMESTAMP '2026-05-01' AS ChargePeriodStart, ${columns} FROM range(${rows}) t(i)`;

describe('Parquet', () => {
  test('with money as DOUBLE has its shortest decimals, rounded half-even beyond 18 places and counted', async () => {
    const { rows, repairs } = await ingest(
      [
        await parquet(`SELECT unnest([0.1, 1e-7, 123456.789, 1.2345678901234567e-5, 5e-19, 1.5e-18, 2.5e-18, -2.5e-18, 1e15, 1e-300]::DOUBLE[]) AS BilledCost,
        1 AS EffectiveCost, 'USD' AS BillingCurrency, TIMESTAMP '2026-05-01' AS ChargePeriodStart`),
      ],
      { where: '' },
    );
    expect(rows.map((row) => row['BilledCost'])).toEqual([
      '0.100000000000000000',
      '0.000000100000000000',
      '123456.789000000000000000',
      '0.000012345678901235',
      '0.000000000000000000',
      '0.000000000000000002',
      '0.000000000000000002',
      '-0.000000000000000002',
      '1000000000000000.000000000000000000',
      '0.000000000000000000',
    ]);
    expect(repairs['rounded to 18 places']).toBe(6);
  });

  test('with a DOUBLE that is no amount rejects its row', async () => {
    const { rejects, rejectedMoneyUnread } = await ingest([
      await parquet(`SELECT unnest([1, 1e20, 'inf', 'nan', NULL]::DOUBLE[]) AS BilledCost, 'x' AS Tags,
        1 AS EffectiveCost, 'USD' AS BillingCurrency, TIMESTAMP '2026-05-01' AS ChargePeriodStart`),
    ]);
    expect(rejects.map(({ row }) => row)).toEqual([2, 3, 4, 5]);
    expect(rejects[0]?.reason).toBe('BilledCost has more than 20 digits before the point: 1e+20');
    expect(JSON.parse(rejects[0]?.text ?? '')).toMatchObject({ Tags: 'x', BillingCurrency: 'USD' });
    expect(rejectedMoneyUnread).toBe(4);
  });

  test.each([
    ['a MAP', `MAP {'team': 'red', '__proto__': 'x'}`],
    ['a list of key and value', `[{'key': 'team', 'value': 'red'}, {'key': '__proto__', 'value': 'x'}]`],
    ['a struct', `{'team': 'red', '__proto__': 'x'}`],
    ['JSON text', `'{"team":"red","__proto__":"x"}'`],
    ['JSON text of pairs', `'[{"Key":"team","Value":"red"},{"Key":"__proto__","Value":"x"}]'`],
  ])('with tags as %s has them as an object', async (_what, tags) => {
    const { rows } = await ingest([await parquet(select(`${tags} AS Tags`))]);
    expect(rows.map((row) => row['Tags'])).toEqual(['{"team":"red","__proto__":"x"}']);
  });

  test('with ids as numbers and times with a zone has text and UTC', async () => {
    const { rows } = await ingest([
      await parquet(
        select(`123456789012::DOUBLE AS BillingAccountId, 210987654321::BIGINT AS SubAccountId,
          TIMESTAMPTZ '2026-05-02 02:00:00+02' AS ChargePeriodEnd, 'NULL' AS ResourceId, '' AS ResourceName, [1, 2] AS x_List`),
      ),
    ]);
    expect(rows).toMatchObject([
      {
        BillingAccountId: '123456789012',
        SubAccountId: '210987654321',
        ChargePeriodEnd: '2026-05-02 00:00:00',
        ResourceId: null,
        ResourceName: null,
        x_List: '[1,2]',
      },
    ]);
  });

  test('of DECIMAL(38,20) is kept where its digits fit and rejected where not', async () => {
    const { rows, rejects } = await ingest([
      await parquet(`SELECT unnest([1.5, 0.12345678901234567890]::DECIMAL(38,20)[]) AS BilledCost,
        1 AS EffectiveCost, 'USD' AS BillingCurrency, TIMESTAMP '2026-05-01' AS ChargePeriodStart`),
    ]);
    expect(rows.map((row) => row['BilledCost'])).toEqual(['1.500000000000000000']);
    expect(rejects.map(({ reason }) => reason)).toEqual([
      'BilledCost has more than 18 decimal places: 0.12345678901234567890',
    ]);
  });

  test('of 1.4 fills ProviderName and keeps what 1.2 has no place for', async () => {
    const { rows, columns } = await ingest([
      await parquet(
        select(`'Acme AI' AS ServiceProviderName, 'AWS' AS HostProviderName, 'D-1' AS InvoiceDetailId`),
      ),
    ]);
    expect(rows).toMatchObject([
      {
        ProviderName: 'Acme AI',
        PublisherName: 'Acme AI',
        x_HostProviderName: 'AWS',
        x_InvoiceDetailId: 'D-1',
      },
    ]);
    expect(columns.slice(-2)).toEqual([
      { name: 'x_HostProviderName', type: 'VARCHAR' },
      { name: 'x_InvoiceDetailId', type: 'VARCHAR' },
    ]);
  });

  test('of several row groups and files is counted by its footers', async () => {
    const paths = [
      await parquet(select('i::VARCHAR AS ResourceId', 200_000)),
      await parquet(select('1 AS x_Other', 7)),
    ];
    const { rowsIn, rowsKept, periods } = await ingest(paths, { where: 'LIMIT 1' });
    expect([rowsIn, rowsKept]).toEqual([200_007, 200_007]);
    expect(periods[0]?.totals).toEqual([
      { provider: '', currency: 'USD', billed: '20000.7', effective: '200007' },
    ]);
  });
});
