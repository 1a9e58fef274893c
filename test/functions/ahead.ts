import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';

const HOUR = 3_600_000;
const Real = Date;
const wait = timers.setTimeout;

/**
 * From here on the clock of this process goes on so many hours ahead of the machine's, until the test ends.
 * @param pace how many times as fast as the machine's it goes; what waits in the same measure waits the less
 */
export function goAhead(hours: number, pace = 1): void {
  const begun = Real.now();
  const now = () => begun + hours * HOUR + (Real.now() - begun) * pace;
  class Ahead extends Real {
    constructor(...given: [] | [value: string | number | Date]) {
      super(given.length === 0 ? now() : given[0]);
    }

    static override now(): number {
      return now();
    }
  }
  vi.stubGlobal('Date', Ahead);
  hurry(pace);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}

/**
 * The waits of our own retries (`node:timers/promises`) take so many times less, until the test ends: as often as ever, but
 * nobody waits for them.
 */
export function hurry(pace: number): void {
  timers.setTimeout = (milliseconds, ...rest) => wait((milliseconds ?? 0) / pace, ...rest);
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = wait;
    syncBuiltinESMExports();
  });
}
