import type { SourceGrain } from '../../sources/model.ts';
import type { RemoteEngine } from '../engine/remote.ts';

/** The cost rows of a table as `costs` has them, before dimensions. */
export interface InPlaceRows {
  readonly sql: string;
  /** Every column that `sql` gives. */
  readonly columns: readonly string[];
}

/** A bill whose table an engine elsewhere can ask where it lies. */
export interface InPlaceSource {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly grain: SourceGrain;
  readonly engine: RemoteEngine;
  /** How the config names the table. */
  readonly table: string;
  /**
   * Its rows. Columns that `wanted` refuses may be left out; the engine is asked for the table's columns once.
   */
  rows(wanted?: (column: string) => boolean): Promise<InPlaceRows>;
}
