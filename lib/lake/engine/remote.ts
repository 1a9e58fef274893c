import type { Permission } from '../../platform/permissions.ts';
import type { Dialect } from '../dialect/model.ts';
import type { RemoteEngineId } from '../model.ts';
import type { Params } from './duckdb.ts';
import type { Cell } from './values.ts';

export interface AskOptions {
  /** Ends the query at the engine, too: nothing goes on running or costing after it. */
  readonly signal?: AbortSignal;
}

/** A column of a table as the engine tells it. */
export interface RemoteColumn {
  readonly name: string;
  /** The engine's own word, lower case: `double`, `decimal(38,18)`, `timestamp(3)`, `map(varchar, varchar)`. */
  readonly type: string;
}

/**
 * An engine elsewhere that answers over tables where they lie: Athena, a Trino cluster, BigQuery. It gives the same
 * cells as the local engine (`cellOf` of values.ts): decimals as plain text without trailing zeros, whole numbers as
 * numbers where a double holds them exactly and as text beyond, times as ISO-8601 UTC, dates as `YYYY-MM-DD`. What a
 * person can act on is thrown as BursarError: `denied`, `credentials`, `throttled`, `unavailable`, and `input` for
 * SQL that the engine refuses and for a query over its ceiling of bytes.
 */
export interface RemoteEngine {
  readonly id: RemoteEngineId;
  readonly dialect: Dialect;
  readonly permissions: readonly Permission[];
  /** Where it is, for a person: `athena:eu-central-1:primary`. */
  readonly shownAs: string;
  /**
   * @param view the SELECT that `costs` stands for, in the engine's dialect.
   * @param sql one SELECT over `costs`, which may begin with WITH; `dialect.param(name)` stands for a parameter.
   */
  ask(view: string, sql: string, params: Params, options?: AskOptions): Promise<Record<string, Cell>[]>;
  /**
   * Bytes that the query would read (a dry run, or the engine's own estimate from statistics); null where the engine
   * cannot say. Costs nothing and reads no row.
   */
  bytes(view: string, sql: string, params: Params, options?: AskOptions): Promise<bigint | null>;
  /** Columns of a table by its name as the config writes it; an input error where there is none. */
  columns(table: string, options?: AskOptions): Promise<readonly RemoteColumn[]>;
}

/** One statement with `costs` as its first common table, whether or not it has others. */
export function withCosts(view: string, sql: string): string {
  const own = /^\s*WITH\s+(RECURSIVE\s+)?/i.exec(sql);
  return own === null
    ? `WITH costs AS (${view})\n${sql}`
    : `WITH ${own[1] ?? ''}costs AS (${view}),\n${sql.slice(own[0].length)}`;
}
