/** What happened to a series. */
export type AnomalyKind =
  /** Off for a while, and back. */
  | 'spike'
  | 'dip'
  /** A level that stayed. */
  | 'step up'
  | 'step down'
  /** Growth, day by day, beyond what it did before. */
  | 'drift up'
  | 'drift down'
  /** It was never charged before. */
  | 'new'
  /** It is charged no more. */
  | 'stopped';

/** Something that no past of a series leads to expect. Values in the unit of the series. */
export interface Anomaly {
  readonly kind: AnomalyKind;
  /** Start of the first step that was off, ISO-8601 UTC. */
  readonly first: string;
  /** Start of the last step that belongs to it so far. */
  readonly last: string;
  /** Start of the step whose value gave it away. */
  readonly caught: string;
  /** Sum of its steps from `first` to `last`, and what was expected of them. */
  readonly actual: number;
  readonly expected: number;
  /** What gave it away: the sum of the steps from `start` to `caught`, and the range that would have been nothing. */
  readonly judged: {
    readonly start: string;
    readonly value: number;
    readonly low: number;
    readonly mean: number;
    readonly high: number;
  };
  /** How many times its usual deviation it was off when it was caught. */
  readonly deviations: number;
  /** Is it still off at the last step of the series? */
  readonly open: boolean;
}
