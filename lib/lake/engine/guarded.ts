import { BursarError } from '../../platform/errors.ts';
import type { QueryLimits, UserQueryResult } from '../model.ts';
import { textIn } from '../queries/query.ts';
import type { Engine } from './duckdb.ts';
import type { RemoteEngine } from './remote.ts';
import { checkStatement } from './statement.ts';

export interface GuardedQuery {
  readonly sql: string;
  /** The SELECT that `costs` stands for, in the engine's dialect. */
  readonly view: string;
  readonly engine: RemoteEngine;
  /** Reads the statement; it runs nothing of it. */
  readonly parser: Engine;
  readonly limits: QueryLimits;
}

/**
 * Runs a user's SELECT on an engine elsewhere, after the check that every user's SQL passes: one SELECT over `costs`
 * and nothing else. The check reads DuckDB's grammar; so that the engine cannot read the same text as something else
 * (a comment, a quote, an escape), what engines read differently is refused before.
 */
export async function guardedQuery({
  sql,
  view,
  engine,
  parser,
  limits,
}: GuardedQuery): Promise<UserQueryResult> {
  const statement = sql.trim().replace(/;$/, '').trimEnd();
  checkText(statement, engine.id);
  const [row] = await parser.ask('SELECT 1', 'SELECT json_serialize_sql(CAST($sql AS VARCHAR)) AS tree', {
    sql: statement,
  });
  const tree = textIn(row ?? {}, 'tree');
  checkStatement(tree);
  // One row more than is shown tells that there are more.
  const limited = hasLimit(tree) ? statement : `${statement}\nLIMIT ${limits.rows + 1}`;
  const deadline = AbortSignal.timeout(limits.seconds * 1000);
  try {
    const rows = await engine.ask(view, limited, {}, { signal: deadline });
    return {
      columns: Object.keys(rows[0] ?? {}).map((name) => ({ name, type: engine.id })),
      rows: rows.slice(0, limits.rows),
      truncated: rows.length > limits.rows,
    };
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new BursarError('input', `the query took more than ${limits.seconds} seconds and was stopped`, {
      where: engine.shownAs,
      hint: 'Narrow it to fewer days or columns.',
      cause: error,
    });
  }
}

/**
 * Refuses a text that the engine could read otherwise than DuckDB does. Both read 'text' with doubled quotes alike,
 * and Trino also "name"; outside of these no comment, escape, prefix, parameter or second statement may stand.
 */
export function checkText(sql: string, engine: RemoteEngine['id']): void {
  // BigQuery has escapes and triple quotes in texts, and takes "x" for a text.
  if (engine === 'bigquery' && /[\\"]|''/.test(sql))
    throw refused(`${engine} reads a backslash, a double quote or two single quotes in its own way`);
  // A text that begins right after a letter has a prefix: E'...', X'...', U&'...'.
  const bare = sql.replaceAll(/(.?)('(?:[^']|'')*'|"(?:[^"]|"")*")/gsu, (_whole, before: string) => {
    if (/[\p{L}\p{N}_&]/u.test(before)) throw refused('a text may have no prefix');
    return `${before} X `;
  });
  const found = /--|\/\*|[;$\\`#?'"\0]/.exec(bare);
  if (found !== null) throw refused(`it has ${JSON.stringify(found[0])} outside of a text`);
  if (/\b(information_schema|main)\b/i.test(bare)) throw refused('the only table is costs');
}

function refused(why: string): BursarError {
  return new BursarError('input', `the query is refused: ${why}`, {
    hint: 'One SELECT over costs in plain SQL, without comments and parameters.',
  });
}

/** Does the statement's own node limit its rows? */
function hasLimit(serialized: string): boolean {
  const tree: unknown = JSON.parse(serialized);
  const statements = property(tree, 'statements');
  const modifiers = property(property(Array.isArray(statements) ? statements[0] : null, 'node'), 'modifiers');
  return (
    Array.isArray(modifiers) &&
    modifiers.some((modifier) => String(property(modifier, 'type')).startsWith('LIMIT'))
  );
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
