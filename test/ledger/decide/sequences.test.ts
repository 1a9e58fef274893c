import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEvent, Person, Recipient } from '../../../lib/ledger/life.ts';
import type { AuditRecord, FindingRecord } from '../../../lib/ledger/model.ts';
import { bodyOf, ROW_VERSION, readAudit, readBody } from '../../../lib/ledger/rows.ts';
import { type Step, stepOf } from '../../../lib/ledger/step.ts';
import { complete, EAST, judgement } from '../fixtures.ts';
import { ANA, APPROVER, BEN, channel, owner, second } from '../lives.ts';
import { checkedWith, EVENTS, FLAG, intent, judgedBy, LAUNCH, STOP, undoIntent, WARN } from './world.ts';

const HOUR = 3_600_000;
const GRACE = 48 * HOUR;
const START = Date.parse('2026-03-02T09:00:00.000Z');

/** An event that may look at how the finding stands: notices and people fit or nearly fit. */
type Move = (record: FindingRecord | null, at: number, nth: number) => LedgerEvent;

function deliveredTo(recipient: Recipient | null, at: number, nth: number): LedgerEvent {
  const to = recipient ?? channel;
  return {
    type: 'delivered',
    notice: {
      id: `n-${nth}`,
      recipient: to,
      channel: 'D1',
      ts: `${nth}.1`,
      deliveredAt: new Date(at).toISOString(),
      reminded: false,
      lastCalled: false,
    },
    fingerprint: LAUNCH,
    dueAt: to.kind === 'owner' ? new Date(at + GRACE).toISOString() : null,
  };
}

const until = (at: number, hours: number) => new Date(at + hours * HOUR).toISOString();
const people = [ANA, BEN, APPROVER];
const fixed =
  (event: LedgerEvent): Move =>
  () =>
    event;

const helpful: readonly Move[] = [
  fixed(judgedBy(STOP)),
  (record, at, nth) => deliveredTo(record?.life?.recipient ?? null, at, nth),
  fixed(checkedWith({ kind: 'waste', judgement: judgement(), fingerprint: LAUNCH })),
  fixed({ type: 'woken', reversible: true }),
  fixed({ type: 'stop-done', at: new Date(START).toISOString(), estimated: null }),
];

const person = (nth: number): Person => people[nth % people.length] ?? ANA;

/** What leads on from where the finding stands: without it, few histories would come to a stop. */
const onward: Move = (record, at, nth) => {
  const state = record?.finding.state ?? 'RESOLVED';
  const id = record?.life?.notice?.id ?? 'none';
  const irreversible = nth % 4 === 0;
  if (state === 'NOTIFY_PENDING') return deliveredTo(record?.life?.recipient ?? null, at, nth);
  if (irreversible && (state === 'WARNED' || state === 'ACKNOWLEDGED'))
    return { type: 'stop-now', by: nth % 8 === 0 ? ANA : BEN, noticeId: id, reversible: false };
  if (state === 'APPROVAL_REQUESTED' && record?.life?.approved === null)
    return { type: 'stop-approved', by: person(nth) };
  const look = { kind: 'waste', judgement: judgement(), fingerprint: LAUNCH } as const;
  if (state === 'WARNED' || state === 'BLOCKED' || state === 'STOP_FAILED') return checkedWith(look);
  if (state === 'APPROVAL_REQUESTED') return checkedWith(look, { reversible: false });
  return nth % 2 === 0 ? judgedBy(STOP) : { type: 'woken', reversible: true };
};

const moves: readonly Move[] = [
  ...Array.from({ length: 40 }, () => onward),
  ...helpful,
  ...Object.values(EVENTS).map(fixed),
  fixed(judgedBy(WARN)),
  fixed(judgedBy(FLAG)),
  fixed(judgedBy(STOP, { recipient: second })),
  fixed(judgedBy(STOP, { recipient: channel })),
  fixed({ type: 'absent', coverage: complete(EAST), checksRun: ['idle-gpu'] }),
  (_, at, nth) => deliveredTo(nth % 2 === 0 ? owner : channel, at, nth),
  (_, at, nth) => ({ type: 'snoozed', by: person(nth), until: until(at, 24 + nth), most: 2 }),
  (_, at, nth) => ({
    type: 'exemption-requested',
    by: person(nth),
    until: until(at, 72),
    reason: 'run',
    check: nth % 2 === 0 ? null : 'untagged',
  }),
  (_record, _at, nth) => ({ type: 'exemption-approved', by: person(nth) }),
  (record, _at, nth) => ({
    type: 'stop-now',
    by: person(nth),
    noticeId: record?.life?.notice?.id ?? 'none',
    reversible: nth % 3 !== 0,
  }),
  (_record, _at, nth) => ({ type: 'stop-approved', by: person(nth) }),
  fixed(checkedWith({ kind: 'waste', judgement: judgement(), fingerprint: LAUNCH }, { reversible: false })),
  fixed(checkedWith({ kind: 'in-use', judgement: null, reason: 'busy', fingerprint: LAUNCH }, { intent })),
  fixed({ type: 'undo-begun', intent: undoIntent }),
];

const history = fc.array(
  fc.record({
    move: fc.nat(moves.length - 1),
    hours: fc.constantFrom(0, 1, 12, 49, 400),
    nth: fc.nat(30),
  }),
  { minLength: 5, maxLength: 40 },
);
type History = readonly { readonly move: number; readonly hours: number; readonly nth: number }[];

interface Told {
  readonly at: number;
  readonly event: LedgerEvent;
  readonly before: FindingRecord | null;
  readonly step: Step;
}

/** Plays a history as a store that never conflicts would. */
function play(story: History): Told[] {
  const told: Told[] = [];
  let record: FindingRecord | null = null;
  let at = START;
  for (const [n, { move, hours, nth }] of story.entries()) {
    at += hours * HOUR + 60_000;
    const event = moves[move]?.(record, at, nth + n * 100) ?? judgedBy(STOP);
    const step = stepOf(record, event, new Date(at), { actor: 'sweep', runId: `run-${n}` });
    told.push({ at, event, before: record, step });
    record = step.record;
  }
  return told;
}

/** What of a history is about the warning that is out: from its delivery on. */
function sinceDelivery(told: readonly Told[]): readonly Told[] {
  const last = told.findLastIndex(({ event, step }) => event.type === 'delivered' && step.decision.taken);
  return last < 0 ? [] : told.slice(last);
}

function isA<T extends LedgerEvent['type']>(
  event: LedgerEvent,
  type: T,
): event is Extract<LedgerEvent, { type: T }> {
  return event.type === type;
}

function taken<T extends LedgerEvent['type']>(told: readonly Told[], type: T) {
  return told.flatMap(({ event, step, at }) =>
    step.decision.taken && isA(event, type) ? [{ at, event }] : [],
  );
}

/** Why a stop that begins now breaks a rule; read from the events alone, not from decide(). */
function breaks(told: readonly Told[]): string | null {
  const begins = told.at(-1);
  if (begins === undefined || begins.event.type !== 'checked') return 'not begun by a look';
  const { at, event } = begins;
  const since = sinceDelivery(told);
  const [delivery] = taken(since, 'delivered');
  if (delivery === undefined) return 'nobody was warned';
  const { notice } = delivery.event;
  if (notice.recipient.kind !== 'owner' || notice.recipient.person === null) return 'no owner was warned';
  const [judged] = taken(told, 'judged').slice(-1);
  if (judged?.event.policy.mode !== 'stop') return `policy ${judged?.event.policy.mode}`;
  const asked = taken(since, 'stop-now').filter(({ event: { by, noticeId } }) => {
    return noticeId === notice.id && by.user === notice.recipient.person?.user;
  });
  if (asked.length === 0 && at < delivery.at + GRACE) return 'before the end of the grace';
  if (asked.length === 0 && event.fresh.kind !== 'waste') return `judged ${event.fresh.kind}`;
  if (event.guard !== null) return 'against a guard';
  for (const { event: snooze } of taken(told, 'snoozed')) if (at < Date.parse(snooze.until)) return 'snoozed';
  if (!event.reversible) {
    const agreed = taken(since, 'stop-approved').filter(({ event: { by } }) => {
      return by.user !== notice.recipient.person?.user;
    });
    if (asked.length === 0 || agreed.length === 0) return 'irreversible without two people';
  }
  return null;
}

describe('histories of one finding', () => {
  it('begin a stop only when every condition holds, and often enough to tell', () => {
    let begun = 0;
    let asked = 0;
    let irreversible = 0;
    fc.assert(
      fc.property(history, (story) => {
        const told = play(story);
        for (const [n, { step, before }] of told.entries()) {
          if (step.decision.state !== 'STOPPING' || before?.finding.state === 'STOPPING') continue;
          begun += 1;
          const so = told.slice(0, n + 1);
          expect(breaks(so)).toBeNull();
          if (taken(sinceDelivery(so), 'stop-now').length > 0) asked += 1;
          const { event } = so.at(-1) ?? {};
          if (event?.type === 'checked' && !event.reversible) irreversible += 1;
        }
      }),
      { numRuns: 3_000, seed: 20_260_301 },
    );
    expect(begun).toBeGreaterThan(500);
    expect(asked).toBeGreaterThan(20);
    expect(irreversible).toBeGreaterThan(10);
  });

  it('never bring a date nearer than the delivered notice told', () => {
    fc.assert(
      fc.property(history, (story) => {
        const told = play(story);
        for (const [n, { step }] of told.entries()) {
          const dueAt = step.record?.finding.dueAt ?? null;
          if (dueAt === null || step.record?.finding.state === 'STOP_FAILED') continue;
          const [delivery] = taken(sinceDelivery(told.slice(0, n + 1)), 'delivered');
          expect(dueAt >= (delivery?.event.dueAt ?? '9')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('write each change with its audit entry and nothing without one, and only what can be read again', () => {
    fc.assert(
      fc.property(history, (story) => {
        for (const { step, before, event } of play(story)) {
          const { write, decision, record } = step;
          const next = write?.record ?? null;
          expect(record).toEqual(next ?? before);
          expect(next === null || write?.expected === (before?.version ?? 0)).toBe(true);
          expect(next?.version).toBe(next === null ? undefined : (before?.version ?? 0) + 1);
          const moved =
            next !== null &&
            (before?.finding.state !== next.finding.state ||
              before.finding.dueAt !== next.finding.dueAt ||
              JSON.stringify(before.life) !== JSON.stringify(next.life));
          expect(decision.changed).toBe(moved);
          const audit = write?.audit ?? null;
          expect(audit !== null).toBe(moved);
          expect(audit?.from ?? before?.finding.state).toBe(before?.finding.state);
          expect((next ?? before)?.observed.at ?? '').toSatisfy((at) => at >= (before?.observed.at ?? ''));
          expect(next === null ? null : stored(next)).toEqual(next);
          expect(audit === null ? null : kept(audit)).toEqual(audit);
          expect([event.type, decision.reason]).toEqual(
            audit === null ? [event.type, decision.reason] : [eventOf(audit), audit.reason],
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('come to the same when an event comes twice', () => {
    const once = new Set([
      'judged',
      'absent',
      'acknowledged',
      'claimed',
      'undo-requested',
      'stop-done',
      'undo-done',
    ]);
    fc.assert(
      fc.property(history, (story) => {
        for (const { step, event, at } of play(story)) {
          if (!once.has(event.type) || step.record === null || step.record.finding.state === 'DETECTED')
            continue;
          const again = stepOf(step.record, event, new Date(at), { actor: 'sweep', runId: 'again' });
          expect(again.decision.state).toBe(step.decision.state);
          expect(again.write?.audit ?? null).toBeNull();
        }
      }),
      { numRuns: 300 },
    );
  });
});

function stored(record: FindingRecord): FindingRecord | null {
  const body: unknown = JSON.parse(JSON.stringify(bodyOf(record)));
  return readBody(
    { id: record.finding.id, schemaVersion: ROW_VERSION, version: record.version, body },
    'test',
  );
}

function kept(entry: AuditRecord): AuditRecord | null {
  const body: unknown = JSON.parse(JSON.stringify(entry));
  return readAudit({ id: entry.findingId, schemaVersion: ROW_VERSION, body }, 'test');
}

function eventOf({ details }: AuditRecord): unknown {
  return typeof details === 'object' && details !== null ? Object.entries(details)[0]?.[1] : null;
}
