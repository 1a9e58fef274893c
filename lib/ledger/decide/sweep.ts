import type { FindingState, Fingerprint, Fresh, LedgerEvent } from '../life.ts';
import { back } from './approval.ts';
import { covered, pending, resolved, speaks, tellable } from './audit.ts';
import { inForce, left, undated, wakeOfWarned } from './clock.ts';
import { DAY, keeps, later, moves, type Outcome, rewriteOf, type Seen, stays } from './model.ts';
import { notTaken, samePerson, when } from './words.ts';

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;

/** Its time has come without anybody doing anything. */
export function woken(seen: Seen, { reversible }: Of<'woken'>): Outcome {
  const { state, at, record } = seen;
  const early = record.wakeAt === null || at < record.wakeAt;
  if (early) return stays(seen, 'nothing is due yet');
  const wake = WAKES[state];
  return wake === undefined ? stays(seen, notTaken(record, 'woken')) : wake(seen, reversible);
}

const WAKES: Readonly<Partial<Record<FindingState, (seen: Seen, reversible: boolean) => Outcome>>> = {
  DETECTED: wokenDetected,
  UNDELIVERED: escalated,
  DISOWNED: escalated,
  ESCALATED: wokenEscalated,
  WARNED: wokenWarned,
  ACKNOWLEDGED: wokenWarned,
  SNOOZED: (seen) => keeps(seen, { wakeAt: null }, REST_OVER),
  EXEMPT: (seen) => keeps(seen, { wakeAt: null }, REST_OVER),
  EXEMPTION_REQUESTED: (seen) => back(seen, 'the exemption that was asked for would have ended, unanswered'),
  APPROVAL_REQUESTED: (seen) =>
    seen.life.approved === null
      ? back(seen, `nobody approved the stop within ${seen.rules.approvalDays} days`)
      : stays(seen, TO_CHECK),
  STOP_FAILED: (seen) => (tried(seen) < seen.rules.mostStops ? stays(seen, TO_CHECK) : givenUp(seen)),
};

const REST_OVER = 'its time is over: it waits to be judged again';
const TO_CHECK = 'it is to be checked again';

function wokenEscalated(seen: Seen): Outcome {
  const { recipient, passed } = seen.life;
  return recipient === null || passed.includes(recipient.id)
    ? keeps(seen, { wakeAt: null }, 'nobody is left to be warned: somebody has to claim it')
    : pending(seen, `${recipient.id} is to be warned`);
}

function wokenDetected(seen: Seen): Outcome {
  const { life, record, at } = seen;
  if (inForce(life.hold, record.finding.check, at)) return covered(seen);
  const tell = speaks(life) && tellable(life, record.finding.verdict);
  return tell && life.recipient !== null
    ? pending(seen, `${life.policy.rule}: ${life.recipient.id} is to be warned`)
    : keeps(seen, { wakeAt: null }, 'nobody is to be warned');
}

function escalated(seen: Seen): Outcome {
  const { life, record } = seen;
  const next = life.recipient === null ? 'nobody is left to be warned' : `${life.recipient.id} is next`;
  const name = record.finding.resourceName ?? record.finding.resourceId;
  const text = `${name}: nobody who was asked answers for it; ${next}`;
  return moves(seen, 'ESCALATED', { wakeAt: seen.at, effects: [{ kind: 'page', text }] }, next);
}

function givenUp(seen: Seen): Outcome {
  const { life, record } = seen;
  const id = life.recipient?.id;
  const passed = id === undefined || life.passed.includes(id) ? life.passed : [...life.passed, id];
  const name = record.finding.resourceName ?? record.finding.resourceId;
  const reason = `stopping failed ${tried(seen)} times: ${life.blocked ?? 'no reason given'}`;
  const effects = [...rewriteOf(life), { kind: 'page', text: `${name}: ${reason}` } as const];
  return moves(seen, 'ESCALATED', { life: { recipient: null, passed }, effects }, reason);
}

function wokenWarned(seen: Seen, reversible: boolean): Outcome {
  const { life, dueAt, at, rules } = seen;
  if (life.stopNow !== null) return stays(seen, TO_CHECK);
  if (dueAt !== null && dueAt <= at)
    return reversible
      ? stays(seen, TO_CHECK)
      : keeps(seen, { dueAt: null, wakeAt: null, effects: rewriteOf(life) }, SILENCE);
  return keeps(seen, { wakeAt: wakeOfWarned(life, dueAt, at, rules) }, 'not due yet');
}

/** Attempts of the stop that is under way; what came before an answer of its owner does not count. */
function tried({ state, life }: Seen): number {
  return state === 'STOP_FAILED' ? (life.intent?.attempt ?? 0) : 0;
}

/** States from which a stop may begin. */
const STOPPABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  'WARNED',
  'ACKNOWLEDGED',
  'APPROVAL_REQUESTED',
  'BLOCKED',
  'STOP_FAILED',
]);

/** Everything was read again just before a stop. */
export function checked(seen: Seen, event: Of<'checked'>): Outcome {
  const { state, life } = seen;
  const { fresh } = event;
  if (state === 'SNOOZED' || state === 'EXEMPT') return restOver(seen, event);
  if (!STOPPABLE.has(state)) return stays(seen, notTaken(seen.record, 'checked'));
  if (fresh.kind === 'gone') return resolved(seen.record, 'it is gone: read just before the stop');
  if (undated(life, seen.dueAt) && (state === 'WARNED' || state === 'ACKNOWLEDGED'))
    return reread(seen, fresh);
  if (fresh.kind === 'unknown') return again(seen, `not stopped: ${fresh.reason}`);
  const asked = ownersWord(seen);
  // Its owner knew no more than that nothing was proven; now something is.
  const knowing = asked && life.stopNow?.unproven !== true;
  if (fresh.kind === 'in-use' && !knowing) return resolved(seen.record, `it is in use: ${fresh.reason}`);
  const early = notReady(seen, event.reversible);
  if (early !== null) return turned(seen, event, early) ?? notYet(seen, event.reversible, early);
  if (fresh.kind === 'unread')
    return event.guard === null ? again(seen, 'not stopped: nothing was read') : blocked(seen, event.guard);
  if (fresh.kind === 'changed') return changed(seen, fresh.reason);
  if (fresh.kind === 'rests' && !asked) return rests(seen, fresh.judgement.verdict);
  const read = fresh.fingerprint ?? null;
  if (read === null) return again(seen, 'not stopped: the resource could not be recognised');
  const other = difference(life.fingerprint, read);
  if (other !== null) return changed(seen, other);
  if (event.guard !== null) return blocked(seen, event.guard);
  const { intent } = event;
  if (intent === null || intent.kind !== 'stop') return again(seen, 'not stopped: nothing was planned');
  return moves(
    seen,
    'STOPPING',
    {
      life: { intent: { ...intent, attempt: tried(seen) + 1 }, blocked: null },
      dueAt: seen.dueAt,
      wakeAt: later(seen, seen.rules.finishMinutes),
      effects: rewriteOf(life),
    },
    `judged again and nothing says no: ${intent.action}`,
  );
}

/** The owner's "Stop now" on the notice that counts. */
function ownersWord({ life }: Seen): boolean {
  const { notice, stopNow } = life;
  return (
    stopNow !== null &&
    notice !== null &&
    stopNow.noticeId === notice.id &&
    samePerson(stopNow.by, notice.recipient.person)
  );
}

/** Why no stop may follow yet, whatever was read; null where one may. */
function notReady(seen: Seen, reversible: boolean): string | null {
  const { life, dueAt, at, record, rules } = seen;
  if (life.policy.mode !== 'stop') return `nothing is stopped: ${life.policy.rule}`;
  if (inForce(life.hold, record.finding.check, at)) return `it is held until ${when(life.hold?.until ?? at)}`;
  if (life.request !== null) return 'a request waits for its answer';
  if (tried(seen) >= rules.mostStops) return `it was tried ${rules.mostStops} times`;
  const recipient = life.notice?.recipient;
  if (recipient?.kind !== 'owner' || recipient.person === null) return 'no owner was warned of it';
  const asked = ownersWord(seen);
  if (!asked && (dueAt === null || at < dueAt))
    return dueAt === null ? 'no date was set' : `it is not due before ${when(dueAt)}`;
  if (reversible) return null;
  if (!asked) return SILENCE;
  if (life.approved === null || samePerson(life.approved.by, recipient.person)) return NO_APPROVER;
  return approvalIsOld(seen) ? 'the approval is too old' : null;
}

const SILENCE = 'silence never leads to what cannot be undone';
const NO_APPROVER = 'what cannot be undone needs an approver who is not the owner';

/**
 * Its owner was told that it can be undone, and by now it cannot: neither the date nor their "Stop now" was meant for
 * that, and no approver was asked. They are warned of what it is now, once: asked for on that notice, it waits for a
 * second person. Null where it is not so.
 */
function turned(seen: Seen, { fresh, guard }: Of<'checked'>, early: string): Outcome | null {
  const { state, life } = seen;
  if (early !== NO_APPROVER && (early !== SILENCE || state !== 'STOP_FAILED')) return null;
  if (state === 'APPROVAL_REQUESTED') return null;
  // Nothing was read of it: what is known is what the guard says.
  if (fresh.kind === 'unread') return guard === null ? null : blocked(seen, guard);
  const reason = 'its owner was not told that it cannot be undone';
  // What was begun may yet come: the intent that would bring it back is kept.
  if (state === 'STOP_FAILED') return givenUp({ ...seen, life: { ...life, blocked: reason } });
  if (fresh.kind === 'in-use') return resolved(seen.record, `it is in use: ${fresh.reason}`);
  if (fresh.kind !== 'rests') return pending(seen, `${reason}: they are warned again`);
  const { verdict } = fresh.judgement;
  const resting = { ...life, actionable: false, stopNow: null };
  return tellable(resting, verdict)
    ? pending({ ...seen, life: resting }, `${reason}: they are warned again`)
    : rests({ ...seen, life: resting }, verdict);
}

function approvalIsOld({ life, ms, rules }: Seen): boolean {
  return life.approved !== null && Date.parse(life.approved.at) + rules.approvalDays * DAY < ms;
}

/** Its owner was warned without a date: again with one where it can be read now, else another look tomorrow. */
function reread(seen: Seen, fresh: Fresh): Outcome {
  if (fresh.kind === 'changed' && fresh.fingerprint !== null)
    return pending(seen, `${fresh.reason}: its owner is warned again`);
  return keeps(seen, { wakeAt: later(seen, DAY / 60_000) }, 'it has no date: it is read again tomorrow');
}

/** No stop may follow from this look: when to look again, if ever. */
function notYet(seen: Seen, reversible: boolean, reason: string): Outcome {
  const { dueAt, at, state, life, rules } = seen;
  if (approvalIsOld(seen)) {
    const dropped = { life: { stopNow: null, approved: null, blocked: reason }, wakeAt: null };
    return state === 'APPROVAL_REQUESTED' ? back(seen, reason) : keeps(seen, dropped, reason);
  }
  if (state !== 'WARNED' && state !== 'ACKNOWLEDGED' && state !== 'BLOCKED') return stays(seen, reason);
  if (dueAt !== null && at < dueAt) {
    const wakeAt = state === 'BLOCKED' ? dueAt : wakeOfWarned(life, dueAt, at, rules);
    return { ...stays(seen, reason), wakeAt };
  }
  if (!reversible && life.stopNow === null)
    return keeps(seen, { dueAt: null, wakeAt: null, effects: rewriteOf(life) }, reason);
  return { ...stays(seen, reason), wakeAt: dueAt === null ? null : later(seen, rules.retryMinutes) };
}

/** What tells that it is not the resource that was warned about; null where nothing does. */
function difference(warned: Fingerprint | null, read: Fingerprint): string | null {
  if (warned === null) return 'it is not known what was warned about';
  if (warned.launch !== read.launch) return 'it was launched again since the warning';
  return warned.parent === read.parent ? null : `it belongs to ${read.parent ?? 'nothing'} now`;
}

/** Read again after a pause; nothing follows from what is not known. */
function again(seen: Seen, reason: string): Outcome {
  return keeps(seen, { life: { blocked: reason }, wakeAt: later(seen, seen.rules.retryMinutes) }, reason);
}

/** Not what was warned about: never stopped on that warning. The next look warns of what it is now. */
function changed(seen: Seen, reason: string): Outcome {
  if (seen.state === 'BLOCKED') return pending(seen, `${reason}: it is warned of again`);
  if (seen.state === 'STOP_FAILED') return givenUp({ ...seen, life: { ...seen.life, blocked: reason } });
  return blocked({ ...seen, life: { ...seen.life, stopNow: null, approved: null } }, reason);
}

function blocked(seen: Seen, reason: string): Outcome {
  const wakeAt = later(seen, seen.rules.blockedMinutes);
  const change = { life: { blocked: reason }, dueAt: seen.dueAt, wakeAt };
  if (seen.state === 'BLOCKED' || seen.state === 'STOP_FAILED') return keeps(seen, change, reason);
  return moves(seen, 'BLOCKED', { ...change, effects: rewriteOf(seen.life) }, reason);
}

/** Judged again with a verdict that may not be acted on. */
function rests(seen: Seen, verdict: string): Outcome {
  const reason = `the clock rests: ${verdict} may not be acted on`;
  if (seen.state === 'STOP_FAILED') return blocked(seen, reason);
  const life = { actionable: false, resting: left(seen) ?? seen.life.resting };
  return keeps(seen, { life, dueAt: null, wakeAt: null, effects: rewriteOf(seen.life) }, reason);
}

/** A snooze or exemption is over and a sweep looked at once instead of waiting for the next audit. */
function restOver(seen: Seen, { fresh }: Of<'checked'>): Outcome {
  const { life, record, at } = seen;
  if (fresh.kind === 'gone') return resolved(record, 'it is gone');
  if (fresh.kind === 'in-use') return resolved(record, `it is in use: ${fresh.reason}`);
  if (inForce(life.hold, record.finding.check, at)) return stays(seen, notTaken(record, 'checked'));
  if (fresh.kind !== 'waste' || !speaks(life) || life.recipient === null)
    return keeps(seen, { wakeAt: null }, REST_OVER);
  return pending(seen, `its time is over and it is still waste: ${life.recipient.id} is to be warned`);
}

export function stopDone(seen: Seen, { at, estimated }: Of<'stop-done'>): Outcome {
  const { life, state } = seen;
  const { intent } = life;
  if ((state !== 'STOPPING' && state !== 'STOP_FAILED') || intent === null)
    return stays(seen, notTaken(seen.record, 'stop-done'));
  const stopped = { at, action: intent.action, undoPlan: intent.undoPlan, estimated };
  const change = { stopped, intent: null, stopNow: null, approved: null, resting: null, blocked: null };
  return moves(seen, 'STOPPED', { life: change, effects: rewriteOf(life) }, `${intent.action} is done`);
}

export function stopFailed(seen: Seen, { reason, final }: Of<'stop-failed'>): Outcome {
  const { life, state, rules } = seen;
  const { intent } = life;
  if (state !== 'STOPPING' || intent === null) return stays(seen, notTaken(seen.record, 'stop-failed'));
  const attempt = final ? Math.max(intent.attempt, rules.mostStops) : intent.attempt;
  const wakeAt = attempt >= rules.mostStops ? seen.at : later(seen, rules.retryMinutes);
  const change = { intent: { ...intent, attempt }, blocked: reason };
  return moves(
    seen,
    'STOP_FAILED',
    { life: change, dueAt: seen.dueAt, wakeAt, effects: rewriteOf(life) },
    `the stop failed: ${reason}`,
  );
}

export function undoBegun(seen: Seen, { intent }: Of<'undo-begun'>): Outcome {
  if (seen.state !== 'UNDO_REQUESTED' || intent.kind !== 'undo')
    return stays(seen, notTaken(seen.record, 'undo-begun'));
  const change = { life: { intent }, wakeAt: later(seen, seen.rules.finishMinutes) };
  return moves(seen, 'STARTING', change, `what ${intent.action} did is being undone`);
}

export function undoDone(seen: Seen): Outcome {
  if (seen.state !== 'STARTING') return stays(seen, notTaken(seen.record, 'undo-done'));
  const life = { intent: null, restoredAt: seen.at, blocked: null };
  const reason = `it runs again and is left alone for ${seen.rules.restoredDays} days`;
  return moves(seen, 'RESTORED', { life, effects: rewriteOf(seen.life) }, reason);
}

export function undoFailed(seen: Seen, { reason }: Of<'undo-failed'>): Outcome {
  const { life, record } = seen;
  if (seen.state !== 'STARTING') return stays(seen, notTaken(record, 'undo-failed'));
  const name = record.finding.resourceName ?? record.finding.resourceId;
  const page = { kind: 'page', text: `${name} could not be brought back: ${reason}` } as const;
  const change = { intent: null, blocked: reason };
  const effects = [...rewriteOf(life), page];
  return moves(seen, 'RESTORE_FAILED', { life: change, effects }, `bringing it back failed: ${reason}`);
}
