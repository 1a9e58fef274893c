import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach } from 'vitest';
import { convert } from '../../../lib/lake/ingest/convert.ts';
import type { Converted, ConvertOptions } from '../../../lib/lake/ingest/model.ts';
import type { Reject } from '../../../lib/lake/ingest/rejects.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { FocusFile } from '../../../lib/sources/model.ts';

export const NOW = new Date('2026-06-02T03:04:05.006Z');

/** A row that nothing is wrong with. */
export const SOUND: Readonly<Record<string, string>> = {
  BilledCost: '1.5',
  EffectiveCost: '1.25',
  BillingCurrency: 'USD',
  ChargePeriodStart: '2026-05-01T00:00:00Z',
  ChargePeriodEnd: '2026-05-02T00:00:00Z',
  BillingPeriodStart: '2026-05-01T00:00:00Z',
  BillingPeriodEnd: '2026-06-01T00:00:00Z',
  BillingAccountId: '012345678901',
  ProviderName: 'AWS',
  ChargeCategory: 'Usage',
  Tags: '{"team":"red"}',
};

const made: string[] = [];
afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true });
});

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'bursar-ingest-'));
  made.push(path);
  return path;
}

/** CSV text of rows, each `SOUND` with some columns changed. */
export function csvOf(rows: readonly Readonly<Record<string, string>>[], delimiter = ','): string {
  const names = [...new Set([SOUND, ...rows].flatMap(Object.keys))];
  const line = (values: readonly string[]): string =>
    values
      .map((value) => (/["\n\r,;\t|]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
      .join(delimiter);
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? SOUND[name] ?? ''))]
    .map((values) => `${line(values)}\n`)
    .join('');
}

export async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await folder(), name);
  await writeFile(path, content);
  return path;
}

export type Row = Record<string, unknown>;

export interface Ingested extends Converted {
  readonly rows: Row[];
  readonly rejects: Reject[];
  readonly outDir: string;
}

/** Converts files and reads back what became of them; `where` is SQL behind FROM to order or narrow the rows. */
export async function ingest(
  paths: readonly string[],
  more: Partial<ConvertOptions> & { where?: string } = {},
): Promise<Ingested> {
  return ingestFiles(
    paths.map((path) => ({ path, shownAs: path, format: path.includes('.parquet') ? 'parquet' : 'csv' })),
    more,
  );
}

export async function ingestFiles(
  files: readonly FocusFile[],
  { where = 'ORDER BY ALL', ...more }: Partial<ConvertOptions> & { where?: string } = {},
): Promise<Ingested> {
  const at = await folder();
  const outDir = join(at, 'out');
  const converted = await convert(files, {
    sourceId: 'test',
    sourceType: 'focus-file',
    grain: 'resource',
    workDir: join(at, 'work'),
    outDir,
    now: NOW,
    progress: silent,
    memoryMiB: 400,
    ...more,
  });
  const parts = converted.periods.flatMap((period) => period.parts);
  const list = parts.map(({ path }) => `'${path}'`).join(', ');
  const rows = parts.length === 0 ? [] : await sql(`SELECT * FROM read_parquet([${list}]) ${where}`);
  const text = converted.rejectsFile === null ? '' : await readFile(converted.rejectsFile, 'utf8');
  const rejects: Reject[] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { ...converted, rows, rejects, outDir };
}

/** One statement on a DuckDB of its own; values as JSON has them. */
export async function sql(statement: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statement)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A Parquet file of a SELECT. */
export async function parquet(select: string, name = 'bill.parquet'): Promise<string> {
  const path = join(await folder(), name);
  await sql(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  return path;
}
