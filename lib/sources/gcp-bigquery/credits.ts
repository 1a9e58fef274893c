import type { Field } from '../../platform/bigquery/model.ts';
import { exact, path } from './sql.ts';

/** Types of credits that commitments give (Structure of Detailed data export, `credits.type`). */
export const RESOURCE_CUD = 'COMMITTED_USAGE_DISCOUNT';
export const LEGACY_SPEND_CUD = 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE';
export const FEE_OFFSET = 'FEE_UTILIZATION_OFFSET';

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  x_CreditsCommitment: [RESOURCE_CUD, LEGACY_SPEND_CUD, FEE_OFFSET],
  x_CreditsSustainedUse: ['SUSTAINED_USAGE_DISCOUNT'],
  x_CreditsPromotion: ['PROMOTION'],
};
const NAMED = Object.values(GROUPS).flat();

/** How a table writes its list of credits. */
export interface CreditList {
  readonly list: string;
  readonly amount: string;
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly field: Field;
}

const texts = (types: readonly string[]) => types.map((type) => `'${type}'`).join(', ');

/**
 * Sum of a row's credits, exactly; NULL where one of them cannot be kept, so that it is not taken for nothing. A
 * credit is a negative amount; several may together be more than the cost.
 */
export function creditSum(credits: CreditList, where = 'TRUE'): string {
  const amount = exact(`c.${path(credits.amount)}`, credits.field);
  const unreadable = `COUNTIF(c.${path(credits.amount)} IS NOT NULL AND ${amount} IS NULL)`;
  return `(SELECT IF(${unreadable} > 0, NULL, IFNULL(SUM(${amount}), BIGNUMERIC '0')) FROM UNNEST(${credits.list}) AS c WHERE ${where})`;
}

/** The credits by what they are for: the parts add up to the sum of all. */
export function creditGroups(credits: CreditList): { name: string; sql: string }[] {
  const type = `IFNULL(c.${path(credits.type)}, '')`;
  return [
    ...Object.entries(GROUPS).map(([name, types]) => ({
      name,
      sql: creditSum(credits, `${type} IN (${texts(types)})`),
    })),
    { name: 'x_CreditsOther', sql: creditSum(credits, `${type} NOT IN (${texts(NAMED)})`) },
  ];
}

/** Sum of the credits of one type. */
export function creditsOf(credits: CreditList, type: string): string {
  return creditSum(credits, `c.${path(credits.type)} = '${type}'`);
}

export function hasCredit(credits: CreditList, type: string): string {
  return `EXISTS(SELECT 1 FROM UNNEST(${credits.list}) AS c WHERE c.${path(credits.type)} = '${type}')`;
}

/** Of the credits of one type the id or name of the biggest. */
export function firstCredit(credits: CreditList, type: string, field: 'id' | 'name'): string {
  return `(SELECT CAST(c.${path(credits[field])} AS STRING) FROM UNNEST(${credits.list}) AS c
    WHERE c.${path(credits.type)} = '${type}' ORDER BY c.${path(credits.amount)}, c.${path(credits.id)} LIMIT 1)`;
}
