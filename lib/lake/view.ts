import { AI_COLUMNS, FOCUS_COLUMNS, OWN_COLUMNS, storedType } from '../focus/columns.ts';
import { type Attribution, withDerived } from './attribution/derived.ts';
import { duckdb } from './dialect/duckdb.ts';
import type { Column } from './manifest.ts';
import type { Account } from './model.ts';
import { sqlName, sqlText } from './sql.ts';

/** Local parts that have the same columns. */
export interface PartGroup {
  readonly columns: readonly Column[];
  readonly paths: readonly string[];
  /** Accounts of these parts whose rows another source tells: see precedence.ts. */
  readonly without?: readonly Account[];
  /** ProviderName of every row, where it is known. */
  readonly billers?: readonly string[];
}

/** A window of charges, by when they begin. */
export interface Within {
  readonly start: string;
  readonly end: string;
}

const STANDARD: readonly Column[] = [...FOCUS_COLUMNS, ...OWN_COLUMNS, ...AI_COLUMNS].map(
  ({ name, kind }) => ({
    name,
    type: storedType(kind),
  }),
);

/**
 * The SELECT behind the view `costs`: every FOCUS 1.2 column, our own and the AI columns by their names, then the
 * `x_` columns of any part, then one column for each dimension. Parts are grouped by their columns, so that the
 * engine opens one footer a group and not one a part.
 * @param asked the query that names all columns that it wants; left out where any may be wanted
 * @param within windows by ChargePeriodStart (ISO-8601 UTC, half-open) outside of which nothing is asked; left out
 *   where everything may be
 */
export function costsSql(
  groups: readonly PartGroup[],
  attribution: Attribution,
  asked?: string,
  within: readonly Within[] = [],
): string {
  const columns = unionOf(groups);
  const rows = groups
    .filter(({ paths }) => paths.length > 0)
    .map(
      (group) => `SELECT ${selection(group, columns)} FROM ${scan(group.paths)}${narrowing(group, within)}`,
    );
  const source = rows.length === 0 ? `SELECT ${nulls(columns)} WHERE false` : rows.join(' UNION ALL ');
  return withDerived(
    duckdb,
    source,
    columns.map(({ name }) => name),
    { ...attribution, ...billersOf(groups) },
    asked,
  );
}

/** Of all rows; nothing where those of one group are not known. */
function billersOf(groups: readonly PartGroup[]): Pick<Attribution, 'billers'> {
  if (groups.some(({ billers }) => billers === undefined)) return {};
  return { billers: [...new Set(groups.flatMap(({ billers = [] }) => billers))] };
}

/**
 * `read_parquet` of exactly these files, all of one schema. They must exist: DuckDB takes a path with `*`, `?` or `[`
 * for a pattern only where no file has that name.
 */
export function scan(paths: readonly string[]): string {
  const list = paths.map(sqlText).join(', ');
  return `read_parquet([${list}], hive_partitioning = false, union_by_name = false)`;
}

const time = (iso: string) => `CAST(${sqlText(iso)} AS TIMESTAMP)`;

function narrowing({ without = [] }: PartGroup, within: readonly Within[]): string {
  const conditions: string[] = [];
  if (without.length > 0) {
    const pairs = without.map((each) => `(${sqlText(each.billingAccount)}, ${sqlText(each.subAccount)})`);
    conditions.push(
      `(COALESCE("BillingAccountId", ''), COALESCE("SubAccountId", '')) NOT IN (${pairs.join(', ')})`,
    );
  }
  if (within.length > 0) {
    const begins = within.map(
      ({ start, end }) => `("ChargePeriodStart" >= ${time(start)} AND "ChargePeriodStart" < ${time(end)})`,
    );
    conditions.push(`(${begins.join(' OR ')})`);
  }
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

const key = (name: string) => name.toLowerCase();

/** All columns, once by their name in whatever case; where parts differ on a type it is text. */
function unionOf(groups: readonly PartGroup[]): Column[] {
  const columns = new Map(STANDARD.map((column) => [key(column.name), column]));
  for (const { columns: own } of groups)
    for (const column of own) {
      const known = columns.get(key(column.name));
      if (known === undefined) columns.set(key(column.name), column);
      else if (known.type !== column.type && !STANDARD.includes(known))
        columns.set(key(column.name), { name: known.name, type: 'VARCHAR' });
    }
  return [...columns.values()];
}

function selection(group: PartGroup, columns: readonly Column[]): string {
  const own = new Map(group.columns.map((column) => [key(column.name), column]));
  return columns
    .map(({ name, type }) => {
      const held = own.get(key(name));
      if (held === undefined) return `CAST(NULL AS ${type}) AS ${sqlName(name)}`;
      // Text of a part that was read before its column had a type: what cannot be read is no value.
      const value = held.type === type ? sqlName(held.name) : `TRY_CAST(${sqlName(held.name)} AS ${type})`;
      return `${value} AS ${sqlName(name)}`;
    })
    .join(', ');
}

function nulls(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${sqlName(name)}`).join(', ');
}
