import type { Dialect } from './model.ts';

/**
 * GoogleSQL as BigQuery speaks it. Parameters are named and texts; JSON is text. Where BigQuery takes a time zone, UTC
 * is named, so that nothing hangs on the default of the one who answers.
 */
export const bigquery: Dialect = {
  id: 'bigquery',
  readsTwice: false,
  once: '',
  name: bigqueryName,
  text: bigqueryText,
  param: (name) => `@${name}`,
  daysOfMonth: (time) => `BIT_OR(1 << EXTRACT(DAY FROM ${time}))`,
  bitCount: (number) => `BIT_COUNT(${number})`,
  sharesBit: (a, b) => `(${a} & ${b}) <> 0`,
  timestamp: (text) => `CAST(${text} AS TIMESTAMP)`,
  dayLater: (time) => `TIMESTAMP_ADD(${time}, INTERVAL 1 DAY)`,
  day: (time) => `DATE(${time}, 'UTC')`,
  dayText: (time) => `FORMAT_TIMESTAMP('%F', ${time}, 'UTC')`,
  month: (time) => `FORMAT_TIMESTAMP('%Y-%m', ${time}, 'UTC')`,
  decimal: (text) => `CAST(${text} AS BIGNUMERIC)`,
  asText: (value) => `CAST(${value} AS STRING)`,
  jsonText,
  matches: (text, pattern) => `REGEXP_CONTAINS(${text}, ${bigqueryText(pattern)})`,
  capture: (text, pattern) => `NULLIF(REGEXP_EXTRACT(${text}, ${bigqueryText(pattern)}), '')`,
  inJsonArray: (text, param) => `${text} IN UNNEST(JSON_VALUE_ARRAY(@${param}))`,
  countIf: (condition) => `COUNTIF(${condition})`,
  sumIf: (amount, condition) => `SUM(IF(${condition}, ${amount}, NULL))`,
  words: (...texts) => `ARRAY_TO_STRING([${texts.join(', ')}], ' ')`,
  trim: (text) => `TRIM(${text}, ' ')`,
  joined: (text) => `STRING_AGG(${text}, ',')`,
  distinctTexts: (text) => `COALESCE(TO_JSON_STRING(ARRAY_AGG(DISTINCT ${text} IGNORE NULLS)), '[]')`,
};

/**
 * A key of a JSON object by JSONPath; one with a quote or a backslash, which a path cannot hold, by subscript
 * (GoogleSQL, "JSON functions": JSONPath format, and the JSON subscript operator).
 */
function jsonText(json: string, key: string): string {
  return /["\\]/.test(key)
    ? `JSON_VALUE(SAFE.PARSE_JSON(${json}, wide_number_mode=>'round')[${bigqueryText(key)}])`
    : `JSON_VALUE(${json}, ${bigqueryText(`$."${key}"`)})`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '`': '\\`',
  '\n': '\\n',
  '\r': '\\r',
};

function escaped(text: string): string {
  if (text.includes('\0')) throw new RangeError('a text with a NUL character cannot be in SQL');
  return text.replaceAll(/[\\'"`\n\r]/g, (char) => ESCAPES[char] ?? char);
}

/** A text as a literal (GoogleSQL, "Lexical structure": escape sequences). */
export function bigqueryText(text: string): string {
  return `'${escaped(text)}'`;
}

/** A name as a quoted identifier. */
export function bigqueryName(name: string): string {
  return `\`${escaped(name)}\``;
}

/**
 * A FLOAT64 as BIGNUMERIC: its shortest decimal that reads back as the same double, rounded half-even to 18 places;
 * NULL where it is no number or too big. CAST(double AS STRING) will not do: it gives 15 or 17 digits, never 16.
 * @param double a column or path; it is named several times
 */
export function exactDouble(double: string): string {
  const text = (digits: number) => `FORMAT('%.${digits}g', ${double})`;
  const shortest = `CASE WHEN ${double} = TRUNC(${double}) AND ABS(${double}) < 1e15 THEN CAST(CAST(${double} AS INT64) AS STRING)
    WHEN SAFE_CAST(${text(15)} AS FLOAT64) = ${double} THEN ${text(15)}
    WHEN SAFE_CAST(${text(16)} AS FLOAT64) = ${double} THEN ${text(16)} ELSE ${text(17)} END`;
  return halfEven(`${LENIENT}${shortest} AS BIGNUMERIC)`);
}

const LENIENT = 'SAFE_CAST(/* exact */ ';

/** An expression over `exactDouble` that fails where that gives NULL: for rows that nothing would reject by name. */
export function failing(sql: string): string {
  return sql.replaceAll(LENIENT, 'CAST(');
}

/**
 * A BIGNUMERIC rounded half-even to 18 places, over its text: what is cut off decides, as it does in the other
 * engines.
 */
export function halfEven(number: string): string {
  const dot = `STRPOS(s, '.')`;
  const rest = `SUBSTR(s, ${dot} + 19)`;
  return `(SELECT IF(${dot} = 0 OR LENGTH(s) <= ${dot} + 18, CAST(s AS BIGNUMERIC),
    CAST(SUBSTR(s, 1, ${dot} + 18) AS BIGNUMERIC)
      + IF(${rest} > '5' OR (${rest} = '5' AND SUBSTR(s, ${dot} + 18, 1) IN ('1', '3', '5', '7', '9')),
        IF(STARTS_WITH(s, '-'), BIGNUMERIC '-0.000000000000000001', BIGNUMERIC '0.000000000000000001'),
        BIGNUMERIC '0')) FROM UNNEST([CAST(${number} AS STRING)]) AS s)`;
}

/** A point in time as ISO-8601 UTC text with microseconds. */
export function isoText(time: string): string {
  return `CONCAT(FORMAT_TIMESTAMP('%FT%H:%M:%E6S', ${time}, 'UTC'), 'Z')`;
}
