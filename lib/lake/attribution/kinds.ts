import type { Dialect } from '../dialect/model.ts';

/** A column that `costs` derives: its name and expression. */
export interface Derived {
  readonly name: string;
  readonly sql: string;
  /**
   * The same value in two steps, for an expression of amounts: what is the same for all charges of a kind, by
   * names, and the expression that makes the value of it and of the charge.
   */
  readonly steps?: { readonly ofKind: readonly Derived[]; readonly sql: string };
}

/** What tells one resource from another: charges of one kind differ in it. */
const OF_ONE_RESOURCE = ['ResourceId', 'ResourceName', 'Tags'];

/** Of a LIMIT that leaves nothing out: the largest that DuckDB takes. */
const ALL = 2n ** 63n - 1n;

/** Amounts: a kind knows no more than whether there is one. */
const AMOUNTS = ['ConsumedQuantity', 'PricingQuantity'];

/**
 * `SELECT plain..., derived... FROM (source)`, in which each expression is made once for a kind of charge (one set of
 * its inputs) and then looked up. A bill has millions of charges and hundreds of kinds, and an expression of some
 * forty patterns takes longer than the reading. An expression that looks at a resource or its tags is made for each
 * charge: it would have as many kinds as there are charges.
 * @param columns all columns of the source
 */
export function byKind(
  d: Dialect,
  source: string,
  columns: readonly string[],
  plain: readonly string[],
  derived: readonly Derived[],
): string {
  const inputsOf = (sqls: readonly string[]) =>
    columns.filter((column) => sqls.some((sql) => mentions(d, sql, column)));
  const ofKind = (each: Derived): readonly Derived[] => {
    const values = each.steps?.ofKind ?? [each];
    const inputs = inputsOf(values.map(({ sql }) => sql));
    return inputs.length === 0 || inputs.some((column) => OF_ONE_RESOURCE.includes(column)) ? [] : values;
  };
  const values = derived.flatMap(ofKind);
  const inputs = inputsOf(values.map(({ sql }) => sql));
  const selected = derived.map((each) => {
    const sql = ofKind(each).length === 0 ? each.sql : (each.steps?.sql ?? d.name(valueName(each.name)));
    return `${sql} AS ${d.name(each.name)}`;
  });
  const rows = `SELECT ${[...plain.map((name) => d.name(name)), ...selected].join(', ')} FROM (${source}) AS charges`;
  if (values.length === 0) return rows;
  // No engine moves a condition below a LIMIT: DuckDB would try each pattern of one that names a class on each charge.
  const kinds = `SELECT DISTINCT ${inputs.map((column) => `${ofKindSql(d, column)} AS ${d.name(column)}`).join(', ')} FROM (${source}) AS charges LIMIT ${ALL}`;
  const looked = [
    ...inputs.map((column) => `${d.name(column)} AS ${d.name(keyName(column))}`),
    ...values.map(({ name, sql }) => `${sql} AS ${d.name(valueName(name))}`),
  ];
  const same = inputs.map(
    (column) => `${ofKindSql(d, column)} IS NOT DISTINCT FROM ${d.name(keyName(column))}`,
  );
  // An outer join of distinct kinds: no charge can be lost or come twice, whatever its texts are. The kinds stand on
  // the right, which is the side that the engine holds in memory.
  return `${rows} LEFT JOIN (SELECT ${looked.join(', ')} FROM (${kinds}) AS inputs) AS kinds ON ${same.join(' AND ')}`;
}

/** How a step names a value of the kind. No bill has a column with a blank in its name that begins so. */
export const valueName = (name: string) => `of kind: ${name}`;
const keyName = (name: string) => `kind by: ${name}`;

function mentions(d: Dialect, sql: string, column: string): boolean {
  return sql.toLowerCase().includes(d.name(column).toLowerCase());
}

/**
 * What of a column a kind is told by. Rules compare times with midnights alone, so that the day will do; an amount is
 * only looked for.
 */
function ofKindSql(d: Dialect, column: string): string {
  const name = d.name(column);
  if (column === 'ChargePeriodStart') return `date_trunc('day', ${name})`;
  return AMOUNTS.includes(column) ? `CASE WHEN ${name} IS NOT NULL THEN 1 END` : name;
}
