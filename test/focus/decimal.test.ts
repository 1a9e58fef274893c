import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, decimalText, unitsOf, unitsText } from '../../lib/focus/decimal.ts';

/** What DECIMAL(38,18) can hold, as text. */
const amounts = fc
  .bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })
  .map((units) => decimalText(new Decimal(units.toString()).div('1e18')));

describe('units of a decimal', () => {
  test('sums of units are the sums of decimals, to the last place', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 20 }), (all) => {
        const sum = all.reduce((total, each) => total.plus(each), new Decimal(0));
        const units = all.reduce((total, each) => total + unitsOf(each), 0n);
        expect(unitsText(units)).toBe(decimalText(sum));
      }),
    );
  });

  test('a text and its units are the same amount', () => {
    expect(unitsOf('-0.5')).toBe(-500_000_000_000_000_000n);
    expect(unitsOf('12')).toBe(12n * 10n ** 18n);
    expect(unitsText(-1n)).toBe('-0.000000000000000001');
    expect(unitsText(unitsOf('-0'))).toBe('0');
    expect(unitsText(unitsOf('007.2500'))).toBe('7.25');
  });

  test.each(['', ' 1', '1e5', '1.', '.5', '1,5', '0x10', '+1', '0.0000000000000000001', 'NaN'])(
    '%j is refused and is no zero',
    (text) => {
      expect(() => unitsOf(text)).toThrow('not a plain decimal number');
    },
  );
});
