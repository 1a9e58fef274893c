import { onTestFinished, vi } from 'vitest';

const HOUR = 3_600_000;
const Real = Date;

/** From here on the clock of this process goes on so many hours ahead of the machine's, until the test ends. */
export function goAhead(hours: number): void {
  const now = () => Real.now() + hours * HOUR;
  class Ahead extends Real {
    constructor(...given: [] | [value: string | number | Date]) {
      super(given.length === 0 ? now() : given[0]);
    }

    static override now(): number {
      return now();
    }
  }
  vi.stubGlobal('Date', Ahead);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}
