import { Decimal } from '../focus/decimal.ts';
import { exact } from './number.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Amounts as eight heights from zero (or from the lowest credit) to the highest; empty for none. */
export function sparkline(amounts: readonly string[]): string {
  if (amounts.length === 0) return '';
  const values = amounts.map((text) => exact(text));
  const low = Decimal.min(0, ...values);
  const range = Decimal.max(0, ...values).minus(low);
  return values
    .map((value) => {
      const step = range.isZero() ? 0 : value.minus(low).div(range).times(7).round().toNumber();
      return BARS[step] ?? BARS[0];
    })
    .join('');
}
