import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { startPostgres } from './pglite.ts';

test('Postgres counts the scans of a vector index, seen from several connections', async () => {
  // Not the one of the project: other files share its single session, and with it settings and counters.
  const postgres = await startPostgres();
  const pool = new Pool({ connectionString: postgres.url, max: 3 });
  await pool.query('CREATE EXTENSION IF NOT EXISTS vector');
  await pool.query('CREATE TABLE counterpart (id int PRIMARY KEY, embedding vector(3))');
  await pool.query(
    "INSERT INTO counterpart SELECT i, ('[' || i || ',1,1]')::vector FROM generate_series(1, 500) i",
  );
  await pool.query('CREATE INDEX counterpart_hnsw ON counterpart USING hnsw (embedding vector_l2_ops)');
  // Every connection is one and the same session; so few rows would be read without the index.
  await pool.query('SET enable_seqscan = off');
  const nearest = () =>
    pool.query<{ id: number }>("SELECT id FROM counterpart ORDER BY embedding <-> '[7,1,1]' LIMIT 1");
  const answers = await Promise.all([nearest(), nearest(), nearest()]);
  expect(answers.map(({ rows }) => rows[0]?.id)).toEqual([7, 7, 7]);
  await pool.query('SELECT pg_stat_force_next_flush()');
  const counted = await pool.query<{ scans: string }>(
    "SELECT idx_scan AS scans FROM pg_stat_user_indexes WHERE indexrelname = 'counterpart_hnsw'",
  );
  expect(Number(counted.rows[0]?.scans)).toBe(3);
  await pool.end();
  await postgres.stop();
});
