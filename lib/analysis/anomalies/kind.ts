import type { AnomalyKind } from './model.ts';

/** Something that is off, as far as its kind rests on it. */
export interface Shape {
  readonly from: number;
  readonly caught: number;
  readonly last: number;
  readonly side: 1 | -1;
  /** Steps of the sum that gave it away. */
  readonly window: number;
  readonly isShift: boolean;
  /** What was expected from `from` on, as it was before. */
  readonly before: (at: number) => number;
}

/** @param accepted steps after which what is off is a new level */
export function kindOf(
  { side, isShift, from, last, caught, window, before }: Shape,
  values: readonly (number | null)[],
  accepted: number,
): AnomalyKind {
  const rest = values.slice(from, Math.max(last, caught) + 1);
  if (side === -1 && rest.length >= 3 && rest.every((value) => value === 0)) return 'stopped';
  if (window >= accepted && isRamp(rest.map((value, at) => (value ?? before(from + at)) - before(from + at))))
    return side === 1 ? 'drift up' : 'drift down';
  if (isShift) return side === 1 ? 'step up' : 'step down';
  return side === 1 ? 'spike' : 'dip';
}

/** Does it rise rather than stand: is a line nearer to it than its mean, by half of what is left? */
function isRamp(off: readonly number[]): boolean {
  const n = off.length;
  if (n < 5) return false;
  const mean = off.reduce((sum, value) => sum + value, 0) / n;
  const middle = (n - 1) / 2;
  let [cross, square, flat] = [0, 0, 0];
  off.forEach((value, at) => {
    cross += (at - middle) * (value - mean);
    square += (at - middle) ** 2;
    flat += (value - mean) ** 2;
  });
  const explained = cross ** 2 / square;
  return explained > flat / 2 && Math.sign(cross) === Math.sign(mean);
}
