import {
  type ColumnInfo,
  GetQueryResultsCommand,
  type QueryExecution,
  type Row,
} from '@aws-sdk/client-athena';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Athena } from './athena-model.ts';
import { rowOf } from './duckdb.ts';
import { trinoCell } from './trino-values.ts';
import type { Cell } from './values.ts';

/** GetQueryResults gives at most this many rows a page (Athena API Reference). */
const PAGE = 1000;

/**
 * All rows of an ended query. The first row of the first page of a SELECT holds the names of the columns; EXPLAIN
 * and DDL have no such row.
 */
export async function athenaRows(
  { client, meter }: Pick<Athena, 'client' | 'meter'>,
  where: string,
  id: string,
  { StatementType }: QueryExecution,
  signal: AbortSignal | undefined,
): Promise<Record<string, Cell>[]> {
  const found: Record<string, Cell>[] = [];
  let columns: readonly ColumnInfo[] | undefined;
  const pages = awsPages({ action: 'athena:GetQueryResults', where, meter }, (token) =>
    client.send(
      new GetQueryResultsCommand({
        QueryExecutionId: id,
        MaxResults: PAGE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    ),
  );
  for await (const { ResultSet } of pages) {
    const isFirst = columns === undefined;
    columns ??= ResultSet?.ResultSetMetadata?.ColumnInfo;
    if (columns === undefined)
      throw new BursarError('unavailable', 'Athena gave rows and no columns', { where });
    const rows = ResultSet?.Rows ?? [];
    if (isFirst && StatementType === 'DML') checkHeader(rows[0], columns, where);
    const from = isFirst && StatementType === 'DML' ? 1 : 0;
    for (const row of rows.slice(from)) found.push(cells(row, columns));
  }
  return found;
}

/** A first row that is no header would be lost money: it is looked at, not just passed over. */
function checkHeader(row: Row | undefined, columns: readonly ColumnInfo[], where: string): void {
  const names = (row?.Data ?? []).map(({ VarCharValue }) => VarCharValue ?? '');
  if (names.length !== columns.length || names.some((name, at) => name !== columns[at]?.Name))
    throw new BursarError(
      'unavailable',
      'the answer of Athena does not begin with the names of its columns',
      {
        where,
      },
    );
}

function cells({ Data = [] }: Row, columns: readonly ColumnInfo[]): Record<string, Cell> {
  return rowOf(
    columns.map(({ Name }) => Name ?? ''),
    columns.map(({ Type }, at) => trinoCell(Type ?? '', Data[at]?.VarCharValue)),
  );
}
