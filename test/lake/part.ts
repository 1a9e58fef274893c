import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { FOCUS_COLUMNS, OWN_COLUMNS, storedType } from '../../lib/focus/columns.ts';
import type { PartGroup } from '../../lib/lake/view.ts';

const COLUMNS = [...FOCUS_COLUMNS, ...OWN_COLUMNS].map(({ name, kind }) => ({
  name,
  type: storedType(kind),
}));

/** A charge of a part: text or nothing, by column. */
export type PartCharge = Readonly<Record<string, string | null>>;

/** A part of a lake, written into this folder, that holds these charges. */
export async function partOf(folder: string, charges: readonly PartCharge[]): Promise<PartGroup> {
  const id = randomUUID();
  const [path, told] = [join(folder, `${id}.parquet`), join(folder, `${id}.ndjson`)];
  await writeFile(told, charges.map((charge) => JSON.stringify(charge)).join('\n'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const texts = COLUMNS.map(({ name }) => `"${name}": 'VARCHAR'`).join(', ');
  const values = COLUMNS.map(({ name, type }) => `CAST("${name}" AS ${type}) AS "${name}"`).join(', ');
  await connection.run(
    `COPY (SELECT ${values} FROM read_ndjson('${told}', columns = {${texts}})) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return { columns: COLUMNS, paths: [path] };
}
