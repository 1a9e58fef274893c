import type { LedgerEvent, Life, Notice, Person, Recipient } from '../../lib/ledger/life.ts';
import { T1, T2, T3 } from './fixtures.ts';

export const ANA: Person = { user: 'U0ANA', team: 'T0' };
export const BEN: Person = { user: 'U0BEN', team: 'T0' };
export const APPROVER: Person = { user: 'U0EVE', team: 'T0' };

export const owner: Recipient = {
  kind: 'owner',
  id: 'ana@acme.example',
  person: ANA,
  source: 'tag owner',
};
export const second: Recipient = { kind: 'owner', id: 'ben@acme.example', person: BEN, source: 'claimed' };
export const channel: Recipient = { kind: 'channel', id: '#finops', person: null, source: 'fallback' };

export const notice: Notice = {
  id: 'n-1',
  recipient: owner,
  channel: 'D1',
  ts: '1772344800.000100',
  deliveredAt: T1,
  reminded: false,
  lastCalled: false,
};

/** Every part of a life filled in. */
export const WHOLE_LIFE: Life = {
  policy: {
    mode: 'stop',
    rule: 'policy 1 (check idle-gpu, mode stop) matches first',
    grace: '2 business days',
  },
  actionable: true,
  recipient: owner,
  passed: ['#finops'],
  notice,
  undelivered: 0,
  fingerprint: { launch: T1, parent: null },
  hold: { kind: 'snooze', check: null, until: T3, by: ANA, approvedBy: null, reason: 'a run next week' },
  snoozes: 1,
  request: {
    kind: 'exemption',
    by: ANA,
    at: T1,
    until: T3,
    reason: 'why',
    check: 'idle-gpu',
    left: 3_600_000,
  },
  resting: 7_200_000,
  stopNow: { by: ANA, at: T1, noticeId: 'n-1' },
  approved: { by: APPROVER, at: T2 },
  intent: {
    kind: 'stop',
    action: 'aws.ec2.stop',
    plan: { ids: ['i-1'], hibernate: false, size: 1.5, none: null, empty: '' },
    undoPlan: { ids: [], deep: { a: [{ b: 1 }] } },
    at: T2,
    attempt: 1,
  },
  stopped: { at: T2, action: 'aws.ec2.stop', undoPlan: ['x'], estimated: { amount: '9.5', currency: 'USD' } },
  restoredAt: T3,
  blocked: 'quiet hours until 08:00',
};

export type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;
