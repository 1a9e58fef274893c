import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { askedHere } from './asked-here.ts';
import { type Bench, bench, delivery, row } from './bills.ts';

let bills: Bench;
let lake: Lake;
let root = '';
let part = '';

beforeAll(async () => {
  bills = await bench();
  root = join(bills.folder, 'lake');
  const store = folderStore(root);
  lake = await openLake({ store, workDir: join(bills.folder, 'work'), memoryMiB: 128 });
  const rows = Array.from({ length: 3000 }, (_, at) =>
    row({ ResourceId: `i-${at}`, Tags: '{"team":"a","__proto__":"b"}' }),
  );
  await lake.ingest(delivery('acme', [await bills.file(rows)]), new Date('2026-11-22T00:00:00Z'), silent);
  part = join(root, (await store.list('sources/')).find(({ key }) => key.endsWith('.parquet'))?.key ?? '');
  await writeFile(join(bills.folder, 'secret.csv'), 'a,b\n1,hush\n');
  await symlink(join(bills.folder, 'secret.csv'), join(root, 'link.csv'));
  await mkdir(join(root, 'linked'));
  await symlink('/etc', join(root, 'linked', 'etc'));
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await bills[Symbol.asyncDispose]();
});

const here = (sql: string, seconds = 60) => askedHere(root, ['acme'], sql, { seconds });

/** Every way out that was found: paths are filled in when the test runs. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['read_csv', `SELECT * FROM read_csv('/etc/passwd')`],
  ['read_csv_auto', `SELECT * FROM read_csv_auto('/etc/passwd')`],
  ['read_text', `SELECT * FROM read_text('/etc/passwd')`],
  ['read_blob', `SELECT * FROM read_blob('/etc/passwd')`],
  ['read_json', `SELECT * FROM read_json('/etc/passwd')`],
  ['read_parquet', `SELECT * FROM read_parquet('ROOT/../x.parquet')`],
  ['parquet_metadata', `SELECT * FROM parquet_metadata('PART')`],
  ['sniff_csv', `SELECT * FROM sniff_csv('/etc/passwd')`],
  ['read_duckdb', `SELECT * FROM read_duckdb('/tmp/x.db')`],
  ['glob outside', `SELECT * FROM glob('/etc/*')`],
  ['glob inside', `SELECT * FROM glob('ROOT/**')`],
  ['a file by its name', `FROM '/etc/passwd'`],
  ['a CSV by its name', `FROM 'FOLDER/secret.csv'`],
  ['a URL', `FROM 'https://example.com/x.parquet'`],
  ['an S3 address', `SELECT * FROM read_parquet('s3://bucket/x.parquet')`],
  ['a link in the lake', `FROM 'ROOT/link.csv'`],
  ['a link in the lake, read', `SELECT * FROM read_csv('ROOT/link.csv')`],
  ['a linked folder in the lake', `SELECT * FROM read_text('ROOT/linked/etc/passwd')`],
  ['a path that climbs', `SELECT * FROM read_text('ROOT/sources/../../secret.csv')`],
  ['a file in a subquery', `SELECT (SELECT MAX(content) FROM read_text('/etc/passwd')) FROM costs`],
  ['a file in a WITH', `WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x`],
  ['a file in a WITH of the same name', `WITH "FOLDER/secret.csv" AS (SELECT 1) FROM "FOLDER/secret.csv"`],
  ['a file in a join', `SELECT * FROM costs JOIN read_text('/etc/passwd') ON true`],
  ['a file in a lateral join', `SELECT * FROM costs, LATERAL (SELECT * FROM read_text('/etc/passwd'))`],
  ['a file in DESCRIBE', `DESCRIBE SELECT * FROM read_csv('/etc/passwd')`],
  ['a file in SUMMARIZE', `SUMMARIZE '/etc/passwd'`],
  ['a file in UNION', `SELECT ServiceName FROM costs UNION ALL SELECT content FROM read_text('/etc/passwd')`],
  ['a file in PIVOT', `PIVOT 'FOLDER/secret.csv' ON a IN (1) USING SUM(b)`],
  ['query()', `SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')`],
  ['query_table()', `SELECT * FROM query_table('FOLDER/secret.csv')`],
  ['COPY TO', `COPY (SELECT 1) TO 'ROOT/out.csv'`],
  ['COPY TO a part', `COPY (SELECT 1) TO 'PART' (FORMAT parquet)`],
  ['COPY FROM', `COPY costs FROM '/etc/passwd'`],
  ['EXPORT', `EXPORT DATABASE 'ROOT/out'`],
  ['IMPORT', `IMPORT DATABASE 'ROOT/out'`],
  ['ATTACH', `ATTACH 'ROOT/x.db'`],
  ['ATTACH outside', `ATTACH '/tmp/bursar-x.db' AS x`],
  ['INSTALL', 'INSTALL httpfs'],
  ['LOAD', `LOAD '/tmp/evil.duckdb_extension'`],
  ['SET', `SET memory_limit = '100GB'`],
  ['RESET', 'RESET lock_configuration'],
  ['PRAGMA', 'PRAGMA database_list'],
  ['PRAGMA that is a SELECT', 'PRAGMA version'],
  ['PRAGMA with a value', `PRAGMA memory_limit = '100GB'`],
  ['CALL', 'CALL pragma_version()'],
  ['EXPLAIN', 'EXPLAIN SELECT 1'],
  ['CHECKPOINT', 'CHECKPOINT'],
  ['PREPARE', 'PREPARE p AS SELECT 1'],
  ['EXECUTE', 'EXECUTE p'],
  ['USE', 'USE memory'],
  ['CREATE TABLE', 'CREATE TABLE t AS SELECT 1'],
  ['CREATE SECRET', `CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')`],
  ['CREATE MACRO', 'CREATE MACRO f(a) AS a'],
  ['DROP', 'DROP VIEW costs'],
  ['INSERT', 'INSERT INTO costs SELECT * FROM costs'],
  ['DELETE', 'DELETE FROM costs'],
  ['BEGIN', 'BEGIN'],
  ['two statements', 'SELECT 1; SELECT 2'],
  ['a second statement behind a comment', `SELECT 1 /* ; */ ; -- x\n DROP VIEW costs`],
  ['a second statement behind a dollar quote', `SELECT $$;$$; DROP VIEW costs`],
  ['a WITH that inserts', 'WITH x AS (INSERT INTO costs SELECT 1 RETURNING 1) SELECT * FROM x'],
  ['a WITH that deletes', 'WITH x AS (DELETE FROM costs RETURNING *) SELECT * FROM x'],
  ['getenv', `SELECT getenv('HOME')`],
  ['current_setting', `SELECT current_setting('temp_directory')`],
  ['duckdb_settings', 'SELECT * FROM duckdb_settings()'],
  ['duckdb_secrets', 'SELECT * FROM duckdb_secrets()'],
  ['duckdb_logs', 'SELECT * FROM duckdb_logs'],
  ['which_secret', `SELECT * FROM which_secret('s3://x', 's3')`],
  [
    'enable_logging to a file',
    `SELECT * FROM enable_logging(storage='file', storage_config={'path':'FOLDER/logs'})`,
  ],
  ['write_log', `SELECT write_log('x')`],
  ['enable_profiling', 'SELECT * FROM enable_profiling()'],
  ['SHOW TABLES', 'SHOW TABLES'],
  ['another catalog', 'SELECT * FROM system.information_schema.tables'],
  ['sqlite_master', 'SELECT * FROM sqlite_master'],
  ['pg_catalog', 'SELECT * FROM pg_catalog.pg_class'],
  ['a parameter', 'SELECT ?'],
  ['a named parameter', 'SELECT $1'],
  ['nothing', ''],
  ['a semicolon', ';'],
  ['a comment', '-- SELECT 1'],
  ['a number that no double holds', 'SELECT 1e400'],
  ['a NUL character', 'SELECT 1\0; DROP VIEW costs'],
];

/** What might fill the memory if it were not refused: asked in a process of its own alone, as a user asks. */
const HUGE: readonly (readonly [string, string])[] = [
  ['a huge repeat', `SELECT length(repeat('x', 3000000000))`],
  ['a huge repeat by a column', `SELECT length(repeat('x', n)) FROM range(3000000000, 3000000001) t(n)`],
  ['a huge pad', `SELECT length(lpad('x', 3000000000, 'x'))`],
  ['a huge list', 'SELECT len(range(400000000))'],
  ['a huge format', `SELECT length(format('{:300000000}', 1))`],
  ['a huge format by an argument', `SELECT length(format('{:{}}', 1, 300000000))`],
];

/** Of the others: a file, a write and a setting are asked so, too. */
const APART = new Set(['read_text', 'COPY TO a part', 'SET', ...HUGE.map(([what]) => what)]);

describe('refused', () => {
  test.each([...REFUSED, ...HUGE])('%s', async (what, template) => {
    const sql = template.replaceAll('ROOT', root).replaceAll('FOLDER', bills.folder).replaceAll('PART', part);
    const before = await readdir(root, { recursive: true });
    const asked = APART.has(what) ? lake.query(sql, null, { seconds: 5 }) : here(sql, 5);
    const refused = await asked.then(
      (answer) => answer,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ name: 'BursarError', code: 'input' });
    expect(String(refused)).not.toMatch(/root:|hush|more than 5 seconds/);
    expect(await readdir(root, { recursive: true })).toEqual(before);
    expect(existsSync(join(bills.folder, 'logs'))).toBe(false);
  });

  test('an unknown column: the nearest ones are named', async () => {
    await expect(lake.query('SELECT BiledCost FROM costs', null)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('BilledCost'),
      hint: 'DESCRIBE costs lists the columns.',
    });
  });

  test('a mistake in the syntax: what and where', async () => {
    await expect(here('SELECT FORM costs WHERE')).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('syntax error'),
    });
  });

  test('the lake still answers afterwards', async () => {
    expect((await lake.query('SELECT COUNT(*) AS n FROM costs', null)).rows).toEqual([{ n: 3000 }]);
  });
});

describe('allowed', () => {
  test.each([
    ['a leading FROM', 'FROM costs SELECT COUNT(*) AS n', 3000],
    ['the schema named', 'SELECT COUNT(*) AS n FROM main.costs', 3000],
    ['another case, a trailing semicolon', 'select count(*) as n from COSTS;', 3000],
    ['WITH', 'WITH a AS (SELECT * FROM costs), b AS (SELECT * FROM a) SELECT COUNT(*) AS n FROM b', 3000],
    [
      'recursion that ends',
      'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 9) SELECT MAX(i) AS n FROM r',
      9,
    ],
    [
      'a window function',
      'SELECT MAX(x) AS n FROM (SELECT ROW_NUMBER() OVER (ORDER BY ResourceId) AS x FROM costs)',
      3000,
    ],
    [
      'days from a list',
      `SELECT COUNT(*) AS n FROM (SELECT UNNEST(generate_series(DATE '2026-01-01', DATE '2026-01-31', INTERVAL 1 DAY)))`,
      31,
    ],
    ['rows from range()', 'SELECT COUNT(*) AS n FROM range(5)', 5],
    ['tags', `SELECT COUNT(*) AS n FROM costs WHERE json_extract_string(Tags, 'team') = 'a'`, 3000],
    ['a moderate pad and format', `SELECT length(lpad('x', 9, ' ') || format('{:>5}', 'a')) AS n`, 14],
    [
      'PIVOT with its values',
      `SELECT COUNT(*) AS n FROM (PIVOT costs ON ServiceName IN ('A') USING SUM(BilledCost) GROUP BY ResourceId)`,
      3000,
    ],
    [
      'the columns',
      `SELECT COUNT(*) AS n FROM information_schema.columns WHERE column_name = 'BilledCost'`,
      1,
    ],
    ['a keyword in a text', `SELECT length('DROP; COPY') AS n`, 10],
  ])('%s', async (_, sql, n) => {
    expect((await here(sql)).rows).toEqual([{ n }]);
  });

  test('values as JSON writes them', async () => {
    const { rows, columns } = await lake.query(
      `SELECT CAST('12345678901234567890.10' AS DECIMAL(38,18)) AS money, CAST('-0.000' AS DECIMAL(9,3)) AS zero,
              9007199254740991 AS safe, 9007199254740993 AS big, CAST(1 AS HUGEINT) << 100 AS huge,
              TIMESTAMP '2026-11-05 01:02:03.000456' AS at, DATE '2026-11-05' AS day, TIME '01:02:03' AS clock,
              CAST('NaN' AS DOUBLE) AS nan, 0.5::DOUBLE AS half, [1, NULL] AS list, {'a': 1.50} AS struct,
              MAP {'__proto__': 1} AS map, NULL AS nothing, true AS yes, TIMESTAMP '2026-11-05 00:00:00' AS midnight,
              TIMESTAMPTZ '2026-11-05 02:00:00+02' AS zoned, 1 AS twice, 2 AS twice`,
      null,
    );
    expect(rows).toEqual([
      {
        money: '12345678901234567890.1',
        zero: '0',
        safe: 9007199254740991,
        big: '9007199254740993',
        huge: '1267650600228229401496703205376',
        at: '2026-11-05T01:02:03.000456Z',
        day: '2026-11-05',
        clock: '01:02:03',
        nan: 'NaN',
        half: 0.5,
        list: [1, null],
        struct: { a: '1.5' },
        map: Object.fromEntries([['__proto__', 1]]),
        nothing: null,
        yes: true,
        midnight: '2026-11-05T00:00:00.000Z',
        zoned: '2026-11-05T00:00:00.000Z',
        twice: 1,
        'twice:1': 2,
      },
    ]);
    expect(columns.slice(0, 2)).toEqual([
      { name: 'money', type: 'DECIMAL(38,18)' },
      { name: 'zero', type: 'DECIMAL(9,3)' },
    ]);
  });
});

describe('limits', () => {
  test('rows: the answer is cut and says so', async () => {
    const all = await lake.query('SELECT ResourceId FROM costs', null, { rows: 3000 });
    expect([all.rows.length, all.truncated]).toEqual([3000, false]);
    const cut = await lake.query('SELECT ResourceId FROM costs', null, { rows: 2999 });
    expect([cut.rows.length, cut.truncated]).toEqual([2999, true]);
    const endless = await lake.query('SELECT * FROM range(100000000000)', null, { rows: 5 });
    expect([endless.rows.length, endless.truncated]).toEqual([5, true]);
  });

  test.each([
    [
      'endless recursion',
      'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT COUNT(*) FROM r',
    ],
    [
      'a cross join',
      'SELECT COUNT(*) FROM costs a, costs b, costs c WHERE a.BilledCost + b.BilledCost < c.BilledCost',
    ],
  ])('time: %s is stopped', async (_, sql) => {
    await expect(lake.query(sql, null, { seconds: 0.3 })).rejects.toMatchObject({
      code: 'input',
      message: 'the query took more than 0.3 seconds and was stopped',
    });
  });

  test('memory: a list of everything is refused', async () => {
    await expect(
      lake.query('SELECT LIST(i) AS l FROM range(1000000000) t(i)', null, { memoryMiB: 64 }),
    ).rejects.toMatchObject({ code: 'input', message: 'the query needs more than 64 MiB of memory' });
  });
});
