import type { Dialect } from '../dialect/model.ts';
import { inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/** What usage cost beside what its list and contracted prices would have come to. Amounts are decimal text. */
export interface SavingsBase {
  readonly source: string;
  /** ProviderName, as the bill writes it. */
  readonly provider: string;
  readonly currency: string;
  /** EffectiveCost of commitments that went unused: it belongs to what was paid, and to no list price. */
  readonly unused: string;
  /** Of charges whose ListCost the bill tells: that, and their EffectiveCost. */
  readonly list: string;
  readonly effectiveOfList: string;
  /** Of charges whose ContractedCost the bill tells. */
  readonly contracted: string;
  readonly effectiveOfContracted: string;
  /** EffectiveCost of charges that tell no list price, and no contracted one. */
  readonly withoutList: string;
  readonly withoutContracted: string;
}

/**
 * Usage in a window beside its prices. Purchases are left out, for List and Contracted of a commitment's purchase
 * repeat those of the usage that it covers (FOCUS 1.2). A price of zero beside a cost is one that the bill does not
 * know. Corrections of earlier periods have no prices to compare.
 */
export const savingsRates: NamedQuery<SavingsBase> = {
  name: 'savings-rates',
  params: ['start', 'end'],
  sql: (d) => {
    const effective = d.name('EffectiveCost');
    const isUnused = `COALESCE(${d.name('CommitmentDiscountStatus')}, '') = 'Unused'`;
    const tells = (price: string) =>
      `NOT (${isUnused}) AND ${d.name(price)} IS NOT NULL AND NOT (${d.name(price)} = 0 AND ${effective} <> 0)`;
    const lacks = (price: string) =>
      `NOT (${isUnused}) AND (${d.name(price)} IS NULL OR (${d.name(price)} = 0 AND ${effective} <> 0))`;
    return `
      SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider,
             ${d.name('BillingCurrency')} AS currency,
             ${sumIf(d, effective, isUnused)} AS unused,
             ${sumIf(d, d.name('ListCost'), tells('ListCost'))} AS list,
             ${sumIf(d, effective, tells('ListCost'))} AS effective_of_list,
             ${sumIf(d, d.name('ContractedCost'), tells('ContractedCost'))} AS contracted,
             ${sumIf(d, effective, tells('ContractedCost'))} AS effective_of_contracted,
             ${sumIf(d, effective, lacks('ListCost'))} AS without_list,
             ${sumIf(d, effective, lacks('ContractedCost'))} AS without_contracted
      FROM costs
      WHERE ${inWindow(d)} AND ${d.name('ChargeCategory')} = 'Usage'
        AND COALESCE(${d.name('ChargeClass')}, '') <> 'Correction'
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  },
  merge: {
    keys: ['source', 'provider', 'currency'],
    sum: [
      'unused',
      'list',
      'effective_of_list',
      'contracted',
      'effective_of_contracted',
      'without_list',
      'without_contracted',
    ],
  },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: textIn(raw, 'provider'),
    currency: textIn(raw, 'currency'),
    unused: textIn(raw, 'unused'),
    list: textIn(raw, 'list'),
    effectiveOfList: textIn(raw, 'effective_of_list'),
    contracted: textIn(raw, 'contracted'),
    effectiveOfContracted: textIn(raw, 'effective_of_contracted'),
    withoutList: textIn(raw, 'without_list'),
    withoutContracted: textIn(raw, 'without_contracted'),
  }),
};

function sumIf(d: Dialect, amount: string, condition: string): string {
  return `COALESCE(${d.sumIf(amount, condition)}, 0)`;
}
