import { isLosslessNumber } from 'lossless-json';
import type { Cell } from './values.ts';

/**
 * A value of Trino or Athena as the local engine writes it (`cellOf` of values.ts).
 * @param type as the engine names it: `decimal(38,18)` (Trino) or `decimal` (Athena).
 * @param value Trino's JSON, whose numbers were not made floats, or Athena's text.
 */
export function trinoCell(type: string, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  const text = isLosslessNumber(value) ? value.value : value;
  if (typeof text !== 'string') return nested(value);
  const [base = ''] = type.toLowerCase().split(/[( ]/, 1);
  switch (base) {
    case 'decimal':
      return plainText(text);
    case 'bigint':
    case 'integer':
    case 'int':
    case 'smallint':
    case 'tinyint':
      return whole(text);
    case 'double':
    case 'real':
    case 'float':
      return float(text);
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return isoText(text);
    default:
      return isLosslessNumber(value) ? numberCell(text) : text;
  }
}

/** Decimal text without trailing zeros; zero is `0`. */
export function plainText(text: string): string {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return /^-?0?$/.test(plain) ? '0' : plain;
}

function whole(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function float(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** A number inside a list or map: as it is where a double holds it, as text where it does not. */
function numberCell(text: string): number | string {
  return /^-?\d+$/.test(text) ? whole(text) : float(text);
}

/** `2026-11-01 00:00:00.000` is UTC, for the session's zone is; one with a zone of its own is turned into UTC. */
function isoText(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?: ?(UTC|Z|[+-]\d\d:\d\d))?$/.exec(text);
  const [, day, time, places = '', zone = 'UTC'] = found ?? [];
  if (day === undefined || time === undefined) return text;
  const fraction = places.padEnd(3, '0').replace(/(?<=...)0+$/, '');
  const utc =
    zone === 'UTC' || zone === 'Z'
      ? `${day}T${time}`
      : new Date(`${day}T${time}${zone}`).toISOString().slice(0, 19);
  return `${utc}.${fraction}Z`;
}

function nested(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (isLosslessNumber(value)) return numberCell(value.value);
  if (Array.isArray(value)) return value.map(nested);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nested(item)]));
  throw new TypeError(`an answer holds a ${typeof value}`);
}
