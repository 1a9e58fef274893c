import { onTestFinished, vi } from 'vitest';

/**
 * For the rest of a test the SDK draws short waits between its tries: each is a random part of a time that doubles
 * (`@smithy/core`, DefaultRetryBackoffStrategy), here a hundredth of it. As many tries are made, by the same code.
 */
export function shortWaits(): void {
  const drawn = vi.spyOn(Math, 'random').mockReturnValue(0.01);
  onTestFinished(() => drawn.mockRestore());
}

/**
 * For the rest of a test the clock of this process runs five times as fast: the SDK's limiter of calls, which throttles
 * begin, lets through one call in two seconds (`@smithy/core`, DefaultRateLimiter), by the clock and not by chance. It
 * stands still while the process is busy, so that work is not taken for silence.
 */
export function fastClock(): void {
  const ticking = setInterval(() => vi.advanceTimersByTime(100), 20);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => {
    clearInterval(ticking);
    vi.useRealTimers();
  });
}
