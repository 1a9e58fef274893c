import { Decimal } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import type { Advice } from '../model.ts';

/** An amount as the SDK gives it: a number of AWS's type double. */
interface Amount {
  readonly currency?: string | undefined;
  readonly value?: number | undefined;
}

/** What a tool says a change would save, before and after what discounts take off. */
export interface Opportunity {
  readonly savingsOpportunity?: { readonly estimatedMonthlySavings?: Amount | undefined } | undefined;
  readonly savingsOpportunityAfterDiscounts?:
    | { readonly estimatedMonthlySavings?: Amount | undefined }
    | undefined;
}

/** The saving after discounts where the tool tells it, since that is what a bill would show; else at On-Demand prices. */
export function savingOf(told: Opportunity | undefined): Pick<Advice, 'monthlySaving' | 'discounts'> {
  const after = amountOf(told?.savingsOpportunityAfterDiscounts?.estimatedMonthlySavings);
  if (after !== null) return { monthlySaving: after, discounts: 'counted' };
  const before = amountOf(told?.savingsOpportunity?.estimatedMonthlySavings);
  return { monthlySaving: before, discounts: before === null ? 'not told' : 'not counted' };
}

/** Amounts come as numbers of type double (their models); as text they are what AWS wrote, and never counted with before. */
export function amountOf({ value, currency }: Amount = {}): Money | null {
  if (value === undefined || !Number.isFinite(value) || !currency) return null;
  return money(new Decimal(value), currency);
}

/** The region of an ARN; `otherwise` where it names none. */
export function regionOf(arn: string, otherwise: string): string {
  const [, , , region = ''] = arn.split(':');
  return region === '' ? otherwise : region;
}
