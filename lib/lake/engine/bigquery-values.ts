import { Decimal } from '../../focus/decimal.ts';
import type { Field, Value } from '../../platform/bigquery/model.ts';
import { type Cell, isoMicros } from './values.ts';

/**
 * A value as BigQuery's REST API writes it (times as microseconds: `useInt64Timestamp`) as the cell that the local
 * engine would give: see `cellOf`.
 */
export function bigQueryCell(value: Value, field: Field): Cell {
  if (value === null) return null;
  if (Array.isArray(value))
    return value.map((item: Value) => bigQueryCell(item, { ...field, mode: 'NULLABLE' }));
  if (typeof value !== 'string')
    return Object.fromEntries(
      field.fields.map((inner) => [inner.name, bigQueryCell(property(value, inner.name), inner)]),
    );
  switch (field.type) {
    case 'NUMERIC':
    case 'BIGNUMERIC': {
      const number = new Decimal(value);
      return number.isZero() ? '0' : number.toFixed();
    }
    case 'INTEGER':
    case 'INT64':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'FLOAT':
    case 'FLOAT64':
      return Number.isFinite(Number(value)) ? Number(value) : value;
    case 'BOOLEAN':
    case 'BOOL':
      return value === 'true';
    case 'TIMESTAMP':
      return isoMicros(BigInt(value)) ?? value;
    default:
      return value;
  }
}

function property(value: Value, name: string): Value {
  if (value === null || typeof value === 'string' || Array.isArray(value)) return null;
  return new Map(Object.entries(value)).get(name) ?? null;
}
