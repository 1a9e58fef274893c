import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { AuditResult } from '../../lib/run/model.ts';
import { bursar, bursarOk, folder } from './bursar.ts';

const url = inject('postgresUrl');
const DAY = 86_400_000;

async function connected(): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

test('an index that nobody asked in 31 days is found, one that somebody asked is not', async () => {
  const client = await connected();
  for (const sql of [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA journey',
    'CREATE TABLE journey.asked (id int, embedding vector(3))',
    'CREATE TABLE journey.forgotten (id int, embedding vector(3))',
    'INSERT INTO journey.asked SELECT n, ARRAY[n, n % 7, n % 3]::vector FROM generate_series(1, 200) n',
    'INSERT INTO journey.forgotten SELECT * FROM journey.asked',
    'CREATE INDEX asked_hnsw ON journey.asked USING hnsw (embedding vector_l2_ops)',
    'CREATE INDEX forgotten_hnsw ON journey.forgotten USING hnsw (embedding vector_l2_ops)',
    'SELECT pg_stat_force_next_flush()',
  ])
    await client.query(sql);
  onTestFinished(async () => {
    await client.query('DROP SCHEMA journey CASCADE');
  });

  const here = await folder();
  await writeFile(
    join(here, 'bursar.yaml'),
    'schemaVersion: 1\nestate: { stores: { docs: { type: pgvector, url: { env: DOCS_URL } } } }\n',
  );
  const look = async (at: number): Promise<AuditResult> =>
    JSON.parse(
      await bursarOk(['audit', '--format', 'json', '--now', new Date(at).toISOString()], here, {
        DOCS_URL: url,
      }),
    );
  const start = Date.now();
  const first = await look(start);
  expect(first).toMatchObject({ findings: [], coverage: [{ scope: 'store:docs', status: 'complete' }] });

  // All connections of this server are one session, with the settings that other tests left: hence in a transaction.
  await client.query('BEGIN');
  await client.query('SET LOCAL enable_seqscan = off');
  await client.query('SET LOCAL enable_indexscan = on');
  await client.query(`SELECT id FROM journey.asked ORDER BY embedding <-> '[1,2,3]' LIMIT 3`);
  await client.query('COMMIT');
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.query('SELECT 1');
  const second = await look(start + 31 * DAY);
  expect(second.findings).toMatchObject([
    {
      check: 'stale-embeddings',
      verdict: 'UNUSED',
      resourceId: expect.stringContaining('journey.forgotten_hnsw'),
    },
  ]);
});

test('a store that does not answer is named, and neither its address nor its password is told', async () => {
  const here = await folder();
  await writeFile(
    join(here, 'bursar.yaml'),
    'schemaVersion: 1\nestate: { stores: { docs: { type: pgvector, url: { env: DOCS_URL } } } }\n',
  );
  const ran = await bursar(['audit', '--format', 'json'], here, {
    DOCS_URL: 'postgres://reader:hunter2secret@127.0.0.1:9/docs',
  });
  const { coverage }: AuditResult = JSON.parse(ran.stdout);
  expect(coverage).toMatchObject([{ scope: 'store:docs', status: 'failed' }]);
  expect(coverage[0]?.reason).toContain('cannot connect');
  expect(ran.stdout + ran.stderr).not.toContain('hunter2secret');
  const unset = await bursar(['audit', '--format', 'json'], here);
  expect(unset.stdout).toContain('DOCS_URL is not set');
});
