import type { Dialect } from '../dialect/model.ts';

/** The part of a group's EffectiveCost that a commitment covers, decimal; 0 where none does. */
export function covered(d: Dialect): string {
  return `COALESCE(${d.sumIf(d.name('EffectiveCost'), `${d.name('CommitmentDiscountId')} IS NOT NULL`)}, 0)`;
}

/**
 * Rows that are no fee of a commitment itself (Unused, and Purchase rows that have a commitment's id): those have
 * the commitment for their resource.
 */
export function isUse(d: Dialect): string {
  return `(${d.name('CommitmentDiscountId')} IS NULL
           OR COALESCE(${d.name('CommitmentDiscountStatus')}, '') <> 'Unused'
              AND ${d.name('ChargeCategory')} <> 'Purchase')`;
}
