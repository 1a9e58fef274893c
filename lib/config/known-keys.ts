import { configJsonSchema } from './schema.ts';
import type { Path } from './yaml.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The keys that the config knows at a path; `value` (what was written) chooses between alternatives by type. */
export function knownKeys(path: Path, value: unknown): string[] {
  let schemas: Schema[] = [configJsonSchema()];
  let at: unknown = value;
  for (const key of path) {
    const inner = property(at, key);
    schemas = schemas
      .flatMap((schema) => below(schema, key))
      .flatMap((schema) => alternatives(schema, inner));
    at = inner;
  }
  const keys = schemas.flatMap((schema) => Object.keys(object(schema['properties']) ?? {}));
  return [...new Set(keys)];
}

function below(schema: Schema, key: PropertyKey): Schema[] {
  const named = object(property(schema['properties'], key));
  const found = named ?? object(schema['items']) ?? object(schema['additionalProperties']);
  return found === null ? [] : [found];
}

/** Alternatives with a `type` are told apart by it; where it is not one of theirs, all may be meant. */
function alternatives(schema: Schema, value: unknown): Schema[] {
  const options = [schema['oneOf'], schema['anyOf']].flatMap((list) => (Array.isArray(list) ? list : []));
  const all = options.map(object).filter((option) => option !== null);
  if (all.length === 0) return [schema];
  const type = property(value, 'type');
  const typed = all.filter((option) => property(property(option['properties'], 'type'), 'const') === type);
  return typed.length > 0 && type !== undefined ? typed : all;
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function object(value: unknown): Schema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}
