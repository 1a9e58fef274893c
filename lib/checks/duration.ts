import { z } from 'zod';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** A length of time as an admin writes it: a whole number and m, h, d or w (`168h`, `30d`). */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[mhdw]$/, 'a whole number and m, h, d or w, like 168h or 30d');

/** Milliseconds of a duration text; throws RangeError where it is not one. */
export function durationMs(text: string): number {
  const match = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? '');
  if (match === null || unit === undefined)
    throw new RangeError(`not a duration: ${JSON.stringify(text)} (like 168h or 30d)`);
  return Number(match[1]) * unit;
}

/** ISO-8601 interval `start/end` of two instants in milliseconds. */
export function interval(start: number, end: number): string {
  return `${new Date(start).toISOString()}/${new Date(end).toISOString()}`;
}
