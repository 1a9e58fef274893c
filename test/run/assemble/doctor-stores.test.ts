import { describe, expect, test } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import type { VectorIndex, VectorSample } from '../../../lib/estate/model.ts';
import { vectorIndex } from '../../../lib/estate/vector-index.ts';
import { examineDocuments, isReadBesidesDocuments } from '../../../lib/run/assemble/doctor-stores.ts';

function storesOf(documents: readonly object[]) {
  return configSchema.parse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'pgvector', url: { env: 'DOCS_URL' }, documents } } },
  }).estate.stores;
}

const NONE = { gone: 0, newer: 0, differs: 0, outOfDate: 0, duplicate: 0, unkeyed: 0, respelled: 0 };

function sample(size: number, counts: Partial<VectorSample['counts']> = {}): VectorSample {
  return {
    population: size,
    size,
    drawn: 'all',
    counts: { ...NONE, ...counts },
    models: {},
    tokens: null,
    sources: {
      kind: 's3',
      name: 's3://docs/',
      listedAt: '2026-11-22T10:00:00.000Z',
      keys: 7,
      complete: true,
      hashed: true,
      newest: null,
    },
    sketch: [],
  };
}

function index(name: string, more: Partial<VectorIndex> = {}): VectorIndex {
  return {
    ...vectorIndex({
      store: 'docs',
      storeType: 'pgvector',
      provider: 'postgres',
      accountId: 'h:5432',
      region: 'global',
      dataset: 'pgvector.indexes',
      id: `postgres://h:5432/d/${name}`,
      index: name,
      gaps: [],
    }),
    ...more,
  };
}

function examined(documents: readonly object[], vectorIndexes: readonly VectorIndex[], accountId = 'docs') {
  return examineDocuments(storesOf(documents), {
    schemaVersion: 2,
    scope: { provider: 'postgres', accountId, region: 'global' },
    takenAt: '2026-11-22T10:00:00.000Z',
    resources: [],
    telemetry: [],
    vectorIndexes,
    coverage: [],
  });
}

const unread = (incomplete: readonly string[]) =>
  isReadBesidesDocuments({
    schemaVersion: 2,
    scope: { provider: 'postgres', accountId: 'docs', region: 'global' },
    takenAt: '2026-11-22T10:00:00.000Z',
    resources: [],
    telemetry: [],
    vectorIndexes: [index('public.a')],
    coverage: [{ scope: 'store:docs', status: 'partial', reason: 'why', asOf: null, incomplete }],
  });

describe('documents of a store', () => {
  const entry = { index: 'public.*', key: 'source' };

  test('work where vectors were compared', () => {
    const indexes = [
      index('public.a', { sample: sample(3, { gone: 2 }) }),
      index('public.b', { sample: sample(4) }),
    ];
    expect(examined([entry], indexes)).toEqual([
      {
        what: 'store:docs documents[0]',
        state: 'works',
        told: '7 vectors of 2 indexes compared',
        todo: null,
      },
    ]);
  });

  test('of no index are told with those that there are', () => {
    expect(examined([{ ...entry, index: 'docs' }], [index('public.a')])).toMatchObject([
      { state: 'fails', told: expect.stringContaining('called docs'), todo: 'The store has: public.a.' },
    ]);
    // The first entry is for every index, so that the second is for none.
    expect(examined([{ key: 'k' }, entry], [index('public.a', { sample: sample(1) })])).toMatchObject([
      { state: 'works' },
      { what: 'store:docs documents[1]', state: 'fails' },
    ]);
  });

  test('whose source lacks something are told with what', () => {
    const why = 'Its source s3://docs/ could not be read: s3:ListBucket was denied.';
    const gap = {
      gaps: [
        { of: 'documents' as const, why },
        { of: 'queries' as const, why: 'other' },
      ],
    };
    expect(examined([entry], [index('public.a', gap), index('public.b', gap)])).toMatchObject([
      { state: 'fails', told: why },
    ]);
  });

  test('are told of a store that was read but for them, and of no other', () => {
    expect(unread(['documents of postgres://h:5432/d/public.a'])).toBe(true);
    expect(unread(['queries of postgres://h:5432/d/public.a'])).toBe(false);
    expect(unread(['documents of postgres://h:5432/d/public.a', 'pgvector.indexes'])).toBe(false);
    expect(unread([])).toBe(false);
  });

  test('that vectors name otherwise, or not at all, are told', () => {
    expect(
      examined([entry], [index('public.a', { sample: sample(5, { gone: 4, unkeyed: 1 }) })]),
    ).toMatchObject([
      {
        state: 'fails',
        told: expect.stringContaining('not one key is among the 7 documents'),
        todo: expect.stringContaining('`as`'),
      },
    ]);
    expect(examined([entry], [index('public.a', { sample: sample(5, { unkeyed: 5 }) })])).toMatchObject([
      { state: 'fails', told: expect.stringContaining('name no document') },
    ]);
  });

  test('are nothing to a scope that is no store', () =>
    expect(examined([entry], [], 'constructor')).toEqual([]));
});
