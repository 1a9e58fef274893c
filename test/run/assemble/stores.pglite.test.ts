import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';

const url = inject('postgresUrl');
const client = new Client({ connectionString: url });
const NOW = new Date('2026-11-22T10:00:00Z');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-'));
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  await client.query(`
    CREATE SCHEMA listed;
    CREATE TABLE listed.one (id int, metadata jsonb, made timestamptz, embedding vector(3));
    INSERT INTO listed.one
      SELECT n, jsonb_build_object('source', '/docs/a%20' || n || '.md', 'secret', 'hunter2'), '2026-09-01', ARRAY[n, 1, 2]::vector
        FROM generate_series(1, 10) n;
    CREATE TABLE listed.two AS SELECT * FROM listed.one WHERE id <= 4;
    CREATE INDEX one_idx ON listed.one USING hnsw (embedding vector_l2_ops);
    CREATE INDEX two_idx ON listed.two USING hnsw (embedding vector_l2_ops);
    ANALYZE listed.one; ANALYZE listed.two`);
});
afterAll(async () => {
  await client.query('DROP SCHEMA listed CASCADE');
  await client.end();
  await rm(folder, { recursive: true });
});
beforeEach(() => vi.stubEnv('DOCS_URL', url));
afterEach(() => vi.unstubAllEnvs());

async function look(source: object, status = 'complete') {
  const { stores } = configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'DOCS_URL' },
          documents: [{ index: 'listed.*', key: `metadata->>'source'`, embedded: 'made', source }],
        },
      },
    },
  }).estate;
  const scope = { provider: 'postgres' as const, accountId: 'docs', region: 'global' };
  const snapshot = await storesEstate(stores).collect(scope, NOW, new Meter());
  expect(snapshot.coverage).toMatchObject([{ status }]);
  return snapshot.vectorIndexes.filter(({ table }) => table.startsWith('listed.'));
}

test('indexes are compared with the source that the config names, listed once for both', async () => {
  const path = join(folder, 'docs.csv');
  // The third was changed after its vector was made; the first two are not there.
  const documents = [3, 4, 5, 6, 7, 8, 9, 10].map(
    (n) => `a ${n}.md,${n === 3 ? '2026-10-01' : '2026-08-01'}`,
  );
  await writeFile(path, ['key,modified', ...documents, ''].join('\n'));
  const found = await look({ type: 'manifest', path, as: '/docs/{encodedKey}' });
  expect(found.map(({ index, sample, source }) => [index, source, sample?.size, sample?.counts])).toEqual([
    ['listed.one_idx', path, 10, expect.objectContaining({ gone: 2, newer: 1, unkeyed: 0 })],
    ['listed.two_idx', path, 4, expect.objectContaining({ gone: 2, newer: 1, unkeyed: 0 })],
  ]);
  expect(found[0]?.sample?.sources).toMatchObject({ keys: 8, complete: true });
  expect(found[0]?.sample?.sources).toBe(found[1]?.sample?.sources);
  expect(JSON.stringify(found)).not.toMatch(/hunter2|a%20/);
});

test('a source that is not there leaves a gap, and the look goes on', async () => {
  const found = await look({ type: 'manifest', path: join(folder, 'nothing.csv') }, 'partial');
  expect(found).toHaveLength(2);
  for (const { sample, gaps } of found) {
    expect(sample).toMatchObject({ sources: null, counts: { gone: 0 } });
    expect(gaps).toContainEqual({ of: 'documents', why: expect.stringContaining('ENOENT'), failed: true });
  }
});
