import type { LedgerEvent, Life } from '../life.ts';
import { mayAct } from './audit.ts';
import { left, resumed, wakeOfWarned } from './clock.ts';
import { keeps, moves, type Outcome, rewriteOf, type Seen, stays } from './model.ts';
import { answerable, TAKEN_BACK } from './people.ts';
import { notTaken, samePerson, when, who } from './words.ts';

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;

/** The clock rests until an approver has answered. */
export function exemptionRequested(seen: Seen, event: Of<'exemption-requested'>): Outcome {
  const { life, at } = seen;
  const { by, until, reason, check } = event;
  if (!answerable(seen)) return stays(seen, notTaken(seen.record, 'exemption-requested'));
  if (until <= at) return stays(seen, `${when(until)} is over already`);
  const rest = left(seen) ?? life.resting;
  const request = { kind: 'exemption', by, at, until, reason, check, left: rest } as const;
  return moves(
    seen,
    'EXEMPTION_REQUESTED',
    {
      life: { ...TAKEN_BACK, request },
      wakeAt: until,
      effects: [...rewriteOf(life), { kind: 'ask-approval', what: 'exemption' }],
    },
    `${who(by)} asks for an exemption until ${when(until)}: ${reason}`,
  );
}

export function exemptionApproved(seen: Seen, { by }: Of<'exemption-approved'>): Outcome {
  const { life, state, at } = seen;
  const { request } = life;
  if (state !== 'EXEMPTION_REQUESTED' || request === null || request.until === null)
    return stays(seen, notTaken(seen.record, 'exemption-approved'));
  if (samePerson(request.by, by)) return stays(seen, 'nobody approves what they asked for themselves');
  const { until, check, reason } = request;
  if (until <= at) return stays(seen, `the exemption would have ended ${when(until)}`);
  const hold = { kind: 'exemption', check, until, by: request.by, approvedBy: by, reason } as const;
  return moves(
    seen,
    'EXEMPT',
    { life: { ...TAKEN_BACK, hold }, wakeAt: until, effects: rewriteOf(life) },
    `${who(by)} approves the exemption until ${when(until)}`,
  );
}

export function exemptionRefused(seen: Seen, { by }: Of<'exemption-refused'>): Outcome {
  const { state, life, record } = seen;
  if (state !== 'EXEMPTION_REQUESTED') return stays(seen, notTaken(record, 'exemption-refused'));
  if (samePerson(life.request?.by, by))
    return stays(seen, 'nobody decides on what they asked for themselves');
  return back(seen, `${who(by)} refuses the exemption`);
}

/** WARNED again, and the grace goes on where it rested, if the policy and the verdict still allow a stop. */
export function back(seen: Seen, reason: string): Outcome {
  const { life, at, rules } = seen;
  const rest = life.request?.left ?? null;
  const runs = rest !== null && mayAct(life);
  const dueAt = runs ? resumed(seen, rest) : null;
  const resting = rest !== null && !runs && life.policy.mode === 'stop' ? rest : null;
  const next: Life = { ...life, ...TAKEN_BACK, resting };
  const wakeAt = wakeOfWarned(next, dueAt, at, rules);
  const date = dueAt === null ? '' : `; due ${when(dueAt)}`;
  return moves(seen, 'WARNED', { life: next, dueAt, wakeAt, effects: rewriteOf(life) }, `${reason}${date}`);
}

/** A second person agrees to what cannot be undone. */
export function stopApproved(seen: Seen, { by }: Of<'stop-approved'>): Outcome {
  const { state, life, at } = seen;
  const { request, stopNow } = life;
  if (state !== 'APPROVAL_REQUESTED' || request === null || stopNow === null)
    return stays(seen, notTaken(seen.record, 'stop-approved'));
  const owners = [request.by, stopNow.by, life.notice?.recipient.person];
  if (owners.some((person) => samePerson(person, by)))
    return stays(seen, 'a second person must approve it, not the owner');
  if (request.until !== null && request.until <= at)
    return stays(seen, `the request has ended ${when(request.until)}`);
  const change = { life: { approved: { by, at }, request: null }, wakeAt: at, effects: rewriteOf(life) };
  return keeps(seen, change, `${who(by)} approves the stop`);
}

export function stopRefused(seen: Seen, { by }: Of<'stop-refused'>): Outcome {
  if (seen.state !== 'APPROVAL_REQUESTED' || seen.life.request === null)
    return stays(seen, notTaken(seen.record, 'stop-refused'));
  return back(seen, `${who(by)} refuses the stop`);
}
