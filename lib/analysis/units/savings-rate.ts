import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';

/** Usage beside its prices; decimal text. Fields as `savings-rates` of the lake gives them. */
export interface PricedUsage {
  readonly unused: string;
  readonly list: string;
  readonly effectiveOfList: string;
  readonly contracted: string;
  readonly effectiveOfContracted: string;
  readonly withoutList: string;
  readonly withoutContracted: string;
}

/** An effective savings rate: `(price - effective cost) / price`. */
export interface SavingsRate {
  /** What the usage would have come to at that price, decimal text. */
  readonly price: string;
  /** What was paid for it, commitments that went unused included. */
  readonly effective: string;
  /** Percent, one decimal; below zero where commitments cost more than they saved. Null where no price is known. */
  readonly percent: string | null;
  /** Effective cost of usage whose price the bill does not tell: in neither figure. */
  readonly withoutPrice: string;
}

/**
 * The Effective Savings Rate against contracted and against list prices (FinOps Foundation, FinOps use cases, "Determine
 * Effective Savings Rate": (Contracted Cost - Effective Cost) / Contracted Cost, and the same over List Cost). What
 * commitments cost that nobody used is part of what was paid: without it a rate would rise by buying too much.
 */
export function savingsRate(usage: PricedUsage): { overContracted: SavingsRate; overList: SavingsRate } {
  const rate = (price: string, effective: string, without: string): SavingsRate => {
    const paid = decimal(effective).plus(decimal(usage.unused));
    const whole = decimal(price);
    return {
      price: decimalText(whole),
      effective: decimalText(paid),
      percent: whole.gt(0) ? new Decimal(1).minus(paid.div(whole)).times(100).toFixed(1) : null,
      withoutPrice: decimalText(decimal(without)),
    };
  };
  return {
    overContracted: rate(usage.contracted, usage.effectiveOfContracted, usage.withoutContracted),
    overList: rate(usage.list, usage.effectiveOfList, usage.withoutList),
  };
}
