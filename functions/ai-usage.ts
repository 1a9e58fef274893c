import { assembleAiUsage } from '../lib/run/assemble/ai-usage.ts';

/** On a schedule: looks whether AI usage runs away, and tells it at once. */
export async function handler(): Promise<{ runId: string; faults: readonly string[] }> {
  return (await assembleAiUsage()).run();
}
