import { parse } from 'lossless-json';
import type { Cell } from './values.ts';

/** Sum of what EXPLAIN (TYPE IO) expects of each table; null where the tables have no statistics (NaN). */
export function inputBytes(rows: readonly Record<string, Cell>[]): bigint | null {
  const cells = rows.flatMap((row) => Object.values(row));
  const text = cells.filter((cell) => typeof cell === 'string').join('\n');
  // Athena gives a plan line by line, and may name its column first.
  const begins = text.indexOf('{');
  const plan: unknown = begins < 0 ? null : parse(text.slice(begins));
  const tables = property(plan, 'inputTableColumnInfos');
  if (!Array.isArray(tables)) return null;
  let sum = 0n;
  for (const table of tables) {
    const size = Number(String(property(property(table, 'estimate'), 'outputSizeInBytes')));
    if (!Number.isFinite(size)) return null;
    sum += BigInt(Math.ceil(size));
  }
  return sum;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
