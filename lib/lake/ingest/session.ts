import { availableParallelism } from 'node:os';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { DECIMAL_MACROS } from './decimal-sql.ts';
import { literal } from './sql-text.ts';
import { VALUE_MACROS } from './value-sql.ts';

export interface Session extends Disposable {
  readonly connection: DuckDBConnection;
  /** All rows of a statement; numbers of 64 bits and decimals come as text. */
  rows(sql: string): Promise<Readonly<Record<string, unknown>>[]>;
  run(sql: string): Promise<void>;
}

/** A DuckDB of its own for one conversion: memory bounded, spills under `workDir`, UTC, our macros. */
export async function openSession(workDir: string, memoryMiB: number): Promise<Session> {
  // A writer thread holds a row group of its own (about 150 MiB with the 60 columns of FOCUS).
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(memoryMiB / 200)));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMiB}MiB`,
    threads: String(threads),
    temp_directory: `${workDir}/spill`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = ${literal('UTC')}`);
  // Lists behind IN would become joins that judge every row, whatever CASE stands before them, and slow to plan.
  await connection.run(`SET disabled_optimizers = 'in_clause'`);
  for (const macro of [...DECIMAL_MACROS, ...VALUE_MACROS]) await connection.run(macro);
  return {
    connection,
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    run: async (sql) => {
      await connection.run(sql);
    },
    [Symbol.dispose]: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
