import { expect, test } from 'vitest';
import { digestContent } from '../../../lib/digest/content.ts';
import type { Snapshot, Telemetry } from '../../../lib/estate/model.ts';
import type { FindingRecord, LedgerStore } from '../../../lib/ledger/model.ts';
import { findingDetails } from '../../../lib/run/report/findings.ts';
import { finding, fullInput } from '../../digest/inputs.ts';
import { EAST, opened } from '../auditor.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-02T08:00:00Z');

function telemetry(resourceId: string, period: number, values: readonly (number | null)[]): Telemetry {
  return {
    resourceId,
    metric: 'gpu-utilization',
    statistic: 'maximum',
    unit: 'percent',
    device: '0',
    period,
    points: values.flatMap((value, at) =>
      value === null ? [] : [{ at: new Date(START + at * period * 1000).toISOString(), value }],
    ),
    expectedPoints: values.length,
    source: 'CWAgent nvidia_smi_utilization_gpu',
  };
}

async function kept(ledger: LedgerStore, record: FindingRecord): Promise<void> {
  await ledger.put(record, 0, {
    schemaVersion: 1,
    findingId: record.finding.id,
    at: record.finding.firstSeen,
    actor: 'audit',
    from: null,
    to: 'DETECTED',
    reason: 'seen for the first time',
    runId: 'r-1',
    resourceId: record.finding.resourceId,
    details: null,
  });
}

async function detailOf(series: readonly Telemetry[], resourceId: string) {
  const { lake, ledger } = await opened();
  const seen = finding({ id: `f-${'a'.repeat(26)}`, resourceId });
  const look: Snapshot = {
    schemaVersion: 2,
    scope: EAST,
    takenAt: '2026-11-09T08:00:00.000Z',
    resources: [],
    telemetry: series,
    vectorIndexes: [],
    coverage: [],
  };
  await lake.putSnapshot(look);
  await kept(ledger, {
    finding: seen,
    scopes: ['aws:111122223333:us-east-1'],
    observed: { at: seen.lastSeen, runId: 'r-1' },
    version: 1,
    life: null,
    wakeAt: null,
  });
  const content = digestContent(fullInput({ findings: [seen] }));
  return (await findingDetails({ lake, ledger, checks: { 'idle-gpu': {} } }, content)).get(seen.id);
}

const ID = 'arn:aws:ec2:us-east-1:111122223333:instance/i-0aaa';

test('a finding has its owner, history, arithmetic and what would change it, as explain tells them', async () => {
  const detail = await detailOf([], ID);
  expect(detail).toMatchObject({
    ownerSource: 'tag owner',
    policy: null,
    hold: null,
    asked: [{ scope: 'aws:111122223333:us-east-1', dataset: null, asOf: '2026-11-09T08:00:00.000Z' }],
    history: [{ actor: 'audit', from: null, to: 'DETECTED' }],
    series: [],
  });
  expect(detail?.saving.at(-1)).toMatchObject({ what: 'saved when it stops', amount: '900' });
  expect(detail?.wouldChange.length).toBeGreaterThan(0);
});

test('what was measured lies on an even grid; where nothing was measured there is a gap and no zero', async () => {
  const detail = await detailOf(
    [telemetry(ID, 3600, [1, null, 0.123456, 4]), telemetry('other', 3600, [9])],
    ID,
  );
  expect(detail?.series).toEqual([
    {
      what: 'gpu-utilization, maximum',
      device: '0',
      unit: 'percent',
      source: 'CWAgent nvidia_smi_utilization_gpu',
      start: new Date(START).toISOString(),
      period: 3600,
      values: [1, null, 0.1235, 4],
      top: null,
    },
  ]);
});

test('a long series is drawn by the largest of several points, never by fewer that look more idle', async () => {
  const values = Array.from({ length: 2016 }, (_, at) => (at === 1001 ? 97 : at % 5));
  const [series] = (await detailOf([telemetry(ID, 300, values)], ID))?.series ?? [];
  expect(series?.values.length).toBeLessThanOrEqual(336);
  expect(Math.max(...(series?.values ?? []).map((value) => value ?? 0))).toBe(97);
  expect(series?.what).toBe('gpu-utilization, maximum, largest of 6');
  expect(series?.period).toBe(1800);
  expect((series?.values.length ?? 0) * (series?.period ?? 0) * 1000).toBe(168 * HOUR);
});
