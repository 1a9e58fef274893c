import { expect, test } from 'vitest';
import { latestReports, rememberedReports, rememberPlan, rememberReport } from '../../lib/run/reports.ts';
import { newRunId, startOf } from '../../lib/run/run-id.ts';
import type { Task, TaskReport } from '../../lib/run/tasks.ts';
import { memoryLedger } from '../ledger/memory.ts';

const SCOPE = { provider: 'aws', accountId: '111122223333', region: 'eu-central-1' } as const;
const NAME = 'aws:111122223333:eu-central-1';
const at = (day: number, hour: number) => new Date(Date.UTC(2026, 10, day, hour));
const task = (planned: Date): Task => ({
  schemaVersion: 1,
  runId: newRunId(planned),
  kind: 'estate',
  scope: SCOPE,
});
const report = (of: Task, finishedAt: Date, coverage: TaskReport['coverage'] = []): TaskReport => ({
  schemaVersion: 1,
  task: of,
  finishedAt: finishedAt.toISOString(),
  coverage,
  ownCost: { amount: '0.03', currency: 'USD', calls: [] },
  ingest: null,
  failure: null,
});

test('what was planned again and not collected since is told with the time of the look before, and not paid again', async () => {
  const ledger = memoryLedger();
  const [monday, tuesday] = [task(at(23, 5)), task(at(24, 5))];
  const blind = { scope: `${NAME}#buckets`, status: 'partial', reason: 'denied', asOf: null } as const;
  const seen = { scope: NAME, status: 'complete', reason: null, asOf: at(23, 5).toISOString() } as const;
  await rememberPlan(ledger, [monday], false);
  await rememberReport(ledger, report(monday, at(23, 5), [seen, blind]));
  expect(await rememberedReports(ledger)).toEqual([report(monday, at(23, 5), [seen, blind])]);

  await rememberPlan(ledger, [tuesday], false);
  const [told] = await rememberedReports(ledger);
  expect(told).toMatchObject({
    finishedAt: at(23, 5).toISOString(),
    ownCost: { amount: '0' },
    coverage: [
      {
        scope: NAME,
        status: 'partial',
        // It was read whole, then.
        incomplete: [],
        asOf: at(23, 5).toISOString(),
        reason: 'planned, but not collected yet; the look before was at 2026-11-23T05:00:00.000Z',
      },
      blind,
    ],
  });
  // The doctor judges by age, and sees the report as it stands.
  expect(await latestReports(ledger)).toEqual([report(monday, at(23, 5), [seen, blind])]);

  await rememberReport(ledger, report(tuesday, at(24, 5)));
  expect(await rememberedReports(ledger)).toEqual([report(tuesday, at(24, 5))]);
});

test('of a look that failed itself, its own reason stays beside that there was none since', async () => {
  const ledger = memoryLedger();
  const [monday, tuesday] = [task(at(23, 5)), task(at(24, 5))];
  const denied = { scope: NAME, status: 'failed', reason: 'the role refuses', asOf: null } as const;
  await rememberPlan(ledger, [tuesday], false);
  await rememberReport(ledger, report(monday, at(23, 5), [denied]));
  const [told] = await rememberedReports(ledger);
  expect(told?.coverage).toMatchObject([
    {
      status: 'failed',
      reason: expect.stringMatching(/^planned, but not collected yet; .*: the role refuses$/),
    },
  ]);
});

test('a later look by another run, by hand or by a message that came late, is as good', async () => {
  const ledger = memoryLedger();
  const [monday, tuesday] = [task(at(23, 5)), task(at(24, 5))];
  await rememberPlan(ledger, [tuesday], false);
  for (const runId of [monday.runId, 'query']) {
    await rememberReport(ledger, report({ ...tuesday, runId }, at(24, 6)));
    expect((await rememberedReports(ledger))[0]?.coverage).toEqual([]);
  }
});

test('a run tells when it began', () => {
  expect(startOf(newRunId(at(24, 5)))).toEqual(at(24, 5));
  expect(startOf('query')).toBeNull();
});
