import { AI_COLUMNS, type ColumnKind, FOCUS_COLUMNS, OWN_COLUMNS } from '../../focus/columns.ts';
import type { Table } from '../../platform/bigquery/model.ts';
import { shown } from '../../platform/bigquery/name.ts';
import { BursarError } from '../../platform/errors.ts';
import { focusMapping } from '../../sources/gcp-bigquery/focus.ts';
import { layoutOf, type MappedColumn, type Mapping } from '../../sources/gcp-bigquery/mapping.ts';
import { everyPartition, partitionOf } from '../../sources/gcp-bigquery/survey.ts';
import { usageMapping } from '../../sources/gcp-bigquery/usage.ts';
import { bigqueryName, bigqueryText, failing } from '../dialect/bigquery.ts';
import { type InPlaceRows, ROUNDED, type WantedRows } from './model.ts';

const TYPES: Readonly<Record<ColumnKind, string>> = {
  money: 'BIGNUMERIC',
  decimal: 'BIGNUMERIC',
  datetime: 'TIMESTAMP',
  boolean: 'BOOL',
  text: 'STRING',
  json: 'STRING',
};

/**
 * The rows of a billing export of Google Cloud, read where it lies by BigQuery: a row of the export is a row of
 * `costs`, mapped as the source of type gcp-bigquery maps it. Columns that the export cannot tell are NULL; amounts
 * are BIGNUMERIC with at most 18 places. Nothing is rejected apart, so that the query fails over an amount that cannot
 * be kept: no money is left out unsaid.
 * Costs that are rounded are not counted: the expression that reads an amount has rounded it.
 * @param wanted columns that it refuses are left out, and BigQuery does not read what they are made of. Billing periods
 *   are invoice months, whose rows lie in any partition: all of them are looked at.
 * @param openFrom the first invoice month that is still being made (`YYYYMM`); rows from it on are provisional.
 */
export function gcpRows(
  table: Table,
  sourceId: string,
  openFrom: string,
  wanted: WantedRows = {},
): InPlaceRows {
  const mapping = mappingOf(table);
  const made = new Map(mapping.columns.map((column) => [column.name.toLowerCase(), column]));
  const own: Readonly<Record<string, string>> = {
    x_Source: bigqueryText(sourceId),
    x_SourceGrain: `'resource'`,
    x_Estimated: `(${mapping.month} >= ${bigqueryText(openFrom)})`,
    x_IngestedAt: 'CURRENT_TIMESTAMP()',
    x_SourceFile: bigqueryText(`bigquery:${shown(table.name)}`),
  };
  const standard = [...FOCUS_COLUMNS, ...OWN_COLUMNS, ...AI_COLUMNS];
  const names = new Set(standard.map(({ name }) => name.toLowerCase()));
  const selected = new Map<string, string>();
  for (const { name, kind } of standard) {
    const column = made.get(name.toLowerCase());
    const value = own[name] ?? (column === undefined ? `CAST(NULL AS ${TYPES[kind]})` : valueOf(column));
    selected.set(name, value);
  }
  for (const column of mapping.columns)
    if (!names.has(column.name.toLowerCase())) selected.set(column.name, asText(column));
  const columns = [...selected].filter(([name]) => wanted.column?.(name) ?? true);
  if (wanted.rounded === true) columns.push([ROUNDED, 'CAST(NULL AS INT64)']);
  const partition = partitionOf(table);
  const where =
    table.partition?.filterRequired === true && partition !== null ? everyPartition(partition) : 'TRUE';
  const months = (wanted.periods ?? []).map((period) => bigqueryText(period.replace('-', '')));
  const ofPeriods = wanted.periods === undefined ? '' : ` AND ${mapping.month} IN (${months.join(', ')})`;
  const list = columns.map(([name, sql]) => `${sql} AS ${bigqueryName(name)}`);
  return {
    sql: failing(
      `SELECT ${list.length === 0 ? '1 AS nothing' : list.join(', ')} FROM ${mapping.from(`${where}${ofPeriods}`)}`,
    ),
    columns: columns.map(([name]) => name),
  };
}

/** Text as ingest takes it: an empty text and a literal NULL are no value. */
function valueOf({ kind, sql }: MappedColumn): string {
  return kind === 'text' ? `NULLIF(NULLIF(NULLIF(${sql}, 'NULL'), 'null'), '')` : sql;
}

/** A column of the biller's own is text in `costs`, as it is in the lake. */
function asText({ kind, sql }: MappedColumn): string {
  return kind === 'text' ? sql : `CAST(${sql} AS STRING)`;
}

function mappingOf(table: Table): Mapping {
  const layout = layoutOf(table);
  if (layout === null)
    throw new BursarError('input', 'it is no billing export of Google Cloud', { where: shown(table.name) });
  return layout === 'focus' ? focusMapping(table) : usageMapping(table, layout);
}
