/**
 * Record types of Cost Explorer, which say what kind of charge an amount is. One query can group by two dimensions
 * alone, account and service, so the kind comes from one query for each group of types. Groups are disjoint, since a
 * type belongs to exactly one; they are complete, since every type that the bill has on any day is put into one, and
 * the sum is held against a total that nothing was filtered out of.
 *
 * Source of the names: AWS Cost Management user guide, "Cost Categories", term comparison of the charge type
 * dimension (value in the API), and the line item types of the Cost and Usage Report; read in November 2026. The list
 * is not complete (discounts bear the names of their programmes), so whatever else comes is an adjustment.
 */
export interface RecordGroup {
  readonly name: 'usage' | 'purchase' | 'tax' | 'credit' | 'refund' | 'adjustment';
  readonly chargeCategory: 'Usage' | 'Purchase' | 'Tax' | 'Credit' | 'Adjustment';
  readonly chargeClass: 'Correction' | null;
  /** Supposed of fees, which may be paid once or every month. */
  readonly chargeFrequency: 'Usage-Based' | 'Recurring' | 'One-Time';
  /** Exact names; empty: whatever no other group has. */
  readonly types: readonly string[];
}

export const RECORD_GROUPS: readonly RecordGroup[] = [
  {
    name: 'usage',
    chargeCategory: 'Usage',
    chargeClass: null,
    chargeFrequency: 'Usage-Based',
    types: ['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation'],
  },
  {
    name: 'purchase',
    chargeCategory: 'Purchase',
    chargeClass: null,
    chargeFrequency: 'Recurring',
    types: [
      'Fee',
      'RIFee',
      'SavingsPlanRecurringFee',
      'SavingsPlanUpfrontFee',
      'Recurring',
      'Upfront',
      'Support',
    ],
  },
  { name: 'tax', chargeCategory: 'Tax', chargeClass: null, chargeFrequency: 'One-Time', types: ['Tax'] },
  {
    name: 'credit',
    chargeCategory: 'Credit',
    chargeClass: null,
    chargeFrequency: 'One-Time',
    types: ['Credit'],
  },
  {
    name: 'refund',
    chargeCategory: 'Adjustment',
    chargeClass: 'Correction',
    chargeFrequency: 'One-Time',
    types: ['Refund'],
  },
  {
    name: 'adjustment',
    chargeCategory: 'Adjustment',
    chargeClass: null,
    chargeFrequency: 'One-Time',
    types: [],
  },
];

/** The group of a record type. */
export function groupOf(type: string): RecordGroup {
  const found = RECORD_GROUPS.find(({ types }) => types.includes(type)) ?? RECORD_GROUPS.at(-1);
  if (found === undefined) throw new RangeError('there are no groups of record types');
  return found;
}

/** The groups that a bill's record types fall into, each with its own types, in the order of `RECORD_GROUPS`. */
export function groupsOf(
  types: Iterable<string>,
): { readonly group: RecordGroup; readonly types: string[] }[] {
  const byGroup = Map.groupBy(new Set(types), groupOf);
  return RECORD_GROUPS.flatMap((group) => {
    const own = byGroup.get(group);
    return own === undefined ? [] : [{ group, types: own.toSorted() }];
  });
}
