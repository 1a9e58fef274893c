/**
 * What the SQL engines say differently. Named queries and the columns that `costs` derives are written once over
 * this; everything else they use is SQL that DuckDB, Trino 476 (Athena engine 3) and BigQuery read alike.
 * Every method gives the text of an expression; its arguments are expressions too, unless it says otherwise.
 */
export interface Dialect {
  readonly id: 'duckdb' | 'trino' | 'bigquery';
  /** May a query read a table twice to compute less? Not where bytes are billed or lie far away. */
  readonly readsTwice: boolean;
  /**
   * Said after AS of a common table expression that is to be worked out once: DuckDB writes one that is named once into
   * the place that names it, and an expression that others repeat then grows with each step. '' where there is no such
   * word.
   */
  readonly once: '' | 'MATERIALIZED ';
  /** A name as an identifier, quoted as the engine wants it. */
  name(text: string): string;
  /** A text as a literal. */
  text(value: string): string;
  /** A parameter of the query by its name, as text. */
  param(name: string): string;
  /** Aggregate: the days of the month (1 to 31, UTC) on which points in time fall, as a whole number with a bit a day. */
  daysOfMonth(time: string): string;
  /** How many bits of a whole number are set, as an integer. */
  bitCount(number: string): string;
  /** Have two whole numbers a bit in common? */
  sharesBit(a: string, b: string): string;
  /** Text (ISO-8601 UTC) as a point in time, comparable with ChargePeriodStart. */
  timestamp(text: string): string;
  /** A point in time a day later. */
  dayLater(time: string): string;
  /** The UTC day of a point in time, as a DATE. */
  day(time: string): string;
  /** The UTC day of a point in time, as text `YYYY-MM-DD`. */
  dayText(time: string): string;
  /** The UTC month of a point in time, as text `YYYY-MM`. */
  month(time: string): string;
  /** Decimal text as DECIMAL(38,18), BIGNUMERIC on BigQuery. */
  decimal(text: string): string;
  /** A day or a decimal as text: `2026-11-01`; plain digits, with trailing zeros or without. */
  asText(value: string): string;
  /** The text value of a key (a literal, any characters) of a JSON object that is stored as text; NULL where there is none. */
  jsonText(json: string, key: string): string;
  /** Does a text match an RE2 regular expression (a literal), somewhere in it? NULL text: NULL. */
  matches(text: string, pattern: string): string;
  /** The first group of an RE2 pattern (a literal) in a text; NULL where it does not match. */
  capture(text: string, pattern: string): string;
  /** Is a text among those of a parameter that holds a JSON array of texts? */
  inJsonArray(text: string, param: string): string;
  /** Number of rows that fulfil a condition, as an integer. */
  countIf(condition: string): string;
  /** Sum of a decimal over the rows that fulfil a condition; NULL where there are none. */
  sumIf(amount: string, condition: string): string;
  /** Texts joined by a blank, those that are NULL left out. */
  words(...texts: readonly string[]): string;
  /** A text without the blanks (U+0020 and nothing else) at its ends: bare TRIM differs from engine to engine. */
  trim(text: string): string;
  /** Aggregate: the texts of a group, in any order, with a comma between them. */
  joined(text: string): string;
  /** Aggregate: the distinct texts of a group, in any order, as text that is a JSON array; none: `[]`. */
  distinctTexts(text: string): string;
}
