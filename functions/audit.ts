import { type AuditSummary, assembleAudit } from '../lib/run/assemble/audit.ts';

/** On a schedule: judges what was collected and keeps the findings. */
export async function handler(): Promise<AuditSummary> {
  return (await assembleAudit()).run();
}
