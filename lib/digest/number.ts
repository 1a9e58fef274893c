import { Decimal } from '../focus/decimal.ts';

/**
 * The exact value of a decimal text that this room made or was given. Unlike a column of the bill, a sum or a
 * difference may have more than 20 digits before its point, and is still told.
 */
export function exact(text: string): Decimal {
  return new Decimal(text);
}
