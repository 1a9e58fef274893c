import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a piece of work took. */
export interface Measured {
  readonly ms: number;
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** The most memory that the process ever held (its whole life), MiB. */
  readonly peakMiB: number;
}

/** Clears what was left behind in making the input, so that the work itself is measured. */
export function tidied(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

export async function measured<T>(work: () => Promise<T>): Promise<Measured & { value: T }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms, cpuMs: (user + system) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 };
}
