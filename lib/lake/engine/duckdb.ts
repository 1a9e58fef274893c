import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api';
import { BursarError } from '../../platform/errors.ts';
import { type Cell, cellOf } from './values.ts';

/** Options that every instance has: nothing is fetched, loaded or remembered beyond this process. */
export const CLOSED = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_persistent_secrets: 'false',
} as const;

export type Params = Readonly<Record<string, string | number | null>>;

/** Runs our own SQL over the lake's parts; a user's SQL goes to `lockedQuery`. */
export interface Engine {
  /** `view` is the SELECT that `costs` stands for; `sql` names its parameters `$name`. */
  ask(view: string, sql: string, params: Params): Promise<Record<string, Cell>[]>;
  /** The same, each row made into something else as it comes: a long answer is never held twice. */
  askEach<T>(view: string, sql: string, params: Params, made: (row: Record<string, Cell>) => T): Promise<T[]>;
  close(): void;
}

export interface EngineOptions {
  /** For spill files of queries that do not fit into memory. */
  readonly tempDir: string;
  /** Memory that DuckDB may use, MiB; the process needs about 150 more. */
  readonly memoryMiB: number;
}

export async function openEngine({ tempDir, memoryMiB }: EngineOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...CLOSED,
    memory_limit: `${memoryMiB}MiB`,
    temp_directory: tempDir,
    // Order comes from ORDER BY alone; without this, wide scans keep whole row groups in memory.
    preserve_insertion_order: 'false',
    // Joins are built as they are written, the small side on the right: DuckDB takes the distinct kinds of charges
    // (attribution/kinds.ts) for as many as there are charges, and would hold the bill in memory instead.
    disabled_optimizers: 'build_side_probe_side',
  });
  const askEach: Engine['askEach'] = async (view, sql, params, made) => {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      const asked = withCosts(view, sql);
      if (asked === null) await connection.run(`CREATE TEMP VIEW costs AS ${view}`);
      return await rowsOf(await connection.stream(asked ?? sql, { ...params }), made);
    } catch (error) {
      throw told(error, memoryMiB);
    } finally {
      closed(connection);
    }
  };
  return {
    ask: (view, sql, params) => askEach(view, sql, params, (row) => row),
    askEach,
    close: () => instance.closeSync(),
  };
}

/**
 * A question with what `costs` stands for before it: read as a view of its own, it would be bound twice, which takes longer
 * than the answer of a small bill. Not materialized, so that it is planned into each place where it is named, as a view
 * is. Null of what is no question (COPY): such a statement begins with no WITH.
 */
function withCosts(view: string, sql: string): string | null {
  const costs = `WITH costs AS NOT MATERIALIZED (${view})`;
  const [, first] = /^\s*(SELECT|WITH)\s/i.exec(sql) ?? [];
  if (first === undefined) return null;
  return first.toUpperCase() === 'WITH' ? sql.replace(/^\s*WITH\s/i, () => `${costs}, `) : `${costs} ${sql}`;
}

export function closed(connection: DuckDBConnection): void {
  connection.closeSync();
}

/** All rows of an answer, chunk by chunk. */
async function rowsOf<T>(result: DuckDBResult, made: (row: Record<string, Cell>) => T): Promise<T[]> {
  const names = result.deduplicatedColumnNames();
  const rows: T[] = [];
  for await (const chunk of result.yieldConvertedRows<Cell>(cellOf))
    for (const row of chunk) rows.push(made(rowOf(names, row)));
  return rows;
}

export function rowOf(names: readonly string[], row: readonly Cell[]): Record<string, Cell> {
  return Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]));
}

/** What of DuckDB's errors a person can act on: too little memory, sums beyond its digits, and parts that are damaged. */
function told(error: unknown, memoryMiB: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message.startsWith('Out of Memory Error'))
    return new BursarError('unavailable', `the query needs more than ${memoryMiB} MiB of memory`, {
      hint: 'Give the function or machine more memory.',
      cause: error,
    });
  if (/Overflow in HUGEINT/.test(error.message))
    return new BursarError('input', 'costs add up to more digits than an amount can have', {
      hint: 'No bill is that large: look for amounts in a wrong column or unit, or ask about fewer sources.',
      cause: error,
    });
  if (/^(IO Error|Invalid Input Error): .*(parquet|No magic bytes|\.parquet)/is.test(error.message))
    return new BursarError('unavailable', `the lake cannot be read: ${error.message}`, {
      hint: 'Read the bills of this source again; the lake must not be changed by hand.',
      cause: error,
    });
  return error;
}
