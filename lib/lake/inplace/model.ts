import type { SourceGrain } from '../../sources/model.ts';
import type { RemoteEngine } from '../engine/remote.ts';

/** The cost rows of a table as `costs` has them, before dimensions. */
export interface InPlaceRows {
  readonly sql: string;
  /** Every column that `sql` gives. */
  readonly columns: readonly string[];
}

/** What of a table is wanted. Left out: everything. */
export interface WantedRows {
  /** Columns that it refuses may be left out. */
  readonly column?: (name: string) => boolean;
  /** Billing periods (`YYYY-MM`) alone. */
  readonly periods?: readonly string[];
  /** With a column `ROUNDED`: how many costs of the row have more than 18 places and count rounded. */
  readonly rounded?: boolean;
}

/** No column of any bill: FOCUS's are written otherwise, and billers' own begin with `x_`. */
export const ROUNDED = 'rounded_costs';

/** A bill whose table an engine elsewhere can ask where it lies. */
export interface InPlaceSource {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly grain: SourceGrain;
  readonly engine: RemoteEngine;
  /** How the config names the table. */
  readonly table: string;
  /** Its rows; the engine is asked for the table's columns once. */
  rows(wanted?: WantedRows): Promise<InPlaceRows>;
}
