import type { COLUMNS_1_2 } from './data/columns-1.2.ts';

type Spec = (typeof COLUMNS_1_2)[number];
type Nullable<S extends Spec> = S['nullable'] extends true ? string | null : string;

/**
 * One row of `costs` under the names of FOCUS 1.2, as it leaves the lake for JSON: decimals as text, times as
 * ISO-8601 UTC text, JSON columns as their text. Billers leave columns empty that the specification forbids to
 * be null; readers of real bills take `Partial` of it.
 */
export type FocusRow = { readonly [S in Spec as S['name']]: Nullable<S> };

/** A row with the columns that Bursar adds; any other `x_` column that a biller sent is kept beside them. */
export interface CostRow extends FocusRow {
  readonly x_Source: string;
  readonly x_SourceGrain: 'resource' | 'account-service';
  readonly x_Estimated: boolean;
  readonly x_IngestedAt: string;
  readonly x_SourceFile: string;
  readonly [custom: `x_${string}`]: string | boolean | null;
}
