import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { AuditResult } from '../../lib/run/model.ts';
import { folder } from './bursar.ts';
import { warm } from './warm.ts';

const DAY = 86_400_000;
const CONFIG = `schemaVersion: 1
estate:
  stores:
    docs:
      type: pgvector
      url: { env: DOCS_URL }
      documents: [{ index: 'moving.*', key: source }]
`;

const verdicts = ({ findings }: AuditResult) =>
  findings.map(({ resourceName, verdict }) => [resourceName, verdict]);

test('queries between two audits make an index used; a reset of the statistics does not undo it, nor do the audits', async () => {
  const client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  onTestFinished(async () => {
    await client.query('DROP SCHEMA moving CASCADE');
    await client.end();
  });
  for (const sql of [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA moving',
    'CREATE TABLE moving.chunks (source text, embedding vector(3))',
    `INSERT INTO moving.chunks SELECT 'doc-' || n, ARRAY[n, n % 7, n % 3]::vector FROM generate_series(1, 200) n`,
    'CREATE INDEX chunks_hnsw ON moving.chunks USING hnsw (embedding vector_l2_ops)',
    'SELECT pg_stat_force_next_flush()',
  ])
    await client.query(sql);
  const here = await folder();
  await writeFile(join(here, 'bursar.yaml'), CONFIG);
  // A day that no query of this test lies in: what tells it is the counter alone.
  const start = Math.ceil(Date.now() / DAY) * DAY;
  await using cli = await warm(here);
  const login = { DOCS_URL: inject('nativePostgresUrl') };
  const look = async (day: number): Promise<AuditResult> => {
    const at = new Date(start + day * DAY).toISOString();
    return JSON.parse(await cli.bursarOk(['audit', '--format', 'json', '--now', at], here, login));
  };

  expect(verdicts(await look(0))).toEqual([]);
  // The first audit read the table's keys: no search, and no doubt.
  expect(verdicts(await look(30))).toEqual([['moving.chunks_hnsw', 'UNUSED']]);

  await client.query('SET enable_seqscan = off');
  await client.query(`SELECT source FROM moving.chunks ORDER BY embedding <-> '[1,2,3]' LIMIT 3`);
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.query('SELECT 1');
  expect(verdicts(await look(31))).toEqual([]);

  await client.query('SELECT pg_stat_reset()');
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query(
    `SELECT idx_scan::int AS scans FROM pg_stat_user_indexes WHERE indexrelname = 'chunks_hnsw'`,
  );
  expect(rows).toEqual([{ scans: 0 }]);
  expect(verdicts(await look(32))).toEqual([]);
  // Nobody asks again for as long as the window is: the reset lies before it.
  expect(verdicts(await look(63))).toEqual([['moving.chunks_hnsw', 'UNUSED']]);
});
