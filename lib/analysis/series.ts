/** Something measured at equal steps, oldest first. */
export interface Series {
  /** Start of the first step, ISO-8601 UTC. */
  readonly start: string;
  /** Length of a step in milliseconds: a day of UTC, an hour, five minutes. */
  readonly step: number;
  /** One value a step; null: not known (a gap is no zero). */
  readonly values: readonly (number | null)[];
}

/** A range that holds the truth with a stated probability. */
export interface Band {
  /** 0.8, 0.9 */
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

/** What is expected of one step. */
export interface Expected {
  /** Start of the step, ISO-8601 UTC. */
  readonly at: string;
  readonly mean: number;
  readonly bands: readonly Band[];
}

/** Why nothing is said: the answer to too short, too gappy or too changed a history. */
export interface NotEnough {
  readonly notEnough: true;
  /** One sentence with the numbers: `21 known days; 28 are needed.` */
  readonly reason: string;
}
