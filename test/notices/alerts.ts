import { alertId, stepAlert } from '../../lib/ledger/alerts/decide.ts';
import type { Alert, AlertEvent, AlertFacts } from '../../lib/ledger/alerts/model.ts';
import { renderAlert } from '../../lib/notices/messages/alert.ts';
import { NOT_PRICED } from '../../lib/run/alerts/runaway.ts';
import { facts, T0, told, usd } from '../ledger/alerts/fixtures.ts';
import { rendered } from './rendered.ts';
import { OWNER } from './story.ts';

const ZONE = 'Europe/Berlin';
const NOVEMBER = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };

/** An alert after some events, each an hour after the one before. */
export function alertAfter(first: AlertFacts, events: readonly AlertEvent[] = []): Alert {
  const id = alertId(first.kind, first.what);
  let alert: Alert | null = null;
  for (const [n, event] of [{ type: 'seen', id, facts: first } as const, ...events].entries()) {
    const now = new Date(T0.getTime() + n * 3_600_000);
    const done = stepAlert(alert, event, now, { actor: 'audit', runId: 'run-1' });
    if (done.taken) alert = done.alert;
  }
  if (alert === null) throw new Error('nothing was seen');
  return alert;
}

/** What a budget tells on 16 November. */
export function budget(more: Partial<AlertFacts> = {}): AlertFacts {
  return facts({
    kind: 'budget',
    what: 'reached 80%',
    subject: { budget: 'research' },
    alsoSeen: [],
    source: null,
    firstDay: '2026-11-13',
    lastDay: '2026-11-13',
    window: NOVEMBER,
    money: usd('16204.37'),
    monthly: null,
    expected: null,
    limit: usd('20000'),
    tier: 80,
    probability: 0.991,
    causes: [],
    throttle: { allowed: usd('223.27'), recent: usd('1262.08'), percent: 82 },
    blindSpots: [
      'Days from 2026-11-14 on have not settled and are not counted; credits and corrections are left out.',
    ],
    owner: null,
    ...more,
  });
}

const message = (alert: Alert, role: Parameters<typeof renderAlert>[1] = 'first') =>
  rendered(renderAlert(alert, role, ZONE).blocks);

/** The alerts of docs/slack.md, from the blocks that Slack gets. */
export function alertMessages(): Readonly<Record<string, string>> {
  const anomaly = facts({ subject: { service: 'Amazon Bedrock', account: '111122223333', team: 'search' } });
  const breach = budget({
    kind: 'forecast',
    what: 'will be exceeded',
    money: usd('31402.11'),
    expected: { value: usd('31402.11'), low: usd('27310'), high: usd('35220.5'), of: 'with 90% probability' },
    tier: null,
  });
  const expired = budget({
    kind: 'expired',
    what: 'should have ended on 2026-11-10',
    subject: { budget: 'reranker trial' },
    firstDay: '2026-11-10',
    window: null,
    money: usd('412.90'),
    tier: null,
    probability: null,
    throttle: null,
  });
  const loop = facts({
    kind: 'runaway',
    what: 'running away',
    subject: { vendor: 'openai', account: 'proj_chat' },
    alsoSeen: [],
    source: 'openai',
    firstDay: '2026-11-16T07:00:00.000Z',
    lastDay: '2026-11-16T08:00:00.000Z',
    money: usd('412.55'),
    monthly: null,
    expected: { value: usd('419.1'), low: usd('0'), high: usd('31.02'), of: 'in these hours' },
    causes: ['model gpt-4o-2024-08-06, 97% of the estimate', 'model o3-2025-04-16, 3% of the estimate'],
    blindSpots: [],
  });
  const tokens: AlertFacts = {
    ...loop,
    subject: { vendor: 'bedrock', account: '111122223333', region: 'us-east-1' },
    source: 'bedrock:aws:111122223333:us-east-1',
    money: null,
    measured: {
      of: 'tokens',
      unit: '',
      actual: '41250310',
      expected: '310220',
      low: '0',
      high: '1120000',
      worse: true,
    },
    expected: null,
    causes: ['model anthropic.claude-sonnet-4-v1:0, 99% of the tokens'],
    blindSpots: [NOT_PRICED],
  };
  const answers = facts({
    kind: 'unit',
    what: 'step down',
    subject: { unit: 'assistant', of: 'success' },
    alsoSeen: [],
    source: null,
    money: null,
    monthly: null,
    expected: null,
    measured: {
      of: 'success',
      unit: '',
      actual: '0.912',
      expected: '0.987',
      low: '0.978',
      high: '0.996',
      worse: true,
    },
    causes: [],
    blindSpots: ['Days from 2026-11-14 on are not known and not judged.'],
    owner: { id: 'ana@acme.example', source: 'unit', confidence: 'high' },
  });
  return {
    anomaly: message(alertAfter(anomaly)),
    'anomaly-expected': message(alertAfter(anomaly, [{ type: 'expected', by: OWNER }])),
    'anomaly-escalated': message(alertAfter(anomaly, [{ type: 'told', told: told() }]), 'escalation'),
    budget: message(alertAfter(budget())),
    'budget-forecast': message(alertAfter(breach)),
    runaway: message(alertAfter(loop)),
    'runaway-bedrock': message(alertAfter(tokens)),
    unit: message(alertAfter(answers)),
    'experiment-expired': message(alertAfter(expired)),
  };
}
