import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { trino as dialect, withLiterals } from '../dialect/trino.ts';
import { textIn } from '../queries/query.ts';
import { sqlText } from '../sql.ts';
import { type Params, rowOf } from './duckdb.ts';
import { type AskOptions, type RemoteColumn, type RemoteEngine, withCosts } from './remote.ts';
import { inputBytes } from './trino-plan.ts';
import { cancel, exchange, type Page, sameServer, type TrinoServer } from './trino-rest.ts';
import { trinoCell } from './trino-values.ts';
import type { Cell } from './values.ts';

/** A Trino cluster of the user's own. It has no rights of a cloud: its user's grants are its administrator's. */
const PERMISSIONS: readonly Permission[] = [];

/** How long one question may take, queueing included; a cluster's own limits are usually shorter. */
const DEADLINE_MS = 15 * 60_000;

/** @param deadlineMs after so long a query is ended at the server and told as an error. */
export function trinoEngine(at: TrinoServer, deadlineMs = DEADLINE_MS): RemoteEngine {
  const run = (sql: string, options: AskOptions = {}) => answer(at, sql, deadlineMs, options.signal);
  return {
    id: 'trino',
    dialect,
    permissions: PERMISSIONS,
    shownAs: `trino:${new URL(at.server).host}:${at.catalog}.${at.schema}`,
    ask: (view, sql, params, options) => run(statement(view, sql, params), options),
    bytes: async (view, sql, params, options) =>
      inputBytes(await run(`EXPLAIN (TYPE IO, FORMAT JSON) ${statement(view, sql, params)}`, options)),
    columns: async (table, options) => {
      const columns = (await run(columnsSql(at, table), options)).map(columnIn);
      if (columns.length === 0)
        throw new BursarError('input', `there is no table ${table}`, {
          where: `trino:${at.catalog}.${at.schema}`,
          hint: 'Name it in lake.trino.tables as TABLE, SCHEMA.TABLE or CATALOG.SCHEMA.TABLE.',
        });
      return columns;
    },
  };
}

function statement(view: string, sql: string, params: Params): string {
  return withCosts(view, withLiterals(sql, params));
}

/** Every row of one statement. Whatever ends it early ends it at the server, too. */
async function answer(
  at: TrinoServer,
  sql: string,
  deadlineMs: number,
  asked: AbortSignal | undefined,
): Promise<Record<string, Cell>[]> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = asked === undefined ? deadline : AbortSignal.any([asked, deadline]);
  let next: string | undefined;
  try {
    const rows: Record<string, Cell>[] = [];
    let page = await exchange(at, { url: new URL('/v1/statement', at.server).href, statement: sql, signal });
    for (;;) {
      next = page.nextUri === undefined ? undefined : sameServer(at.server, page.nextUri);
      if (page.error !== undefined) throw told(at, page.error);
      rows.push(...rowsOf(page));
      if (next === undefined) return rows;
      const seen = next;
      page = await exchange(at, { url: next, signal });
      if (page.nextUri === seen && (page.data ?? []).length > 0)
        throw new BursarError('unavailable', 'Trino gave the same page twice and would never end', {
          where: at.server,
        });
    }
  } catch (error) {
    if (next !== undefined) await cancel(at, next);
    if (deadline.aborted && asked?.aborted !== true)
      throw new BursarError(
        'unavailable',
        `the query took more than ${deadlineMs / 1000} seconds and was stopped`,
        {
          where: at.server,
          hint: 'Ask for fewer days, or give the cluster more workers.',
          cause: error,
        },
      );
    throw error;
  }
}

function rowsOf({ columns = [], data = [] }: Page): Record<string, Cell>[] {
  const names = columns.map(({ name }) => name);
  return data.map((row) =>
    rowOf(
      names,
      row.map((value, at) => trinoCell(columns[at]?.type ?? '', value)),
    ),
  );
}

/** Trino's kinds of error (Trino SPI, ErrorType) as ours. */
function told(
  { server }: TrinoServer,
  error: { message: string; errorName: string; errorType: string },
): BursarError {
  const where = new URL(server).host;
  const said = `${error.message} (${error.errorName})`;
  if (error.errorName === 'PERMISSION_DENIED')
    return new BursarError('denied', `Trino refused the query: ${said}`, {
      where,
      hint: 'Let the user of lake.trino.user read the table.',
    });
  if (error.errorType === 'USER_ERROR')
    return new BursarError('input', `Trino does not accept the query: ${said}`, { where });
  return new BursarError('unavailable', `Trino could not answer: ${said}`, {
    where,
    hint:
      error.errorType === 'INSUFFICIENT_RESOURCES'
        ? 'Ask for fewer days, or raise the limits of the cluster.'
        : 'Look at the query in the web page of Trino.',
  });
}

function columnsSql({ catalog, schema }: TrinoServer, table: string): string {
  const parts = table.split('.');
  const [name = '', inSchema = schema, inCatalog = catalog] = parts.toReversed();
  const columns = `"${inCatalog.replaceAll('"', '""')}".information_schema.columns`;
  return (
    `SELECT column_name, data_type FROM ${columns} WHERE table_schema = ${sqlText(inSchema.toLowerCase())} ` +
    `AND table_name = ${sqlText(name.toLowerCase())} ORDER BY ordinal_position`
  );
}

function columnIn(row: Record<string, Cell>): RemoteColumn {
  return { name: textIn(row, 'column_name'), type: textIn(row, 'data_type').toLowerCase() };
}
