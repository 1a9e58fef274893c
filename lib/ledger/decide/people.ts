import type { FindingState, LedgerEvent, Life } from '../life.ts';
import { isUncertain } from './audit.ts';
import { wakeOfWarned } from './clock.ts';
import { keeps, moves, type Outcome, rewriteOf, type Seen, stays } from './model.ts';
import { passedBy } from './telling.ts';
import { notTaken, samePerson, standing, when, who } from './words.ts';

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;

/** Until a stop has begun, whoever was warned may still say no: also where it is held back or about to be tried again. */
const ANSWERABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
  'APPROVAL_REQUESTED',
  'STOP_FAILED',
]);

export function answerable(seen: Seen): boolean {
  return ANSWERABLE.has(seen.state) && seen.life.notice !== null;
}

/** What an answer takes back. */
export const TAKEN_BACK = {
  resting: null,
  stopNow: null,
  approved: null,
  blocked: null,
  request: null,
} as const satisfies Partial<Life>;

/** Seen; the date stays. */
export function acknowledged(seen: Seen, { by }: Of<'acknowledged'>): Outcome {
  if (seen.state !== 'WARNED') return stays(seen, notTaken(seen.record, 'acknowledged'));
  const { dueAt, record, life } = seen;
  const reason = `${who(by)} has seen it${dueAt === null ? '' : `; it stays due ${when(dueAt)}`}`;
  return moves(seen, 'ACKNOWLEDGED', { dueAt, wakeAt: record.wakeAt, effects: rewriteOf(life) }, reason);
}

/** Kept for a while, a limited number of times. */
export function snoozed(seen: Seen, { by, until, most }: Of<'snoozed'>): Outcome {
  const { life, at } = seen;
  if (!answerable(seen)) return stays(seen, notTaken(seen.record, 'snoozed'));
  if (until <= at) return stays(seen, `${when(until)} is over already`);
  if (life.snoozes >= most)
    return stays(
      seen,
      `it was kept ${life.snoozes} times already: an exemption is the way to keep it longer`,
    );
  const reason = `${who(by)} keeps it until ${when(until)}`;
  const hold = { kind: 'snooze', check: null, until, by, approvedBy: null, reason } as const;
  const change = { ...TAKEN_BACK, hold, snoozes: life.snoozes + 1 };
  return moves(seen, 'SNOOZED', { life: change, wakeAt: until, effects: rewriteOf(life) }, reason);
}

/** Not theirs: the next is warned, with a grace of their own. */
export function disowned(seen: Seen, { by, next }: Of<'disowned'>): Outcome {
  const { life } = seen;
  if (!answerable(seen)) return stays(seen, notTaken(seen.record, 'disowned'));
  const passed = passedBy(life.passed, life.notice?.recipient.id);
  const recipient = next !== null && passed.includes(next.id) ? null : next;
  const reason = `${who(by)} says it is not theirs${recipient === null ? '' : ` but ${recipient.id}'s`}`;
  const change = { ...TAKEN_BACK, passed, recipient };
  return moves(seen, 'DISOWNED', { life: change, wakeAt: seen.at, effects: rewriteOf(life) }, reason);
}

/**
 * The verified owner's confirmed "Stop now" on the delivered notice. It waives grace and verdict, nothing else; said
 * of a verdict that proves nothing, it does not hold against use that the last look sees. What cannot be undone waits
 * for a second person.
 */
export function stopNow(seen: Seen, { by, noticeId, reversible }: Of<'stop-now'>): Outcome {
  const { life, state, at, dueAt } = seen;
  if (state !== 'WARNED' && state !== 'ACKNOWLEDGED' && state !== 'BLOCKED')
    return stays(seen, notTaken(seen.record, 'stop-now'));
  if (life.notice === null || life.notice.id !== noticeId)
    return stays(seen, `${standing(seen.record)} in a newer message: that one counts`);
  if (life.notice.recipient.kind !== 'owner' || !samePerson(life.notice.recipient.person, by))
    return stays(seen, 'only the owner who was warned can stop it now: claim it first');
  if (life.policy.mode !== 'stop') return stays(seen, `nothing is stopped: ${life.policy.rule}`);
  if (life.fingerprint === null)
    return stays(seen, 'the resource could not be read when the warning was sent: it is not stopped');
  const unproven = isUncertain(seen.record.finding.verdict);
  const said = { by, at, noticeId, ...(unproven ? { unproven } : {}) };
  if (reversible) {
    const next = { ...life, stopNow: said };
    const wakeAt = wakeOfWarned(next, dueAt, at, seen.rules);
    return keeps(seen, { life: next, wakeAt, effects: rewriteOf(life) }, `${who(by)} wants it stopped now`);
  }
  const until = new Date(seen.ms + seen.rules.approvalDays * 86_400_000).toISOString();
  const reason = `${who(by)} wants it stopped now; it cannot be undone, so an approver must agree`;
  const request = { kind: 'stop', by, at, until, reason, check: null, left: null } as const;
  return moves(
    seen,
    'APPROVAL_REQUESTED',
    {
      life: { stopNow: said, approved: null, request, resting: null },
      wakeAt: until,
      effects: [...rewriteOf(life), { kind: 'ask-approval', what: 'stop' }],
    },
    reason,
  );
}

export function undoRequested(seen: Seen, { by }: Of<'undo-requested'>): Outcome {
  const { life, state } = seen;
  if ((state !== 'STOPPED' && state !== 'RESTORE_FAILED') || life.stopped === null)
    return stays(seen, notTaken(seen.record, 'undo-requested'));
  const change = { life: { intent: null }, wakeAt: seen.at, effects: rewriteOf(life) };
  return moves(seen, 'UNDO_REQUESTED', change, `${who(by)} wants it back`);
}
