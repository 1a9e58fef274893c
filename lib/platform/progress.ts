/** Where long work says how far it is. On a terminal it redraws one line; elsewhere it stays quiet. */
export interface Progress {
  /** A step in words, with how many of how many where that is known. */
  step(what: string, done?: number, of?: number): void;
  /** A line that stays: a warning that belongs to the run. */
  warn(line: string): void;
}

export const silent: Progress = { step: () => undefined, warn: () => undefined };
