import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';

/** Usage that a commitment covered, as the bill tells it (one currency, one programme). */
export interface CoveredUsage {
  /** EffectiveCost, decimal text. */
  readonly effective: string;
  /** What it would have cost without the commitment: ContractedCost, or ListCost where that is unknown. */
  readonly onDemand: string;
}

/**
 * The discount that commitments gave on covered usage: 1 - effective / on-demand, rounded to 18 places; null
 * where nothing is covered or the bill shows no discount between 0 and 1.
 */
export function observedDiscount(rows: Iterable<CoveredUsage>): string | null {
  let effective = new Decimal(0);
  let onDemand = new Decimal(0);
  for (const row of rows) {
    effective = effective.plus(decimal(row.effective));
    onDemand = onDemand.plus(decimal(row.onDemand));
  }
  if (!onDemand.gt(0)) return null;
  const discount = new Decimal(1).minus(effective.div(onDemand)).toDecimalPlaces(18);
  return discount.gt(0) && discount.lt(1) ? decimalText(discount) : null;
}
