import { assembleAudit } from '../lib/run/assemble/audit.ts';

/** On a schedule: judges what was collected and keeps the findings. */
export async function handler(): Promise<{ runId: string; findings: number; resolved: number }> {
  return (await assembleAudit()).run();
}
