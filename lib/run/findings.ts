import type { Finding } from '../ledger/model.ts';
import type { Auditor } from './auditor.ts';

/** What the ledger holds, in order of id, narrowed by state and check. */
export async function listFindings(
  { ledger }: Auditor,
  { state, check }: { state: string | null; check: string | null },
): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const { finding } of ledger.all())
    if ((state === null || finding.state === state) && (check === null || finding.check === check))
      found.push(finding);
  return found;
}
