import { Decimal, SCALE } from '../../focus/decimal.ts';

/**
 * Shares an amount out by weights, each share cut to 18 places (toward zero); what the cuts leave goes to the
 * largest weight, so that the shares add up to the amount exactly. All weights are above zero.
 */
export function shareOut(amount: Decimal, weights: readonly Decimal[]): Decimal[] {
  const whole = weights.reduce((sum, weight) => sum.plus(weight), new Decimal(0));
  const shares = weights.map((weight) =>
    amount.times(weight).div(whole).toDecimalPlaces(SCALE, Decimal.ROUND_DOWN),
  );
  const given = shares.reduce((sum, share) => sum.plus(share), new Decimal(0));
  const largest = weights.reduce(
    (best, weight, index) => (weight.gt(weights[best] ?? weight) ? index : best),
    0,
  );
  return shares.map((share, index) => (index === largest ? share.plus(amount.minus(given)) : share));
}
