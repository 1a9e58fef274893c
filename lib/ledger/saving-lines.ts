import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import type { Finding } from './model.ts';

/** One step from what a resource costs to what stopping it saves. Amounts as decimal text in the finding's currency. */
export interface SavingLine {
  readonly what: string;
  readonly amount: string;
  /** Where the amount comes from; empty for a sum. */
  readonly source: string;
}

/** Evidence that is money and lessens the saving, by the beginning of its name. */
const DEDUCTED = /^(covered by commitments|charged by use|goes on billing|paid in advance)/;

/**
 * The arithmetic of a saving, line by line: the cost, what of it would be paid all the same or not again, and the rest, which is
 * never below zero nor above the cost. All lines but the last add up to the last. Empty where no saving is told.
 * What the evidence does not account for has a line that says so.
 */
export function savingLines({
  monthlyCost,
  monthlySaving,
  evidence,
}: Pick<Finding, 'monthlyCost' | 'monthlySaving' | 'evidence'>): SavingLine[] {
  if (monthlyCost === null || monthlySaving === null) return [];
  const cost = decimal(monthlyCost.amount);
  const money = evidence.filter(({ unit }) => unit === monthlyCost.currency);
  const deducted = money.filter(({ name }) => DEDUCTED.test(name));
  const left = deducted.reduce((sum, { value }) => sum.minus(value), cost);
  const bounded = Decimal.max(Decimal.min(left, cost), 0);
  return [
    {
      what: 'cost of the month',
      amount: monthlyCost.amount,
      source: money.find(({ value }) => decimal(value).equals(cost))?.source ?? '',
    },
    ...deducted.map(({ name, value, source }) => ({
      what: name,
      amount: decimalText(decimal(value).negated()),
      source,
    })),
    ...line('kept between zero and the cost', bounded.minus(left)),
    ...line(UNTOLD, decimal(monthlySaving.amount).minus(bounded)),
    { what: 'saved when it stops', amount: monthlySaving.amount, source: '' },
  ];
}

/** The line of an amount that no evidence accounts for. */
export const UNTOLD = 'not told by the evidence';

function line(what: string, amount: Decimal): SavingLine[] {
  return amount.isZero() ? [] : [{ what, amount: decimalText(amount), source: '' }];
}
