import { assembleSweep } from '../lib/run/assemble/sweep.ts';

/** On a schedule: tells people, brings back what they want back, stops what is due. */
export async function handler(): Promise<{ runId: string; capped: number; faults: readonly string[] }> {
  return (await assembleSweep()).run();
}
