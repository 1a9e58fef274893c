import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LISTING_LIMITS } from '../../../../lib/estate/vectors/sources/limits.ts';
import { listPostgres } from '../../../../lib/estate/vectors/sources/postgres.ts';
import { Meter } from '../../../../lib/platform/meter.ts';

let client: Client;

beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  await client.query('CREATE SCHEMA trace');
  await client.query('CREATE TABLE trace.pages (slug text, changed timestamptz, embedding vector(3))');
  await client.query(
    `INSERT INTO trace.pages SELECT n::text, now(), array_fill(n::real, ARRAY[3])::vector FROM generate_series(1, 3000) n`,
  );
  await client.query('CREATE INDEX ON trace.pages USING hnsw (embedding vector_l2_ops)');
  await client.query('ANALYZE trace.pages');
});

afterAll(async () => {
  await client.query('DROP SCHEMA trace CASCADE');
  await client.end();
});

async function scans(): Promise<number> {
  // This session's own counters reach the others when it tells them.
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query<{ scans: number }>(
    `SELECT seq_scan::int AS scans FROM pg_stat_user_tables WHERE relid = 'trace.pages'::regclass`,
  );
  return rows[0]?.scans ?? Number.NaN;
}

test('listing a table that holds the vectors too is no scan of it without its index', async () => {
  const before = await scans();
  const source = { table: 'trace.pages', key: 'slug', modified: 'changed', content: null, as: '{key}' };
  const how = { now: new Date(), meter: new Meter(), limits: LISTING_LIMITS, where: 'store:docs' };
  const { told } = await listPostgres(client, source, how);
  expect(told).toMatchObject({ keys: 3000, complete: true });
  expect(await scans()).toBe(before);
  // The counter does count: what is no sample scan moves it.
  await client.query('SELECT count(*) FROM trace.pages');
  expect(await scans()).toBe(before + 1);
});
