import { afterEach, expect, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { rest } from '../../../lib/estate/rest.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { weaviateCollections } from '../../../lib/estate/weaviate/collections.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import type { SpecServer } from '../../counterparts/spec-server.ts';
import { describeWithShared } from '../../shared.ts';
import { documents } from '../documents.ts';
import { FakeWeaviate } from './fake.ts';

const SCOPE = { provider: 'other', accountId: 'docs', region: 'global' } as const;
const KEY = 'never-shown';

const servers: SpecServer[] = [];
// Every request and answer is one of the interface that Weaviate publishes, else closing throws.
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function look(
  fake: FakeWeaviate,
  of: Readonly<Record<string, Documents>> = {},
): Promise<Snapshot & { asked: readonly string[] }> {
  const server = await fake.start();
  servers.push(server);
  const session = {
    store: 'docs',
    host: 'weaviate.acme.internal:443',
    models: { Notes: 'Titan-V2' },
    billed: ['arn:aws:eks:eu-central-1:111122223333:cluster/vectors'],
    documents: (index: string) => (Object.hasOwn(of, index) ? (of[index] ?? null) : null),
    http: rest({
      where: 'store:docs',
      address: server.url,
      headers: async () => ({ authorization: `Bearer ${KEY}` }),
      hint: 'See the key.',
      wait: async () => undefined,
    }),
  };
  const snapshot = await collectScope(
    SCOPE,
    session,
    [weaviateCollections],
    new Date('2026-11-20T10:00:00Z'),
    new Meter(),
  );
  return { ...snapshot, asked: server.asked };
}

const only = ({ vectorIndexes, coverage }: Snapshot): VectorIndex => {
  const [index, ...more] = vectorIndexes ?? [];
  if (index === undefined || more.length > 0)
    throw new Error(`${vectorIndexes?.length ?? 0} indexes: ${coverage[0]?.reason ?? ''}`);
  return index;
};
const uuid = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const objects = (count: number, properties: (at: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, at) => ({ id: uuid(at), properties: properties(at) }));
const openai = (model: string) => ({
  vectorizer: { 'text2vec-openai': { model } },
  vectorIndexType: 'hnsw',
  vectorIndexConfig: { distance: 'dot' },
});
const source = () => ({ source: 'x' });
const held = (at: number) => ({ source: 'a', chunk: String(at), hash: `h${at}` });
const tenanted = { vectorizer: 'none', multiTenancyConfig: { enabled: true } };

describeWithShared('Weaviate by its published interface', () => {
  test('a collection with its module, its index and the objects of its shards', async () => {
    const fake = new FakeWeaviate({ Manuals: { objects: { '': objects(3) } } });
    fake.behind = 1;
    const index = only(await look(fake));
    expect(index).toMatchObject({
      id: 'weaviate://weaviate.acme.internal:443/Manuals',
      index: 'Manuals',
      method: 'hnsw',
      metric: 'cosine',
      model: 'text-embedding-3-large',
      dimension: null,
      vectors: 3,
      queries: null,
      measured: null,
      capacity: { kind: 'shared-cluster', billed: ['arn:aws:eks:eu-central-1:111122223333:cluster/vectors'] },
    });
    expect(index.gaps.map(({ of }) => of).toSorted()).toEqual(['bytes', 'documents', 'queries']);
  });

  test('named vectors: what they have in common, and what differs', async () => {
    const fake = new FakeWeaviate(
      new Map([
        [
          'Same',
          {
            definition: { vectorConfig: { title: openai('m1'), body: openai('m1') } },
            objects: { '': objects(1) },
          },
        ],
        [
          'Mixed',
          {
            definition: { vectorConfig: { title: openai('m1'), body: openai('m2') } },
            objects: { '': objects(1) },
          },
        ],
        [
          'Notes',
          {
            definition: { vectorizer: 'none', moduleConfig: {}, vectorIndexType: 'flat' },
            objects: { '': objects(1) },
          },
        ],
        [
          'Proto',
          {
            definition: {
              vectorConfig: JSON.parse(
                '{"__proto__":{"vectorizer":{"none":{}},"vectorIndexType":"dynamic"}}',
              ),
            },
            objects: { '': objects(1) },
          },
        ],
        [
          'constructor',
          { definition: { vectorizer: 'constructor', moduleConfig: {} }, objects: { '': objects(1) } },
        ],
      ]),
    );
    const { vectorIndexes } = await look(fake);
    expect(vectorIndexes?.map(({ index, model, metric, method }) => [index, model, metric, method])).toEqual([
      ['Same', 'm1', 'dot', 'hnsw'],
      ['Mixed', null, 'dot', 'hnsw'],
      ['Notes', 'titan-v2', null, 'flat'],
      ['Proto', null, null, 'dynamic'],
      ['constructor', null, null, null],
    ]);
    expect(vectorIndexes?.[0]?.gaps).toContainEqual({
      of: 'vectors',
      why: expect.stringContaining('2 vectors'),
    });
  });

  test.each([
    [
      'a node that is not healthy',
      (fake: FakeWeaviate) =>
        (fake.nodes = [
          { name: 'node1', status: 'HEALTHY' },
          { name: 'node2', status: 'TIMEOUT' },
        ]),
      'not healthy',
    ],
    ['shards that are not loaded', (fake: FakeWeaviate) => (fake.loaded = false), 'loaded'],
    [
      'a key that may not read nodes',
      (fake: FakeWeaviate) =>
        (fake.before = ({ operation }) =>
          operation === 'GET /nodes' ? { status: 403, json: { error: [{ message: 'no' }] } } : null),
      'may not read',
    ],
  ])('%s: how many objects is not known', async (_what, change, said) => {
    const fake = new FakeWeaviate({ Manuals: { objects: { '': objects(3) } } });
    change(fake);
    const index = only(await look(fake));
    expect(index.vectors).toBeNull();
    expect(index.gaps).toContainEqual({ of: 'vectors', why: expect.stringContaining(said) });
  });

  test('documents: every page, the named properties alone, no vector', async () => {
    const fake = new FakeWeaviate({
      Manuals: {
        objects: {
          '': objects(450, (at) => ({
            source: at === 3 ? 's3://docs/gone' : `s3://docs/${at}`,
            model: 'm',
            secret: 'hunter2',
          })),
        },
      },
    });
    const keys = Array.from({ length: 450 }, (_, at) => ({
      key: `s3://docs/${at}`,
      modified: null,
      content: null,
    }));
    const snapshot = await look(fake, { Manuals: documents(keys) });
    expect(only(snapshot).sample).toMatchObject({
      population: 450,
      size: 450,
      drawn: 'all',
      counts: { gone: 1 },
      models: { m: 450 },
    });
    expect(JSON.stringify({ ...snapshot, asked: [] })).not.toContain('hunter2');
    expect(snapshot.asked.filter((line) => line.includes('/objects'))).toHaveLength(4);
  });

  test.each([
    ['parts', { part: 'chunk' }],
    ['contents', { content: 'hash' }],
  ])(
    'what tenants hold of one document is no copy by its %s, twice in one tenant it is',
    async (_what, more) => {
      const fake = new FakeWeaviate({
        Manuals: {
          definition: tenanted,
          objects: { one: objects(3, held), other: objects(3, held), third: objects(2, () => held(0)) },
        },
      });
      const { fields } = documents([]);
      const of = { Manuals: documents([], { list: null, fields: { ...fields, ...more } }) };
      expect(only(await look(fake, of)).sample).toMatchObject({ size: 8, counts: { duplicate: 1 } });
    },
  );

  test('tenants are read one by one; where one sleeps nobody is woken', async () => {
    const fake = new FakeWeaviate({
      Manuals: {
        definition: tenanted,
        objects: {
          'acme/ü': objects(210, source),
          ['__proto__']: objects(1, source),
          beta: objects(5, source),
        },
      },
    });
    const of = { Manuals: documents([], { list: null }) };
    const index = only(await look(fake, of));
    expect(index.sample).toMatchObject({ size: 216, drawn: 'all' });
    expect(index.vectors).toBeNull();
    fake.collections.set('Manuals', {
      definition: tenanted,
      objects: { beta: objects(5, source) },
      asleep: { gamma: 'OFFLOADED' },
    });
    const asleep = await look(fake, of);
    expect(only(asleep).sample).toBeNull();
    expect(only(asleep).gaps).toContainEqual({
      of: 'documents',
      failed: true,
      why: expect.stringContaining('1 of its 2 tenants'),
    });
    expect(asleep.asked.filter((line) => line.includes('/objects'))).toEqual([]);
  });

  test('half a listing is no sample; a page that goes back ends it', async () => {
    const fake = new FakeWeaviate({ Manuals: { objects: { '': objects(450, () => ({ source: 'x' })) } } });
    const of = { Manuals: documents([], { list: null }) };
    fake.before = ({ operation, query }) =>
      operation === 'GET /objects' && query.get('after') !== '' ? { status: 500, json: {} } : null;
    expect(only(await look(fake, of))).toMatchObject({ sample: null, vectors: 450 });
    fake.before = ({ operation }) =>
      operation === 'GET /objects' ? { json: { objects: [{ id: uuid(1), properties: {} }] } } : null;
    expect(only(await look(fake, of)).gaps).toContainEqual({
      of: 'documents',
      failed: true,
      why: expect.stringContaining('went back'),
    });
  });

  test.each([
    [401, 'login'],
    [403, 'denied'],
    [429, 'throttled'],
    [502, 'HTTP 502'],
  ])('HTTP %i fails the look, and shows no key', async (status, said) => {
    const fake = new FakeWeaviate({});
    fake.before = () => ({ status, json: {} });
    const { coverage } = await look(fake);
    expect(coverage[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining(said) });
    expect(JSON.stringify(coverage)).not.toContain(KEY);
  });

  test('an empty server, and an answer that is none of Weaviate', async () => {
    expect(await look(new FakeWeaviate({}))).toMatchObject({ coverage: [{ status: 'complete' }] });
    const stranger = new FakeWeaviate({});
    stranger.before = () => ({ json: {} });
    expect(await look(stranger)).toMatchObject({ coverage: [{ status: 'failed' }] });
    const other = new FakeWeaviate({});
    other.before = () => ({ text: '{"classes":[{"name":"x"}]}' });
    expect((await look(other)).coverage[0]?.reason).toContain('none of Weaviate');
  });
});
