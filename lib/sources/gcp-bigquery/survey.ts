import { createHash } from 'node:crypto';
import { bigqueryText, isoText } from '../../lake/dialect/bigquery.ts';
import type { Page, Table, Value } from '../../platform/bigquery/model.ts';
import { quotedTable } from '../../platform/bigquery/name.ts';
import { fieldsIn, type Mapping } from './mapping.ts';
import { path } from './sql.ts';

/** What a table holds of one invoice month. */
export interface Month {
  /** `YYYY-MM` */
  readonly period: string;
  readonly rows: number;
  /** Net of credits, decimal text, of all currencies together: a check sum and nothing else. */
  readonly billed: string;
  /** ISO-8601 UTC of the newest export; null where the table has no such column. */
  readonly exportedAt: string | null;
  /** First and last partition that holds a row of the month, as SQL literals; null: not partitioned by time. */
  readonly partitions: { readonly first: string; readonly last: string; readonly buffered: boolean } | null;
}

/** The time by which a table is partitioned, as SQL. */
export function partitionOf(table: Table): { sql: string; isDate: boolean } | null {
  if (table.partition === null) return null;
  const { field } = table.partition;
  // Ingestion time: a pseudo column (BigQuery, "Query partitioned tables").
  if (field === null) return { sql: '_PARTITIONTIME', isDate: false };
  return { sql: path(field), isDate: fieldsIn(table.fields)(field)?.type === 'DATE' };
}

/**
 * One query over a few columns: which invoice months a table holds, in which partitions their rows lie, and what tells
 * whether they have changed. It looks at every partition, since a row of an invoice month can lie in any (late usage,
 * corrections, adjustments); what it finds bounds the partitions that a month is then read from, so that none is lost
 * and none is read in vain.
 * @param mapping its SQL reads parameter `from`: the first month wanted, `YYYYMM`.
 */
export function surveySql(table: Table, mapping: Mapping): string {
  const partition = partitionOf(table);
  const filter =
    table.partition?.filterRequired === true && partition !== null ? everyPartition(partition) : 'TRUE';
  const bound = (aggregate: 'MIN' | 'MAX'): string => {
    if (partition === null) return 'CAST(NULL AS STRING)';
    const value = `${aggregate}(${partition.sql})`;
    return partition.isDate ? `CAST(${value} AS STRING)` : isoText(value);
  };
  const exported =
    mapping.exportTime === null ? 'CAST(NULL AS STRING)' : isoText(`MAX(${mapping.exportTime})`);
  const buffered = partition === null ? `'0'` : `CAST(COUNTIF(${partition.sql} IS NULL) AS STRING)`;
  return `SELECT ${mapping.month} AS invoice_month, CAST(COUNT(*) AS STRING) AS counted,
      CAST(SUM(${mapping.billed}) AS STRING) AS billed, ${exported} AS exported,
      ${bound('MIN')} AS first_partition, ${bound('MAX')} AS last_partition, ${buffered} AS buffered
    FROM ${quotedTable(table.name)} WHERE ${mapping.month} >= @from AND ${filter} GROUP BY 1 ORDER BY 1`;
}

export function everyPartition({ sql, isDate }: { sql: string; isDate: boolean }): string {
  return isDate ? `${sql} >= DATE '1970-01-01'` : `${sql} >= TIMESTAMP '1970-01-01 00:00:00+00'`;
}

/** The months of an answer to `surveySql`. */
export function monthsOf(page: Page, table: Table): Month[] {
  const partition = partitionOf(table);
  return page.rows.map((row) => {
    const at = (index: number): string | null => textIn(row[index]);
    const [month, counted, billed, exported, first, last, buffered] = [0, 1, 2, 3, 4, 5, 6].map(at);
    const literal = (text: string): string =>
      partition?.isDate === true ? `DATE ${bigqueryText(text)}` : `TIMESTAMP ${bigqueryText(text)}`;
    return {
      period: `${month?.slice(0, 4)}-${month?.slice(4, 6)}`,
      rows: Number(counted ?? '0'),
      billed: billed ?? '0',
      exportedAt: exported ?? null,
      partitions:
        partition === null || first === null || first === undefined || last === null || last === undefined
          ? null
          : { first: literal(first), last: literal(last), buffered: buffered !== '0' },
    };
  });
}

function textIn(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/**
 * The rows of a month as the survey counted them: its partitions alone, and nothing that was exported since.
 * @returns SQL over the table; reads parameter `until` where the table has a time of export.
 */
export function monthFilter(table: Table, mapping: Mapping, month: Month): string {
  const partition = partitionOf(table);
  const parts = [`${mapping.month} = ${bigqueryText(month.period.replace('-', ''))}`];
  if (partition !== null && month.partitions !== null) {
    const { first, last, buffered } = month.partitions;
    const within = `${partition.sql} >= ${first} AND ${partition.sql} <= ${last}`;
    // What has just been streamed in has no partition yet.
    parts.push(buffered ? `(${within} OR ${partition.sql} IS NULL)` : within);
  } else if (partition !== null && table.partition?.filterRequired === true) {
    parts.push(everyPartition(partition));
  }
  if (mapping.exportTime !== null && month.exportedAt !== null)
    parts.push(`(${mapping.exportTime} <= CAST(@until AS TIMESTAMP) OR ${mapping.exportTime} IS NULL)`);
  return parts.join(' AND ');
}

/**
 * What a month was made of. `how` names what else the rows depend on: the grain, whether the invoice is still open,
 * the version of the mapping.
 */
export function fingerprint(month: Month, how: readonly string[]): string {
  const facts = [month.exportedAt, String(month.rows), month.billed, ...how];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}
