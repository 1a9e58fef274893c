import type { BigQuery, Statement } from '../../platform/bigquery/model.ts';
import { tableName } from '../../platform/bigquery/name.ts';
import { bigQueryPermissions } from '../../platform/bigquery/permissions.ts';
import type { Meter } from '../../platform/meter.ts';
import { bigquery as dialect } from '../dialect/bigquery.ts';
import { bigQueryCell } from './bigquery-values.ts';
import { type Params, rowOf } from './duckdb.ts';
import { type RemoteEngine, withCosts } from './remote.ts';
import type { Cell } from './values.ts';

export interface BigQueryEngineSettings {
  readonly client: BigQuery;
  /** Where the tables lie that are asked. */
  readonly location: string;
  readonly meter: Meter;
  /** Bytes that one question may bill; BigQuery refuses it before it costs anything. */
  readonly maximumBytesBilled: bigint;
}

/** BigQuery over a billing export, where it lies. */
export function bigQueryEngine(settings: BigQueryEngineSettings): RemoteEngine {
  const { client, location, meter, maximumBytesBilled } = settings;
  const statement = (view: string, sql: string, params: Params): Statement => ({
    sql: withCosts(view, nullsLast(sql)),
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, value === null ? null : String(value)]),
    ),
    location,
  });
  return {
    id: 'bigquery',
    dialect,
    permissions: bigQueryPermissions,
    shownAs: `bigquery:${client.project}:${location}`,
    async ask(view, sql, params, options = {}) {
      const rows: Record<string, Cell>[] = [];
      const pages = client.run(statement(view, sql, params), {
        meter,
        maximumBytesBilled,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      for await (const { fields, rows: page } of pages) {
        const names = fields.map(({ name }) => name);
        for (const row of page)
          rows.push(
            rowOf(
              names,
              fields.map((field, at) => bigQueryCell(row[at] ?? null, field)),
            ),
          );
      }
      return rows;
    },
    async bytes(view, sql, params, options = {}) {
      return (await client.dryRun(statement(view, sql, params), meter, options.signal)).bytes;
    },
    async columns(table, options = {}) {
      const { fields } = await client.table(tableName(table), meter, options.signal);
      return fields.map(({ name, type }) => ({ name, type: type.toLowerCase() }));
    },
  };
}

/** Our queries order by the numbers of columns and want NULLs last; BigQuery puts them first. */
function nullsLast(sql: string): string {
  return sql.replaceAll(
    /\bORDER BY (\d+(?:, \d+)*)(?![\w ]*\bNULLS\b)/g,
    (_, numbers: string) =>
      `ORDER BY ${numbers
        .split(', ')
        .map((number) => `${number} NULLS LAST`)
        .join(', ')}`,
  );
}
