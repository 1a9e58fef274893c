import { sqlName, sqlText } from '../sql.ts';
import type { Dialect } from './model.ts';

/** DuckDB: parameters are bound by name, JSON is text, regular expressions are RE2. */
export const duckdb: Dialect = {
  id: 'duckdb',
  readsTwice: true,
  once: 'MATERIALIZED ',
  name: sqlName,
  text: sqlText,
  param: (name) => `$${name}`,
  daysOfMonth: (time) => `BIT_OR(CAST(1 AS BIGINT) << CAST(EXTRACT(DAY FROM ${time}) AS BIGINT))`,
  bitCount: (number) => `CAST(BIT_COUNT(${number}) AS INTEGER)`,
  sharesBit: (a, b) => `(${a} & ${b}) <> 0`,
  timestamp: (text) => `CAST(${text} AS TIMESTAMP)`,
  dayLater: (time) => `(${time} + INTERVAL 1 DAY)`,
  day: (time) => `CAST(${time} AS DATE)`,
  dayText: (time) => `strftime(${time}, '%Y-%m-%d')`,
  month: (time) => `strftime(${time}, '%Y-%m')`,
  decimal: (text) => `CAST(${text} AS DECIMAL(38,18))`,
  asText: (value) => `CAST(${value} AS VARCHAR)`,
  jsonText: (json, key) => `json_extract_string(${json}, ${sqlText(pointer(key))})`,
  matches: (text, pattern) => `regexp_matches(${text}, ${sqlText(pattern)})`,
  capture: (text, pattern) => `NULLIF(regexp_extract(${text}, ${sqlText(pattern)}, 1), '')`,
  inJsonArray: (text, param) => `${text} IN (SELECT UNNEST(FROM_JSON($${param}, '["VARCHAR"]')))`,
  countIf: (condition) => `COUNT(*) FILTER (WHERE ${condition})`,
  sumIf: (amount, condition) => `SUM(${amount}) FILTER (WHERE ${condition})`,
  words: (...texts) => `CONCAT_WS(' ', ${texts.join(', ')})`,
  trim: (text) => `TRIM(${text}, ' ')`,
  joined: (text) => `STRING_AGG(${text}, ',')`,
  distinctTexts: (text) =>
    `COALESCE(CAST(to_json(LIST(DISTINCT ${text}) FILTER (WHERE ${text} IS NOT NULL)) AS VARCHAR), '[]')`,
};

/** RFC 6901 JSON pointer to a key of the top level, whatever characters it has. */
function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
