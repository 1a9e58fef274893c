/** A length of time as a config writes it: fixed, or counted in days on which people work. */
export type Duration = { readonly minutes: number } | { readonly businessDays: number };

const MINUTES: ReadonlyMap<string, number> = new Map([
  ['m', 1],
  ['minute', 1],
  ['h', 60],
  ['hour', 60],
  ['d', 24 * 60],
  ['day', 24 * 60],
  ['w', 7 * 24 * 60],
  ['week', 7 * 24 * 60],
]);

/** Reads `168h`, `30d`, `15m`, `1w`, `2 weeks`, `2 business days`; throws RangeError for anything else. */
export function parseDuration(text: string): Duration {
  const match = /^(\d{1,6}) ?(business day|minute|hour|day|week|m|h|d|w)(s?)$/.exec(text);
  const [, digits = '', unit = '', plural = ''] = match ?? [];
  const count = Number(digits);
  if (match === null || count === 0 || (unit.length === 1 && plural !== ''))
    throw new RangeError(`not a duration: ${JSON.stringify(text)}`);
  if (unit === 'business day') return { businessDays: count };
  return { minutes: count * (MINUTES.get(unit) ?? Number.NaN) };
}
