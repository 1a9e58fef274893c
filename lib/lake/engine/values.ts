import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A value of an answer as JSON writes it. */
export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

/**
 * A DuckDB value as the JSON contract writes it: decimals as plain text without trailing zeros, whole numbers as
 * numbers where a double holds them exactly and as text beyond, times as ISO-8601 UTC, dates as `YYYY-MM-DD`,
 * lists and structs as JSON, what is not finite as text.
 */
export function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof DuckDBDecimalValue) return plainDecimal(value.value, value.scale);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return isoTime(value.micros, 1_000_000n, 6) ?? value.toString();
  if (value instanceof DuckDBTimestampSecondsValue) return isoTime(value.seconds, 1n, 0) ?? value.toString();
  if (value instanceof DuckDBTimestampMillisecondsValue)
    return isoTime(value.millis, 1000n, 3) ?? value.toString();
  if (value instanceof DuckDBTimestampNanosecondsValue)
    return isoTime(value.nanos, 1_000_000_000n, 9) ?? value.toString();
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(cellOf);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, cellOf(item)]));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [textOfKey(key), cellOf(item)]));
  if (value instanceof DuckDBUnionValue) return cellOf(value.value);
  return value.toString();
}

function textOfKey(key: DuckDBValue): string {
  const cell = cellOf(key);
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

/** `value` / 10^`scale` as plain text: `-0.5`, `12`, never `-0` and no trailing zeros. */
export function plainDecimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * ISO-8601 UTC text as `Date.toISOString` writes it, with more than three places only where there are more; null
 * beyond the years 0 to 9999, where ISO text and Date part ways.
 */
function isoTime(value: bigint, perSecond: bigint, places: number): string | null {
  let seconds = value / perSecond;
  let rest = value % perSecond;
  if (rest < 0n) {
    rest += perSecond;
    seconds -= 1n;
  }
  const time = new Date(Number(seconds) * 1000);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 0 || time.getUTCFullYear() > 9999) return null;
  const fraction = rest
    .toString()
    .padStart(places, '0')
    .padEnd(3, '0')
    .replace(/(?<=...)0+$/, '');
  return `${time.toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Microseconds since 1970 as ISO-8601 UTC text; null beyond the years 0 to 9999. */
export function isoMicros(micros: bigint): string | null {
  return isoTime(micros, 1_000_000n, 6);
}
