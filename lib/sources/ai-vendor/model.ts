import type { Decimal } from '../../focus/decimal.ts';

/**
 * What is counted. The first four are tokens and disjoint: `input` is without what was read from or written to the
 * cache, so that the sum of the four is what the vendor counted.
 */
export type Measure =
  | 'input'
  | 'cached-input'
  | 'cache-write'
  | 'output'
  | 'images'
  | 'characters'
  | 'seconds'
  | 'bytes'
  | 'sessions'
  | 'file-search-calls'
  | 'web-search-calls';

/** What both sides of the bill say of themselves; null: not told, or none. */
interface Place {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** Project or workspace. */
  readonly subAccount: string | null;
  readonly apiKey: string | null;
  /** As the vendor writes it: `gpt-4o-2024-08-06`. */
  readonly model: string | null;
  /** Part of a measure with a price of its own: `text`, `audio`, `image`; cache writes for `5m` or `1h`. */
  readonly variant: string | null;
  /** `priority`, `flex`, `batch`, `standard`; null is a vendor's ordinary one. */
  readonly tier: string | null;
  /** `0-200k`, `long context` */
  readonly context: string | null;
}

/** A row of the vendor's costs: the money. */
export interface Charge extends Place {
  readonly measure: Measure | null;
  /** Through which product it came, where the vendor says so: `evals`, `assistants api`. */
  readonly surface: string | null;
  /** The vendor's amount in whole currency units, its own decimal text. */
  readonly amount: string;
  readonly currency: string;
  /** The vendor's own words. */
  readonly description: string | null;
  /** What was billed, where the vendor says it with the cost, in the unit of `measure` where there is one. */
  readonly billed: { readonly quantity: Decimal; readonly unit: string } | null;
}

/** A count of the vendor's usage: no money. */
export interface Use extends Place {
  readonly measure: Measure;
  /** Above zero. */
  readonly quantity: Decimal;
  /** The vendor bills this tier elsewhere: only a charge that names the tier can be its cost. */
  readonly billedElsewhere: boolean;
}

/** A row to be: a charge or a share of one with the usage that it is for, or usage without a cost. */
export interface Line extends Place {
  readonly measure: Measure | null;
  readonly charge: Charge | null;
  /** Of the vendor's costs; `0` for usage without a cost. Decimal text, or the vendor's text where it is none. */
  readonly amount: string;
  /** Counted by the vendor's usage; null where none of it is known to be of this charge. */
  readonly quantity: Decimal | null;
  /** Of the vendor's costs, where it says it. */
  readonly billed: Charge['billed'];
  /** The cost of several keys, told in one sum, was shared out by what each used. */
  readonly shared: boolean;
  /** No charge speaks of this usage. False for usage whose cost is told in several rows that cannot be told apart. */
  readonly withoutCost: boolean;
}
