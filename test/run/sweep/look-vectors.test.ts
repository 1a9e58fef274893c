import { describe, expect, test } from 'vitest';
import { defaultCheckSettings } from '../../../lib/checks/index.ts';
import type { Scope, Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { vectorIndex } from '../../../lib/estate/vector-index.ts';
import type { FindingRecord } from '../../../lib/ledger/model.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { lookAgain } from '../../../lib/run/sweep/look.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-20T10:00:00.000Z');
const STORE: Scope = { provider: 'postgres', accountId: 'docs', region: 'global' };
const ID = 'postgres://10.0.0.5:5432/docs/public.chunks_hnsw';

function index(given: Partial<VectorIndex> = {}): VectorIndex {
  return vectorIndex({
    store: 'docs',
    storeType: 'pgvector',
    provider: 'postgres',
    accountId: '10.0.0.5:5432',
    region: 'global',
    dataset: 'pgvector.indexes',
    id: ID,
    index: 'public.chunks_hnsw',
    incarnation: '5.100',
    queries: 4711,
    tableScans: 0,
    statsSince: '2026-01-01T00:00:00.000Z',
    replicas: 0,
    gaps: [],
    ...given,
  });
}

function snapshot(daysAgo: number, indexes: readonly VectorIndex[]): Snapshot {
  const takenAt = new Date(NOW.getTime() - daysAgo * DAY).toISOString();
  return {
    schemaVersion: 2,
    scope: STORE,
    takenAt,
    resources: [],
    telemetry: [],
    vectorIndexes: indexes,
    coverage: [{ scope: 'store:docs', status: 'complete', reason: null, asOf: takenAt }],
  };
}

function finding(more: object = {}): FindingRecord {
  const about = {
    check: 'stale-embeddings',
    provider: 'postgres',
    // As the index is told, by the address of its server, while its scope is called as the config does.
    accountId: '10.0.0.5:5432',
    region: 'global',
    resourceType: 'pgvector:index',
    resourceId: ID,
    verdict: 'UNUSED',
    evidence: [],
    ...more,
  } as const;
  return { ...recordOf(judgement(about)), scopes: ['store:docs'] };
}

/** One finding looked at again; `kept` snapshots are the newest first, as the lake gives them. */
async function looked(
  kept: readonly Snapshot[] | Error,
  now: readonly VectorIndex[],
  record: FindingRecord = finding(),
) {
  const look = lookAgain({
    estates: [
      {
        permissions: [],
        covers: ({ provider, accountId }) => provider === 'postgres' && accountId === 'docs',
        plan: async () => ({ scopes: [STORE], coverage: [] }),
        collect: async () => snapshot(0, now),
      },
    ],
    checks: defaultCheckSettings(),
    ownerOf: () => null,
    lake: {
      snapshots: async (scope, most) => {
        if (kept instanceof Error) throw kept;
        return scope === 'store:docs' ? kept.slice(0, most) : [];
      },
    },
  });
  return (await look([record], NOW)).get(record.finding.id);
}

const silence = [snapshot(2, [index()]), snapshot(31, [index()])];

describe('a vector index looked at again', () => {
  test('is unused where nothing was counted between the kept snapshots and now', async () => {
    expect(await looked(silence, [index()])).toMatchObject({
      ok: true,
      actionable: true,
      judgement: { verdict: 'UNUSED', resourceId: ID },
    });
  });

  test('is in use where one query was counted since the last of them', async () => {
    expect(await looked(silence, [index({ queries: 4712 })])).toMatchObject({ ok: true, judgement: null });
  });

  test('is in use where a query was counted before it, though none since', async () => {
    const asked = index({ queries: 4712 });
    const kept = [snapshot(2, [asked]), snapshot(31, [index()])];
    expect(await looked(kept, [asked])).toMatchObject({ ok: true, judgement: null });
  });

  test.each([
    ['its counters began anew', { queries: 0, statsSince: '2026-11-19T00:00:00.000Z' }],
    ['it was made again', { queries: 0, incarnation: '5.200' }],
    ['a replica came', { replicas: 1 }],
  ])('may not be acted on where %s', async (_, given) => {
    const found = await looked(silence, [index(given)]);
    expect(found?.ok === true && found.actionable).toBe(false);
  });

  test('is not known where the kept snapshots cannot be read', async () => {
    const denied = new BursarError('denied', 'no s3:GetObject');
    expect(await looked(denied, [index()])).toEqual({
      ok: false,
      reason: 'its kept snapshots cannot be read: no s3:GetObject',
    });
  });

  test('is not known as a copy where what it is a copy of was not read along', async () => {
    const more = {
      resourceId: `${ID}#duplicate`,
      evidence: [
        { name: 'holds the same as', value: 'lance://other', unit: 'index', window: '', source: 'hashes' },
      ],
    };
    expect(await looked(silence, [index()], finding(more))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('lance://other'),
    });
  });
});
