import type { ClassRule } from '../../focus/ai/model.ts';
import type { Dialect } from '../dialect/model.ts';
import { allDimensions, type Dimensions, dimensionColumn, dimensionSql, UNALLOCATED } from '../dimensions.ts';
import { aiColumns } from './ai.ts';
import { byKind } from './kinds.ts';
import { transferColumn } from './transfer.ts';

/** How charges are attributed: the config's dimensions, and its AI rules, which go before the built-in ones. */
export interface Attribution {
  readonly dimensions: Dimensions;
  readonly aiRules: readonly ClassRule[];
  /** ProviderName of every charge, where that is known: rules for other billers are not asked. */
  readonly billers?: readonly string[];
}

export const NO_ATTRIBUTION: Attribution = { dimensions: {}, aiRules: [] };

const fold = (name: string) => name.toLowerCase();

/**
 * `source` (a SELECT of cost rows) with the AI columns, the class of data transfer and one column a dimension. The source has every FOCUS 1.2
 * column and x_Source; `columns` are all its columns. What a bill stores in one of these columns stands; a dimension takes
 * precedence over a bill's own column of that name.
 * @param asked the query that will ask, where it names every column that it wants: what it does not name is left
 *   out, since an engine reads and checks an expression even where nobody wants its value
 */
export function withDerived(
  d: Dialect,
  source: string,
  columns: readonly string[],
  { dimensions, aiRules, billers }: Attribution,
  asked?: string,
): string {
  const own = new Map(columns.map((name) => [fold(name), name]));
  const find = (name: string) => own.get(fold(name)) ?? null;
  const derived = [...aiColumns(d, find, aiRules, billers), transferColumn(d, find, billers)];
  const derivedNames = new Set(derived.map(({ name }) => fold(name)));
  const plain = columns.filter((name) => !derivedNames.has(fold(name)));
  const known = new Map([...plain, ...derived.map(({ name }) => name)].map((name) => [fold(name), name]));
  const parts = dimensionParts(d, allDimensions(dimensions), known).filter(({ column }) =>
    names(asked, column),
  );
  const wanted = derived.filter(
    ({ name }) => names(asked, name) || parts.some(({ sql }) => names(sql, name)),
  );
  if (asked !== undefined && parts.length === 0 && wanted.length === 0) return source;
  const taken = new Set(parts.map(({ column }) => fold(column)));
  const second = [
    ...[...plain, ...wanted.map(({ name }) => name)]
      .filter((name) => !taken.has(fold(name)))
      .map((name) => d.name(name)),
    ...parts.map(({ column, sql }) => `${sql} AS ${d.name(column)}`),
  ];
  // Where any column may be meant, none is looked up: a join costs also those who do not name its columns.
  const first =
    asked !== undefined && d.readsTwice
      ? byKind(d, source, columns, plain, wanted)
      : `SELECT ${[...plain.map((name) => d.name(name)), ...wanted.map(({ name, sql }) => `${sql} AS ${d.name(name)}`)].join(', ')} FROM (${source}) AS charges`;
  return `SELECT ${second.join(', ')} FROM (${first}) AS classified`;
}

/** Does the text name the column? Without a text, any may be meant. */
function names(text: string | undefined, column: string): boolean {
  return text === undefined || fold(text).includes(fold(column));
}

/**
 * One expression a dimension. A rule may name the column of another dimension, whose own rules then speak; in a
 * circle, and by its own name, a dimension's column is that of the bill.
 */
function dimensionParts(
  d: Dialect,
  dimensions: Dimensions,
  known: ReadonlyMap<string, string>,
): { column: string; sql: string }[] {
  const byColumn = new Map(
    Object.entries(dimensions).map(([name, rules]) => [fold(dimensionColumn(name)), rules]),
  );
  const sqlOf = (column: string, within: readonly string[]): string | null => {
    const rules = within.includes(column) ? undefined : byColumn.get(column);
    if (rules !== undefined)
      return dimensionSql(d, rules, (inner) => other(fold(inner), [...within, column]));
    const name = known.get(column);
    return name === undefined ? null : d.name(name);
  };
  // What another dimension leaves unallocated is no value here.
  const other = (column: string, within: readonly string[]): string | null => {
    const sql = sqlOf(column, within);
    return sql === null || !byColumn.has(column) || within.includes(column)
      ? sql
      : `NULLIF(${sql}, ${d.text(UNALLOCATED)})`;
  };
  return Object.keys(dimensions).map((name) => {
    const column = dimensionColumn(name);
    return { column, sql: sqlOf(fold(column), []) ?? d.text(UNALLOCATED) };
  });
}
