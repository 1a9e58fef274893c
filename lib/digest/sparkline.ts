import { Decimal } from '../focus/decimal.ts';
import { exact } from './number.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Amounts as eight heights from zero (or from the lowest credit) to the highest, a blank where there is none; empty for none at all. */
export function sparkline(amounts: readonly (string | null)[]): string {
  const values = amounts.map((text) => (text === null ? null : exact(text)));
  const known = values.filter((value) => value !== null);
  const low = Decimal.min(0, ...known);
  const range = Decimal.max(0, ...known).minus(low);
  return values
    .map((value) => {
      if (value === null) return ' ';
      const step = range.isZero() ? 0 : value.minus(low).div(range).times(7).round().toNumber();
      return BARS[step] ?? BARS[0];
    })
    .join('');
}
