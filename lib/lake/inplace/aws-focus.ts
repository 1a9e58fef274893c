import { AI_COLUMNS, type Column, FOCUS_COLUMNS, OWN_COLUMNS } from '../../focus/columns.ts';
import { BursarError } from '../../platform/errors.ts';
import { trino } from '../dialect/trino.ts';
import type { RemoteColumn, RemoteEngine } from '../engine/remote.ts';
import { sqlName, sqlText } from '../sql.ts';
import { type InPlaceRows, type InPlaceSource, ROUNDED, type WantedRows } from './model.ts';
import { decimalOfDouble, isRoundedDouble } from './trino-money.ts';

export interface ExportTable {
  /** As the config writes it: TABLE, SCHEMA.TABLE or CATALOG.SCHEMA.TABLE. */
  readonly table: string;
  readonly columns: readonly RemoteColumn[];
  readonly sourceId: string;
  /** What is left out is neither read nor planned. */
  readonly wanted?: WantedRows;
}

/**
 * The rows of an AWS Data Export in FOCUS 1.0 or 1.2, read where it lies by Athena or Trino. The export has money and
 * quantities as double, times as timestamp_milliseconds, tags as map<string,string> (AWS Data Exports User Guide,
 * "FOCUS 1.0 with AWS columns" and "FOCUS 1.2 with AWS columns", read in November 2026); a table over the lake's own
 * parts has decimals and JSON text. Columns that a version lacks are NULL, `x_` columns are kept as text, and the
 * folder's own column (billing_period) is left out. What a value means is what `ingest` makes of it, but nothing is
 * rejected apart: an amount that DECIMAL(38,18) cannot hold fails the query.
 */
export function exportRows({ table, columns, sourceId, wanted = {} }: ExportTable): InPlaceRows {
  const held = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const missing = ['BilledCost', 'EffectiveCost', 'ChargePeriodStart', 'BillingCurrency'].filter(
    (name) => !held.has(name.toLowerCase()),
  );
  if (missing.length > 0)
    throw new BursarError('input', `it has no ${missing.join(', ')}: no table of an AWS FOCUS export`, {
      where: table,
    });
  const own: Readonly<Record<string, string>> = {
    x_Source: sqlText(sourceId),
    x_SourceGrain: sqlText('resource'),
    x_Estimated: 'false',
    x_IngestedAt: `CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))`,
    x_SourceFile: '"$path"',
  };
  const standard = [...FOCUS_COLUMNS, ...OWN_COLUMNS, ...AI_COLUMNS];
  const names = new Set(standard.map(({ name }) => name.toLowerCase()));
  const custom = columns
    .filter(({ name }) => name.toLowerCase().startsWith('x_') && !names.has(name.toLowerCase()))
    .map(({ name }): Column => ({ name, kind: 'text', nullable: true, level: 'conditional' }));
  const all = [...standard, ...custom].filter(({ name }) => wanted.column?.(name) ?? true);
  const selected = all.map((column) => {
    const value = own[column.name] ?? valueSql(table, column, held.get(column.name.toLowerCase()));
    return `${value} AS ${sqlName(column.name)}`;
  });
  const given = all.map(({ name }) => name);
  if (wanted.rounded === true) {
    selected.push(`${roundedCosts(held)} AS ${sqlName(ROUNDED)}`);
    given.push(ROUNDED);
  }
  const from = table.split('.').map(sqlName).join('.');
  const where = wanted.periods === undefined ? '' : ` WHERE ${ofPeriods(table, held, wanted.periods)}`;
  return { sql: `SELECT ${selected.join(', ')} FROM ${from}${where}`, columns: given };
}

/** How many costs of a row are rounded to 18 places; only those of a DOUBLE can have more. */
function roundedCosts(held: ReadonlyMap<string, RemoteColumn>): string {
  const costs = FOCUS_COLUMNS.filter(({ kind }) => kind === 'money').flatMap(({ name }) => {
    const column = held.get(name.toLowerCase());
    return column?.type === 'double' ? [`IF(${isRoundedDouble(sqlName(column.name))}, 1, 0)`] : [];
  });
  return costs.length === 0 ? '0' : costs.join(' + ');
}

/**
 * The rows of billing periods alone; a row without one is of the month that it was charged in, as an ingest takes it.
 * The folders of an export are named by its periods (`BILLING_PERIOD=2026-10`): where the table has them as its column
 * `billing_period`, the others are not read. A table that names its folders otherwise is read whole.
 */
function ofPeriods(
  table: string,
  held: ReadonlyMap<string, RemoteColumn>,
  periods: readonly string[],
): string {
  const list = periods.map(sqlText).join(', ');
  const start = (name: string) => {
    const column: Column = { name, kind: 'datetime', nullable: true, level: 'conditional' };
    return valueSql(table, column, held.get(name.toLowerCase()));
  };
  const month = trino.month(`COALESCE(${start('BillingPeriodStart')}, ${start('ChargePeriodStart')})`);
  const folder = held.get('billing_period');
  const pruned =
    folder === undefined || !(folder.type.startsWith('varchar') || folder.type === 'string')
      ? ''
      : `(${sqlName(folder.name)} IN (${list}) OR NOT regexp_like(${sqlName(folder.name)}, '^[0-9]{4}-[0-9]{2}$')) AND `;
  return `${pruned}${month} IN (${list})`;
}

/** A source of AWS exports that Athena or Trino asks where it lies. Its columns are read once, when first asked. */
export function exportInPlace(
  engine: RemoteEngine,
  { sourceId, sourceType, table }: Pick<InPlaceSource, 'sourceId' | 'sourceType' | 'table'>,
): InPlaceSource {
  let columns: Promise<readonly RemoteColumn[]> | undefined;
  return {
    sourceId,
    sourceType,
    grain: 'resource',
    engine,
    table,
    async rows(wanted) {
      columns ??= engine.columns(table).catch((error: unknown) => {
        columns = undefined;
        throw error;
      });
      return exportRows({
        table,
        columns: await columns,
        sourceId,
        ...(wanted === undefined ? {} : { wanted }),
      });
    },
  };
}

function valueSql(table: string, column: Column, held: RemoteColumn | undefined): string {
  if (held === undefined) return `CAST(NULL AS ${trinoType(column)})`;
  const name = sqlName(held.name);
  switch (column.kind) {
    case 'money':
    case 'decimal':
      return decimalSql(table, column, held);
    case 'datetime':
      if (held.type.includes('with time zone'))
        return `CAST(${name} AT TIME ZONE 'UTC' AS ${trinoType(column)})`;
      if (held.type.startsWith('timestamp') || held.type === 'date')
        return `CAST(${name} AS ${trinoType(column)})`;
      throw unfit(table, held, 'a timestamp');
    case 'boolean':
      return held.type === 'boolean' ? name : `lower(${textSql(held)}) IN ('true', 't', '1', 'yes')`;
    case 'json':
    case 'text':
      return column.allowed === undefined ? textSql(held) : casedSql(column.allowed, textSql(held));
  }
}

function decimalSql(table: string, column: Column, held: RemoteColumn): string {
  const name = sqlName(held.name);
  if (held.type === 'double') return decimalOfDouble(name);
  const [, precision, scale = '0'] = /^decimal\((\d+)(?:, ?(\d+))?\)$/.exec(held.type) ?? [];
  const isWhole = /^(tinyint|smallint|integer|int|bigint)$/.test(held.type);
  if (isWhole || (precision !== undefined && Number(scale) <= 18 && Number(precision) - Number(scale) <= 20))
    return `CAST(${name} AS ${trinoType(column)})`;
  throw unfit(table, held, 'double, or a decimal that DECIMAL(38,18) holds');
}

/** Text as ingest takes it: empty text and a literal NULL are NULL; maps, lists and rows are JSON. */
function textSql({ name, type }: RemoteColumn): string {
  const column = sqlName(name);
  if (/^(map|array|row|struct|json)\b/.test(type)) return `json_format(CAST(${column} AS JSON))`;
  const text = type.startsWith('varchar') || type === 'string' ? column : `CAST(${column} AS VARCHAR)`;
  return `NULLIF(NULLIF(NULLIF(${text}, 'NULL'), 'null'), '')`;
}

/** A value of FOCUS in the case that FOCUS writes it; any other value as it is. */
function casedSql(allowed: readonly string[], text: string): string {
  const exact = allowed.map(sqlText).join(', ');
  const cases = allowed.map((value) => `WHEN ${sqlText(value.toLowerCase())} THEN ${sqlText(value)}`);
  return `CASE WHEN ${text} IN (${exact}) THEN ${text} ELSE CASE lower(TRIM(BOTH ' ' FROM ${text})) ${cases.join(' ')} ELSE ${text} END END`;
}

const TYPES = {
  money: 'DECIMAL(38,18)',
  decimal: 'DECIMAL(38,18)',
  datetime: 'TIMESTAMP(6)',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  json: 'VARCHAR',
} as const;

const trinoType = ({ kind }: Column) => TYPES[kind];

function unfit(table: string, { name, type }: RemoteColumn, wanted: string): BursarError {
  return new BursarError('input', `column ${name} is ${type} and should be ${wanted}`, {
    where: table,
    hint: 'Make the table over the Parquet files of the export, with the types that AWS documents.',
  });
}
