import { createServer, type Server } from 'node:http';
import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { configSchema, type StoreConfig } from '../../../lib/config/schema.ts';
import { IncompleteError } from '../../../lib/estate/incomplete.ts';
import type { MilvusSession } from '../../../lib/estate/milvus/calls.ts';
import { milvusCollections } from '../../../lib/estate/milvus/collections.ts';
import type { Collected, VectorIndex } from '../../../lib/estate/model.ts';
import { Sources } from '../../../lib/estate/vectors/compare.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { enterMilvus } from '../../../lib/run/assemble/store-milvus.ts';
import { startMilvus } from '../../counterparts/milvus.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const url = () => inject('milvusUrl');
let client: MilvusClient;
const opened: (MilvusSession & { close(): Promise<void> })[] = [];

beforeAll(async () => {
  client = new MilvusClient({ address: url(), logLevel: 'error', telemetry: { enabled: false } });
  await client.connectPromise;
});
afterAll(async () => {
  await client.closeConnection();
});
beforeEach(() => vi.stubEnv('MILVUS_LOGIN', ''));
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of opened.splice(0)) await each.close();
  for (const database of ['default', 'team']) {
    const { data } = await client.showCollections({ db_name: database });
    for (const { name } of data ?? []) {
      const { aliases } = await client.listAliases({ collection_name: name, db_name: database });
      for (const alias of aliases) await client.dropAlias({ alias });
      await client.dropCollection({ collection_name: name, db_name: database });
    }
  }
});

function configOf(store: Record<string, unknown>): StoreConfig & { type: 'milvus' } {
  const { docs } = configSchema.parse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'milvus', url: url(), auth: 'none', ...store } } },
  }).estate.stores;
  if (docs?.type !== 'milvus') throw new Error('no store');
  return docs;
}

async function sessionOf(
  store: Record<string, unknown> = {},
  documents: (index: string) => Documents | null = () => null,
): Promise<MilvusSession> {
  const session = await enterMilvus('docs', configOf(store), documents);
  opened.push(session);
  return session;
}

async function collected(session: MilvusSession, meter = new Meter()): Promise<Collected> {
  const scope = { provider: 'other', accountId: 'docs', region: 'global' } as const;
  const nothing = { resources: [], telemetry: [], vectorIndexes: [] };
  return await milvusCollections.collect(scope, session, NOW, nothing, meter);
}

async function indexesOf(session: MilvusSession, meter = new Meter()): Promise<readonly VectorIndex[]> {
  return (await collected(session, meter)).vectorIndexes ?? [];
}

function only<T>(all: readonly T[]): T {
  const [first] = all;
  if (first === undefined || all.length > 1) throw new Error(`${all.length} in the place of one`);
  return first;
}

const vectorOf = (seed: number) => Array.from({ length: 8 }, (_, at) => Math.sin(seed * 7.3 + at * 1.7));

/** A collection of so many entities, every tenth without a key. */
async function made(
  name: string,
  count: number,
  { database = 'default', text = false, index = true, from = 0 } = {},
): Promise<void> {
  const of = { collection_name: name, db_name: database };
  await client.createCollection({
    ...of,
    fields: [
      {
        name: 'id',
        data_type: text ? DataType.VarChar : DataType.Int64,
        is_primary_key: true,
        ...(text ? { max_length: 100 } : {}),
      },
      { name: 'source', data_type: DataType.VarChar, max_length: 500, nullable: true },
      { name: 'meta', data_type: DataType.JSON, nullable: true },
      { name: 'vector', data_type: DataType.FloatVector, dim: 8 },
    ],
    enable_dynamic_field: true,
  });
  // Not in the order of their keys.
  const ids = Array.from({ length: count }, (_, at) => (at * 7919) % count);
  for (let start = 0; start < count; start += 5_000)
    await client.insert({
      ...of,
      data: ids.slice(start, start + 5_000).map((id) => ({
        id: text ? `it's "${id}" \\ ` : String(id),
        source: id % 10 === 9 ? null : `docs/${id + from}.md`,
        meta: { hash: `hash-${id}`, secret: 'hunter2' },
        tokens: 100,
        vector: vectorOf(id),
      })),
    });
  if (!index) return;
  await client.createIndex({
    ...of,
    field_name: 'vector',
    index_type: 'HNSW',
    metric_type: 'COSINE',
    params: { M: 8, efConstruction: 64 },
  });
  await client.loadCollectionSync(of);
}

function documentsBy(fields: Partial<Documents['fields']>, more: Partial<Documents> = {}): Documents {
  const none = { part: null, content: null, embedded: null, model: null, tokens: null };
  return {
    fields: { key: 'source', ...none, ...fields },
    most: 20_000,
    skew: 0,
    list: null,
    source: null,
    ...more,
  };
}

describe('a collection', () => {
  test('is told by its schema and its index, in every database', async () => {
    await client.createDatabase({ db_name: 'team' });
    await made('manuals', 300);
    await made('notes', 5, { database: 'team', index: false });
    await client.createCollection({
      collection_name: 'plain',
      fields: [
        { name: 'id', data_type: DataType.Int64, is_primary_key: true },
        { name: 'sparse', data_type: DataType.SparseFloatVector },
      ],
    });
    const meter = new Meter();
    const found = await indexesOf(
      await sessionOf({ models: { manuals: 'Text-Embedding-3-Small' }, billed: ['i-0abc'] }),
      meter,
    );
    const host = new URL(url()).host;
    expect(found.map(({ index }) => index).toSorted()).toEqual(['manuals', 'plain', 'team.notes']);
    expect(found.find(({ table }) => table === 'manuals')).toMatchObject({
      store: 'docs',
      storeType: 'milvus',
      accountId: host,
      id: `milvus://${host}/default/manuals#vector`,
      method: 'hnsw',
      metric: 'cosine',
      dimension: 8,
      vectors: 300,
      bytes: null,
      model: 'text-embedding-3-small',
      queries: null,
      sample: null,
      capacity: { kind: 'shared-cluster', billed: ['i-0abc'], sharedBy: found.map(({ id }) => id) },
    });
    expect(found.find(({ table }) => table === 'team.notes')).toMatchObject({
      id: `milvus://${host}/team/notes#vector`,
      method: null,
      vectors: 5,
    });
    expect(found.find(({ table }) => table === 'plain')).toMatchObject({ dimension: null });
    expect(found.map(({ gaps }) => gaps.map(({ of }) => of))).toContainEqual([
      'queries',
      'vectors',
      'bytes',
      'documents',
    ]);
    expect(meter.total().calls).toEqual([
      { api: 'milvus.describeCollection', count: 3 },
      { api: 'milvus.describeIndex', count: 3 },
      { api: 'milvus.getCollectionStatistics', count: 3 },
      { api: 'milvus.listDatabases', count: 1 },
      { api: 'milvus.showCollections', count: 2 },
    ]);
    const team = await indexesOf(await sessionOf({ databases: ['team'] }));
    expect(only(team).table).toBe('team.notes');
  });

  test('is not there where it is dropped while one looks', async () => {
    await made('going', 3);
    await made('staying', 3);
    const session = await sessionOf();
    const ask = session.client.describeCollection.bind(session.client);
    session.client.describeCollection = async (of) => {
      if (of.collection_name === 'going') await client.dropCollection({ collection_name: 'going' });
      return await ask(of);
    };
    expect(only(await indexesOf(session)).table).toBe('staying');
  });

  test('that cannot be read is named, and the others are told', async () => {
    await made('broken', 3);
    await made('whole', 3);
    const session = await sessionOf({}, (index) => (index === 'broken' ? documentsBy({}) : null));
    const query = session.client.query.bind(session.client);
    session.client.query = async ({ collection_name }) =>
      await query({ collection_name, filter: 'no ( filter' });
    const error = await collected(session).catch((thrown: unknown) => thrown);
    if (!(error instanceof IncompleteError)) throw error;
    expect(error.message).toMatch(/^1 of 2 collections were not read: milvus\.query: /);
    const kept = only(error.collected.vectorIndexes ?? []);
    expect(kept).toMatchObject({ table: 'whole', capacity: { sharedBy: null } });
  });
});

describe('documents', () => {
  test('are compared by the configured fields alone, page after page', async () => {
    await made('manuals', 9_000);
    const sources = new Sources('manifest', 'list.csv');
    for (let id = 0; id < 8_000; id += 1)
      sources.add({ key: `docs/${id}.md`, modified: null, content: id < 50 ? 'other' : `hash-${id}` });
    const told = sources.summary('2026-11-01T00:00:00Z', true);
    const asked: (readonly string[])[] = [];
    const session = await sessionOf({}, () =>
      documentsBy({ content: 'meta.hash', tokens: 'tokens' }, { list: async () => ({ sources, told }) }),
    );
    const query = session.client.query.bind(session.client);
    session.client.query = async (of) => {
      asked.push(of.output_fields ?? []);
      return await query(of);
    };
    const index = only(await indexesOf(session));
    expect(index.sample).toMatchObject({
      population: 9_000,
      size: 9_000,
      drawn: 'all',
      // Of 1,000 beyond the list a tenth has no key; of the first 50 likewise.
      counts: { gone: 900, differs: 45, outOfDate: 45, unkeyed: 900, duplicate: 0 },
      tokens: { sum: 900_000, vectors: 9_000 },
    });
    expect(asked).toEqual(Array.from({ length: 4 }, () => ['id', 'source', 'meta', 'tokens']));
    expect(JSON.stringify(index)).not.toContain('hunter2');
  });

  test('whose primary keys are text of every kind are read whole', async () => {
    await made('manuals', 5_000, { text: true });
    const { sample } = only(await indexesOf(await sessionOf({}, () => documentsBy({}))));
    expect(sample).toMatchObject({ population: 5_000, size: 5_000, counts: { unkeyed: 500, duplicate: 0 } });
  });

  test('of more than are to be looked at are drawn by the hashes of their keys', async () => {
    await made('manuals', 2_000);
    const some = documentsBy({}, { most: 300 });
    const session = await sessionOf({}, () => some);
    const first = only(await indexesOf(session)).sample;
    expect(first).toMatchObject({ population: 2_000, drawn: 'by-key-hash', size: 300 });
    expect(only(await indexesOf(session)).sample).toEqual(first);
  });

  test('of a collection that is not loaded are not read, and it is not loaded', async () => {
    await made('manuals', 10);
    await client.releaseCollection({ collection_name: 'manuals' });
    const { sample, gaps } = only(await indexesOf(await sessionOf({}, () => documentsBy({}))));
    expect(sample).toBeNull();
    expect(gaps.find(({ of }) => of === 'documents')?.why).toContain('is not loaded');
    expect((await client.getLoadState({ collection_name: 'manuals' })).state).toBe('LoadStateNotLoad');
  });

  test.for([
    ['the vector itself', { part: 'vector' }, 'the field vector is a vector'],
    ['a part of what is no JSON', { part: 'source.x' }, 'the field source is no JSON'],
  ] as const)('by %s are told as a gap', async ([_what, fields, why]) => {
    await made('manuals', 3);
    const index = only(await indexesOf(await sessionOf({}, () => documentsBy(fields))));
    expect(index.sample).toBeNull();
    expect(index.gaps).toContainEqual({
      of: 'documents',
      why: `Its documents are not known: ${why}.`,
      failed: true,
    });
  });
});

const page = (node: number, started: number, lines: readonly string[]) =>
  [
    '# HELP milvus_proxy_search_vectors_count counter of vectors successfully searched',
    '# TYPE milvus_proxy_search_vectors_count counter',
    `milvus_proxy_executing_total_nq{node_id="${node}"} 0`,
    ...lines.map((line) => line.replaceAll('NODE', String(node))),
    `process_start_time_seconds ${started}`,
    '',
  ].join('\n');
const count = (name: string, collection: string, value: string, database = 'default') =>
  `milvus_proxy_${name}_vectors_count{collection_name="${collection}",db_name="${database}",node_id="NODE"} ${value}`;

describe('counters', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function metrics(text: string): Promise<string> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/metrics' ? 200 : 404;
      response.end(text);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  test('are those of all proxies, under every name of the collection', async () => {
    await made('manuals', 3);
    await made('quiet', 3);
    await client.createAlias({ collection_name: 'manuals', alias: 'live' });
    const proxies = [
      await metrics(
        page(4, 1_790_000_000.25, [
          count('search', 'manuals', '5'),
          count('search', 'live', '1.2e+01'),
          count('search', 'manuals', '99', 'team'),
          count('insert', 'manuals', '3'),
          count('upsert', 'manuals', '2'),
        ]),
      ),
      await metrics(page(5, 1_790_000_100, [count('search', 'manuals', '1')])),
    ];
    const found = await indexesOf(await sessionOf({ metrics: proxies }));
    const since = new Date(1_790_000_100_000).toISOString();
    expect(found.find(({ table }) => table === 'manuals')).toMatchObject({
      queries: 18,
      writes: 5,
      tableScans: 0,
      replicas: 0,
      statsSince: since,
    });
    const quiet = found.find(({ table }) => table === 'quiet');
    expect(quiet).toMatchObject({ queries: 0, writes: 0, statsSince: since });
    expect(quiet?.gaps.map(({ of }) => of)).not.toContain('queries');
  });

  test('of all collections together prove nothing', async () => {
    await made('manuals', 3);
    const address = await metrics(page(4, 1_790_000_000, [count('search', 'all', '5')]));
    const index = only(await indexesOf(await sessionOf({ metrics: [address] })));
    expect(index.queries).toBeNull();
    expect(index.gaps.find(({ of }) => of === 'queries')?.why).toContain('collectionLevelMode');
  });

  test.for([
    [
      'of something else',
      () => [page(1, 1, []).replaceAll('milvus_proxy_', 'other_')],
      'unavailable',
      'none of a proxy',
    ],
    ['of one proxy twice', () => [page(4, 1, []), page(4, 1, [])], 'config', 'of one proxy'],
    ['that are no metrics', () => ['<html>'], 'unavailable', 'Prometheus'],
  ] as const)('%s are refused', async ([_what, pages, code, message]) => {
    await made('manuals', 3);
    const addresses = await Promise.all(pages().map(metrics));
    await expect(collected(await sessionOf({ metrics: addresses }))).rejects.toMatchObject({
      code,
      where: 'store:docs',
      message: expect.stringContaining(message),
    });
  });
});

describe('what is wrong', () => {
  test('a server that is not there', async () => {
    await expect(collected(await sessionOf({ url: 'http://127.0.0.1:9' }))).rejects.toMatchObject({
      code: 'unavailable',
      where: 'store:docs',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a login: right, wrong, and kept as JSON', async () => {
    const guarded = await startMilvus('reader:Milvus');
    try {
      const auth = { env: 'MILVUS_LOGIN' };
      const look = async (login: string) => {
        vi.stubEnv('MILVUS_LOGIN', login);
        return await indexesOf(await sessionOf({ url: guarded.url, auth }));
      };
      expect(await look('reader:Milvus\n')).toEqual([]);
      expect(await look('{"username": "reader", "password": "Milvus"}')).toEqual([]);
      await expect(look('reader:wrong')).rejects.toMatchObject({
        code: 'credentials',
        message: expect.not.stringContaining('wrong'),
      });
    } finally {
      await guarded.stop();
    }
  });
});
