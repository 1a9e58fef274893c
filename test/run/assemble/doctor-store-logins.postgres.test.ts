import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { examineActLogins } from '../../../lib/run/assemble/doctor-store-logins.ts';

let client: Client;
const stores = configSchema.parse({
  schemaVersion: 1,
  estate: {
    stores: { docs: { type: 'pgvector', url: { env: 'DOCS_URL' }, act: { url: { env: 'ACT_URL' } } } },
  },
}).estate.stores;

beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  for (const sql of [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA acting',
    'CREATE TABLE acting.chunks (embedding vector(3))',
    'CREATE INDEX chunks_hnsw ON acting.chunks USING hnsw (embedding vector_l2_ops)',
    'CREATE INDEX chunks_hnsw_too ON acting.chunks USING hnsw (embedding vector_cosine_ops)',
    'CREATE ROLE acting_owner',
    'ALTER TABLE acting.chunks OWNER TO acting_owner',
    `CREATE ROLE acting_login LOGIN PASSWORD 'hunter2'`,
  ])
    await client.query(sql);
});
afterAll(async () => {
  await client.query('DROP SCHEMA acting CASCADE');
  await client.query('DROP ROLE acting_login');
  await client.query('DROP ROLE acting_owner');
  await client.end();
});
afterEach(() => vi.unstubAllEnvs());

test('a login that acts is tried: whether it may drop what it is for', async () => {
  const url = new URL(inject('nativePostgresUrl'));
  vi.stubEnv('DOCS_URL', url.href);
  url.username = 'acting_login';
  url.password = 'hunter2';
  vi.stubEnv('ACT_URL', url.href);
  expect(await examineActLogins(stores)).toEqual([
    {
      what: 'store:docs act',
      state: 'fails',
      told: 'it may not drop the indexes of 1 of 1 tables with vectors',
      todo: 'Grant it the roles that own those tables: GRANT docs_owner TO bursar_act.',
    },
  ]);
  await client.query('GRANT acting_owner TO acting_login');
  expect(await examineActLogins(stores)).toEqual([
    {
      what: 'store:docs act',
      state: 'works',
      told: 'may drop the indexes of 1 tables with vectors',
      todo: null,
    },
  ]);
});
