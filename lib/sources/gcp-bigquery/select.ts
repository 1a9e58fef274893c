import { isoText } from '../../lake/dialect/bigquery.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { path } from './sql.ts';

/** `hour`: a row of the export is a row of the bill. `day`: those of one UTC day that differ in nothing else are one. */
export type Grain = 'day' | 'hour';

/** Column of `readSql` that counts the rows of the export that a row stands for. */
export const ROWS = 'export_rows';

/**
 * The SELECT of one invoice month, every value as text: decimals exactly, times as ISO-8601 UTC. Amounts of a day are
 * added in BIGNUMERIC. A row whose amount cannot be kept stays alone with a NULL, to be rejected and counted, and is
 * never lost in a sum.
 */
export function readSql(mapping: Mapping, grain: Grain, where: string): string {
  const rows = mapping.columns.map((column) => `${timed(column, grain)} AS ${path(column.name)}`);
  const inner = `SELECT ${rows.join(', ')} FROM ${mapping.from(where)}`;
  const keys = mapping.columns.filter(({ kind }) => kind !== 'sum');
  const sums = mapping.columns.filter(({ kind }) => kind === 'sum');
  const group = [...keys.map(({ name }) => `r.${path(name)}`), 'r.`BilledCost` IS NULL'];
  const output = [
    ...keys.map(({ name, kind }) => `${shownAs(`r.${path(name)}`, kind)} AS ${path(name)}`),
    ...sums.map(
      ({ name }) =>
        `CAST(${grain === 'day' ? `SUM(r.${path(name)})` : `r.${path(name)}`} AS STRING) AS ${path(name)}`,
    ),
    `${grain === 'day' ? 'CAST(COUNT(*) AS STRING)' : "'1'"} AS ${ROWS}`,
  ];
  const select = `SELECT ${output.join(', ')} FROM (${inner}) AS r`;
  return grain === 'day' ? `${select} GROUP BY ${group.join(', ')}` : select;
}

function shownAs(sql: string, kind: MappedColumn['kind']): string {
  if (kind === 'time') return isoText(sql);
  return kind === 'text' ? sql : `CAST(${sql} AS STRING)`;
}

/** Charge periods that lie within one UTC day become that day; those that span several stay as they are. */
function timed({ name, sql }: MappedColumn, grain: Grain): string {
  if (grain === 'hour' || (name !== 'ChargePeriodStart' && name !== 'ChargePeriodEnd')) return sql;
  const day = `TIMESTAMP_TRUNC(b_start, DAY, 'UTC')`;
  const next = `TIMESTAMP_ADD(${day}, INTERVAL 1 DAY)`;
  const within = `(b_end <= ${next} AND b_end >= b_start)`;
  return name === 'ChargePeriodStart' ? `IF(${within}, ${day}, b_start)` : `IF(${within}, ${next}, b_end)`;
}
