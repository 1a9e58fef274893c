import type { Action } from '../../actions/model.ts';
import type { Intent } from '../../ledger/life.ts';
import { BursarError } from '../../platform/errors.ts';
import { claiming, inTime, keep, type Living, living, move, type Sweep, say } from './context.ts';
import { namedAction, targetOf } from './evaluate.ts';
import { noteEnded } from './savings.ts';

const LOOKS = 6;
const LOOK_PAUSE_MS = 5_000;
/** For so long a provider may have no capacity or not answer before the person is told that it failed. */
const PATIENCE_MS = 30 * 60_000;

/** Brings back what its owner wants back, or goes on with it. No pause, cap or quiet hour holds this up. */
export async function undo(sweep: Sweep, wanted: Living): Promise<void> {
  const { parts } = sweep;
  if (sweep.mode === 'dry-run') return say(sweep, wanted, 'would undo', wanted.life.stopped?.action ?? '');
  const claimed = await claiming(sweep, wanted.finding.resourceId, async () => {
    const each = living(await parts.ledger.get(wanted.finding.id));
    if (each === null) return;
    const begun = each.finding.state === 'UNDO_REQUESTED' ? await begin(sweep, each) : each;
    if (begun?.finding.state !== 'STARTING' || begun.life.intent === null) return;
    const action = namedAction(sweep, begun.life.intent.action);
    if (action === null)
      return await failed(sweep, begun, `this version has no action ${begun.life.intent.action}`);
    await carryOut(sweep, begun, begun.life.intent, action);
  });
  if (claimed === null) say(sweep, wanted, 'skipped', 'another process is at work on this resource');
}

/** Writes the intent before anything is done. */
async function begin(sweep: Sweep, each: Living): Promise<Living | null> {
  const { stopped } = each.life;
  if (stopped === null) return null;
  const { action, undoPlan } = stopped;
  const at = sweep.parts.clock().toISOString();
  const intent: Intent = { kind: 'undo', action, plan: null, undoPlan, at, attempt: 1 };
  return (await move(sweep, each, { type: 'undo-begun', intent }))?.record ?? null;
}

async function carryOut(sweep: Sweep, each: Living, intent: Intent, action: Action): Promise<void> {
  const { parts } = sweep;
  const late = () => parts.clock().getTime() - Date.parse(intent.at) >= PATIENCE_MS;
  try {
    const session = await parts.enter(action, each.finding);
    let underWay = false;
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await parts.pause(LOOK_PAUSE_MS);
      await action.undo(intent.undoPlan, session);
      const verified = await action.verifyUndo(intent.undoPlan, session);
      if (verified.state === 'done') {
        // Before the finding moves on: should this process end in between, the next comes here again.
        await noteEnded(parts.ledger, each.finding.id, await endOf(each, intent, action, session));
        return await done(sweep, each, verified.note ?? action.id);
      }
      if (verified.state === 'failed') return await failed(sweep, each, verified.reason);
      underWay = verified.underWay === true;
      if (!inTime(sweep)) break;
    }
    if (late() && !underWay)
      return await failed(sweep, each, 'it was asked for, and did not come within half an hour');
    say(sweep, each, 'restoring', 'begun; the next sweep looks whether it runs');
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    const passes = error.code === 'throttled' || error.code === 'unavailable';
    if (passes && !late()) return say(sweep, each, 'restoring', `not yet: ${error.message}`);
    await failed(sweep, each, error.message);
  }
}

/**
 * Since when it saves nothing: since it was asked to come back, however late that is found out; or since it runs,
 * where others started it before.
 */
async function endOf(each: Living, intent: Intent, action: Action, session: unknown): Promise<string> {
  const from = each.life.stopped?.at ?? intent.at;
  try {
    const launch = (await action.read(targetOf(each.finding), session))?.fingerprint.launch ?? intent.at;
    return launch > from && launch < intent.at ? launch : intent.at;
  } catch (error) {
    // It is back, which is what counts: where it cannot be read, its saving ends with what was asked for.
    if (error instanceof BursarError) return intent.at;
    throw error;
  }
}

async function done(sweep: Sweep, each: Living, told: string): Promise<void> {
  const moved = await keep(sweep, each.finding.id, { type: 'undo-done' });
  if (moved === null || !moved.decision.taken) return;
  say(sweep, each, 'restored', told);
}

async function failed(sweep: Sweep, each: Living, reason: string): Promise<void> {
  const moved = await keep(sweep, each.finding.id, { type: 'undo-failed', reason });
  if (moved !== null && moved.decision.taken) say(sweep, each, 'restore failed', reason);
}
