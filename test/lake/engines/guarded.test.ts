import { describe, expect, test } from 'vitest';
import { checkText } from '../../../lib/lake/engine/guarded.ts';

describe('what engines would read differently is refused', () => {
  test.each([
    'SELECT 1 /* /* */ FROM secrets -- */',
    'SELECT 1 -- FROM costs',
    "SELECT E'\\' FROM secrets --'",
    "SELECT E'a' FROM costs",
    "SELECT U&'a' FROM costs",
    "SELECT x'00' FROM costs",
    'SELECT $$a$$ FROM costs',
    'SELECT $1 FROM costs',
    'SELECT ? FROM costs',
    'SELECT 1 FROM costs; SELECT 2',
    'SELECT `a` FROM costs',
    "SELECT 'open FROM costs",
    'SELECT "open FROM costs',
    "SELECT '' '' ' FROM costs",
    'SELECT * FROM information_schema.tables',
    'SELECT * FROM main.costs',
    'SELECT 1 # FROM costs',
    'SELECT a\\b FROM costs',
  ])('%s', (sql) => {
    expect(() => checkText(sql, 'trino')).toThrow('the query is refused');
    expect(() => checkText(sql, 'athena')).toThrow('the query is refused');
    expect(() => checkText(sql, 'bigquery')).toThrow('the query is refused');
  });

  test.each(["SELECT '''' FROM costs", 'SELECT "x" FROM costs', "SELECT '\\' FROM costs"])(
    'on BigQuery alone: %s',
    (sql) => {
      expect(() => checkText(sql, 'trino')).not.toThrow();
      expect(() => checkText(sql, 'bigquery')).toThrow('in its own way');
    },
  );
});

test.each([
  'SELECT "BilledCost" FROM costs',
  `SELECT 'it''s -- /* ; $ ? fine', "a;""b" FROM costs WHERE x IN ('a','b')`,
  "WITH a AS (SELECT 1 AS n FROM costs) SELECT n FROM a WHERE 'x' <> ''",
])('plain SQL passes: %s', (sql) => {
  expect(() => checkText(sql, 'trino')).not.toThrow();
});
