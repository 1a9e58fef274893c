import type { Judgement } from '../../lib/checks/model.ts';
import type { LedgerEvent, Person, Recipient } from '../../lib/ledger/life.ts';
import type { AuditRecord, FindingRecord } from '../../lib/ledger/model.ts';
import { stepOf } from '../../lib/ledger/step.ts';
import type { NoticeLine } from '../../lib/notices/messages/item.ts';
import type { NoticeDoc, NoticeItem } from '../../lib/notices/notice.ts';
import { judgement } from '../ledger/fixtures.ts';

export const OWNER: Person = { user: 'U012OWNER', team: 'T012ACME' };
export const APPROVER: Person = { user: 'U012APPROVER', team: 'T012ACME' };
export const TO_OWNER: Recipient = {
  kind: 'owner',
  id: 'ana@acme.example',
  person: OWNER,
  source: 'tag owner',
};
export const TO_CHANNEL: Recipient = { kind: 'channel', id: '#finops', person: null, source: 'fallback' };

/** One finding that goes through events as decide() has it. */
export interface Story {
  record: FindingRecord | null;
  trail: AuditRecord[];
  next(at: string, event: LedgerEvent, by?: Person): Story;
  line(): NoticeLine;
}

/** `actionable` false: told nevertheless, since the policy names the check. */
export function story(judged: Judgement, recipient: Recipient = TO_OWNER, actionable = true): Story {
  const told: Story = {
    record: null,
    trail: [],
    next(at, event, by) {
      const actor = by === undefined ? 'sweep' : `slack:${by.team}:${by.user}`;
      const step = stepOf(told.record, event, new Date(at), { actor, runId: 'run' });
      if (!step.decision.taken) throw new Error(step.decision.reason);
      told.record = step.record;
      if (step.write?.audit) told.trail.push(step.write.audit);
      return told;
    },
    line() {
      if (told.record === null) throw new Error('nothing has happened');
      const { finding, life } = told.record;
      return { finding, life, last: told.trail.at(-1) ?? null };
    },
  };
  const rule = 'policy 1 (check idle-gpu, mode stop) matches first';
  const policy = { mode: 'stop', rule, grace: '2 business days', named: true } as const;
  const event = {
    type: 'judged',
    judgement: judged,
    policy,
    actionable,
    recipient,
    hold: null,
  } as const;
  return told.next('2026-11-16T06:00:00.000Z', event).next('2026-11-16T06:00:00.000Z', event);
}

/** Delivered on Monday at nine in Berlin; due on Wednesday. */
export function delivered(notice: NoticeDoc, dated = notice.recipient.kind === 'owner'): LedgerEvent {
  return {
    type: 'delivered',
    notice: {
      id: notice.id,
      recipient: notice.recipient,
      channel: 'D012',
      ts: '1763280000.000100',
      deliveredAt: '2026-11-16T08:00:00.000Z',
      reminded: false,
      lastCalled: false,
    },
    fingerprint: { launch: '2026-11-02T06:00:00.000Z', parent: null },
    dueAt: dated ? '2026-11-18T08:00:00.000Z' : null,
  };
}

export function item(findingId: string, more: Partial<NoticeItem> = {}): NoticeItem {
  return {
    findingId,
    action: 'Stop i-0abc (g5.12xlarge); undo starts it again.',
    reversible: true,
    lost: ['1 instance-store volume (3.8 TB) is erased'],
    staysBilled: ['2 EBS volumes (600 GB)', '1 Elastic IP address'],
    risks: ['g5.12xlarge is scarce: a start may fail with InsufficientInstanceCapacity'],
    ...more,
  };
}

export function noticeOf(items: readonly NoticeItem[], more: Partial<NoticeDoc> = {}): NoticeDoc {
  return {
    schemaVersion: 1,
    id: `n-${'0123456789abcdef'.repeat(2).slice(0, 26)}`,
    kind: 'warning',
    recipient: TO_OWNER,
    timezone: 'Europe/Berlin',
    items,
    more: 0,
    request: null,
    place: null,
    createdAt: '2026-11-16T08:00:00.000Z',
    ...more,
  };
}

export function machine(more: Partial<Judgement> = {}): Judgement {
  return judgement({
    resourceName: 'trainer-nightly',
    monthlyCost: { amount: '4071.36', currency: 'USD' },
    monthlySaving: { amount: '3950.12', currency: 'USD' },
    evidence: [
      { name: 'gpu utilisation, highest', value: '0.4', unit: 'percent', window: '', source: 'CWAgent' },
      { name: 'network out', value: '1.1', unit: 'MiB a day', window: '', source: 'AWS/EC2 NetworkOut' },
    ],
    blindSpots: ['requests that reach it without the network'],
    reason: 'every one of 4 GPUs was below 5 % for 168 hours',
    ...more,
  });
}
