import type { SourceGrain } from '../../sources/model.ts';
import type { RemoteEngine } from '../engine/remote.ts';
import type { InPlaceRows } from './aws-focus.ts';

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
