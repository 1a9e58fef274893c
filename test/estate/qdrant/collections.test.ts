import { afterEach, expect, test } from 'vitest';
import { watchOf } from '../../../lib/checks/stale/watch.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { qdrantCollections } from '../../../lib/estate/qdrant/collections.ts';
import type { QdrantSession } from '../../../lib/estate/qdrant/session.ts';
import { rest } from '../../../lib/estate/rest.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import type { SpecServer } from '../../counterparts/spec-server.ts';
import { describeWithShared } from '../../shared.ts';
import { documents } from '../documents.ts';
import { FakeQdrant } from './fake.ts';

const SCOPE = { provider: 'other', accountId: 'docs', region: 'global' } as const;
const NOW = new Date('2026-11-20T10:00:00.000Z');
const SECRET = 'sk-never-shown';

const servers: SpecServer[] = [];
// Every request and answer is one of the interface that Qdrant publishes, else closing throws.
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function look(
  fakes: readonly [FakeQdrant, ...FakeQdrant[]],
  of: Readonly<Record<string, Documents>> = {},
  now = NOW,
): Promise<Snapshot> {
  const started: SpecServer[] = [];
  for (const fake of fakes) started.push(await fake.start());
  servers.push(...started);
  const peers = started.map(({ url }, at) => ({
    host: `node${at}:6333`,
    http: rest({
      where: 'store:docs',
      address: url,
      headers: async () => ({ 'api-key': SECRET }),
      hint: 'See the key.',
      wait: async () => undefined,
      wideIntegers: true,
    }),
  }));
  const [first, ...others] = peers;
  if (first === undefined) throw new Error('no node');
  const session: QdrantSession = {
    store: 'docs',
    peers: [first, ...others],
    models: { manuals: 'Text-Embedding-3-Small' },
    billed: [],
    documents: (index) => (Object.hasOwn(of, index) ? (of[index] ?? null) : null),
  };
  return await collectScope(SCOPE, session, [qdrantCollections], now, new Meter());
}

const only = ({ vectorIndexes, coverage }: Snapshot): VectorIndex => {
  const [index, ...more] = vectorIndexes ?? [];
  if (index === undefined || more.length > 0)
    throw new Error(`${vectorIndexes?.length ?? 0} indexes: ${coverage[0]?.reason ?? ''}`);
  return index;
};
const day = (at: number) => new Date(Date.UTC(2026, 8, at));
const filed = (at: number) => ({
  source: at === 0 ? 's3://docs/gone' : `s3://docs/${at % 2000}`,
  model: 'm1',
  text: "a text that is nobody else's business",
  password: 'hunter2',
});
const nested = (at: number) => ({ metadata: { source: `s3://docs/${at}` } });
const SEARCH = 'POST /collections/{collection_name}/points/search';
const points = (count: number, payload: (at: number) => Readonly<Record<string, unknown>> = () => ({})) =>
  Array.from({ length: count }, (_, at) => ({ id: at + 1, payload: payload(at) }));

describeWithShared('Qdrant by its published interface', () => {
  test('a collection with its vectors, its counters and since when they count', async () => {
    const fake = new FakeQdrant({
      manuals: { uuid: '11111111-1111-4111-8111-111111111111', points: points(3) },
    });
    fake.count(SEARCH, 'manuals', 40);
    fake.count('grpc /qdrant.Points/QueryBatch', 'manuals', 2);
    fake.count('POST /collections/{collection_name}/points', 'manuals', 5);
    fake.count('PUT /collections/{collection_name}/points', 'manuals', 7);
    fake.count('POST /collections/{collection_name}/points/scroll', 'manuals', 1);
    const index = only(await look([fake]));
    expect(index).toMatchObject({
      id: 'qdrant://node0:6333/manuals',
      incarnation: '11111111-1111-4111-8111-111111111111@node0:6333',
      index: 'manuals',
      method: 'hnsw',
      dimension: 4,
      metric: 'cosine',
      model: 'text-embedding-3-small',
      vectors: 3,
      queries: 42,
      tableScans: 6,
      writes: 7,
      statsSince: '2026-09-01T00:00:00.000Z',
      replicas: 0,
      capacity: { kind: 'shared-cluster', sharedBy: ['qdrant://node0:6333/manuals'] },
      sample: null,
    });
    expect(index.gaps.map(({ of }) => of).toSorted()).toEqual(['bytes', 'documents']);
  });

  test('counters grow from look to look; a restart and a collection made again begin anew', async () => {
    const fake = new FakeQdrant({ manuals: { uuid: 'a', points: [] } });
    fake.count(SEARCH, 'manuals', 10);
    const seen = async (at: number) => ({
      ...only(await look([fake], {}, day(at))),
      at: day(at).toISOString(),
      scope: 'store:docs',
    });
    const first = await seen(2);
    const quiet = watchOf(await seen(40), [first], 30 * 86_400_000);
    expect(quiet).toMatchObject({ queries: 0, scans: 0, reset: false, used: false, covered: true });
    fake.count(SEARCH, 'manuals', 1);
    const asked = watchOf(await seen(40), [first], 30 * 86_400_000);
    expect(asked).toMatchObject({ queries: 1, used: true, reset: false });
    // Restarted, and asked as often as before: the count alone would tell nothing.
    fake.startup = '2026-10-01T00:00:00Z';
    expect(watchOf(await seen(40), [first], 30 * 86_400_000)).toMatchObject({
      queries: 11,
      reset: true,
      used: true,
    });
    fake.startup = '2026-09-01T00:00:00Z';
    fake.collections.set('manuals', { uuid: 'b', points: [] });
    expect(watchOf(await seen(40), [first], 30 * 86_400_000)).toMatchObject({ reset: true });
  });

  test('a collection that is asked by another name is asked; another name counts anew', async () => {
    const fake = new FakeQdrant({ v1: { uuid: 'a', points: [] }, v2: { uuid: 'b', points: [] } });
    fake.aliases = { live: 'v1', beta: 'v1' };
    fake.count(SEARCH, 'v1', 1);
    fake.count(SEARCH, 'live', 20);
    fake.count(SEARCH, 'beta', 300);
    const seen = async () =>
      (await look([fake])).vectorIndexes?.map(({ queries, incarnation }) => [queries, incarnation]);
    expect(await seen()).toEqual([
      [321, 'a@node0:6333/beta/live'],
      [0, 'b@node0:6333'],
    ]);
    fake.aliases = { live: 'v2' };
    expect(await seen()).toEqual([
      [1, 'a@node0:6333'],
      [20, 'b@node0:6333/live'],
    ]);
    fake.before = ({ operation }) => (operation === 'GET /aliases' ? { status: 403, json: {} } : null);
    expect(await seen()).toEqual([
      [null, 'a@'],
      [null, 'b@'],
    ]);
  });

  test('a name that a path writes otherwise is the same name', async () => {
    const fake = new FakeQdrant({ 'größe 1': { points: [] }, '100%': { points: [] } });
    fake.count(SEARCH, 'gr%C3%B6%C3%9Fe%201', 3);
    fake.count(SEARCH, 'größe 1', 4);
    fake.count(SEARCH, '100%', 5);
    fake.count(SEARCH, '100%25', 6);
    expect((await look([fake])).vectorIndexes?.map(({ queries }) => queries)).toEqual([7, 11]);
  });

  test('every node counts what it was asked: those that are not named are told', async () => {
    const nodes = [1, 2, 3].map((id) => {
      const fake = new FakeQdrant({ manuals: { points: [] } });
      fake.cluster = { id, peers: [1, 2, 3] };
      fake.startup = `2026-09-0${id}T00:00:00Z`;
      fake.count(SEARCH, 'manuals', id);
      return fake;
    });
    const [one, two, three] = nodes;
    if (one === undefined || two === undefined || three === undefined) throw new Error('three nodes');
    expect(only(await look([one]))).toMatchObject({
      queries: 1,
      replicas: 2,
      statsSince: '2026-09-01T00:00:00.000Z',
    });
    expect(only(await look([one, two, three]))).toMatchObject({
      queries: 6,
      replicas: 0,
      statsSince: '2026-09-03T00:00:00.000Z',
      incarnation: '@1+2+3',
    });
    const twice = await look([one, one]);
    expect(twice.coverage[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('of one node'),
    });
  });

  test('an address that several nodes share is refused', async () => {
    const fake = new FakeQdrant({ manuals: { points: [] } });
    let asked = 0;
    fake.before = ({ operation }) => {
      if (operation === 'GET /cluster') fake.cluster = { id: (asked += 1), peers: [1, 2] };
      return null;
    };
    expect((await look([fake])).coverage[0]?.reason).toContain('changed while its counters were read');
  });

  test('a version that counts all collections together tells no queries; one that was never asked tells none', async () => {
    const fake = new FakeQdrant({ manuals: { points: [] } });
    expect(only(await look([fake]))).toMatchObject({ queries: 0, tableScans: 0 });
    fake.version = '1.17.0';
    fake.count(SEARCH, 'manuals', 3);
    const index = only(await look([fake]));
    expect(index).toMatchObject({ queries: null, tableScans: null, statsSince: null, replicas: null });
    expect(index.gaps).toContainEqual({ of: 'queries', untold: true, why: expect.stringContaining('1.18') });
  });

  test('a prefix of metrics is known; metrics of something else, or half a line, are none', async () => {
    const fake = new FakeQdrant({ manuals: { points: [] } });
    fake.metricsPrefix = 'qdrant_';
    fake.count(SEARCH, 'manuals', 3);
    expect(only(await look([fake])).queries).toBe(3);
    fake.extra = 'rest_responses_total{method="POST",endpoint="/coll';
    expect((await look([fake])).coverage[0]?.reason).toContain('Prometheus');
    fake.before = ({ operation }) => (operation === 'GET /metrics' ? { text: 'up 1\n' } : null);
    expect((await look([fake])).coverage[0]?.reason).toContain('none of Qdrant');
  });

  test('a key that may not read metrics leaves the rest standing', async () => {
    const fake = new FakeQdrant({ manuals: { uuid: 'a', points: points(2) } });
    fake.before = ({ operation }) =>
      operation === 'GET /metrics' || operation === 'GET /telemetry'
        ? { status: 403, json: { status: { error: 'Global access is required' } } }
        : null;
    const snapshot = await look([fake]);
    expect(snapshot.coverage[0]?.status).toBe('complete');
    expect(only(snapshot)).toMatchObject({ vectors: 2, queries: null, incarnation: null });
    expect(only(snapshot).gaps.map(({ of }) => of)).toContain('queries');
  });

  test.each([
    [401, 'login'],
    [503, 'HTTP 503'],
    [429, 'throttled'],
  ])('HTTP %i fails the look, and shows no key', async (status, said) => {
    const fake = new FakeQdrant({ manuals: { points: [] } });
    fake.before = ({ operation }) => (operation === 'GET /collections' ? { status, json: {} } : null);
    const { coverage } = await look([fake]);
    expect(coverage[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining(said) });
    expect(JSON.stringify(coverage)).not.toContain(SECRET);
  });

  test('documents: all pages, the named keys alone, counts as they are', async () => {
    const fake = new FakeQdrant({ manuals: { points: points(2500, filed) } });
    const keys = Array.from({ length: 2000 }, (_, at) => ({
      key: `s3://docs/${at}`,
      modified: null,
      content: null,
    }));
    const of = documents(keys, { fields: { ...documents([]).fields, part: 'page' } });
    const snapshot = await look([fake], { manuals: of });
    const { sample, source, gaps } = only(snapshot);
    expect(sample).toMatchObject({
      population: 2500,
      size: 2500,
      drawn: 'all',
      counts: { gone: 1, unkeyed: 0 },
      models: { m1: 2500 },
    });
    expect(source).toBe('s3://docs/');
    expect(JSON.stringify(snapshot)).not.toMatch(/hunter2|business/);
    expect(servers[0]?.asked.filter((line) => line.includes('/scroll'))).toHaveLength(3);
    // Its own scrolls look like anybody's: nobody is called unused for a count that holds them.
    expect(only(await look([fake], { manuals: of })).tableScans).toBe(0);
    expect(gaps).toContainEqual({ of: 'queries', why: expect.stringContaining('scroll') });
  });

  test('more points than are to be looked at: the same ones are drawn, whatever their order', async () => {
    const of = documents([], {
      list: null,
      most: 100,
      fields: { ...documents([]).fields, key: 'metadata.source' },
    });
    const one = only(
      await look([new FakeQdrant({ manuals: { points: points(3000, nested) } })], { manuals: of }),
    );
    const other = only(
      await look([new FakeQdrant({ manuals: { points: points(3000, (at) => nested(2999 - at)) } })], {
        manuals: of,
      }),
    );
    expect(one.sample).toMatchObject({ population: 3000, size: 100, drawn: 'by-key-hash' });
    expect(other.sample?.sketch).toEqual(one.sample?.sketch);
  });

  test('ids of 64 bits are followed as they are', async () => {
    const wide = '18446744073709551615';
    const fake = new FakeQdrant({ manuals: { points: [] } });
    const offsets: string[] = [];
    fake.before = ({ operation, sent }) => {
      if (!operation.endsWith('/points/scroll')) return null;
      offsets.push(sent);
      return offsets.length === 1
        ? { text: `{"result":{"points":[{"id":1,"payload":{"source":"a"}}],"next_page_offset":${wide}}}` }
        : { text: '{"result":{"points":[],"next_page_offset":null}}' };
    };
    const answer = await look([fake], { manuals: documents([], { list: null }) });
    expect(only(answer).sample).toMatchObject({ size: 1, drawn: 'all' });
    expect(offsets).toHaveLength(2);
    expect(offsets[1]).toContain(`"offset":${wide}}`);
  });

  test('points that cannot be read to their end are no sample', async () => {
    const fake = new FakeQdrant({
      manuals: { points: points(2500, () => ({ source: 'a' })) },
      notes: { points: [] },
    });
    let pages = 0;
    fake.before = ({ operation, path }) =>
      operation.endsWith('/points/scroll') && path['collection_name'] === 'manuals' && (pages += 1) > 2
        ? { status: 503, json: {} }
        : null;
    const of = documents([], { list: null });
    const { vectorIndexes, coverage } = await look([fake], { manuals: of, notes: of });
    expect(coverage[0]).toMatchObject({ status: 'partial', reason: expect.stringContaining('503') });
    expect(vectorIndexes?.map(({ sample }) => sample?.size ?? null)).toEqual([null, 0]);
    expect(vectorIndexes?.[0]?.gaps).toContainEqual({
      of: 'documents',
      why: expect.stringContaining('503'),
      failed: true,
    });
    expect(vectorIndexes?.[0]?.gaps).toContainEqual({
      of: 'queries',
      why: expect.stringContaining('scroll'),
    });
  });

  test('a page that comes again ends the reading', async () => {
    const fake = new FakeQdrant({ manuals: { points: [] } });
    fake.before = ({ operation }) =>
      operation.endsWith('/points/scroll')
        ? { json: { result: { points: [{ id: 1, payload: {} }], next_page_offset: 1 } } }
        : null;
    const index = only(await look([fake], { manuals: documents([], { list: null }) }));
    expect(index.sample).toBeNull();
    expect(index.gaps).toContainEqual({
      of: 'documents',
      why: expect.stringContaining('same page twice'),
      failed: true,
    });
  });

  test('named vectors that differ, sparse ones, and a collection without any', async () => {
    const fake = new FakeQdrant(
      new Map([
        [
          'mixed',
          {
            points: points(1),
            vectors: { text: { size: 4, distance: 'Dot' }, image: { size: 8, distance: 'Dot' } },
          },
        ],
        [
          '__proto__',
          {
            points: points(1),
            vectors: { ['__proto__']: { size: 3, distance: 'Euclid' } },
            sparse: { words: {} },
          },
        ],
        ['payload only', { points: points(1), vectors: {} }],
        ['größe/ab?c', { points: points(1), told: 2 ** 60 }],
      ]),
    );
    const { vectorIndexes, coverage } = await look([fake]);
    expect(coverage[0]?.reason).toBeNull();
    expect(
      vectorIndexes?.map(({ index, dimension, metric, vectors, id }) => [
        index,
        dimension,
        metric,
        vectors,
        id,
      ]),
    ).toEqual([
      ['mixed', null, 'dot', 1, 'qdrant://node0:6333/mixed'],
      ['__proto__', 3, 'euclid', 1, 'qdrant://node0:6333/__proto__'],
      ['größe/ab?c', 4, 'cosine', null, `qdrant://node0:6333/${encodeURIComponent('größe/ab?c')}`],
    ]);
    expect(vectorIndexes?.[0]?.gaps).toContainEqual({
      of: 'vectors',
      why: expect.stringContaining('each of 2 vectors'),
    });
  });

  test('an empty server, and a collection that is deleted while it is looked at', async () => {
    expect(await look([new FakeQdrant({})])).toMatchObject({ coverage: [{ status: 'complete' }] });
    const fake = new FakeQdrant({ manuals: { points: [] }, gone: { points: [] } });
    fake.before = ({ operation, path }) =>
      operation === 'GET /collections/{collection_name}' && path['collection_name'] === 'gone'
        ? { status: 404, json: { status: { error: 'Not found' } } }
        : null;
    expect(only(await look([fake])).index).toBe('manuals');
  });
});
