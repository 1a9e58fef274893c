/**
 * Why a cost moved from one period to another:
 * - `new`, `gone`: resources that the other period charged nothing for, at that price
 * - `quantity`: more or less of what both periods charged; `price`: each unit of it costs more or less, also where
 *   tiers or the mix within one SKU moved
 * - `days`: the later period is longer or shorter, and what is used at the same rate costs so much more or less
 * - `commitment`: what commitments took off, covered less or more, and what of them went unused
 * - `discount`: what else lies between contracted and effective cost; `credit`: credits
 * - `one-off`, `recurring`: purchases and fees; `tax`; `correction`: of periods that were invoiced before
 * - `unexplained`: charges whose bill tells no quantities, beyond what the days explain
 */
export const CAUSES = [
  'new',
  'gone',
  'quantity',
  'price',
  'days',
  'commitment',
  'discount',
  'credit',
  'one-off',
  'recurring',
  'tax',
  'correction',
  'unexplained',
] as const;
export type Cause = (typeof CAUSES)[number];

/** A part of a difference; decimal text in the currency of its mover. */
export interface MovedBy {
  readonly cause: Cause;
  readonly amount: string;
}

/** What moved, by the values of the axes asked for. Parts add up to `difference`, to the last decimal. */
export interface Moved {
  readonly key: readonly string[];
  readonly currency: string;
  readonly former: string;
  readonly current: string;
  readonly difference: string;
  /** Difference in percent of the former cost, 1 place; null where that was zero or below. */
  readonly percent: string | null;
  /** The largest first; those that are zero are left out. */
  readonly by: readonly MovedBy[];
  readonly newResources: number;
  readonly goneResources: number;
  /** How much was used in the two periods, where all of it was in both and is counted in one unit. */
  readonly quantity: { readonly unit: string; readonly former: string; readonly current: string } | null;
}

/** What kind of charge a part is of. */
export type ChargeKind = 'usage' | 'commitment' | 'credit' | 'one-off' | 'recurring' | 'tax' | 'correction';

/**
 * Charges of one price (kind, service, SKU, region and unit) in two periods, in one currency. Amounts are decimal
 * text in that currency. `Base` is what the use cost before commitments and credits: ContractedCost where the bill
 * tells it, else EffectiveCost.
 */
export interface Leaf {
  /** Values of the axes, in their order; '' where the bill names none. */
  readonly key: readonly string[];
  readonly currency: string;
  readonly kind: ChargeKind;
  /** Unit of the quantities in lower case; '' where the bill names none. */
  readonly unit: string;
  /** EffectiveCost in the former and in the later period. */
  readonly former: string;
  readonly current: string;
  /** Base of resources that the other period has none of: charged in the later alone, in the former alone. */
  readonly newBase: string;
  readonly goneBase: string;
  /** How many of them have an id. */
  readonly newResources: number;
  readonly goneResources: number;
  /** Base of what was charged in both periods. */
  readonly formerBase: string;
  readonly currentBase: string;
  /** Its quantities in the unit. */
  readonly formerQuantity: string;
  readonly currentQuantity: string;
  /** Charges of it that tell no quantity. */
  readonly unmeasured: number;
  /** EffectiveCost less base of what a commitment covers, in either period: below zero where it saves. */
  readonly formerCovered: string;
  readonly currentCovered: string;
}
