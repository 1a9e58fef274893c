import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { trinoEngine } from '../../../lib/lake/engine/trino.ts';
import { type Charge, exportColumns, type Layout, writeParquet } from './rows.ts';

export interface TestTrino {
  readonly url: string;
  readonly folder: string;
}

export const trinoOf = ({ url }: TestTrino, deadlineMs?: number) =>
  trinoEngine({ server: url, catalog: 'bills', schema: 'default', user: 'tester' }, deadlineMs);

/** Runs one statement that makes something. */
export async function define(trino: TestTrino, statement: string): Promise<void> {
  const headers = { 'X-Trino-User': 'tester', 'X-Trino-Catalog': 'bills', 'X-Trino-Schema': 'default' };
  let answer: unknown = await (
    await fetch(`${trino.url}/v1/statement`, { method: 'POST', body: statement, headers })
  ).json();
  for (;;) {
    if (typeof answer !== 'object' || answer === null) throw new Error('Trino answered no object');
    if ('error' in answer) throw new Error(`${statement}: ${JSON.stringify(answer.error).slice(0, 500)}`);
    if (!('nextUri' in answer) || typeof answer.nextUri !== 'string') return;
    answer = await (await fetch(answer.nextUri)).json();
  }
}

/** A table over charges as an export of AWS lays them out: one Parquet file, read where it lies. */
export async function exportTable(
  trino: TestTrino,
  name: string,
  rows: readonly Charge[],
  layout: Layout,
): Promise<void> {
  await mkdir(join(trino.folder, name), { recursive: true });
  await writeParquet(join(trino.folder, name, 'part-0.snappy.parquet'), rows, layout);
  const columns = exportColumns(layout).map((column) => `"${column.name}" ${column.type}`);
  await define(trino, 'CREATE SCHEMA IF NOT EXISTS bills.default');
  await define(
    trino,
    `CREATE TABLE bills.default.${name} (${columns.join(', ')})
     WITH (format = 'PARQUET', external_location = 'local:///${name}')`,
  );
}
