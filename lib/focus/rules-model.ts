/**
 * What a row must fulfil, as a tree. `stored` is kept by the way in which the lake stores a column: its type. `one`
 * judges groups: every value of the first column goes with one value of the second.
 */
export type Expression =
  | readonly ['all' | 'any', ...Expression[]]
  | readonly ['null' | 'filled' | 'stored' | 'ascii' | 'object' | 'currency' | 'currencyCode', column: string]
  | readonly ['is' | 'not' | 'atLeast', column: string, value: string]
  | readonly ['same' | 'differ' | 'one', a: string, b: string]
  | readonly ['product', a: string, b: string, result: string];

export interface FocusRule {
  /** The official id: `BilledCost-C-003-M`. */
  readonly id: string;
  readonly column: string;
  /** The official words. */
  readonly must: string;
  readonly check: Expression;
  readonly when?: Expression;
}
