import { expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { examineLedger } from '../../../lib/run/assemble/doctor-ledger.ts';
import { noteDigest } from '../../../lib/run/digest-due.ts';
import { rememberPlan, rememberReport } from '../../../lib/run/reports.ts';
import { setSwitch } from '../../../lib/run/respond/switch.ts';
import type { Task, TaskReport } from '../../../lib/run/tasks.ts';
import { memoryLedger } from '../../ledger/memory.ts';

const NOW = new Date('2026-11-23T09:00:00Z');
const YESTERDAY = '2026-11-22T05:01:00.000Z';
const TODAY = '2026-11-23T05:01:00.000Z';
const config = parseConfig('schemaVersion: 1\n', 'bursar.yaml');

function scope(accountId: string): Task {
  return {
    schemaVersion: 1,
    runId: 'r-1',
    kind: 'estate',
    scope: { provider: 'aws', accountId, region: 'us-east-1' },
  };
}

function report(task: Task, finishedAt: string, denied: string | null = null): TaskReport {
  const name = task.kind === 'estate' ? `aws:${task.scope.accountId}:us-east-1` : `bill:${task.sourceId}`;
  return {
    schemaVersion: 1,
    task,
    finishedAt,
    coverage: [
      denied === null
        ? { scope: name, status: 'complete', reason: null, asOf: finishedAt }
        : { scope: name, status: 'failed', reason: `${name}: ${denied}`, asOf: null },
    ],
    ownCost: { amount: '0', currency: 'USD', calls: [] },
    ingest: null,
    failure: null,
  };
}

async function examined(prepare: (ledger: ReturnType<typeof memoryLedger>) => Promise<void>, now = NOW) {
  const ledger = memoryLedger();
  await prepare(ledger);
  return (await examineLedger(ledger, config, now)).map(({ what, state, told }) => [what, state, told]);
}

test('a deployment that has not run yet is not called broken', async () => {
  expect(await examined(async () => undefined)).toEqual([
    ['ledger', 'works', 'readable'],
    ['kill switch', 'works', 'off: stops go on'],
    ['collection', 'not tried', 'no plan has run yet'],
    ['last audit', 'not tried', 'none yet, or by a newer version'],
    ['digest main', 'not tried', 'no sweep has looked for it yet'],
  ]);
});

test('scopes that could not be read are told by their reason, those that never came by their age', async () => {
  const tasks = ['1', '2', '3', '4', '5', '6'].map(scope);
  const told = await examined(async (ledger) => {
    await rememberPlan(ledger, tasks, false);
    for (const [at, task] of tasks.entries()) {
      if (at === 5) continue;
      await rememberReport(
        ledger,
        report(task, at === 4 ? YESTERDAY : TODAY, at < 4 ? 'the role cannot be assumed' : null),
      );
    }
  });
  expect(told.slice(2, 5)).toEqual([
    [
      'collection',
      'fails',
      '2 of 6 bills and scopes are older than their schedule: aws:5:us-east-1, aws:6:us-east-1',
    ],
    [
      'aws:1:us-east-1, aws:2:us-east-1, aws:3:us-east-1 and 1 more',
      'fails',
      'it: the role cannot be assumed',
    ],
    ['aws:6:us-east-1', 'fails', 'planned, but not collected yet'],
  ]);
});

test('what came with the last schedule is fresh, however far the next is', async () => {
  const told = await examined(async (ledger) => {
    await rememberPlan(ledger, [scope('1')], false);
    await rememberReport(ledger, report(scope('1'), TODAY));
  }, new Date('2026-11-24T05:00:00Z'));
  expect(told[2]).toEqual(['collection', 'works', '1 bills and scopes, each as new as its schedule']);
});

const paused = (at: string) =>
  examined((ledger) => setSwitch(ledger, true, { user: 'U1', team: 'T1' }, new Date(at)));

test('a pause of today is told, one of last week is a problem: somebody forgot it', async () => {
  expect((await paused('2026-11-23T08:00:00Z'))[1]).toEqual([
    'kill switch',
    'works',
    'on since 2026-11-23T08:00:00.000Z by U1: nothing is stopped',
  ]);
  expect((await paused('2026-11-15T08:00:00Z'))[1]?.[1]).toBe('fails');
});

test('a digest that was sent is told with its time, a late one fails, and asking writes nothing', async () => {
  const ledger = memoryLedger();
  await noteDigest(ledger, 'main', new Date('2026-11-16T09:00:10Z'));
  const before = await ledger.getDoc('digests/sent');
  const digest = async (now: string) => (await examineLedger(ledger, config, new Date(now))).at(-1);
  expect(await digest('2026-11-23T09:30:00Z')).toMatchObject({
    what: 'digest main',
    state: 'works',
    told: 'last sent 2026-11-16T09:00:10.000Z',
  });
  expect(await digest('2026-11-23T12:00:00Z')).toMatchObject({ state: 'fails' });
  expect(await ledger.getDoc('digests/sent')).toEqual(before);
});
