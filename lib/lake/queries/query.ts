import type { Dialect } from '../dialect/model.ts';
import type { Row } from '../model.ts';

/**
 * A question that the house asks of `costs`, written once over a dialect, so that every engine answers alike. Money
 * is summed as DECIMAL(38,18) and never averaged or divided; `row` turns a row as the engine gives it into the type
 * that callers know. Output columns have plain lower-case names, GROUP BY and ORDER BY go by their numbers, and
 * rows are ordered by what `merge` calls its keys, NULLs last: so the answers of engines compare and merge.
 */
export interface NamedQuery<T extends object = Row> {
  readonly name: string;
  /** The SQL in an engine's words. Its parameters are `dialect.param(name)`. */
  sql(dialect: Dialect): string;
  /** Every parameter that `sql` names, without the `$`. */
  readonly params: readonly string[];
  /**
   * Of a question that looks at no charge which begins outside of some windows: the parameters that each begins and
   * ends with. An engine need then read no other charges, also where it looks for their kinds.
   */
  readonly windows?: readonly (readonly [start: string, end: string])[];
  /** How the rows of two engines, each of which holds some of the sources, become those of one. */
  readonly merge: Merge;
  row(raw: Row): T;
}

/**
 * What becomes of each output column where rows of several engines have the same keys. Every output column is in
 * exactly one of the lists; a question that cannot be merged so (an average, a distinct count) says in `partial`
 * what to ask instead.
 */
export interface Merge {
  /** Columns that tell rows apart, in the order of ORDER BY. None: the answer is one row. */
  readonly keys: readonly string[];
  /** Decimal text, or counts. */
  readonly sum?: readonly string[];
  /** Text (times and days as ISO-8601 are text, too); NULL counts only where all are. */
  readonly min?: readonly string[];
  readonly max?: readonly string[];
  /** Booleans: true where any is. */
  readonly any?: readonly string[];
  /**
   * The distinct texts that `partial` lists in a column as a JSON array; in the merged row the column holds their
   * number, as `sql` would have counted them.
   */
  readonly distinct?: readonly string[];
  /** Texts that stand one after the other, with a comma between them. */
  readonly joined?: readonly string[];
  /** Only rows whose merged value in this column is above 0 belong to the answer: the HAVING that `partial` leaves out. */
  readonly positive?: string;
  /** The question that is asked where answers must be merged; `sql` where there is none. */
  partial?(dialect: Dialect): string;
  /**
   * Of a question that judges each row of `partial` as a whole: what a row gives to the answer once it is merged, and
   * how such rows then become those of `sql`.
   */
  readonly next?: { readonly row: (merged: Row) => Row; readonly merge: Merge };
}

/** Readers of the fields of a row; each throws where the query gave something else: a defect of the query. */
export function textIn(raw: Row, field: string): string {
  const value = raw[field];
  if (typeof value !== 'string') throw new TypeError(`${field} is no text: ${String(value)}`);
  return value;
}

export function textOrNull(raw: Row, field: string): string | null {
  return raw[field] === null ? null : textIn(raw, field);
}

export function numberIn(raw: Row, field: string): number {
  const value = raw[field];
  if (typeof value !== 'number') throw new TypeError(`${field} is no number: ${String(value)}`);
  return value;
}

export function flagIn(raw: Row, field: string): boolean {
  const value = raw[field];
  if (typeof value !== 'boolean') throw new TypeError(`${field} is no boolean: ${String(value)}`);
  return value;
}

/** Of a question whose only charges are those of `inWindow`. */
export const OF_WINDOW = [['start', 'end']] as const;

/** Rows whose charge begins in the half-open window `$start` to `$end` (ISO-8601 UTC). */
export function inWindow(d: Dialect): string {
  const start = d.name('ChargePeriodStart');
  return `${start} >= ${d.timestamp(d.param('start'))} AND ${start} < ${d.timestamp(d.param('end'))}`;
}

/** The account that answers for a charge: the sub-account (AWS account, GCP project), else the billing account. */
export function account(d: Dialect): string {
  return `COALESCE(${d.name('SubAccountId')}, ${d.name('BillingAccountId')}, '')`;
}

/** A column as text, '' where it is NULL. */
export function orEmpty(d: Dialect, column: string): string {
  return `COALESCE(${d.name(column)}, '')`;
}

/** Until when a row speaks: ChargePeriodEnd (exclusive), or its start where a bill gives no end. */
export function chargeEnd(d: Dialect): string {
  return `COALESCE(${d.name('ChargePeriodEnd')}, ${d.name('ChargePeriodStart')})`;
}

/**
 * Aggregates `daily_end` and `last_end`: until when charges of at most a day speak, NULL where there are none, and any.
 * A fee, tax or subscription is charged on the first of a month or year for the whole of it, and says nothing of up to
 * when use is told.
 */
export function toldEnds(d: Dialect): string {
  const isDaily = `${chargeEnd(d)} <= ${d.dayLater(d.name('ChargePeriodStart'))}`;
  return `MAX(CASE WHEN ${isDaily} THEN ${chargeEnd(d)} END) AS daily_end, MAX(${chargeEnd(d)}) AS last_end`;
}

/** How the rows of two engines become one. */
export const TOLD_ENDS = ['daily_end', 'last_end'] as const;

/** Up to when those charges tell what was used; a bill of longer ones alone speaks as far as they do. */
export function toldEnd(raw: Row): { readonly end: string; readonly daily: boolean } {
  const daily = textOrNull(raw, 'daily_end');
  return { end: daily ?? textIn(raw, 'last_end'), daily: daily !== null };
}
