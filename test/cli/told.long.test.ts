import { expect, test } from 'vitest';
import { told } from '../../lib/cli/audit.ts';
import type { TaskReport } from '../../lib/run/tasks.ts';

function report(sourceId: string, warnings: readonly string[]): TaskReport {
  return {
    schemaVersion: 1,
    task: { schemaVersion: 1, runId: 'r-1', kind: 'bill', sourceId },
    finishedAt: '2026-11-22T06:00:00.000Z',
    coverage: [],
    ownCost: { amount: '0', currency: 'USD', calls: [] },
    ingest: {
      sourceId,
      rowsIn: 1,
      rowsKept: 1,
      rowsRejected: 0,
      rejectedMoney: [],
      rejectedMoneyUnread: 0,
      rejectsFile: null,
      repairs: {},
      skipped: [],
      periods: [],
      warnings,
    },
    failure: null,
  };
}

test('an overlap of two bills is told once, and what each says of itself stays', () => {
  const overlap = 'copy and main both hold AWS charges of account 1 in period 2026-11: one of them is to go';
  const reports = [report('main', [overlap, 'one more']), report('copy', ['something else', overlap])];
  expect(told(reports)).toEqual([`main: ${overlap}`, 'main: one more', 'copy: something else']);
});
