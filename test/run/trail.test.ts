import { expect, test } from 'vitest';
import { alertId, stepAlert } from '../../lib/ledger/alerts/decide.ts';
import { changeAlert } from '../../lib/ledger/alerts/store.ts';
import { trailOf } from '../../lib/run/trail.ts';
import { ANA, CAUSE, facts, T0 } from '../ledger/alerts/fixtures.ts';
import { memoryLedger } from '../ledger/memory.ts';

test('an alert has a trail as a finding has: who did what, when and why, oldest first', async () => {
  const ledger = memoryLedger();
  const id = alertId('anomaly', 'search');
  const seen = { type: 'seen', id, facts: facts() } as const;
  await changeAlert(ledger, id, (alert) => stepAlert(alert, seen, T0, CAUSE));
  const later = new Date(T0.getTime() + 3_600_000);
  const by = { actor: 'slack:T0:U0ANA', runId: 'click-1' };
  await changeAlert(ledger, id, (alert) => stepAlert(alert, { type: 'acknowledged', by: ANA }, later, by));
  expect(await trailOf(ledger, id)).toEqual([
    {
      alertId: id,
      at: T0.toISOString(),
      actor: 'audit',
      runId: 'run-1',
      from: null,
      to: 'open',
      reason: 'seen for the first time',
    },
    {
      alertId: id,
      at: later.toISOString(),
      actor: 'slack:T0:U0ANA',
      runId: 'click-1',
      from: 'open',
      to: 'acknowledged',
      reason: 'is on it',
    },
  ]);
  await expect(trailOf(ledger, alertId('anomaly', 'other'))).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('knows no alert a-'),
  });
});
