import type { Params } from '../engine/duckdb.ts';
import { sqlName, sqlText } from '../sql.ts';
import type { Dialect } from './model.ts';

/**
 * Trino (run against 476) and Athena engine 3, whose SQL is Trino's ("Athena engine version reference": version 3 is
 * built on Trino). Parameters are written `$name` and filled by `withLiterals` or `withMarks` below.
 */
export const trino: Dialect = {
  id: 'trino',
  readsTwice: false,
  once: '',
  name: sqlName,
  text: sqlText,
  param: (name) => `$${name}`,
  daysOfMonth: (time) =>
    `bitwise_or_agg(bitwise_left_shift(BIGINT '1', CAST(EXTRACT(DAY FROM ${time}) AS INTEGER)))`,
  bitCount: (number) => `bit_count(${number}, 64)`,
  sharesBit: (a, b) => `bitwise_and(${a}, ${b}) <> 0`,
  timestamp: (text) => `CAST(from_iso8601_timestamp(${text}) AT TIME ZONE 'UTC' AS TIMESTAMP(6))`,
  dayLater: (time) => `(${time} + INTERVAL '1' DAY)`,
  day: (time) => `CAST(${time} AS DATE)`,
  dayText: (time) => `date_format(${time}, '%Y-%m-%d')`,
  month: (time) => `date_format(${time}, '%Y-%m')`,
  decimal: (text) => `CAST(${text} AS DECIMAL(38,18))`,
  asText: (value) => `CAST(${value} AS VARCHAR)`,
  jsonText,
  matches: (text, pattern) => `regexp_like(${text}, ${sqlText(pattern)})`,
  capture: (text, pattern) => `NULLIF(regexp_extract(${text}, ${sqlText(pattern)}, 1), '')`,
  inJsonArray: (text, param) => `contains(CAST(json_parse($${param}) AS ARRAY(VARCHAR)), ${text})`,
  countIf: (condition) => `COUNT(*) FILTER (WHERE ${condition})`,
  sumIf: (amount, condition) => `SUM(${amount}) FILTER (WHERE ${condition})`,
  words: (...texts) => `CONCAT_WS(' ', ${texts.join(', ')})`,
  trim: (text) => `TRIM(BOTH ' ' FROM ${text})`,
  joined: (text) => `ARRAY_JOIN(ARRAY_AGG(${text}), ',')`,
  distinctTexts: (text) =>
    `COALESCE(json_format(CAST(array_agg(DISTINCT ${text}) FILTER (WHERE ${text} IS NOT NULL) AS JSON)), '[]')`,
};

/**
 * A JSON path in Trino cannot name a key with a quote or a backslash (476: "Invalid JSON path"), so such a key is
 * looked up in the object read as a map.
 */
function jsonText(json: string, key: string): string {
  return /["\\]/.test(key)
    ? `json_extract_scalar(element_at(TRY(CAST(json_parse(${json}) AS MAP(VARCHAR, JSON))), ${sqlText(key)}), '$')`
    : `json_extract_scalar(${json}, ${sqlText(`$["${key}"]`)})`;
}

/** A value as a literal. Within one only the quote means something, and it is doubled: there are no escapes. */
export function literal(value: string | number | null): string {
  if (value === null) return 'CAST(NULL AS VARCHAR)';
  return typeof value === 'number' ? numberText(value) : sqlText(value);
}

function numberText(value: number): string {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${value} is no whole number that can be a parameter`);
  return String(value);
}

/** The SQL with each `$name` replaced by its value as a literal. */
export function withLiterals(sql: string, params: Params): string {
  return filled(sql, (name) => literal(valueOf(params, name)));
}

/**
 * The SQL with each `$name` replaced by `?`, and the literals in the order of their marks. What `fits` refuses is
 * written out, and so is what does not stand in a WHERE of its own: Athena takes marks nowhere else (Athena User
 * Guide, "Use parameterized queries").
 */
export function withMarks(sql: string, params: Params, fits: (literal: string) => boolean) {
  const values: string[] = [];
  const marked = filled(sql, (name, before) => {
    const value = literal(valueOf(params, name));
    if (!fits(value) || !isInWhere(before)) return value;
    values.push(value);
    return '?';
  });
  return { sql: marked, values };
}

function valueOf(params: Params, name: string): string | number | null {
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (value === undefined) throw new RangeError(`the query has no value for $${name}`);
  return value;
}

/** Is a WHERE the last clause that was begun, and not that of an aggregate's FILTER? */
function isInWhere(before: string): boolean {
  const clauses = [...before.matchAll(/(\(\s*)?\b(SELECT|FROM|WHERE|GROUP BY|HAVING|ORDER BY)\b/gi)];
  const [, bracket, clause] = clauses.at(-1) ?? [];
  return clause?.toUpperCase() === 'WHERE' && bracket === undefined;
}

/** Quoted texts and names are passed over: `$` is part of regular expressions and of `"$path"`. */
function filled(sql: string, value: (name: string, before: string) => string): string {
  return sql.replaceAll(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([a-z_]\w*)/gi,
    (whole: string, name: string | undefined, at: number) =>
      name === undefined ? whole : value(name, sql.slice(0, at)),
  );
}
