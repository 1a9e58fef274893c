import type { Dialect } from '../dialect/model.ts';

/** The part of a group's EffectiveCost that a commitment covers, decimal; 0 where none does. */
export function covered(d: Dialect): string {
  return `COALESCE(${d.sumIf(d.name('EffectiveCost'), `${d.name('CommitmentDiscountId')} IS NOT NULL`)}, 0)`;
}

/**
 * Units of what is charged for going through a thing or asking it, and not for its being there: FOCUS 1.2, Unit Format,
 * as AWS, Google and Microsoft write them in the FOCUS sample (September 2024) and in their own exports (AWS
 * `LCU-Hrs`, Google `gibibyte`; read November 2026). What is kept is priced by GB and month, and is none of them.
 */
const BY_USE =
  'B,Byte,Bytes,byte,bytes,MB,MiB,mebibyte,GB,GiB,gibibyte,Gigabytes,TB,TiB,tebibyte,Request,Requests,requests,API Requests,LCU-Hours,LCU-Hrs'.split(
    ',',
  );

/** Rows that no commitment covers and that were charged for what went through a thing. */
export function isByUse(d: Dialect): string {
  const unit = `COALESCE(${d.name('PricingUnit')}, ${d.name('ConsumedUnit')}, '')`;
  return `(${d.name('CommitmentDiscountId')} IS NULL AND ${unit} IN (${BY_USE.map((one) => d.text(one)).join(', ')}))`;
}

/** The part of a group's EffectiveCost that such rows have, decimal; 0 where none does. */
export function byUse(d: Dialect): string {
  return `COALESCE(${d.sumIf(d.name('EffectiveCost'), isByUse(d))}, 0)`;
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
