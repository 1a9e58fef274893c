import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readIndexId } from '../../../lib/estate/pgvector/address.ts';
import { identifier } from '../../../lib/estate/pgvector/columns.ts';
import { type Documents } from '../../../lib/estate/vectors/documents.ts';
import { LISTING_LIMITS } from '../../../lib/estate/vectors/sources/limits.ts';
import { listPostgres } from '../../../lib/estate/vectors/sources/postgres.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { documents, looked, run } from './tables.ts';

/** Names that Postgres takes and that must be quoted: blanks, quotes, points, upper case, other scripts, SQL itself. */
const SCHEMAS = ['Up Per', 'a.b', 'q"uo"te', `it's`, 'ünï çødé 漢字', 'select', 'x"; DROP SCHEMA public; --'];
const TABLE = 'Chunks "of" v1.2 \\ ü';
const INDEX = `Ind.ex 'on' "it"`;
const COLUMN = 'Source "Key".1';

let client: Client;
beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  for (const schema of SCHEMAS) {
    const table = `${identifier(schema)}.${identifier(TABLE)}`;
    await run(client, [
      `CREATE SCHEMA ${identifier(schema)}`,
      `CREATE TABLE ${table} (${identifier(COLUMN)} text, "Part" int, "Meta data" jsonb, embedding vector(3))`,
      `INSERT INTO ${table} SELECT 'doc-' || n, 0, jsonb_build_object('a.b "c"', 'doc-' || n), '[1,2,3]' FROM generate_series(1, 20) n`,
      `CREATE INDEX ${identifier(INDEX)} ON ${table} USING hnsw (embedding vector_l2_ops)`,
      `CREATE TABLE ${identifier(schema)}."Pages.v2" ("Slug" text, "Changed At" timestamptz)`,
      `INSERT INTO ${identifier(schema)}."Pages.v2" SELECT 'doc-' || n, now() FROM generate_series(1, 15) n`,
    ]);
  }
});
afterAll(async () => {
  for (const schema of SCHEMAS) await client.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
  await client.end();
});

const source = async (schema: string) =>
  await listPostgres(
    client,
    {
      table: `${identifier(schema)}."Pages.v2"`,
      key: 'Slug',
      modified: 'Changed At',
      content: null,
      as: '{key}',
    },
    {
      now: new Date('2026-11-20T10:00:00Z'),
      meter: new Meter(),
      limits: LISTING_LIMITS,
      where: 'store:docs',
    },
  );

test.each(SCHEMAS)('the index, its rows and its source in the schema %s', async (schema) => {
  const label = `${schema}.${INDEX}`;
  const of = (key: string): Documents => ({
    ...documents([], { key, part: 'Part' }),
    list: async () => await source(schema),
  });
  for (const key of [COLUMN, identifier(COLUMN), `"Meta data"->>'a.b "c"'`]) {
    const { indexes } = await looked(client, (name) => (name === label ? of(key) : null));
    const index = indexes.find((each) => each.index === label);
    expect(index).toMatchObject({
      table: `${schema}.${TABLE}`,
      vectors: 20,
      sample: { size: 20, counts: { gone: 5, unkeyed: 0 } },
    });
    expect(index?.gaps).toEqual([]);
    expect(readIndexId(index?.id ?? '')).toMatchObject({ database: 'postgres', schema, index: INDEX });
  }
  expect((await source(schema)).told).toMatchObject({ keys: 15, complete: true });
});

test('nothing of a name was run', async () => {
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = 'public'`);
  expect(rows).toEqual([{ n: 1 }]);
});
