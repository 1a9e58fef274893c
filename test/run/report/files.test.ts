import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestContent } from '../../../lib/digest/content.ts';
import { reportTables } from '../../../lib/digest/report-tables.ts';
import type { DataTable } from '../../../lib/digest/table.ts';
import { archiveTables, tableFiles, writeTables } from '../../../lib/run/report/files.ts';
import { ATTACKS } from '../../digest/attacks.ts';
import { detailOf } from '../../digest/details.ts';
import { emptyInput, finding, fullInput } from '../../digest/inputs.ts';
import { fullInsight } from '../../digest/insight-inputs.ts';

let folder: string;
let duckdb: DuckDBInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-files-'));
  duckdb = await DuckDBInstance.create(':memory:');
});

afterAll(async () => {
  duckdb.closeSync();
  await rm(folder, { recursive: true, force: true });
});

async function read(path: string, select = '*') {
  const connection = await duckdb.connect();
  const rows = await connection.runAndReadAll(`SELECT ${select} FROM read_parquet('${path}')`);
  return { rows: rows.getRowsJson(), names: rows.columnNames(), types: rows.columnTypes().map(String) };
}

test('every table is there twice, and each Parquet file holds its cells as they are', async () => {
  const content = digestContent(fullInput({ insight: fullInsight() }));
  const tables = reportTables(content, detailOf(content));
  const out = join(folder, 'all');
  await writeTables(out, tables);
  const ids = tables.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect((await readdir(out)).toSorted()).toEqual(
    ['README.txt', ...ids.flatMap((id) => [`${id}.csv`, `${id}.parquet`])].toSorted(),
  );
  for (const { id, rows, columns } of tables) {
    const found = await read(join(out, `${id}.parquet`));
    expect(found.names).toEqual(columns.map((column) => column.id));
    expect(found.rows).toHaveLength(rows.length);
    const csv = await readFile(join(out, `${id}.csv`), 'utf8');
    expect(csv.split('\r\n')[0]).toBe(columns.map((column) => column.id).join(','));
  }
  const { rows, types } = await read(join(out, 'findings.parquet'), 'finding, first_seen, monthly_saving');
  expect(types).toEqual(['VARCHAR', 'TIMESTAMP', 'DECIMAL(38,18)']);
  expect(rows[0]).toEqual([content.findings[0]?.findingId, '2026-10-28 09:00:00', '8812.400000000000000000']);
});

test('Parquet is faithful where CSV is for people', async () => {
  const names = [...ATTACKS, '=HYPERLINK("x")', '@SUM(1)', "'quoted"].filter((name) => name.isWellFormed());
  const table: DataTable = {
    id: 'names',
    caption: 'Names',
    columns: [{ id: 'name', label: 'Name', kind: 'text' }],
    rows: names.map((name) => [name]),
    source: 'test',
  };
  const out = join(folder, 'names');
  await writeTables(out, [table]);
  const { rows } = await read(join(out, 'names.parquet'));
  expect(rows.map(([name]) => name)).toEqual(names);
  const csv = await readFile(join(out, 'names.csv'), 'utf8');
  expect(csv).toContain(`"'=HYPERLINK(""x"")"`);
  expect(csv).toContain(`"'@SUM(1)"`);
  expect(await readFile(join(out, 'README.txt'), 'utf8')).toContain('begins with an apostrophe');
});

test('an empty company has its tables, with headers alone', async () => {
  const content = digestContent(emptyInput());
  const files = await tableFiles(
    reportTables(content, detailOf(content, 'x', { spend: null, ai: [], stops: null })),
  );
  const findings = files.find(({ name }) => name === 'findings.csv');
  expect(String(findings?.body).trimEnd().split('\r\n')).toHaveLength(1);
});

test('the archive holds them beside the page, under names of their own', async () => {
  const content = digestContent(fullInput({ findings: [finding({ resourceName: '=cmd' })] }));
  const put: [string, string, number][] = [];
  await archiveTables(
    {
      async put(key, body, type) {
        put.push([key, type, body.length]);
        return key;
      },
    },
    'week/2026-11-02/',
    reportTables(content, detailOf(content)),
  );
  expect(put.map(([key]) => key)).toEqual(
    expect.arrayContaining(['week/2026-11-02/findings.csv', 'week/2026-11-02/findings.parquet']),
  );
  expect(
    put.every(([key, type, size]) => key.startsWith('week/2026-11-02/') && type !== '' && size > 0),
  ).toBe(true);
});
