import type { VectorKey } from './compare.ts';
import type { DocumentFields } from './documents.ts';

/** The configured fields that a store has to be asked for, each once. */
export function fieldNames(fields: DocumentFields): string[] {
  const { key, part, content, embedded, model, tokens } = fields;
  return [...new Set([key, part, content, embedded, model, tokens].filter((name) => name !== null))];
}

/**
 * What the fields of one vector tell, in whatever type the store keeps them.
 * @param valueOf the value of a configured field; null or undefined where the vector has none
 */
export function vectorKey(fields: DocumentFields, valueOf: (field: string) => unknown): VectorKey {
  const of = (field: string | null): unknown => (field === null ? null : valueOf(field));
  return {
    source: textOf(of(fields.key)),
    part: textOf(of(fields.part)),
    content: textOf(of(fields.content)),
    embedded: timeOf(of(fields.embedded)),
    model: textOf(of(fields.model)),
    tokens: countOf(of(fields.tokens)),
  };
}

/** Text and numbers as text; anything else (a list, an object) names nothing. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    ? String(value)
    : null;
}

/** The year 5138 in seconds, and March 1973 in milliseconds: no vector is of a time between the two readings. */
const MOST_SECONDS = 1e11;
/** The year 5138 in milliseconds: what is more counts microseconds or less, and is not guessed at. */
const MOST_MILLISECONDS = 1e14;
const NUMBER = /^\d+(\.\d+)?$/;
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Milliseconds since 1970 of a date, of seconds or milliseconds since 1970, or of ISO-8601 text, which is in UTC where
 * it names no zone; null where it is none of these.
 */
export function timeOf(value: unknown): number | null {
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value === 'bigint') return timeOf(Number(value));
  if (typeof value === 'number')
    return !Number.isFinite(value) || value <= 0 || value >= MOST_MILLISECONDS
      ? null
      : Math.round(value < MOST_SECONDS ? value * 1000 : value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (NUMBER.test(text)) return timeOf(Number(text));
  const [, day, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  if (day === undefined) return null;
  // `+00` alone is how Postgres writes a zone; JavaScript asks for its minutes too.
  return finite(Date.parse(`${day}T${time}${/^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone}`));
}

/** A whole number from 0 on, also as text. */
function countOf(value: unknown): number | null {
  const number =
    typeof value === 'bigint' || (typeof value === 'string' && NUMBER.test(value)) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
