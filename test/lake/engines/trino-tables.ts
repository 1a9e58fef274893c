import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'lossless-json';
import { z } from 'zod';
import { trinoEngine } from '../../../lib/lake/engine/trino.ts';
import { type Charge, exportColumns, type Layout, writeParquet } from './rows.ts';

export interface TestTrino {
  readonly url: string;
  readonly folder: string;
}

export const trinoOf = ({ url }: TestTrino, deadlineMs?: number) =>
  trinoEngine({ server: url, catalog: 'bills', schema: 'default', user: 'tester' }, deadlineMs);

/** One statement by plain requests, apart from our own client: what it gives, as Trino writes it. */
export async function ask(
  trino: TestTrino,
  statement: string,
): Promise<{ columns: { name: string; type: string }[]; data: unknown[][] }> {
  const headers = {
    'X-Trino-User': 'tester',
    'X-Trino-Catalog': 'bills',
    'X-Trino-Schema': 'default',
    'X-Trino-Time-Zone': 'UTC',
  };
  const data: unknown[][] = [];
  let columns: { name: string; type: string }[] = [];
  let response = await fetch(`${trino.url}/v1/statement`, { method: 'POST', body: statement, headers });
  for (;;) {
    const page = Page.parse(parse(await response.text()));
    if (page.error !== undefined) throw new Error(`${page.error.errorName}: ${page.error.message}`);
    data.push(...(page.data ?? []));
    columns = page.columns ?? columns;
    if (page.nextUri === undefined) return { columns, data };
    response = await fetch(page.nextUri);
  }
}

const Page = z.object({
  nextUri: z.string().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  error: z.object({ errorName: z.string(), message: z.string() }).optional(),
});

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
  await ask(trino, 'CREATE SCHEMA IF NOT EXISTS bills.default');
  await ask(
    trino,
    `CREATE TABLE bills.default.${name} (${columns.join(', ')})
     WITH (format = 'PARQUET', external_location = 'local:///${name}')`,
  );
}
