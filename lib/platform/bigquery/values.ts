import { z } from 'zod';
import { BursarError } from '../errors.ts';
import type { Field, Value } from './model.ts';

interface RawField {
  name: string;
  type: string;
  mode?: string | undefined;
  fields?: RawField[] | undefined;
}

/** A field as the API tells it (REST reference, TableFieldSchema). */
export const tableSchema: z.ZodType<RawField> = z.lazy(() =>
  z.object({
    name: z.string(),
    type: z.string(),
    mode: z.string().optional(),
    fields: z.array(tableSchema).optional(),
  }),
);

export function fieldsOf(raw: readonly RawField[] | undefined): Field[] {
  return (raw ?? []).map(({ name, type, mode, fields }) => ({
    name,
    type: type.toUpperCase() === 'STRUCT' ? 'RECORD' : type.toUpperCase(),
    mode: mode === 'REPEATED' || mode === 'REQUIRED' ? mode : 'NULLABLE',
    fields: fieldsOf(fields),
  }));
}

const cell = z.object({ v: z.unknown() });
const record = z.object({ f: z.array(cell) });

/** A row as the API writes it, `{f: [{v: ...}]}`, as its values in the order of the fields. */
export function rowOf(raw: unknown, fields: readonly Field[], where: string): Value[] {
  const row = record.safeParse(raw);
  if (!row.success || row.data.f.length !== fields.length)
    throw new BursarError(
      'unavailable',
      `BigQuery answered with a row that is not of ${fields.length} fields`,
      {
        where,
        hint: 'Run again, and report it if it stays.',
      },
    );
  return fields.map((field, at) => valueOf(row.data.f[at]?.v, field, where));
}

function valueOf(value: unknown, field: Field, where: string): Value {
  if (value === null || value === undefined) return null;
  if (field.mode === 'REPEATED' && Array.isArray(value))
    return value.map((item) => valueOf(property(item, 'v'), { ...field, mode: 'NULLABLE' }, where));
  if (field.type === 'RECORD') {
    const values = rowOf(value, field.fields, where);
    return Object.fromEntries(field.fields.map(({ name }, at) => [name, values[at] ?? null]));
  }
  // Scalars are text; a number here would have lost digits already.
  if (typeof value === 'string') return value;
  throw new BursarError(
    'unavailable',
    `BigQuery answered ${field.name} with ${JSON.stringify(value)} instead of a text`,
    {
      where,
      hint: 'Run again, and report it if it stays.',
    },
  );
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
