import type { Field, Table } from '../../platform/bigquery/model.ts';

/** What a column of the mapping holds; `sum` and `decimal` are BIGNUMERIC, `time` is TIMESTAMP, the rest STRING. */
export type MappedKind = 'text' | 'flag' | 'sum' | 'decimal' | 'time';

export interface MappedColumn {
  readonly name: string;
  readonly kind: MappedKind;
  readonly sql: string;
}

/**
 * A table of the billing export as FOCUS 1.2: SQL over its rows, one row a row. `sum` columns are what may be added
 * up where rows of one day become one; a NULL in one of `exact` means that the amount cannot be kept.
 */
export interface Mapping {
  readonly layout: Layout;
  /** FROM of the rows: the table, or a SELECT that reads its amounts once. */
  from(where: string): string;
  readonly columns: readonly MappedColumn[];
  /** The invoice month as text `YYYYMM`, over the table itself. */
  readonly month: string;
  /** Time of export, over the table itself; null where the table has none. */
  readonly exportTime: string | null;
  /** What is billed by a row, net of credits, over the table itself. */
  readonly billed: string;
}

/** `detailed` and `standard` are Google's own columns (the detailed has resources), `focus` its FOCUS export. */
export type Layout = 'detailed' | 'standard' | 'focus';

const OWN = ['billing_account_id', 'invoice.month', 'cost', 'currency', 'usage_start_time', 'cost_type'];
const FOCUS = ['BilledCost', 'BillingCurrency', 'BillingPeriodStart', 'ChargePeriodStart', 'EffectiveCost'];

/** Which export a table is, by its columns; null: none of them. */
export function layoutOf(table: Pick<Table, 'fields'>): Layout | null {
  const has = fieldsIn(table.fields);
  if (OWN.every((path) => has(path) !== undefined))
    return has('resource.name') === undefined ? 'standard' : 'detailed';
  return FOCUS.every((path) => has(path) !== undefined) ? 'focus' : null;
}

/** A column of text, or one that may be added up. */
export function textColumn(name: string, sql: string): MappedColumn {
  return { name, kind: 'text', sql };
}

export function sumColumn(name: string, sql: string): MappedColumn {
  return { name, kind: 'sum', sql };
}

/** Looks a field up by its path, whatever its case: BigQuery's column names have none. */
export function fieldsIn(fields: readonly Field[]): (path: string) => Field | undefined {
  const byPath = new Map<string, Field>();
  const add = (under: readonly Field[], prefix: string): void => {
    for (const field of under) {
      byPath.set(`${prefix}${field.name}`.toLowerCase(), field);
      add(field.fields, `${prefix}${field.name}.`);
    }
  };
  add(fields, '');
  return (path) => byPath.get(path.toLowerCase());
}

const FLOATS = new Set(['FLOAT', 'FLOAT64', 'DOUBLE']);
const EXACT = new Set(['NUMERIC', 'INTEGER', 'INT64', 'BIGNUMERIC']);

export function isFloat(field: Field): boolean {
  return FLOATS.has(field.type);
}

export function isNumber(field: Field): boolean {
  return FLOATS.has(field.type) || EXACT.has(field.type);
}
