import type { Fresh, LedgerEvent, Life, PolicyNow } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { complete, EAST, judgement, recordOf } from '../fixtures.ts';
import { ANA, APPROVER, BEN, notice, owner, second, WHOLE_LIFE } from '../lives.ts';

/** A day in the life: warned on the first, due on the third. */
export const WARNED_AT = '2026-03-02T09:00:00.000Z';
export const SOON = '2026-03-03T09:00:00.000Z';
export const DUE_AT = '2026-03-04T09:00:00.000Z';
export const AFTER = '2026-03-04T09:15:00.000Z';
export const FAR = '2026-04-30T09:00:00.000Z';

const LATEST = '2027-01-01T00:00:00.000Z';

export const STOP: PolicyNow = { mode: 'stop', rule: 'policy 1 (mode stop)', grace: '2 days' };
export const NAMED: PolicyNow = { ...STOP, named: true };
export const WARN: PolicyNow = { mode: 'warn', rule: 'policy 1 (mode warn)', grace: null };
export const FLAG: PolicyNow = {
  mode: 'flag',
  rule: 'no policy matches, so it is only flagged',
  grace: null,
};
export const LAUNCH = { launch: '2026-02-01T00:00:00.000Z', parent: null } as const;
export const intent = {
  kind: 'stop',
  action: 'aws.ec2.stop',
  plan: { id: 'i-1' },
  undoPlan: { start: 'i-1' },
  at: AFTER,
  attempt: 1,
} as const;
export const undoIntent = { ...intent, kind: 'undo' } as const;

/** A life with nothing in it but a policy, an owner and their notice. */
export const LIFE: Life = {
  ...WHOLE_LIFE,
  policy: STOP,
  recipient: owner,
  passed: [],
  notice: { ...notice, deliveredAt: WARNED_AT },
  fingerprint: LAUNCH,
  hold: null,
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

const detected = recordOf(judgement());

/** A record in a state, with the parts that this state always has. */
export function standing(
  state: FindingState,
  more: Partial<Life> = {},
  dueAt?: string | null,
): FindingRecord {
  const parts = PARTS[state];
  const life = { ...LIFE, ...parts.life, ...more };
  const due = dueAt === undefined ? (parts.dueAt ?? null) : dueAt;
  return {
    ...detected,
    finding: { ...detected.finding, state, dueAt: due },
    life,
    wakeAt: parts.wakeAt ?? null,
  };
}

interface Parts {
  readonly life?: Partial<Life>;
  readonly dueAt?: string;
  readonly wakeAt?: string;
}

const hold = { check: null, until: FAR, by: ANA, reason: 'needed' } as const;
const untold = { notice: null, fingerprint: null } as const;

const PARTS: Readonly<Record<FindingState, Parts>> = {
  DETECTED: { life: { ...untold, policy: FLAG } },
  NOTIFY_PENDING: { life: untold, wakeAt: WARNED_AT },
  UNDELIVERED: { life: { ...untold, passed: [owner.id], recipient: second }, wakeAt: WARNED_AT },
  ESCALATED: { life: { ...untold, passed: [owner.id], recipient: second }, wakeAt: WARNED_AT },
  WARNED: { dueAt: DUE_AT, wakeAt: SOON },
  ACKNOWLEDGED: { dueAt: DUE_AT, wakeAt: SOON },
  SNOOZED: { life: { hold: { ...hold, kind: 'snooze', approvedBy: null }, snoozes: 1 }, wakeAt: FAR },
  EXEMPTION_REQUESTED: {
    life: {
      request: {
        kind: 'exemption',
        by: ANA,
        at: SOON,
        until: FAR,
        reason: 'x',
        check: null,
        left: 86_400_000,
      },
    },
    wakeAt: FAR,
  },
  EXEMPT: { life: { hold: { ...hold, kind: 'exemption', approvedBy: APPROVER } }, wakeAt: FAR },
  DISOWNED: { life: { passed: [owner.id], recipient: second }, wakeAt: WARNED_AT },
  APPROVAL_REQUESTED: {
    life: {
      stopNow: { by: ANA, at: SOON, noticeId: notice.id },
      request: {
        kind: 'stop',
        by: ANA,
        at: SOON,
        until: '2026-03-10T09:00:00.000Z',
        reason: 'x',
        check: null,
        left: null,
      },
    },
    wakeAt: '2026-03-10T09:00:00.000Z',
  },
  BLOCKED: { life: { blocked: 'quiet hours' }, dueAt: DUE_AT, wakeAt: DUE_AT },
  STOPPING: { life: { intent }, dueAt: DUE_AT, wakeAt: AFTER },
  STOPPED: { life: { stopped: { at: AFTER, action: 'a', undoPlan: 'u', estimated: null } } },
  STOP_FAILED: { life: { intent, blocked: 'refused' }, dueAt: DUE_AT, wakeAt: AFTER },
  UNDO_REQUESTED: {
    life: { stopped: { at: AFTER, action: 'a', undoPlan: 'u', estimated: null } },
    wakeAt: AFTER,
  },
  STARTING: {
    life: { intent: undoIntent, stopped: { at: AFTER, action: 'a', undoPlan: 'u', estimated: null } },
    wakeAt: AFTER,
  },
  RESTORED: {
    life: { restoredAt: AFTER, stopped: { at: AFTER, action: 'a', undoPlan: 'u', estimated: null } },
  },
  RESTORE_FAILED: { life: { stopped: { at: AFTER, action: 'a', undoPlan: 'u', estimated: null } } },
  RESOLVED: {},
};

export const waste: Fresh = { kind: 'waste', judgement: judgement(), fingerprint: LAUNCH };

export function judgedBy(
  policy: PolicyNow,
  more: Partial<Extract<LedgerEvent, { type: 'judged' }>> = {},
): LedgerEvent {
  return {
    type: 'judged',
    judgement: judgement(),
    policy,
    actionable: true,
    recipient: owner,
    hold: null,
    ...more,
  };
}

export function checkedWith(
  fresh: Fresh,
  more: Partial<Extract<LedgerEvent, { type: 'checked' }>> = {},
): LedgerEvent {
  return { type: 'checked', fresh, reversible: true, guard: null, intent, ...more };
}

/** One or more of every event, under a name. */
export const EVENTS: Readonly<Record<string, LedgerEvent>> = {
  'judged, mode off': judgedBy({ ...FLAG, mode: 'off' }),
  'judged, mode flag': judgedBy(FLAG),
  'judged, mode warn': judgedBy(WARN),
  'judged, mode stop': judgedBy(STOP),
  'judged, may not be acted on': judgedBy(STOP, {
    actionable: false,
    judgement: judgement({ verdict: 'UNOBSERVED' }),
  }),
  "judged, another's": judgedBy(STOP, { recipient: { ...owner, id: 'cy@acme.example', person: BEN } }),
  'judged, snoozed resource': judgedBy(STOP, {
    hold: { ...hold, until: LATEST, kind: 'snooze', approvedBy: null },
  }),
  'judged, exempt resource': judgedBy(STOP, {
    hold: { ...hold, until: LATEST, kind: 'exemption', approvedBy: APPROVER },
  }),
  'absent, proven': { type: 'absent', coverage: complete(EAST), checksRun: ['idle-gpu'] },
  'absent, not covered': { type: 'absent', coverage: [], checksRun: ['idle-gpu'] },
  'deleted by others': { type: 'outside', what: 'deleted' },
  'started by others': { type: 'outside', what: 'started' },
  delivered: {
    type: 'delivered',
    notice: { ...notice, id: 'n-2', deliveredAt: AFTER },
    fingerprint: LAUNCH,
    dueAt: '2026-03-06T09:15:00.000Z',
  },
  'undeliverable, for now': { type: 'undeliverable', reason: '503', final: false, next: second },
  'undeliverable, for good': { type: 'undeliverable', reason: 'left', final: true, next: second },
  reminded: { type: 'reminded', kind: 'reminder' },
  'last call': { type: 'reminded', kind: 'last-call' },
  acknowledged: { type: 'acknowledged', by: ANA },
  snoozed: { type: 'snoozed', by: ANA, until: FAR, most: 2 },
  'exemption asked for': { type: 'exemption-requested', by: ANA, until: FAR, reason: 'run', check: null },
  'exemption approved': { type: 'exemption-approved', by: APPROVER },
  'exemption refused': { type: 'exemption-refused', by: APPROVER },
  disowned: { type: 'disowned', by: ANA, next: second },
  claimed: { type: 'claimed', by: second },
  'stop now': { type: 'stop-now', by: ANA, noticeId: notice.id, reversible: true },
  'stop now, irreversible': { type: 'stop-now', by: ANA, noticeId: notice.id, reversible: false },
  'stop approved': { type: 'stop-approved', by: APPROVER },
  'stop refused': { type: 'stop-refused', by: APPROVER },
  'undo asked for': { type: 'undo-requested', by: ANA },
  woken: { type: 'woken', reversible: true },
  'woken, irreversible': { type: 'woken', reversible: false },
  'checked: gone': checkedWith({ kind: 'gone' }),
  'checked: in use': checkedWith({ kind: 'in-use', judgement: null, reason: 'GPU at 80 %' }),
  'checked: waste': checkedWith(waste),
  'checked: waste, irreversible': checkedWith(waste, { reversible: false }),
  'checked: a guard says no': checkedWith(waste, { guard: 'the cap of the day is reached', intent: null }),
  'checked: may not be acted on': checkedWith({ kind: 'rests', judgement: judgement({ verdict: 'HELD' }) }),
  'checked: another launch': checkedWith({
    kind: 'waste',
    judgement: judgement(),
    fingerprint: { ...LAUNCH, launch: AFTER },
  }),
  'checked: changed': checkedWith({ kind: 'changed', reason: 'it has a parent', fingerprint: null }),
  'checked: unknown': checkedWith({ kind: 'unknown', reason: 'throttled' }),
  'stop done': { type: 'stop-done', at: AFTER, estimated: null },
  'stop failed': { type: 'stop-failed', reason: '500', final: false },
  'stop failed for good': { type: 'stop-failed', reason: 'denied', final: true },
  'undo begun': { type: 'undo-begun', intent: undoIntent },
  'undo done': { type: 'undo-done' },
  'undo failed': { type: 'undo-failed', reason: 'InsufficientInstanceCapacity' },
};
