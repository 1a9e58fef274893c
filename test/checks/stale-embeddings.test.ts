import { describe, expect, it } from 'vitest';
import type { SeenIndex } from '../../lib/checks/model.ts';
import { settings, staleEmbeddings } from '../../lib/checks/stale-embeddings.ts';
import type { VectorIndex } from '../../lib/estate/model.ts';
import { facts, NOW } from './facts.ts';

const DAY = 86_400_000;
type Seen = SeenIndex;

function seen(daysAgo: number, given: Partial<VectorIndex> = {}): Seen {
  return {
    at: new Date(NOW.getTime() - daysAgo * DAY).toISOString(),
    scope: 'store:docs',
    store: 'docs',
    storeType: 'pgvector',
    provider: 'postgres',
    accountId: 'db.acme.example:5432',
    region: 'global',
    dataset: 'pgvector.indexes',
    incarnation: null,
    metric: 'cosine',
    model: null,
    created: null,
    lastWrite: null,
    measured: null,
    writes: null,
    modelLifecycle: null,
    latency: null,
    source: null,
    capacity: { kind: 'shared-cluster', billed: [], bytes: null, sharedBy: null },
    sample: null,
    gaps: [],
    id: 'postgres://db.acme.example:5432/docs/public.chunks_embedding_idx',
    table: 'public.chunks',
    index: 'public.chunks_embedding_idx',
    method: 'hnsw',
    dimension: 1536,
    vectors: 2_000_000,
    bytes: 16_000_000_000,
    queries: 4711,
    tableScans: 3,
    lastQuery: new Date(NOW.getTime() - 97 * DAY).toISOString(),
    statsSince: '2026-01-01T00:00:00.000Z',
    replica: false,
    replicas: 0,
    ...given,
  };
}

function judge(history: Seen[], current = seen(0), status: 'complete' | 'partial' = 'complete') {
  const [found, ...rest] = staleEmbeddings.judge(
    facts({
      vectorIndexes: { current: [current], history: [...history, current] },
      coverage: [{ scope: 'store:docs', status, reason: null, asOf: current.at }],
    }),
    settings.parse({}),
    NOW,
  );
  expect(rest).toEqual([]);
  return found;
}

describe('stale-embeddings', () => {
  it('says UNUSED between two snapshots a window apart', () => {
    const found = judge([seen(40), seen(30)]);
    expect(found).toMatchObject({
      verdict: 'UNUSED',
      confidence: 'high',
      costBasis: 'unknown',
      monthlyCost: null,
      scopes: [
        'store:docs#pgvector.indexes',
        'store:docs#queries of postgres://db.acme.example:5432/docs/public.chunks_embedding_idx',
      ],
      resourceType: 'pgvector:index',
    });
    expect(found?.evidence).toContainEqual(expect.objectContaining({ name: 'kind', value: 'unqueried' }));
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'queries', value: '0', window: `${seen(30).at}/${seen(0).at}` }),
    );
  });

  it('says nothing of an index that was queried', () => {
    expect(judge([seen(30, { queries: 4710 })])).toBeUndefined();
    expect(
      judge([seen(30)], seen(0, { lastQuery: new Date(NOW.getTime() - 29 * DAY).toISOString() })),
    ).toBeUndefined();
    expect(
      judge([seen(30, { queries: 1 }), seen(12, { queries: 2 })], seen(0, { queries: 2 })),
    ).toBeUndefined();
  });

  it('tells of a store that is no Postgres in words of its own', () => {
    const qdrant = { storeType: 'qdrant', provider: 'other', lastQuery: null, tableScans: 0 } as const;
    const quiet = judge([seen(30, qdrant)], seen(0, qdrant));
    expect(quiet).toMatchObject({ verdict: 'UNUSED', resourceType: 'qdrant:index' });
    const read = judge([seen(30, qdrant)], seen(0, { ...qdrant, tableScans: 5 }));
    expect(read).toMatchObject({ verdict: 'SUSPECTED', reason: expect.stringContaining('no searches') });
    expect(read?.evidence).toContainEqual(
      expect.objectContaining({ value: '5', unit: 'requests', source: 'counter of qdrant of two snapshots' }),
    );
    expect(JSON.stringify([quiet, read])).not.toMatch(/pg_stat|sequential/);
  });

  it('says nothing before the window is watched, but suspects an index that never was queried', () => {
    expect(judge([seen(29)])).toBeUndefined();
    expect(judge([])).toBeUndefined();
    const never = judge([], seen(0, { queries: 0, lastQuery: null }));
    expect(never?.verdict).toBe('SUSPECTED');
    const young = new Date(NOW.getTime() - 5 * DAY).toISOString();
    expect(judge([], seen(0, { queries: 0, lastQuery: null, statsSince: young }))).toBeUndefined();
  });

  it.each<[string, Seen[], Seen]>([
    ['a table that was read without the index', [seen(30)], seen(0, { tableScans: 4 })],
    ['unknown table scans', [seen(30)], seen(0, { tableScans: null })],
    ['a replica', [seen(30)], seen(0, { replica: true })],
    ['replicas', [seen(30)], seen(0, { replicas: 1 })],
    ['replicas in between', [seen(30), seen(10, { replicas: 2 })], seen(0)],
    ['replicas that may not be asked for', [seen(30)], seen(0, { replicas: null })],
    ['counters of unknown age', [seen(30, { statsSince: null })], seen(0, { statsSince: null })],
    [
      'counters that were reset and are zero',
      [seen(30, { queries: 0 })],
      seen(0, { queries: 0, statsSince: '2026-11-01T00:00:00.000Z' }),
    ],
  ])('only suspects with %s', (_what, history, current) => {
    expect(judge([...history], current)?.verdict).toBe('SUSPECTED');
  });

  it('says nothing after a reset that is followed by queries', () => {
    const reset = '2026-11-01T00:00:00.000Z';
    expect(judge([seen(30)], seen(0, { queries: 3, statsSince: reset, lastQuery: null }))).toBeUndefined();
    expect(
      judge([seen(30), seen(10, { queries: 5 })], seen(0, { queries: 5, lastQuery: null })),
    ).toBeUndefined();
  });

  it('differences a counter over looks that it did not answer', () => {
    const silent = { queries: null, tableScans: null, statsSince: null, replicas: null, incarnation: null };
    const missed = [seen(20, silent), seen(3, silent)];
    expect(judge([seen(30), ...missed])?.verdict).toBe('UNUSED');
    // The look that is as old as the window did not tell: an older one that did is taken.
    expect(judge([seen(33), seen(30, silent)])?.evidence).toContainEqual(
      expect.objectContaining({ name: 'queries', value: '0', window: `${seen(33).at}/${seen(0).at}` }),
    );
    expect(judge([seen(30, silent), seen(20)])).toBeUndefined();
    const asked = { queries: 4712, lastQuery: null };
    expect(judge([seen(30), ...missed], seen(0, asked))).toBeUndefined();
    const anew = judge(
      [seen(30, { queries: 1 }), ...missed],
      seen(0, { queries: 1, statsSince: seen(9).at }),
    );
    expect(anew).toBeUndefined();
    const restarted = seen(0, { queries: 0, statsSince: seen(9).at });
    expect(judge([seen(30, { queries: 0 }), ...missed], restarted)?.verdict).toBe('SUSPECTED');
  });

  it('never proves anything in a store that was not read whole', () => {
    expect(judge([seen(30)], seen(0), 'partial')?.verdict).toBe('SUSPECTED');
  });
});
