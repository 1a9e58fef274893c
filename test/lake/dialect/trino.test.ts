import { describe, expect, test } from 'vitest';
import { trino, withLiterals, withMarks } from '../../../lib/lake/dialect/trino.ts';
import { withCosts } from '../../../lib/lake/engine/remote.ts';
import { plainText, trinoCell } from '../../../lib/lake/engine/trino-values.ts';
import { QUERIES } from '../../../lib/lake/queries/index.ts';
import { spendBy } from '../../../lib/lake/queries/spend-by.ts';

const any = () => true;

describe('parameters', () => {
  test('a value is one literal, whatever it holds', () => {
    const params = { a: `'; DROP TABLE x; --`, b: null, c: 7 };
    expect(withLiterals('WHERE x = $a AND y = $b AND z = $c AND w = $a', params)).toBe(
      `WHERE x = '''; DROP TABLE x; --' AND y = CAST(NULL AS VARCHAR) AND z = 7 AND w = '''; DROP TABLE x; --'`,
    );
  });

  test('what looks like one in a text or a name is none, also where a value looks like one', () => {
    expect(withLiterals(`SELECT '$a' AS "$a", 'it''s $a' WHERE x = $a`, { a: '$a' })).toBe(
      `SELECT '$a' AS "$a", 'it''s $a' WHERE x = '$a'`,
    );
  });

  test('one that is missing is a defect, and so is a number that is not whole', () => {
    expect(() => withLiterals('$toString', {})).toThrow('no value for $toString');
    expect(() => withLiterals('$a', { a: 0.1 })).toThrow('no whole number');
    expect(() => withLiterals('$a', { a: 'x\0' })).toThrow('NUL');
  });

  test('Athena takes marks in WHERE alone: elsewhere a value is written out', () => {
    const sql = `SELECT SUM(x) FILTER (WHERE y = $a), $a FROM costs WHERE y >= $a AND z = $b GROUP BY 1 HAVING MAX(z) > $b`;
    expect(withMarks(sql, { a: '1', b: '2' }, any)).toEqual({
      sql: `SELECT SUM(x) FILTER (WHERE y = '1'), '1' FROM costs WHERE y >= ? AND z = ? GROUP BY 1 HAVING MAX(z) > '2'`,
      values: [`'1'`, `'2'`],
    });
  });

  test('the marks and values of every named query agree, and no name is left', () => {
    const spend = spendBy({ by: ['team', 'month'], where: ['region'] });
    for (const query of [...QUERIES.values(), spend]) {
      const params = Object.fromEntries(query.params.map((name) => [name, '["?"]']));
      const { sql, values } = withMarks(query.sql(trino), params, any);
      const bare = sql.replaceAll(/'(?:[^']|'')*'/g, '');
      expect(bare.match(/\?/g)?.length ?? 0).toBe(values.length);
      expect(bare).not.toContain('$');
    }
  });
});

test('costs becomes the first common table, whatever others there are', () => {
  expect(withCosts('V', 'SELECT 1')).toBe('WITH costs AS (V)\nSELECT 1');
  expect(withCosts('V', '\n with a AS (SELECT 1) SELECT 2')).toBe(
    'WITH costs AS (V),\na AS (SELECT 1) SELECT 2',
  );
  expect(withCosts('V', 'WITH RECURSIVE a AS (SELECT 1) SELECT 2')).toBe(
    'WITH RECURSIVE costs AS (V),\na AS (SELECT 1) SELECT 2',
  );
});

describe('values', () => {
  test.each([
    ['decimal(38,18)', '1.500000000000000000', '1.5'],
    ['decimal(38,18)', '-0.000000000000000000', '0'],
    ['decimal(38,0)', '100', '100'],
    ['decimal', '0.000000000000000001', '0.000000000000000001'],
    ['bigint', '9007199254740993', '9007199254740993'],
    ['integer', '42', 42],
    ['double', '1.0E-7', 1e-7],
    ['double', 'NaN', 'NaN'],
    ['boolean', 'false', false],
    ['timestamp(3)', '2026-11-01 00:00:00.000', '2026-11-01T00:00:00.000Z'],
    ['timestamp(6)', '2026-11-01 23:59:59.123456', '2026-11-01T23:59:59.123456Z'],
    ['timestamp(6)', '2026-11-01 23:59:59.120000', '2026-11-01T23:59:59.120Z'],
    ['timestamp', '2026-11-01 00:00:00', '2026-11-01T00:00:00.000Z'],
    ['timestamp(3) with time zone', '2026-11-01 01:00:00.000 +02:00', '2026-10-31T23:00:00.000Z'],
    ['timestamp(3) with time zone', '2026-11-01 01:00:00.000 UTC', '2026-11-01T01:00:00.000Z'],
    ['date', '2026-11-01', '2026-11-01'],
    ['varchar', '1.50', '1.50'],
    ['varchar(3)', '', ''],
    ['varchar', undefined, null],
  ])('%s %s', (type, value, cell) => {
    expect(trinoCell(type, value)).toBe(cell);
  });

  test('plain decimals', () => {
    expect(['0', '-0', '0.0', '-0.0', '10', '10.0', '0.10', '-1.050'].map(plainText)).toEqual([
      '0',
      '0',
      '0',
      '0',
      '10',
      '10',
      '0.1',
      '-1.05',
    ]);
  });
});
