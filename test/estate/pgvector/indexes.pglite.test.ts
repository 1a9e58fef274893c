import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SeenIndex } from '../../../lib/checks/model.ts';
import { settings, staleEmbeddings } from '../../../lib/checks/stale-embeddings.ts';
import type { VectorIndex } from '../../../lib/estate/model.ts';
import { pgvectorIndexes } from '../../../lib/estate/pgvector/indexes.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';

const SCOPE = { provider: 'postgres', accountId: 'docs', region: 'global' } as const;
const EARLIER = { resources: [], telemetry: [], vectorIndexes: [] };

let client: Client;
let address: { host: string; port: number };

async function look(given: Client = client, meter = new Meter()): Promise<readonly VectorIndex[]> {
  const session = { store: 'docs', ...address, client: given, documents: () => null, billed: [] };
  const { vectorIndexes } = await pgvectorIndexes.collect(SCOPE, session, new Date(), EARLIER, meter);
  return vectorIndexes ?? [];
}

/** Counters reach the shared statistics when they are flushed, at the latest a second after a transaction. */
async function flushed(): Promise<void> {
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.query('SELECT 1');
}

function date(indexes: readonly VectorIndex[], at: string): SeenIndex[] {
  return indexes.map((index) => ({ ...index, at, scope: 'store:docs', lastQuery: null }));
}

/** The verdict between two looks that are told to be 31 days apart. */
function judge(before: readonly VectorIndex[], after: readonly VectorIndex[]): Record<string, string> {
  const at = '2026-11-20T00:00:00.000Z';
  const found = staleEmbeddings.judge(
    facts({
      vectorIndexes: { current: date(after, at), history: date(before, '2026-10-20T00:00:00.000Z') },
      coverage: [{ scope: 'store:docs', status: 'complete', reason: null, asOf: at }],
    }),
    settings.parse({}),
    new Date(at),
  );
  return Object.fromEntries(found.map(({ resourceName, verdict }) => [resourceName ?? '', verdict]));
}

async function nearest(indexed: boolean): Promise<void> {
  await client.query(`SET enable_seqscan = ${indexed ? 'off' : 'on'}`);
  await client.query(`SET enable_indexscan = ${indexed ? 'on' : 'off'}`);
  await client.query(`SELECT id FROM search.chunks ORDER BY embedding <-> '[1,2,3]' LIMIT 3`);
  await flushed();
}

beforeAll(async () => {
  const { hostname, port } = new URL(inject('postgresUrl'));
  address = { host: hostname, port: Number(port) };
  client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  for (const sql of [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA search',
    'CREATE TABLE search.chunks (id int, embedding vector(3))',
    `INSERT INTO search.chunks SELECT n, ARRAY[n, n % 7, n % 3]::vector FROM generate_series(1, 200) n`,
    'CREATE INDEX chunks_hnsw ON search.chunks USING hnsw (embedding vector_l2_ops)',
    'CREATE TABLE search."Old.Docs" (id int, embedding vector)',
    'CREATE INDEX "old.docs ivf" ON search."Old.Docs" USING ivfflat ((embedding::vector(5)) vector_cosine_ops) WITH (lists = 1)',
    'CREATE INDEX plain ON search.chunks (id)',
    'ANALYZE search.chunks',
  ])
    await client.query(sql);
  await flushed();
});

afterAll(async () => {
  await client.query('DROP SCHEMA search CASCADE');
  await client.end();
});

describe('pgvector.indexes', () => {
  it('reads kind, dimension, size and counters of vector indexes alone', async () => {
    const meter = new Meter();
    const [chunks, old, ...rest] = await look(client, meter);
    expect(rest).toEqual([]);
    expect(chunks).toMatchObject({
      store: 'docs',
      storeType: 'pgvector',
      id: `postgres://${address.host}:${address.port}/postgres/search.chunks_hnsw`,
      table: 'search.chunks',
      index: 'search.chunks_hnsw',
      method: 'hnsw',
      dimension: 3,
      metric: 'l2',
      vectors: 200,
      writes: 200,
      created: null,
      lastWrite: null,
      incarnation: expect.stringMatching(/^\d+\.\d+$/),
      replica: false,
      replicas: 0,
    });
    expect(chunks?.bytes).toBeGreaterThan(8191);
    expect(chunks?.statsSince).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(old).toMatchObject({
      method: 'ivfflat',
      dimension: 5,
      metric: 'cosine',
      vectors: expect.toSatisfy((n) => n === null || n === 0),
    });
    expect(old?.id).toMatch(/\/search\.old%2Edocs%20ivf$/);
    expect(meter.total()).toMatchObject({ amount: '0', calls: [{ api: 'pgvector.query', count: 8 }] });
  });

  it('sees a nearest-neighbour query, and the verdict changes', async () => {
    const before = await look();
    await flushed();
    const idle = await look();
    expect(judge(before, idle)).toEqual({ 'search.chunks_hnsw': 'UNUSED', 'search.old.docs ivf': 'UNUSED' });
    await nearest(true);
    const queried = await look();
    expect((queried[0]?.queries ?? 0) - (idle[0]?.queries ?? 0)).toBe(1);
    expect(Date.parse(queried[0]?.lastQuery ?? '')).toBeGreaterThan(Date.parse('2026-01-01'));
    expect(judge(before, queried)).toEqual({ 'search.old.docs ivf': 'UNUSED' });
  });

  it('sees a search without the index as a scan of the table: no proof of disuse', async () => {
    const before = await look();
    await nearest(false);
    expect(judge(before, await look())['search.chunks_hnsw']).toBe('SUSPECTED');
  });

  it('sees a reset of the counters, of all and of one index alone', async () => {
    const before = await look();
    await client.query(`SELECT pg_stat_reset_single_table_counters('search.chunks_hnsw'::regclass)`);
    await flushed();
    const one = await look();
    expect(judge(before, one)['search.chunks_hnsw']).toBe('SUSPECTED');
    await client.query('SELECT pg_stat_reset()');
    await flushed();
    expect(judge(one, await look())['search.old.docs ivf']).toBe('SUSPECTED');
  });

  it('leaves no transaction open and can write nothing', async () => {
    await look();
    const { rows } = await client.query(
      'SELECT pg_current_xact_id_if_assigned() AS xid, current_setting($1) AS mode',
      ['transaction_read_only'],
    );
    expect(rows).toEqual([{ xid: null, mode: 'off' }]);
    const writing = {
      query: (sql: string) =>
        client.query(sql.includes('pg_stat_replication') ? 'DELETE FROM search.chunks' : sql),
    };
    const session = { store: 'docs', ...address, client: writing, documents: () => null, billed: [] };
    await expect(pgvectorIndexes.collect(SCOPE, session, new Date(), EARLIER, new Meter())).rejects.toThrow(
      'read-only',
    );
    expect((await client.query('SELECT count(*)::int AS n FROM search.chunks')).rows).toEqual([{ n: 200 }]);
  });

  it('says unknown for replicas that the login may not ask for', async () => {
    await client.query('REVOKE ALL ON pg_stat_replication FROM PUBLIC');
    await client.query('CREATE ROLE reader');
    try {
      await client.query('SET ROLE reader');
      expect((await look())[0]?.replicas).toBeNull();
    } finally {
      await client.query('RESET ROLE');
      await client.query('GRANT SELECT ON pg_stat_replication TO PUBLIC');
      await client.query('DROP ROLE reader');
    }
  });

  it('tells what is wrong with a connection that is lost', async () => {
    const closed = new Client({ connectionString: inject('postgresUrl') });
    await closed.end();
    const failure = look(closed);
    await expect(failure).rejects.toBeInstanceOf(BursarError);
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', where: 'store:docs' });
  });
});
