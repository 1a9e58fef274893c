import type { AlertFacts, Told } from '../../../lib/ledger/alerts/model.ts';

export const T0 = new Date('2026-11-16T09:00:00.000Z');
export const ANA = { user: 'U0ANA', team: 'T0' };
export const BEN = { user: 'U0BEN', team: 'T0' };
export const CAUSE = { actor: 'audit', runId: 'run-1' };

export function usd(amount: string) {
  return { amount, currency: 'USD' };
}

/** An anomaly of one service, with an owner and a channel behind them. */
export function facts(more: Partial<AlertFacts> = {}): AlertFacts {
  return {
    kind: 'anomaly',
    what: 'step up',
    subject: { service: 'Search', account: '111122223333', team: 'a', transfer: '' },
    alsoSeen: [{ service: 'Search' }],
    source: 'aws-main',
    firstDay: '2026-11-10',
    lastDay: '2026-11-13',
    window: null,
    money: usd('400.12'),
    monthly: usd('3044.66'),
    expected: { value: usd('210.03'), low: usd('95'), high: usd('120.5'), of: 'on 2026-11-11' },
    limit: null,
    tier: null,
    probability: null,
    causes: ['resource i-0abc, 83% of the change'],
    throttle: null,
    blindSpots: ['Days from 2026-11-14 on have not settled and are not judged.'],
    owner: { id: 'ana@acme.example', source: 'tag owner', confidence: 'high' },
    route: { first: 'ana@acme.example', also: null, escalation: '#finops', escalateAfter: 8 },
    expectedDays: 30,
    ongoing: true,
    ...more,
  };
}

export function told(more: Partial<Told> = {}): Told {
  return {
    round: 1,
    role: 'first',
    contact: 'ana@acme.example',
    person: ANA,
    channel: 'D1',
    ts: '1.1',
    at: T0.toISOString(),
    drawn: '',
    ...more,
  };
}
