import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counted } from '../../digest/counted.ts';
import { CSV_NOTE, csvForPeople } from '../../digest/csv.ts';
import { visible } from '../../digest/names.ts';
import type { CellKind, DataTable } from '../../digest/table.ts';
import { type ParquetType, writeParquet } from '../../lake/engine/write-parquet.ts';
import type { Archive } from '../../platform/archive.ts';

const TYPES: Readonly<Record<CellKind, ParquetType>> = {
  text: 'VARCHAR',
  money: 'DECIMAL(38,18)',
  rate: 'DECIMAL(38,18)',
  number: 'DECIMAL(38,18)',
  percent: 'DECIMAL(38,18)',
  day: 'DATE',
  instant: 'TIMESTAMP',
};

/** A file of a table, or what they all say of themselves. */
export interface TableFile {
  readonly name: string;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Each table as `ID.csv` for people and `ID.parquet` as it is, and a `README.txt` that tells one from the other. */
export async function tableFiles(tables: readonly DataTable[]): Promise<TableFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-tables-'));
  try {
    const paths = tables.map(({ id }) => join(folder, `${id}.parquet`));
    await writeParquet(
      tables.map(({ columns, rows }, at) => ({
        path: paths[at] ?? '',
        columns: columns.map(({ id, kind }) => ({ name: id, type: TYPES[kind] })),
        rows,
      })),
    );
    const files: TableFile[] = [
      { name: 'README.txt', type: 'text/plain; charset=utf-8', body: readme(tables) },
    ];
    for (const [at, table] of tables.entries())
      files.push(
        { name: `${table.id}.csv`, type: 'text/csv; charset=utf-8', body: csvForPeople(table) },
        {
          name: `${table.id}.parquet`,
          type: 'application/vnd.apache.parquet',
          body: await readFile(paths[at] ?? ''),
        },
      );
    return files;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readme(tables: readonly DataTable[]): string {
  return [
    ...tables.map(({ id, caption, rows, source }) =>
      visible(`${id}: ${caption}; ${counted(rows.length, 'row')}; ${source}`),
    ),
    '',
    CSV_NOTE,
    '',
  ].join('\n');
}

/** Writes the files into a folder, each whole or not at all. */
export async function writeTables(folder: string, tables: readonly DataTable[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, body } of await tableFiles(tables)) {
    const temporary = join(folder, `${name}.${process.pid}.tmp`);
    await writeFile(temporary, body);
    await rename(temporary, join(folder, name));
  }
}

/** Puts the files into the archive, under a prefix that ends with `/`. */
export async function archiveTables(
  archive: Archive,
  prefix: string,
  tables: readonly DataTable[],
): Promise<void> {
  for (const { name, body, type } of await tableFiles(tables))
    await archive.put(`${prefix}${name}`, body, type);
}
