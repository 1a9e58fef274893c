import { Decimal as DecimalJs } from 'decimal.js';

/**
 * Exact decimal arithmetic for money: enough digits for any product of two DECIMAL(38,18) values, rounded
 * half-even, and printed plainly (never `1e-7`).
 */
export const Decimal = DecimalJs.clone({
  precision: 80,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = DecimalJs;

/** Places after the point and digits before it that DECIMAL(38,18) holds. */
export const SCALE = 18;
export const INTEGER_DIGITS = 20;

const LIMIT = new Decimal(10).pow(INTEGER_DIGITS);
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;

/** What a text is as DECIMAL(38,18): the exact value, or why it cannot be one. */
export type ParsedDecimal = { ok: true; value: Decimal } | { ok: false; reason: string };

/** Reads a decimal text exactly; refuses what DECIMAL(38,18) cannot hold instead of rounding it. */
export function parseDecimal(text: string): ParsedDecimal {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed))
    return { ok: false, reason: `not a decimal number: ${JSON.stringify(clip(text))}` };
  const value = new Decimal(trimmed);
  if (value.decimalPlaces() > SCALE)
    return { ok: false, reason: `more than ${SCALE} decimal places: ${clip(trimmed)}` };
  if (value.abs().gte(LIMIT))
    return { ok: false, reason: `more than ${INTEGER_DIGITS} digits before the point: ${clip(trimmed)}` };
  return { ok: true, value };
}

/** Parses a decimal text that our own code wrote; throws where it is not one. */
export function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  return parsed.value;
}

/** Plain decimal text, without trailing zeros, at most 18 places (half-even); zero is `0`, never `-0`. */
export function decimalText(value: Decimal): string {
  const rounded = value.toDecimalPlaces(SCALE);
  return rounded.isZero() ? '0' : rounded.toFixed();
}

/** Plain decimal text with every place, also beyond 18: of what was multiplied and shall still add up. */
export function exactText(value: Decimal): string {
  return value.isZero() ? '0' : value.toFixed();
}

const PLAIN = /^-?\d+(\.\d{1,18})?$/;

/**
 * A plain decimal text of at most 18 places as a whole number of its smallest unit, 10^-18: where very many are added
 * up, quicker than a Decimal and as exact.
 */
export function unitsOf(text: string): bigint {
  if (!PLAIN.test(text)) throw new RangeError(`not a plain decimal number: ${JSON.stringify(clip(text))}`);
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(SCALE, '0')}`);
}

/** The plain decimal text of such a number, without trailing zeros. */
export function unitsText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
