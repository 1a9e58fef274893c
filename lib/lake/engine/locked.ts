import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import { BursarError } from '../../platform/errors.ts';
import type { FilledView } from '../beside-views.ts';
import type { QueryLimits, Row, UserQueryResult } from '../model.ts';
import { sqlName, sqlText } from '../sql.ts';
import { CLOSED, closed, rowOf } from './duckdb.ts';
import { tooLarge, tooSlow } from './query-limits.ts';
import { checkStatement } from './statement.ts';
import { type Cell, cellOf } from './values.ts';

export interface LockedQuery {
  readonly sql: string;
  /** The SELECT that `costs` stands for. */
  readonly view: string;
  /** The only files that may be read. */
  readonly paths: readonly string[];
  /** Tables besides `costs`. */
  readonly beside?: readonly FilledView[];
  /** Folder of its own for what does not fit into memory; made where it is missing, and the caller's to remove. */
  readonly tempDir: string;
  readonly limits: QueryLimits;
}

/** What is told of an answer when its rows were given. */
type Answered = Pick<UserQueryResult, 'columns' | 'truncated'>;
type Give = (rows: readonly Row[]) => Promise<void>;

/** Of the limit of memory: the rest is for what the engine does not count, and for rows on their way. */
const ENGINE_SHARE = 2 / 3;

/**
 * Runs a user's SELECT in an engine of its own that can read the lake's parts and nothing else, cannot be
 * reconfigured, and ends at the limits of memory, time and rows. Not every call heeds them: `queryApart` runs this in a
 * process that does.
 * @param give takes the rows, some at a time
 */
export async function lockedQuery(
  { sql, view, paths, beside = [], tempDir, limits }: LockedQuery,
  give: Give,
): Promise<Answered> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...CLOSED,
    memory_limit: `${Math.floor(limits.memoryMiB * ENGINE_SHARE)}MiB`,
    temp_directory: tempDir,
    max_temp_directory_size: `${limits.memoryMiB * 4}MiB`,
    preserve_insertion_order: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      for (const each of beside) await fill(connection, each, tempDir);
      await lock(connection, view, paths);
      return await answer(connection, sql, ['costs', ...beside.map(({ name }) => name)], limits, give);
    } finally {
      closed(connection);
    }
  } finally {
    instance.closeSync();
  }
}

/** Makes a table of what is at hand. Its rows go through a file, so that they are read in bulk. */
async function fill(
  connection: DuckDBConnection,
  { name, columns, rows: filled }: FilledView,
  tempDir: string,
): Promise<void> {
  await connection.run("SET TimeZone = 'UTC'");
  const defined = columns.map((column) => `${sqlName(column.name)} ${column.type}`);
  await connection.run(`CREATE TABLE ${sqlName(name)} (${defined.join(', ')})`);
  if (filled.length === 0) return;
  const path = join(tempDir, `${name}.json`);
  await mkdir(tempDir, { recursive: true });
  await writeFile(path, filled.map((row) => `${JSON.stringify({ row })}\n`).join(''));
  const values = columns.map(({ type }, at) => `CAST(row[${at + 1}] AS ${type})`);
  await connection.run(
    `INSERT INTO ${sqlName(name)} SELECT ${values.join(', ')} FROM read_json(${sqlText(path)}, format = 'newline_delimited', columns = {row: 'VARCHAR[]'})`,
  );
  await rm(path);
}

/** `allowed_paths` names each part, so that no link or other file in the lake's folders can be read. */
async function lock(connection: DuckDBConnection, view: string, paths: readonly string[]): Promise<void> {
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET allowed_paths = [${paths.map(sqlText).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run(`CREATE VIEW costs AS ${view}`);
  await connection.run('SET lock_configuration = true');
}

async function answer(
  connection: DuckDBConnection,
  sql: string,
  tables: readonly string[],
  limits: QueryLimits,
  give: Give,
): Promise<Answered> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.interrupt();
  }, limits.seconds * 1000);
  try {
    if (sql.includes('\0')) throw new BursarError('input', 'the query has a NUL character');
    const tree = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    checkStatement(String(tree.getRows()[0]?.[0]), tables);
    return await rows(connection, sql, limits.rows, give);
  } catch (error) {
    throw told(error, late, limits);
  } finally {
    clearTimeout(timer);
  }
}

async function rows(connection: DuckDBConnection, sql: string, most: number, give: Give): Promise<Answered> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new BursarError('input', 'the query is refused: it is not one statement');
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT)
    throw new BursarError('input', 'the query is refused: only SELECT is allowed');
  const result = await statement.stream();
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, at) => ({ name, type: result.columnType(at).toString() }));
  let given = 0;
  for await (const chunk of result.yieldConvertedRows<Cell>(cellOf)) {
    const taken = chunk.slice(0, most - given);
    given += taken.length;
    if (taken.length > 0) await give(taken.map((row) => rowOf(names, row)));
    if (taken.length < chunk.length) return { columns, truncated: true };
  }
  return { columns, truncated: false };
}

/** DuckDB's errors about a user's SQL are the user's to act on. */
function told(error: unknown, late: boolean, limits: QueryLimits): unknown {
  if (error instanceof BursarError || !(error instanceof Error)) return error;
  const message = error.message.replace(/^Failed to extract statements: /, '').trim();
  if (late || message.startsWith('INTERRUPT Error')) return tooSlow(limits, error);
  if (message.startsWith('Out of Memory Error') || /max_temp_directory_size/.test(message))
    return tooLarge(limits, error);
  return new BursarError('input', message, {
    hint: message.startsWith('Binder Error')
      ? 'DESCRIBE costs lists the columns.'
      : 'See `bursar query --help`.',
    cause: error,
  });
}
