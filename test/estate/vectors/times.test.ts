import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeOf } from '../../../lib/estate/vectors/times.ts';

const AT = Date.parse('2026-11-20T10:30:00Z');

it.each([
  ['2026-11-20T10:30:00Z', AT],
  ['2026-11-20T10:30:00', AT],
  ['2026-11-20 10:30:00', AT],
  ['2026-11-20 12:30:00+02', AT],
  ['2026-11-20 12:30:00+0200', AT],
  ['2026-11-20T12:30:00.000+02:00', AT],
  ['2026-11-20T10:30Z', AT],
  ['2026-11-20T10:30:00.123456Z', AT + 123],
  ['2026-11-20', Date.parse('2026-11-20T00:00:00Z')],
  [AT, AT],
  [AT / 1000, AT],
  [String(AT / 1000), AT],
  [`${AT / 1000}.5`, AT + 500],
  [BigInt(AT), AT],
  [new Date(AT), AT],
])('%s', (told, time) => expect(timeOf(told)).toBe(time));

it.each([
  '',
  'yesterday',
  '20/11/2026',
  '2026-13-40',
  'infinity',
  0,
  -1,
  Number.NaN,
  Infinity,
  9e15,
  null,
  undefined,
  {},
  true,
  new Date(Number.NaN),
])('is not known of %s', (told) => expect(timeOf(told)).toBeNull());

it('reads what any date writes, in seconds, milliseconds and text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100_000_000_000, max: 4_000_000_000_000 }), (time) => {
      expect(timeOf(new Date(time).toISOString())).toBe(time);
      expect(timeOf(String(time))).toBe(time);
      expect(timeOf(Math.floor(time / 1000))).toBe(Math.floor(time / 1000) * 1000);
    }),
  );
});
