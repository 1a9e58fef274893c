import { DuckDBInstance } from '@duckdb/node-api';
import { sqlName, sqlText } from '../sql.ts';
import { CLOSED, closed } from './duckdb.ts';

/** What a column of such a file is. Cells are texts: decimal text, `YYYY-MM-DD`, ISO-8601 UTC. */
export type ParquetType = 'VARCHAR' | 'DECIMAL(38,18)' | 'DATE' | 'TIMESTAMP';

/** A small table that is held in memory; null cells are empty. */
export interface ParquetTable {
  /** A local file that does not exist yet. */
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: ParquetType }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Writes each table as a Parquet file (zstd), every text as it is. @throws where a cell is not of its column's type */
export async function writeParquet(tables: readonly ParquetTable[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { ...CLOSED, threads: '1' });
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      for (const table of tables) await writeOne(connection, table);
    } finally {
      closed(connection);
    }
  } finally {
    instance.closeSync();
  }
}

type Connection = Awaited<ReturnType<DuckDBInstance['connect']>>;

async function writeOne(connection: Connection, { path, columns, rows }: ParquetTable): Promise<void> {
  const names = columns.map((_, at) => `c${at}`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE told (${names.map((name) => `${name} VARCHAR`).join(', ')})`,
  );
  const appender = await connection.createAppender('told');
  for (const row of rows) {
    for (const at of columns.keys()) {
      const cell = row[at] ?? null;
      if (cell === null) appender.appendNull();
      else appender.appendVarchar(cell);
    }
    appender.endRow();
  }
  appender.closeSync();
  const select = columns
    .map(({ name, type }, at) => `CAST(c${at} AS ${type}) AS ${sqlName(name)}`)
    .join(', ');
  await connection.run(
    `COPY (SELECT ${select} FROM told ORDER BY rowid) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}
