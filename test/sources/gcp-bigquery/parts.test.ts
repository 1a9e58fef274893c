import { describe, expect, test } from 'vitest';
import { parseByteSize } from '../../../lib/config/byte-size.ts';
import { columnOf } from '../../../lib/focus/columns.ts';
import { bigquery, bigqueryName, bigqueryText } from '../../../lib/lake/dialect/bigquery.ts';
import { bigQueryCell } from '../../../lib/lake/engine/bigquery-values.ts';
import type { Table } from '../../../lib/platform/bigquery/model.ts';
import { quotedTable, tableName } from '../../../lib/platform/bigquery/name.ts';
import { dollars } from '../../../lib/platform/bigquery/price.ts';
import { exportedAccounts } from '../../../lib/run/assemble/gcp-bigquery.ts';
import { csvLine } from '../../../lib/sources/gcp-bigquery/csv.ts';
import { SERVICE_CATEGORIES } from '../../../lib/sources/gcp-bigquery/data/service-categories.ts';
import { fieldsIn, layoutOf } from '../../../lib/sources/gcp-bigquery/mapping.ts';
import { DEFAULT_CEILING } from '../../../lib/sources/gcp-bigquery/source.ts';
import { fingerprint, type Month, monthFilter } from '../../../lib/sources/gcp-bigquery/survey.ts';
import { usageMapping } from '../../../lib/sources/gcp-bigquery/usage.ts';
import { firstMonth, invoiceMonthOf, isOpen } from '../../../lib/sources/gcp-bigquery/window.ts';
import { DETAILED, FOCUS, f, OLD, STANDARD } from './export.ts';

const source = (table: string) => ({
  type: 'gcp-bigquery' as const,
  table,
  months: 3,
  grain: 'day' as const,
  maximumBytesBilled: '200 GiB',
  commitmentAdvice: false,
});

const table = (partition: Table['partition']): Table => ({
  name: tableName('acme-billing.d.t'),
  location: 'EU',
  type: 'TABLE',
  fields: DETAILED,
  partition,
  bytes: null,
});

describe('invoice months', () => {
  test('begin at midnight in Los Angeles, in summer and in winter', () => {
    expect(invoiceMonthOf(new Date('2026-08-01T06:59:59Z'))).toBe('2026-07');
    expect(invoiceMonthOf(new Date('2026-08-01T07:00:00Z'))).toBe('2026-08');
    expect(invoiceMonthOf(new Date('2026-01-01T07:59:59Z'))).toBe('2025-12');
    expect(invoiceMonthOf(new Date('2026-01-01T08:00:00Z'))).toBe('2026-01');
  });

  test('are read from so many before the current one, over the turn of a year', () => {
    expect(firstMonth(new Date('2026-02-15T00:00:00Z'), 0)).toBe('202602');
    expect(firstMonth(new Date('2026-02-15T00:00:00Z'), 3)).toBe('202511');
    expect(firstMonth(new Date('2026-03-31T12:00:00Z'), 1)).toBe('202602');
  });

  test('are open until they have ended', () => {
    expect(isOpen('2026-07', new Date('2026-08-01T06:59:59Z'))).toBe(true);
    expect(isOpen('2026-07', new Date('2026-08-01T07:00:00Z'))).toBe(false);
  });
});

describe('names of tables', () => {
  test('have three parts; a project may have a domain', () => {
    expect(tableName('acme-billing.billing.gcp_billing_export_v1_A')).toEqual({
      project: 'acme-billing',
      dataset: 'billing',
      table: 'gcp_billing_export_v1_A',
    });
    expect(tableName('example.com:acme-billing.d.t').project).toBe('example.com:acme-billing');
    expect(quotedTable(tableName('acme-billing:d.t'))).toBe('`acme-billing.d.t`');
  });

  test.each(['t', 'd.t', 'acme-billing.d.t; DROP', 'acme-billing.d.`t`', 'ab.d.t', ''])(
    '%j is none',
    (text) => {
      expect(() => tableName(text)).toThrow('is no table of BigQuery');
    },
  );

  test('tell the billing account', () => {
    expect(
      exportedAccounts({
        a: source('acme-billing.d.gcp_billing_export_resource_v1_010101_F0FFF0_61C528'),
        b: source('acme-billing.d.gcp_billing_export_focus_010101_F0FFF0_61C529'),
        c: source('acme-billing.d.my_view'),
      }),
    ).toEqual(['010101-F0FFF0-61C528', '010101-F0FFF0-61C529']);
  });
});

describe('bytes and dollars', () => {
  test.each([
    [0n, '0.000000'],
    [1n, '0.000001'],
    [2n ** 40n, '6.250000'],
    [10n ** 15n, '5684.341887'],
    [DEFAULT_CEILING, '1.220704'],
  ])('%s bytes cost at most $%s', (bytes, usd) => {
    expect(dollars(bytes)).toBe(usd);
  });

  test('sizes of the config', () => {
    expect(parseByteSize('200 GiB')).toBe(DEFAULT_CEILING);
    expect(parseByteSize('1TiB')).toBe(2n ** 40n);
    for (const wrong of ['', '0 GiB', '1.5 GiB', '200', '200 GB', '-1 GiB'])
      expect(() => parseByteSize(wrong)).toThrow('is no size');
  });
});

describe('GoogleSQL', () => {
  test('texts and names are quoted, whatever they hold', () => {
    expect(bigqueryText(`it's "\\" \n\r\`x`)).toBe(String.raw`'it\'s \"\\\" \n\r\`x'`);
    expect(bigqueryName('a`b')).toBe('`a\\`b`');
    expect(() => bigqueryText('a\0b')).toThrow(RangeError);
  });

  test('keys of JSON go by path, or by subscript where a path cannot hold them', () => {
    expect(bigquery.jsonText('t', 'a.b')).toBe(String.raw`JSON_VALUE(t, '$.\"a.b\"')`);
    expect(bigquery.jsonText('t', 'a"b')).toContain('SAFE.PARSE_JSON(t');
  });
});

describe('cells', () => {
  test.each([
    ['BIGNUMERIC', '-0.00', '0'],
    ['BIGNUMERIC', '12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['NUMERIC', '1.50', '1.5'],
    ['INTEGER', '42', 42],
    ['INTEGER', '9223372036854775807', '9223372036854775807'],
    ['BOOLEAN', 'true', true],
    ['BOOLEAN', 'false', false],
    ['TIMESTAMP', '1782864000000001', '2026-07-01T00:00:00.000001Z'],
    ['TIMESTAMP', '-1', '1969-12-31T23:59:59.999999Z'],
    ['DATE', '2026-07-01', '2026-07-01'],
    ['FLOAT', 'NaN', 'NaN'],
    ['STRING', '12', '12'],
  ])('%s %s', (type, value, cell) => {
    expect(bigQueryCell(value, f('x', type))).toBe(cell);
  });

  test('records and lists, with a field named __proto__', () => {
    const record = f('r', 'RECORD', [f('__proto__', 'STRING'), f('n', 'INTEGER*')]);
    const value = Object.fromEntries([
      ['__proto__', 'p'],
      ['n', ['1', '2']],
    ]);
    expect(JSON.stringify(bigQueryCell(value, record))).toBe('{"__proto__":"p","n":[1,2]}');
  });
});

describe('exports', () => {
  test('are told apart by their columns', () => {
    expect(layoutOf({ fields: DETAILED })).toBe('detailed');
    expect(layoutOf({ fields: STANDARD })).toBe('standard');
    expect(layoutOf({ fields: OLD })).toBe('standard');
    expect(layoutOf({ fields: FOCUS })).toBe('focus');
    expect(layoutOf({ fields: [f('cost', 'FLOAT')] })).toBeNull();
    expect(fieldsIn(DETAILED)('PROJECT.Labels.key')?.type).toBe('STRING');
  });

  test('categories are those of FOCUS, and no service has two', () => {
    const allowed = columnOf('ServiceCategory')?.allowed ?? [];
    expect(allowed).toEqual(expect.arrayContaining(Object.keys(SERVICE_CATEGORIES)));
    const services = Object.values(SERVICE_CATEGORIES)
      .flat()
      .map((name) => name.toLowerCase());
    expect(new Set(services).size).toBe(services.length);
  });

  const month: Month = {
    period: '2026-07',
    rows: 3,
    billed: '1.5',
    exportedAt: '2026-08-02T09:00:00.000000Z',
    partitions: { first: "TIMESTAMP 'a'", last: "TIMESTAMP 'b'", buffered: true },
  };

  test('rows that were just streamed in have no partition, and are read, too', () => {
    const read = table({ field: null, filterRequired: false });
    expect(monthFilter(read, usageMapping(read, 'detailed'), month)).toContain(
      "(_PARTITIONTIME >= TIMESTAMP 'a' AND _PARTITIONTIME <= TIMESTAMP 'b' OR _PARTITIONTIME IS NULL)",
    );
    const view = table(null);
    expect(monthFilter(view, usageMapping(view, 'detailed'), { ...month, partitions: null })).not.toContain(
      'PARTITION',
    );
  });

  test('a month is another where rows, sum, export or the way of reading are', () => {
    const prints = [
      fingerprint(month, ['day']),
      fingerprint(month, ['hour']),
      fingerprint({ ...month, rows: 4 }, ['day']),
      fingerprint({ ...month, billed: '1.6' }, ['day']),
      fingerprint({ ...month, exportedAt: null }, ['day']),
    ];
    expect(new Set(prints).size).toBe(5);
    expect(fingerprint({ ...month }, ['day'])).toBe(prints[0]);
  });

  test('a line of CSV quotes every text, and tells nothing from an empty text', () => {
    expect(csvLine(['a"b', null, '', 'x,\ny'])).toBe('"a""b",,"","x,\ny"\n');
  });
});
