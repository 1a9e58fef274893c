import type { Fresh } from '../../ledger/life.ts';
import { type Living, move, type Sweep, say } from './context.ts';
import { actionOf } from './evaluate.ts';
import { readied } from './tell-items.ts';

/**
 * Reads what its owner was warned of without a date, since it could not be read or planned for then. Where that
 * has changed, it waits to be told again, with a date; gives it back then.
 */
export async function reread(sweep: Sweep, each: Living): Promise<Living | null> {
  if (sweep.mode === 'dry-run') {
    say(sweep, each, 'skipped', 'it has no date: a dry run does not read it again');
    return null;
  }
  const fingerprint = (await readied(sweep, each))?.fingerprint ?? null;
  const fresh: Fresh =
    fingerprint === null
      ? { kind: 'unknown', reason: 'it could not be read' }
      : { kind: 'changed', reason: 'it can be read now', fingerprint };
  const reversible = actionOf(sweep, each.finding)?.reversible ?? false;
  const moved = await move(sweep, each, { type: 'checked', fresh, reversible, guard: null, intent: null });
  if (moved?.record.finding.state !== 'NOTIFY_PENDING') return null;
  say(sweep, each, 'moved', moved.decision.reason);
  return moved.record;
}
