/** Seconds since 1970 below this, milliseconds from it on: as seconds it is the year 5138, as milliseconds 1973. */
const MILLISECONDS_FROM = 100_000_000_000;
/** What JavaScript's dates reach (ECMA-262, "Time Values and Time Range"). */
const FURTHEST = 8_640_000_000_000_000;
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Milliseconds since 1970 of what a metadata field or a listing holds of a time: ISO-8601 text (UTC where it names
 * no offset; a space in the place of the T is PostgreSQL's), or seconds or milliseconds since 1970, as a number or as
 * text; null for anything else.
 */
export function timeOf(value: unknown): number | null {
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value === 'bigint') return timeOf(Number(value));
  if (typeof value === 'number') return sinceEpoch(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{1,16}(\.\d+)?$/.test(text)) return sinceEpoch(Number(text));
  const [, day, clock = '00:00', offset = 'Z'] = ISO.exec(text) ?? [];
  if (day === undefined) return null;
  const zone = /^[+-]\d{2}$/.test(offset) ? `${offset}:00` : offset.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return finite(Date.parse(`${day}T${clock}${zone.toUpperCase()}`));
}

/** Zero is what programs write that do not know. */
function sinceEpoch(value: number): number | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  const time = value < MILLISECONDS_FROM ? value * 1000 : value;
  return time > FURTHEST ? null : Math.round(time);
}

function finite(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}
