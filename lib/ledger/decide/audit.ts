import { type Coverage, gapOf } from '../../platform/coverage.ts';
import type { FindingState, LedgerEvent, Life, Recipient } from '../life.ts';
import type { FindingRecord } from '../model.ts';
import { holdAmong, inForce, left, restFrom, resumed, undated, wakeOfWarned } from './clock.ts';
import { keeps, moves, type Outcome, type Rules, rewriteOf, type Seen, stays, UNANSWERED } from './model.ts';
import { notTaken, when } from './words.ts';

type Judged = Extract<LedgerEvent, { type: 'judged' }>;

/**
 * Verdicts that say "we do not know enough": people hear of them only where a policy names the check, since whoever
 * wrote that wants to ask of everything it finds. Silence never stops any of it. HELD is none of them: what it is
 * kept for only its owner knows, and only their own word may stop it.
 */
const UNCERTAIN: ReadonlySet<string> = new Set(['UNOBSERVED', 'SUSPECTED']);

export function isUncertain(verdict: string): boolean {
  return UNCERTAIN.has(verdict);
}

export function tellable(
  { actionable, policy }: Pick<Life, 'actionable' | 'policy'>,
  verdict: string,
): boolean {
  return actionable || policy.named === true || !isUncertain(verdict);
}

export function speaks({ policy }: Pick<Life, 'policy'>): boolean {
  return policy.mode === 'warn' || policy.mode === 'stop';
}

/** Whether silence may ever lead to a stop. */
export function mayAct({ policy, actionable }: Pick<Life, 'policy' | 'actionable'>): boolean {
  return policy.mode === 'stop' && actionable;
}

/** A life that begins. */
export function newLife(event: Judged, hold: Life['hold'] = event.hold): Life {
  return {
    policy: event.policy,
    actionable: event.actionable,
    recipient: event.recipient,
    passed: [],
    notice: null,
    undelivered: 0,
    fingerprint: null,
    hold,
    snoozes: 0,
    request: null,
    resting: null,
    stopNow: null,
    approved: null,
    intent: null,
    stopped: null,
    restoredAt: null,
    blocked: null,
  };
}

/**
 * An audit judged it as waste. What is new, resolved or restored long ago is DETECTED; the same event once more
 * begins to tell people (the caller gives it twice, so that the trail shows both steps).
 */
export function judged(record: FindingRecord | null, event: Judged, at: string, rules: Rules): Outcome {
  const state = record?.finding.state ?? null;
  if (record === null || state === null || state === 'RESOLVED') return begun(record, event, at);
  const life = record.life;
  const seen: Seen = {
    record,
    state,
    life: refreshed(state, life, event, at),
    dueAt: record.finding.dueAt,
    at,
    ms: Date.parse(at),
    rules,
  };
  if (state === 'RESTORED') return judgedRestored(seen, event);
  if (state === 'STOP_FAILED') return keeps(seen, {}, event.judgement.reason);
  return OURS.has(state) ? stays(seen, notTaken(record, 'judged')) : judgedAgain(seen, life, event);
}

function judgedRestored(seen: Seen, event: Judged): Outcome {
  const { record, at, rules } = seen;
  const since = record.life?.restoredAt ?? null;
  const until = since === null ? at : restFrom(since, rules);
  return at < until
    ? stays(seen, `${notTaken(record, 'judged')} before ${when(until)}`)
    : begun(record, event, at);
}

function begun(record: FindingRecord | null, event: Judged, at: string): Outcome {
  if (event.policy.mode === 'off')
    return record === null
      ? {
          state: null,
          life: null,
          dueAt: null,
          wakeAt: null,
          effects: [],
          reason: event.policy.rule,
          taken: false,
        }
      : stays({ record }, event.policy.rule);
  const former = record?.life?.hold ?? null;
  const hold = holdAmong([event.hold, former], event.judgement.check, at) ?? former;
  // The last stop outlives the finding's end: what it saved is still told.
  const life = { ...newLife(event, hold), stopped: record?.life?.stopped ?? null };
  return {
    state: 'DETECTED',
    life,
    dueAt: null,
    wakeAt: wakeOfDetected(life, event, at),
    effects: [],
    reason: event.judgement.reason,
    taken: true,
  };
}

/** A DETECTED finding is looked at again only where somebody is to be told. */
function wakeOfDetected(life: Life, event: Judged, at: string): string | null {
  return speaks(life) &&
    tellable(life, event.judgement.verdict) &&
    (life.recipient !== null || life.hold !== null)
    ? at
    : null;
}

function refreshed(state: FindingState, life: Life | null, event: Judged, at: string): Life {
  if (life === null) return newLife(event);
  return {
    ...life,
    policy: event.policy,
    actionable: event.actionable,
    // Nobody is asked now: whoever is named, or nobody, but no one twice.
    recipient:
      state === 'DETECTED' && !life.passed.includes(event.recipient?.id ?? '')
        ? event.recipient
        : nextRecipient(life, event.recipient),
    // One that is over is kept: warnings of the resource from before its end count no more.
    hold: holdAmong([event.hold, life.hold], event.judgement.check, at) ?? life.hold,
  };
}

/** Who is told next: whoever the tags name now, but nobody twice, and no channel where a person answers for it. */
function nextRecipient(life: Life, told: Recipient | null): Recipient | null {
  if (told === null || life.passed.includes(told.id)) return life.recipient;
  if (life.recipient === null) return told;
  if (life.recipient.kind === 'owner' && told.kind === 'channel') return life.recipient;
  const person = told.id === life.recipient.id ? (told.person ?? life.recipient.person) : told.person;
  return { ...told, person };
}

/** A hold on the resource comes first, but for a snooze while an exemption is asked for. */
function judgedAgain(seen: Seen, before: Life | null, event: Judged): Outcome {
  const { life, state } = seen;
  if (life.hold !== null && inForce(life.hold, event.judgement.check, seen.at)) {
    const waits = state === 'EXEMPTION_REQUESTED' && life.hold.kind === 'snooze';
    if (!waits && (state !== 'DETECTED' || speaks(life))) return covered(seen);
  }
  if (state === 'EXEMPTION_REQUESTED') return keeps(seen, {}, event.judgement.reason);
  return WARNING_IS_OUT.has(state) ? warnedAgain(seen, before ?? life, event) : toldNext(seen, event);
}

const WARNING_IS_OUT: ReadonlySet<FindingState> = new Set<FindingState>([
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
  'APPROVAL_REQUESTED',
]);

/** A snooze or exemption of the resource covers this finding, too. */
export function covered(seen: Seen): Outcome {
  const { hold } = seen.life;
  const state: FindingState = hold?.kind === 'exemption' ? 'EXEMPT' : 'SNOOZED';
  const wakeAt = hold?.until ?? null;
  const words = state === 'EXEMPT' ? 'exempt' : 'kept';
  const reason = `the resource is ${words} until ${when(hold?.until ?? seen.at)}`;
  if (seen.state === state) return keeps(seen, { wakeAt }, reason);
  return moves(seen, state, { life: UNANSWERED, wakeAt, effects: rewriteOf(seen.life) }, reason);
}

/** Findings of which nobody is warned now: tell, tell another, or only flag. */
function toldNext(seen: Seen, event: Judged): Outcome {
  const { life, state } = seen;
  if (!speaks(life)) return flagged(seen, life.policy.rule);
  if (!tellable(life, event.judgement.verdict))
    return flagged(
      seen,
      `the verdict ${event.judgement.verdict} is too uncertain to warn of, where no policy names the check`,
    );
  const { recipient } = life;
  if (state === 'NOTIFY_PENDING') {
    const other = recipient?.id !== seen.record.life?.recipient?.id;
    const change = other ? { life: { undelivered: 0 }, wakeAt: seen.at } : {};
    return keeps(seen, change, event.judgement.reason);
  }
  if (state === 'UNDELIVERED' || state === 'DISOWNED') return keeps(seen, {}, event.judgement.reason);
  const asked = recipient === null || life.passed.includes(recipient.id);
  if (state === 'ESCALATED' && asked) return keeps(seen, {}, event.judgement.reason);
  return recipient === null
    ? flagged(seen, 'it has no owner and no fallback is set: nobody can be warned')
    : pending(seen, `${life.policy.rule}: ${recipient.id} is to be warned`);
}

function flagged(seen: Seen, reason: string): Outcome {
  if (seen.state === 'DETECTED') return keeps(seen, { wakeAt: null }, reason);
  return moves(seen, 'DETECTED', { life: UNANSWERED, effects: rewriteOf(seen.life) }, reason);
}

/** A new notice with a new grace: nothing of the former one counts any more. */
export function pending(seen: Seen, reason: string): Outcome {
  const life = { ...UNANSWERED, notice: null, fingerprint: null, undelivered: 0 };
  return moves(seen, 'NOTIFY_PENDING', { life, wakeAt: seen.at, effects: rewriteOf(seen.life) }, reason);
}

/** A warning is out: it may have become another's, lost its date, or rest. */
function warnedAgain(seen: Seen, before: Life, event: Judged): Outcome {
  const { life, at, rules } = seen;
  const { recipient, notice } = life;
  const another = recipient?.kind === 'owner' && recipient.id !== notice?.recipient.id;
  if (another && speaks(life) && tellable(life, event.judgement.verdict))
    return pending(seen, `it is ${recipient.id}'s now, who was not warned yet`);
  if (life.policy.mode !== 'stop') return withoutClock(seen);
  const idle = seen.dueAt === null && life.resting === null && life.stopNow === null;
  if (idle && mayAct(life) && !mayAct(before))
    return pending(seen, `${life.policy.rule}: what was warned of without a date is to be warned of again`);
  const { state } = seen;
  if (state === 'APPROVAL_REQUESTED') return keeps(seen, {}, event.judgement.reason);
  if (state !== 'BLOCKED' && undated(life, seen.dueAt) && seen.record.wakeAt === null)
    return keeps(seen, { wakeAt: at }, event.judgement.reason);
  const rest = left(seen);
  if (!life.actionable && rest !== null)
    return keeps(
      seen,
      {
        life: { resting: rest },
        dueAt: null,
        wakeAt: life.stopNow === null ? null : at,
        effects: rewriteOf(life),
      },
      `the clock rests: ${event.judgement.verdict} may not be acted on`,
    );
  if (life.actionable && life.resting !== null) {
    const dueAt = resumed(seen, life.resting);
    const next = { ...life, resting: null };
    const wakeAt = wakeOfWarned(next, dueAt, at, rules);
    return keeps(seen, { life: next, dueAt, wakeAt, effects: rewriteOf(life) }, 'the clock goes on');
  }
  return keeps(seen, {}, event.judgement.reason);
}

/** The policy stops nothing any more: what was to be stopped is only warned of. */
function withoutClock(seen: Seen): Outcome {
  const { life } = seen;
  const reason = `nothing is stopped any more: ${life.policy.rule}`;
  const off = { resting: null, stopNow: null, approved: null };
  if (seen.state === 'APPROVAL_REQUESTED')
    return moves(seen, 'WARNED', { life: { ...off, request: null }, effects: rewriteOf(life) }, reason);
  const clock = seen.dueAt !== null || life.resting !== null || life.stopNow !== null;
  const blocked = seen.state === 'BLOCKED' ? life.policy.rule : life.blocked;
  return keeps(
    seen,
    { life: { ...off, blocked }, dueAt: null, wakeAt: null, effects: clock ? rewriteOf(life) : [] },
    clock ? reason : life.policy.rule,
  );
}

/** Our own stop, and what follows from it, is never ended by an absence. */
const OURS: ReadonlySet<FindingState> = new Set<FindingState>([
  'STOPPING',
  'STOPPED',
  'STOP_FAILED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORED',
  'RESTORE_FAILED',
]);

/**
 * A run did not judge it as waste. Absence resolves only when the run proves it: the check ran, the finding says
 * which scopes it rests on, and each of them was covered completely.
 */
export function absent(
  record: FindingRecord,
  event: Extract<LedgerEvent, { type: 'absent' }>,
  at: string,
): Outcome {
  const { state } = record.finding;
  if (state === 'RESOLVED') return stays({ record }, record.finding.reason);
  if (OURS.has(state)) return stays({ record }, notTaken(record, 'absent'));
  if (triedToStop(record, at))
    return stays({ record }, 'a stop of ours was tried, so its absence may be our own doing');
  const doubt = doubtOfAbsence(record, event);
  return doubt === null ? resolved(record, RESOLVED_REASON) : stays({ record }, doubt);
}

/** A stop that failed may have come through after all: nobody asks for an undo of what is called resolved. */
function triedToStop({ finding, life }: FindingRecord, at: string): boolean {
  if (life === null || life.intent === null) return false;
  const rested = finding.state === 'SNOOZED' || finding.state === 'EXEMPT';
  return !rested || inForce(life.hold, finding.check, at);
}

const RESOLVED_REASON = 'gone or no longer waste: its check ran and every scope of it was read completely';

/** The end of a finding; a hold that is in force outlives it, since it is the resource's. */
export function resolved(record: FindingRecord, reason: string): Outcome {
  const life = record.life === null ? null : { ...record.life, ...UNANSWERED };
  const effects = record.life === null ? [] : rewriteOf(record.life);
  return { state: 'RESOLVED', life, dueAt: null, wakeAt: null, effects, reason, taken: true };
}

/** Why absence proves nothing; null where it does. */
function doubtOfAbsence(
  record: FindingRecord,
  looked: { readonly coverage: readonly Coverage[]; readonly checksRun: readonly string[] },
): string | null {
  if (!looked.checksRun.includes(record.finding.check))
    return `the check ${record.finding.check} did not run on complete input`;
  if (record.scopes.length === 0) return 'no scope is known that would show it';
  for (const scope of record.scopes) {
    const gap = gapOf(looked.coverage, scope);
    if (gap !== null) return gap;
  }
  return null;
}

/** Others deleted or started what we stopped. What was seen before our stop says nothing of it. */
export function outside(seen: Seen, { what }: Extract<LedgerEvent, { type: 'outside' }>): Outcome {
  const { life, state, record } = seen;
  const tried = state === 'ESCALATED' && life.intent !== null && what === 'deleted';
  if (state !== 'STOPPED' && state !== 'RESTORE_FAILED' && !tried)
    return stays(seen, notTaken(record, 'outside'));
  if (life.stopped !== null && seen.at <= life.stopped.at)
    return stays(seen, `it was seen ${what} before our stop of ${when(life.stopped.at)}`);
  return resolved(record, `it was ${what} by others`);
}
