import { assemblePlan } from '../lib/run/assemble/plan.ts';

/** On a schedule: lists every bill and scope, and queues one message each. */
export async function handler(): Promise<{ runId: string; tasks: number; unlisted: number }> {
  return (await assemblePlan()).run();
}
