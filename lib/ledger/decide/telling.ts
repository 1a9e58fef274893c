import type { FindingState, LedgerEvent, Notice } from '../life.ts';
import { mayAct, pending } from './audit.ts';
import { pause, wakeOfWarned } from './clock.ts';
import { keeps, moves, type Outcome, type Seen, stays } from './model.ts';
import { notTaken, when } from './words.ts';

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;

/**
 * Slack has taken the warning. The clock starts only for a verified owner, under a policy that stops, with a
 * verdict that may be acted on, and with a resource known well enough to be recognised.
 */
export function delivered(seen: Seen, event: Of<'delivered'>): Outcome {
  const { life, state, record } = seen;
  const { notice, fingerprint } = event;
  if (state !== 'NOTIFY_PENDING') return stays(seen, notTaken(record, 'delivered'));
  const { recipient } = life;
  if (recipient === null || recipient.id !== notice.recipient.id || recipient.kind !== notice.recipient.kind)
    return stays(seen, `the warning went to ${notice.recipient.id}, who is not the one to be told any more`);
  const why = noClock(seen, event);
  const dueAt = why === null && event.dueAt !== null ? fromStored(seen, notice, event.dueAt) : null;
  const next = { ...life, notice, fingerprint, undelivered: 0, recipient: notice.recipient };
  const wakeAt = wakeOfWarned(next, dueAt, seen.at, seen.rules);
  const told = `${notice.recipient.id} was warned (${notice.recipient.source})`;
  const reason = dueAt === null ? `${told}; no date: ${why ?? ''}` : `${told}; due ${when(dueAt)}`;
  return moves(seen, 'WARNED', { life: next, dueAt, wakeAt }, reason);
}

/**
 * A delivery that is only now found out (its process ended before it was stored) could not be answered until now:
 * its grace is counted from here.
 */
function fromStored({ ms, rules }: Seen, { deliveredAt, storedAt }: Notice, dueAt: string): string {
  const late = ms - Date.parse(deliveredAt);
  // Whoever tries again does so after a pause: from then on it may be such a delivery, and the grace is not shortened.
  if (storedAt === undefined && late < rules.retryMinutes * 60_000) return dueAt;
  return new Date(Date.parse(dueAt) + late).toISOString();
}

/** Why no clock starts; null where one does. */
function noClock({ life }: Seen, { notice, fingerprint, dueAt }: Of<'delivered'>): string | null {
  if (life.policy.mode !== 'stop') return life.policy.rule;
  if (!mayAct(life)) return 'the verdict may not be acted on';
  if (notice.recipient.kind !== 'owner') return 'a channel is not an owner';
  if (notice.recipient.person === null) return 'Slack does not know the owner';
  if (fingerprint === null) return 'the resource could not be read';
  if (dueAt === null) return 'silence never leads to what cannot be undone';
  return dueAt > notice.deliveredAt ? null : 'the grace would end before the warning';
}

/** A delivery failed: again after a pause, or given up and handed to the next. */
export function undeliverable(seen: Seen, { reason, final, next }: Of<'undeliverable'>): Outcome {
  const { life, state, rules } = seen;
  if (state !== 'NOTIFY_PENDING') return stays(seen, notTaken(seen.record, 'undeliverable'));
  const failures = life.undelivered + 1;
  if (!final && failures < rules.mostDeliveries)
    return keeps(seen, { life: { undelivered: failures }, wakeAt: pause(seen, failures) }, reason);
  const passed = passedBy(life.passed, life.recipient?.id);
  const recipient = next !== null && passed.includes(next.id) ? null : next;
  return moves(
    seen,
    'UNDELIVERED',
    { life: { undelivered: failures, passed, recipient }, wakeAt: seen.at },
    `not delivered to ${life.recipient?.id ?? 'anyone'}: ${reason}`,
  );
}

export function passedBy(passed: readonly string[], id: string | undefined): readonly string[] {
  return id === undefined || passed.includes(id) ? passed : [...passed, id];
}

/** The thread of the notice was spoken in. */
export function reminded(seen: Seen, { kind }: Of<'reminded'>): Outcome {
  const { life, state, dueAt, at, rules } = seen;
  if ((state !== 'WARNED' && state !== 'ACKNOWLEDGED') || life.notice === null)
    return stays(seen, notTaken(seen.record, 'reminded'));
  // A last call says all that a reminder would say.
  const notice = {
    ...life.notice,
    reminded: true,
    lastCalled: life.notice.lastCalled || kind === 'last-call',
  };
  const wakeAt = wakeOfWarned({ ...life, notice }, dueAt, at, rules);
  return keeps(seen, { life: { notice }, wakeAt }, kind === 'reminder' ? 'reminded' : 'last call');
}

/** States in which nobody who was asked answers for it. */
const NOBODYS: ReadonlySet<FindingState> = new Set<FindingState>(['UNDELIVERED', 'ESCALATED', 'DISOWNED']);
const CLAIMABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  ...NOBODYS,
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
]);

/** Somebody takes it on: they are warned, and their clock starts then. */
export function claimed(seen: Seen, { by }: Of<'claimed'>): Outcome {
  const { life, state } = seen;
  if (by.kind !== 'owner' || by.person === null) return stays(seen, 'only a verified person can claim it');
  if (!CLAIMABLE.has(state)) return stays(seen, notTaken(seen.record, 'claimed'));
  const told = state === 'NOTIFY_PENDING' ? life.recipient : (life.notice?.recipient ?? null);
  if (told?.kind === 'owner' && !NOBODYS.has(state)) return stays(seen, `${told.id} answers for it already`);
  const passed = life.passed.filter((id) => id !== by.id);
  return pending({ ...seen, life: { ...life, recipient: by, passed } }, `claimed by ${by.id}`);
}
