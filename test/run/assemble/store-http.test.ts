import { createServer } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storePermissions } from '../../../lib/run/assemble/store-permissions.ts';
import { enterPinecone } from '../../../lib/run/assemble/store-pinecone.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';
import { FakeQdrant } from '../../estate/qdrant/fake.ts';
import { describeWithShared } from '../../shared.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs';
const KEY = { env: 'DOCS_KEY' };
const PROJECT = '0ce9acea-7e07-4eb3-aa61-3a24f11e29aa';

const parse = (store: unknown) =>
  configSchema.safeParse({ schemaVersion: 1, estate: { stores: { docs: store } } });
function storeOf(store: unknown) {
  const own = configSchema.parse({ schemaVersion: 1, estate: { stores: { docs: store } } }).estate.stores[
    'docs'
  ];
  if (own === undefined) throw new Error('no store');
  return own;
}

const stops: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const stop of stops.splice(0)) stop();
});

describe('what the config takes', () => {
  test.each([
    { type: 'qdrant', url: 'https://a.cloud.qdrant.io:6333', auth: KEY },
    {
      type: 'qdrant',
      url: 'http://localhost:6333',
      auth: 'none',
      peers: ['http://127.0.0.1:6343'],
      models: { a: 'm' },
    },
    { type: 'weaviate', url: 'https://a.weaviate.cloud', auth: { secret: SECRET } },
    { type: 'pinecone', auth: KEY },
    { type: 'pinecone', auth: { secret: SECRET }, project: PROJECT },
  ])('%o', (store) => expect(parse(store).error).toBeUndefined());

  test.each([
    ['a key in clear', { type: 'qdrant', url: 'https://q.example', auth: 'sk-1234' }, 'none, or'],
    ['a key over plain http', { type: 'weaviate', url: 'http://w.example', auth: KEY }, 'https://'],
    ['a path', { type: 'qdrant', url: 'https://q.example/collections', auth: KEY }, 'path'],
    [
      'a node by its name alone',
      { type: 'qdrant', url: 'https://q.example', auth: KEY, peers: ['q2'] },
      'https://',
    ],
    ['a project by its name', { type: 'pinecone', auth: KEY, project: 'docs' }, 'UUID'],
    ['Pinecone without a key', { type: 'pinecone', auth: 'none' }, 'env'],
    ['an address of Pinecone', { type: 'pinecone', auth: KEY, url: 'https://x.example' }, 'url'],
  ])('not %s', (_what, store, said) => expect(parse(store).error?.message).toContain(said));
});

test('rights are those of the secret and no more', () => {
  for (const store of [
    { type: 'qdrant', url: 'https://q.example', auth: { secret: SECRET } },
    { type: 'weaviate', url: 'https://w.example', auth: { secret: SECRET } },
    { type: 'pinecone', auth: { secret: SECRET } },
  ])
    expect(storePermissions(storeOf(store)).map(({ action, resources }) => [action, resources?.[0]])).toEqual(
      [['secretsmanager:GetSecretValue', SECRET]],
    );
  expect(storePermissions(storeOf({ type: 'pinecone', auth: KEY }))).toEqual([]);
  expect(storePermissions(storeOf({ type: 'qdrant', url: 'https://q.example', auth: 'none' }))).toEqual([]);
});

/** A server that remembers who asked, and answers as one without collections. */
async function server(answer: string): Promise<{ url: string; seen: Record<string, unknown>[] }> {
  const seen: Record<string, unknown>[] = [];
  const listening = createServer((request, response) => {
    seen.push({ url: request.url, ...request.headers });
    response.end(answer);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  stops.push(() => listening.close());
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

async function look(store: unknown) {
  const estate = storesEstate({ docs: storeOf(store) });
  const [scope] = (await estate.plan(new Date(), new Meter())).scopes;
  if (scope === undefined) throw new Error('no scope');
  return await estate.collect(scope, new Date('2026-11-20T10:00:00Z'), new Meter());
}

describe('who asks', () => {
  test.each([
    ['qdrant', 'api-key', 'sk-1', '{"result":{"collections":[]}}'],
    ['weaviate', 'authorization', 'Bearer sk-1', '{"classes":[]}'],
  ])('%s: the key stands in %s, without the line’s end of a file', async (type, header, value, answer) => {
    const { url, seen } = await server(answer);
    vi.stubEnv('DOCS_KEY', ' sk-1\n');
    const snapshot = await look({ type, url, auth: KEY });
    expect(snapshot.coverage).toMatchObject([{ scope: 'store:docs', status: 'complete' }]);
    expect(seen).toMatchObject([{ [header]: value }]);
    seen.length = 0;
    await look({ type, url, auth: 'none' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty(header);
  });

  test.each(['qdrant', 'weaviate', 'pinecone'])(
    '%s: a key that cannot stand in a header is refused and not shown',
    async (type) => {
      vi.stubEnv('DOCS_KEY', 'hunter2\nx: y');
      const { coverage } = await look({
        type,
        auth: KEY,
        ...(type === 'pinecone' ? {} : { url: 'https://127.0.0.1:9' }),
      });
      expect(coverage).toMatchObject([{ status: 'failed', reason: expect.stringContaining('API key') }]);
      expect(JSON.stringify(coverage)).not.toContain('hunter2');
    },
  );

  test('Pinecone: a session for hosts of Pinecone alone', async () => {
    vi.stubEnv('DOCS_KEY', 'pcsk_1');
    const store = storeOf({ type: 'pinecone', auth: KEY, project: PROJECT.toUpperCase() });
    if (store.type !== 'pinecone') throw new Error('another store');
    const session = await enterPinecone('docs', store, () => null);
    expect(session.project).toBe(PROJECT);
    expect(session.at('a-b.svc.aped.pinecone.io')).not.toBeNull();
    for (const host of [
      'example.com',
      'pinecone.io',
      'xpinecone.io',
      'a.pinecone.io.',
      '-a.pinecone.io',
      'a..pinecone.io',
      'A.pinecone.io/x',
    ])
      expect(session.at(host)).toBeNull();
  });
});

describeWithShared('a whole look by the config', () => {
  test('Qdrant: collections, documents without a source, and what is billed', async () => {
    const points = [
      { id: 1, payload: { source: 'a.md' } },
      { id: 2, payload: { source: 'gone.md' } },
    ];
    const fake = await new FakeQdrant({ manuals: { points } }).start();
    stops.push(() => fake.close());
    vi.stubEnv('DOCS_KEY', 'sk-1');
    const snapshot = await look({
      type: 'qdrant',
      url: fake.url,
      auth: KEY,
      models: { manuals: 'm' },
      billed: ['arn:aws:ec2:eu-central-1:111122223333:instance/i-1'],
      documents: [{ index: 'man*', key: 'source' }],
    });
    expect(snapshot.coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(snapshot.vectorIndexes).toMatchObject([
      {
        store: 'docs',
        accountId: new URL(fake.url).host,
        model: 'm',
        capacity: { billed: ['arn:aws:ec2:eu-central-1:111122223333:instance/i-1'] },
        sample: { size: 2, drawn: 'all', sources: null },
      },
    ]);
  });
});
