import type { Row } from '../model.ts';

/**
 * A question that the house asks of `costs`: SQL with `$parameters`, which every engine answers alike. Money is
 * summed as DECIMAL(38,18) and never averaged or divided; `row` turns a row as the engine gives it into the type
 * that callers know.
 */
export interface NamedQuery<T extends object = Row> {
  readonly name: string;
  readonly sql: string;
  /** Every parameter that `sql` names, without the `$`. */
  readonly params: readonly string[];
  row(raw: Row): T;
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

/** Rows whose charge begins in the half-open window `$start` to `$end` (ISO-8601 UTC). */
export const IN_WINDOW =
  '"ChargePeriodStart" >= CAST($start AS TIMESTAMP) AND "ChargePeriodStart" < CAST($end AS TIMESTAMP)';

/** The account that answers for a charge: the sub-account (AWS account, GCP project), else the billing account. */
export const ACCOUNT = `COALESCE("SubAccountId", "BillingAccountId", '')`;
