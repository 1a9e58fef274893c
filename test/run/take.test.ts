import { expect, test } from 'vitest';
import type { ErrorCode } from '../../lib/platform/errors.ts';
import type { Estate } from '../../lib/run/auditor.ts';
import { take } from '../../lib/run/take.ts';
import { auditorOf, EAST, opened } from './auditor.ts';

const now = new Date('2026-11-20T10:00:00Z');
const body = JSON.stringify({ schemaVersion: 1, runId: 'r', kind: 'estate', scope: EAST });

/** A part of the estate that fails by these kinds once, and is empty afterwards. */
function once(...blindBy: ErrorCode[]): Estate & { looks: number } {
  const estate = {
    looks: 0,
    permissions: [],
    covers: () => true,
    plan: async () => ({ scopes: [EAST], coverage: [] }),
    collect: async (scope: typeof EAST, at: Date) => {
      estate.looks += 1;
      const fails = estate.looks === 1;
      return {
        schemaVersion: 2 as const,
        scope,
        takenAt: at.toISOString(),
        resources: [],
        telemetry: [],
        vectorIndexes: [],
        coverage: [
          {
            scope: 'aws:111122223333:us-east-1',
            status: fails ? ('failed' as const) : ('complete' as const),
            reason: fails ? 'no answer' : null,
            asOf: fails ? null : at.toISOString(),
          },
        ],
        ...(fails ? { blindBy } : {}),
      };
    },
  };
  return estate;
}

test('a scope that was throttled throughout comes again, and counts once it was read', async () => {
  const estate = once('throttled', 'unavailable');
  const auditor = auditorOf(await opened(), [], [estate]);
  const first = await take(auditor, body, now);
  expect(first).toMatchObject({
    outcome: 'again',
    report: { failure: { code: 'throttled', told: 'no answer' }, coverage: [{ status: 'failed' }] },
  });
  expect(await auditor.lake.scopes()).toEqual([]);
  expect(await take(auditor, body, now)).toMatchObject({ outcome: 'collected', report: { failure: null } });
  expect(await take(auditor, body, now)).toMatchObject({ outcome: 'already' });
  expect(estate.looks).toBe(2);
});

test('a scope that refuses, or fails in one part for good, is told and not tried again', async () => {
  for (const kinds of [['denied'], ['throttled', 'denied'], ['internal']] satisfies ErrorCode[][]) {
    const estate = once(...kinds);
    const auditor = auditorOf(await opened(), [], [estate]);
    expect(await take(auditor, body, now)).toMatchObject({
      outcome: 'collected',
      report: { failure: null, coverage: [{ status: 'failed', reason: 'no answer' }] },
    });
    expect(await take(auditor, body, now)).toMatchObject({ outcome: 'already' });
    expect(estate.looks).toBe(1);
  }
});

test('a message of another version, or a report of one, is left as it is', async () => {
  const estate = once();
  const auditor = auditorOf(await opened(), [], [estate]);
  await expect(take(auditor, body.replace('"schemaVersion":1', '"schemaVersion":2'), now)).rejects.toThrow(
    'a message of schemaVersion 2; this version knows 1',
  );
  await expect(take(auditor, body.replace('"schemaVersion":1', '"schemaVersion":0'), now)).rejects.toThrow(
    'a message of schemaVersion 0; this version knows 1',
  );
  expect(estate.looks).toBe(0);
});
