import type { Judgement } from '../checks/model.ts';
import type { FindingState } from '../ledger/life.ts';
import type { LedgerStore } from '../ledger/model.ts';

/** States in which a stop of ours is on its way, holds, or is being undone: until then, it can be brought back. */
const HELD: ReadonlySet<FindingState> = new Set([
  'STOPPING',
  'STOPPED',
  'STOP_FAILED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORE_FAILED',
]);
const CHECK = 'stopped-but-billed';

/**
 * The judgements without those that tell an owner to clear away what we ourselves stopped: as long as the stop can be
 * undone, what goes on being billed is what undo needs. The ledger is read only where there is such a judgement.
 */
export async function withoutOwnStops(
  ledger: Pick<LedgerStore, 'all'>,
  judgements: readonly Judgement[],
): Promise<readonly Judgement[]> {
  if (!judgements.some(({ check }) => check === CHECK)) return judgements;
  const held = new Set<string>();
  for await (const { finding } of ledger.all())
    if (HELD.has(finding.state)) held.add(`${finding.provider} ${finding.resourceId}`);
  return judgements.filter(
    ({ check, provider, resourceId }) => check !== CHECK || !held.has(`${provider} ${resourceId}`),
  );
}
