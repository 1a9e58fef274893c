import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { VectorIndex } from '../../../lib/estate/model.ts';
import { type Server, startPostgres } from '../../counterparts/postgres.ts';
import { documents, looked, run } from './tables.ts';

let client: Client;

beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  await run(client, [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA kinds',
    'SET search_path = kinds, public',
  ]);
});

afterAll(async () => {
  await client.query('DROP SCHEMA kinds CASCADE');
  await client.end();
});

const look = async () => await looked(client, () => null);

const keys = (index: VectorIndex) => index.sample?.sketch.map(({ key }) => key) ?? [];

const writes = async () => (await look()).of('written_hnsw').writes;

const few = () => documents(['doc-1'], { most: 300 });

/** What the session counted reaches the others when it tells them. */
async function flushed(): Promise<void> {
  await run(client, ['SELECT pg_stat_force_next_flush()', 'SELECT 1']);
}

async function nearest(
  table: string,
  column = 'embedding',
  operator = '<->',
  to = `'[1,2,3]'`,
): Promise<void> {
  await run(client, ['SET enable_seqscan = off']);
  await client.query(`SELECT 1 FROM ${table} ORDER BY ${column} ${operator} ${to} LIMIT 1`);
  await run(client, ['RESET enable_seqscan']);
  await flushed();
}

describe('types and metrics of pgvector', () => {
  it.each([
    ['embedding vector(3)', 'embedding vector_cosine_ops', 3, 'cosine'],
    ['embedding vector(3)', 'embedding vector_ip_ops', 3, 'innerproduct'],
    ['embedding vector(3)', 'embedding vector_l1_ops', 3, 'l1'],
    ['embedding halfvec(4)', 'embedding halfvec_l2_ops', 4, 'l2'],
    ['embedding sparsevec(500)', 'embedding sparsevec_l2_ops', 500, 'l2'],
    ['embedding bit(64)', 'embedding bit_hamming_ops', 64, 'hamming'],
    ['embedding bit(64)', 'embedding bit_jaccard_ops', 64, 'jaccard'],
    ['embedding vector(1536)', '(embedding::halfvec(1536)) halfvec_cosine_ops', 1536, 'cosine'],
    ['embedding vector(8)', '(binary_quantize(embedding)::bit(8)) bit_hamming_ops', 8, 'hamming'],
    // A column that takes any dimension, indexed by an expression of one: the others cannot be in it.
    ['embedding vector', '(embedding::vector(5)) vector_l2_ops', 5, 'l2'],
  ])('%s, indexed by %s', async (column, indexed, dimension, metric) => {
    await run(client, [
      `CREATE TABLE typed (source text, part int, ${column})`,
      `CREATE INDEX typed_hnsw ON typed USING hnsw (${indexed})`,
    ]);
    onTestFinished(async () => {
      await client.query('DROP TABLE typed');
    });
    const { of } = await looked(client, () => documents([]));
    expect(of('typed_hnsw')).toMatchObject({ dimension, metric, method: 'hnsw', gaps: [] });
    expect(of('typed_hnsw').sample).toMatchObject({ population: 0, size: 0, drawn: 'all' });
  });
});

it('the indexes of partitions are one index, with what all of them count', async () => {
  await run(client, [
    'CREATE TABLE months (month int, source text, part int, embedding vector(3)) PARTITION BY LIST (month)',
    'CREATE TABLE months_1 PARTITION OF months FOR VALUES IN (1)',
    'CREATE TABLE months_2 PARTITION OF months FOR VALUES IN (2) PARTITION BY LIST (part)',
    'CREATE TABLE months_2_0 PARTITION OF months_2 FOR VALUES IN (0)',
    `INSERT INTO months SELECT 1 + n % 2, 'doc-' || n, 0, '[1,2,3]' FROM generate_series(1, 300) n`,
    'CREATE INDEX months_hnsw ON months USING hnsw (embedding vector_l2_ops)',
    'ANALYZE months',
  ]);
  await flushed();
  const before = (await look()).of('months_hnsw');
  await nearest('months_1');
  await nearest('months_2_0');
  const { of, indexes } = await looked(client, () => documents(['doc-1'], { most: 200 }));
  const after = of('months_hnsw');
  expect(indexes.filter(({ table }) => table.includes('months')).map(({ index }) => index)).toEqual([
    'kinds.months_hnsw',
  ]);
  expect(after).toMatchObject({ table: 'kinds.months', vectors: 300, dimension: 3, writes: 300 });
  expect((after.queries ?? 0) - (before.queries ?? 0)).toBe(2);
  expect(after.sample).toMatchObject({ population: 300, drawn: 'by-key-hash' });
  expect(after.bytes).toBeGreaterThan(2 * 8191);
  await client.query('DROP TABLE months');
});

it('a title and a text of one table hold the same keys, and are no copies; two indexes of one of them are', async () => {
  await run(client, [
    'CREATE TABLE papers (source text, part int, title vector(3), body vector(3))',
    `INSERT INTO papers SELECT 'doc-' || n, 0, '[1,2,3]', CASE WHEN n > 20 THEN '[1,2,3]'::vector END FROM generate_series(1, 100) n`,
    'CREATE INDEX title_hnsw ON papers USING hnsw (title vector_l2_ops)',
    'CREATE INDEX body_hnsw ON papers USING hnsw (body vector_l2_ops)',
    'CREATE INDEX body_ivf ON papers USING ivfflat (body vector_l2_ops) WITH (lists = 1)',
  ]);
  const { of, statements } = await looked(client, () => documents(null));
  expect([of('title_hnsw').sample?.size, of('body_hnsw').sample?.size]).toEqual([100, 80]);
  expect(keys(of('title_hnsw')).filter((key) => keys(of('body_hnsw')).includes(key))).toEqual([]);
  expect(keys(of('body_ivf'))).toEqual(keys(of('body_hnsw')));
  // What two indexes hold alike is read once.
  expect(statements.filter((sql) => sql.startsWith('DECLARE'))).toHaveLength(2);
  await client.query('DROP TABLE papers');
});

it('an index of some rows tells how many, and that nobody looked which', async () => {
  await run(client, [
    'CREATE TABLE parts (source text, part int, live boolean, embedding vector(3))',
    `INSERT INTO parts SELECT 'doc-' || n, 0, n % 4 = 0, '[1,2,3]' FROM generate_series(1, 100) n`,
    'CREATE INDEX parts_hnsw ON parts USING hnsw (embedding vector_l2_ops) WHERE live',
    'ANALYZE parts',
  ]);
  const found = (await looked(client, () => documents([]))).of('parts_hnsw');
  expect(found).toMatchObject({ vectors: 25, sample: null });
  expect(found.gaps).toEqual([{ of: 'documents', why: expect.stringContaining('some rows'), failed: true }]);
  await client.query('DROP TABLE parts');
});

it('an index whose building failed serves nobody, and says so', async () => {
  await run(client, [
    'CREATE TABLE failed (id int, embedding vector(3))',
    `INSERT INTO failed VALUES (1, '[1,2,3]')`,
    'CREATE INDEX failed_hnsw ON failed USING hnsw (embedding vector_l2_ops)',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'failed_hnsw'::regclass`,
  ]);
  expect((await look()).of('failed_hnsw').gaps).toEqual([
    { of: 'queries', why: expect.stringContaining('indisvalid') },
  ]);
  await client.query('DROP TABLE failed');
});

it("REINDEX makes no other index, dropping and creating does; temporary tables are nobody else's", async () => {
  await run(client, [
    'CREATE TABLE again (id int, embedding vector(3))',
    'CREATE INDEX again_hnsw ON again USING hnsw (embedding vector_l2_ops)',
    'CREATE TEMPORARY TABLE passing (embedding vector(3))',
    'CREATE INDEX passing_hnsw ON passing USING hnsw (embedding vector_l2_ops)',
  ]);
  const incarnation = async () => (await look()).of('again_hnsw').incarnation;
  const first = await incarnation();
  await nearest('again');
  const { queries } = (await look()).of('again_hnsw');
  await client.query('REINDEX INDEX again_hnsw');
  expect(await incarnation()).toBe(first);
  expect((await look()).of('again_hnsw').queries).toBe(queries);
  await run(client, [
    'DROP INDEX again_hnsw',
    'CREATE INDEX again_hnsw ON again USING hnsw (embedding vector_l2_ops)',
  ]);
  expect(await incarnation()).not.toBe(first);
  expect((await look()).indexes.map(({ index }) => index)).not.toContainEqual(
    expect.stringContaining('passing'),
  );
  await run(client, ['DROP TABLE again', 'DROP TABLE passing']);
});

it('writes are rows that indexes took in: no update that left them as they were', async () => {
  await run(client, [
    'CREATE TABLE written (id int, note text, embedding vector(3)) WITH (fillfactor = 50)',
    'CREATE INDEX written_hnsw ON written USING hnsw (embedding vector_l2_ops)',
    `INSERT INTO written SELECT n, '', '[1,2,3]' FROM generate_series(1, 10) n`,
  ]);
  await flushed();
  expect(await writes()).toBe(10);
  await client.query(`UPDATE written SET note = 'x' WHERE id < 4`);
  await flushed();
  expect(await writes()).toBe(10);
  await client.query(`UPDATE written SET embedding = '[3,2,1]' WHERE id < 4`);
  await flushed();
  expect(await writes()).toBe(13);
  await client.query('DROP TABLE written');
});

it('what shares the server is told by its bytes where the bill charges for it, and not to everybody', async () => {
  await run(client, [
    'CREATE TABLE paid (embedding vector(3))',
    'CREATE INDEX paid_hnsw ON paid USING hnsw (embedding vector_l2_ops)',
  ]);
  const billed = ['arn:aws:rds:us-east-1:111122223333:db:docs'];
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT sum(pg_database_size(oid))::text AS bytes FROM pg_database',
  );
  const told = (await looked(client, () => null, { billed })).of('paid_hnsw').capacity;
  expect(told).toEqual({ kind: 'shared-cluster', billed, bytes: Number(rows[0]?.bytes), sharedBy: null });
  await run(client, [
    'CREATE DATABASE closed',
    'REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
    'CREATE ROLE guest',
    'SET ROLE guest',
  ]);
  try {
    expect((await looked(client, () => null, { billed })).of('paid_hnsw').capacity?.bytes).toBeNull();
  } finally {
    await run(client, ['RESET ROLE', 'DROP DATABASE closed', 'DROP ROLE guest', 'DROP TABLE paid']);
  }
});

describe('a primary and a replica, PostgreSQL 16', () => {
  let server: Server;
  let primary: Client;
  let standby: Client;

  beforeAll(async () => {
    server = await startPostgres(16);
    primary = new Client({ connectionString: server.url });
    await primary.connect();
    await run(primary, [
      'CREATE EXTENSION vector',
      'CREATE TABLE docs (source text, part int, embedding vector(3))',
      `INSERT INTO docs SELECT 'doc-' || n, 0, '[1,2,3]' FROM generate_series(1, 500) n`,
      'CREATE INDEX docs_hnsw ON docs USING hnsw (embedding vector_l2_ops)',
      'CREATE UNLOGGED TABLE scratch (embedding vector(3))',
      'CREATE INDEX scratch_hnsw ON scratch USING hnsw (embedding vector_l2_ops)',
      'ANALYZE docs',
    ]);
    standby = new Client({ connectionString: (await server.replica()).url });
    await standby.connect();
  });

  afterAll(async () => {
    await standby.end();
    await primary.end();
    await server.stop();
  });

  it('each count for themselves, and both let their keys be read', async () => {
    await run(standby, [
      'SET enable_seqscan = off',
      `SELECT source FROM docs ORDER BY embedding <-> '[1,2,3]' LIMIT 1`,
    ]);
    // A replica's session tells its counters when it is idle for a while, or ends.
    await standby.query('SELECT pg_stat_force_next_flush()');
    await standby.query('SELECT 1');
    const [one, other] = [await looked(primary, few), await looked(standby, few)];
    expect(one.of('docs_hnsw')).toMatchObject({ replica: false, replicas: 1, queries: 0 });
    expect(other.of('docs_hnsw')).toMatchObject({ replica: true, queries: 1 });
    expect(other.of('docs_hnsw').sample).toEqual({ ...one.of('docs_hnsw').sample });
    expect(other.of('docs_hnsw').sample).toMatchObject({ population: 500, drawn: 'by-key-hash' });
    // What is not logged is not on a replica.
    expect(one.of('scratch_hnsw').replicas).toBe(0);
    expect(one.of('docs_hnsw').incarnation).toBe(other.of('docs_hnsw').incarnation);
  });
});
