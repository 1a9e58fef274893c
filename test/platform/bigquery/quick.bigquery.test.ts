import { expect, inject, test } from 'vitest';
import type { Page, Statement } from '../../../lib/platform/bigquery/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';

// Another emulator, over another database: what the client takes for BigQuery's protocol must not be one server's habit.
const client = clientOf(inject('bqemulatorUrl'));

async function pagesOf(statement: Statement, meter: Meter, pageRows?: number): Promise<Page[]> {
  const pages: Page[] = [];
  const options = { meter, maximumBytesBilled: 2n ** 30n, ...(pageRows === undefined ? {} : { pageRows }) };
  for await (const page of client.run(statement, options)) pages.push(page);
  return pages;
}

test('a job is made, waited for, read page by page and asked for its bytes', async () => {
  const meter = new Meter();
  const sql = `SELECT n, TIMESTAMP '2026-07-01 00:00:00.000001+00' AS t, @a AS a FROM UNNEST([1, 2, 3, 4, 5]) AS n ORDER BY n`;
  const pages = await pagesOf({ sql, params: { a: "it's" }, location: 'US' }, meter, 2);
  expect(pages.map(({ rows }) => rows.length)).toEqual([2, 2, 1]);
  expect(pages.every(({ totalRows }) => totalRows === 5)).toBe(true);
  expect(pages[2]?.rows).toEqual([['5', '1782864000000001', "it's"]]);
  expect(meter.total().calls).toEqual([
    { api: 'bigquery.jobs.get', count: 1 },
    { api: 'bigquery.jobs.getQueryResults', count: 4 },
    { api: 'bigquery.jobs.insert', count: 1 },
    { api: 'bigquery: query', count: 1 },
  ]);
});

test('a dry run tells the columns of an answer and makes none', async () => {
  const { fields, bytes } = await client.dryRun(
    { sql: 'SELECT 1 AS n, "x" AS t', location: 'US' },
    new Meter(),
  );
  expect(fields.map(({ name, type }) => [name, type])).toEqual([
    ['n', 'INTEGER'],
    ['t', 'STRING'],
  ]);
  expect(bytes).toBe(0n);
});

test('a job that says in its own status why it failed, is told', async () => {
  await expect(pagesOf({ sql: 'SELECT nope FROM', location: 'US' }, new Meter())).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('BigQuery refuses the query'),
  });
});

test('a table that is not there is an input error that names it', async () => {
  const table = client.table({ project: 'bursar-test', dataset: 'none', table: 'none' }, new Meter());
  await expect(table).rejects.toMatchObject({ code: 'input', where: 'bigquery:bursar-test.none.none' });
});
