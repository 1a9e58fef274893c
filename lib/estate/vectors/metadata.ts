import type { VectorKey } from './compare.ts';
import type { DocumentFields } from './documents.ts';

/**
 * What a vector's metadata tell of it, through the configured keys and no other.
 * @param metadata an object as the store gives it. A key that it has not as it is written is looked for as a path
 *   through objects: `metadata.source`
 */
export function vectorKeyOf(metadata: unknown, fields: DocumentFields): VectorKey {
  const read = (field: string | null) => (field === null ? null : valueAt(metadata, field));
  return {
    source: textOf(read(fields.key)),
    part: textOf(read(fields.part)),
    content: textOf(read(fields.content)),
    embedded: timeOf(read(fields.embedded)),
    model: textOf(read(fields.model)),
    tokens: countOf(read(fields.tokens)),
  };
}

/** The configured keys, each once: all that is ever asked of a store. */
export function namesOf(fields: DocumentFields): string[] {
  return [...new Set(Object.values(fields).filter((name): name is string => name !== null))];
}

/** Own properties alone: a key called `constructor` is none that every object has. */
function valueAt(metadata: unknown, field: string): unknown {
  if (typeof metadata !== 'object' || metadata === null) return null;
  if (Object.hasOwn(metadata, field)) return Reflect.get(metadata, field);
  let at: unknown = metadata;
  for (const part of field.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return null;
    at = Reflect.get(at, part);
  }
  return at;
}

/** Texts as they are, numbers and truth values as they are written; lists and objects name nothing. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : null;
}

/** Below, a number is seconds since 1970 (until the year 5138), above milliseconds (since March 1973). */
const FIRST_MILLISECONDS = 1e11;

/** Milliseconds since 1970 of ISO-8601 text with a date, or of seconds or milliseconds since 1970. */
function timeOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number')
    return Number.isFinite(number) && number > 0
      ? Math.round(number < FIRST_MILLISECONDS ? number * 1000 : number)
      : null;
  if (typeof number !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(number)) return null;
  // Without an offset a time is UTC here, and not that of this machine.
  const time = Date.parse(
    /[T ]\d/.test(number) && !/(Z|[+-]\d{2}:?\d{2})$/i.test(number) ? `${number}Z` : number,
  );
  return Number.isNaN(time) ? null : time;
}

function countOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
