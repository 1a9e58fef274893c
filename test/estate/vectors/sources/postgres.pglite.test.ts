import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { PgClient } from '../../../../lib/estate/pgvector/session.ts';
import { contentTag } from '../../../../lib/estate/vectors/contents.ts';
import { LISTING_LIMITS } from '../../../../lib/estate/vectors/sources/limits.ts';
import { listPostgres } from '../../../../lib/estate/vectors/sources/postgres.ts';
import { Meter } from '../../../../lib/platform/meter.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const AT = Date.parse('2026-10-01T08:00:00Z');
const client = new Client({ connectionString: inject('postgresUrl') });
const reader: PgClient = client;

beforeAll(() => client.connect());
afterAll(async () => {
  await client.query('DROP SCHEMA IF EXISTS "Cms" CASCADE');
  await client.end();
});
beforeEach(async () => {
  await client.query('DROP SCHEMA IF EXISTS "Cms" CASCADE');
  await client.query('CREATE SCHEMA "Cms"');
});

async function list({
  table = 'Cms.pages',
  key = 'slug',
  modified = null as string | null,
  content = null as string | null,
  as = '{key}',
  limits = LISTING_LIMITS,
  meter = new Meter(),
  asked = reader,
} = {}) {
  const source = { table, key, modified, content, as };
  return await listPostgres(asked, source, { now: NOW, meter, limits, where: 'store:docs' });
}

const pages = (columns: string, rows: string) =>
  client.query(`CREATE TABLE "Cms".pages (${columns}); INSERT INTO "Cms".pages ${rows}`);

test('rows through a cursor, batch by batch', async () => {
  await pages(
    'slug text, body text',
    `SELECT 'page-' || n, repeat('x', 100) FROM generate_series(1, 25000) n`,
  );
  const meter = new Meter();
  const { sources, told } = await list({ meter, as: 'https://wiki.acme.com/{encodedKey}' });
  expect(told).toMatchObject({
    kind: 'postgres',
    name: 'postgres:Cms.pages',
    keys: 25_000,
    complete: true,
    newest: null,
    hashed: false,
  });
  expect(sources.find('https://wiki.acme.com/page-25000')).toEqual({ time: null, content: null });
  expect(sources.find('https://wiki.acme.com/page-25001')).toBeNull();
  // BEGIN, three settings, what it is, DECLARE, 25 FETCH of a thousand and one that finds no more, ROLLBACK.
  expect(meter.total().calls).toEqual([{ api: 'postgres.query', count: 33 }]);
});

describe('times of every type', () => {
  test.each([
    ['timestamptz', `'2026-10-01 10:00:00+02'`, AT],
    ['timestamp', `'2026-10-01 08:00:00'`, AT],
    ['date', `'2026-10-01'`, Date.parse('2026-10-01T00:00:00Z')],
    ['bigint', String(AT), AT],
    ['int', String(AT / 1000), AT],
    ['numeric', `${AT / 1000}.5`, AT + 500],
    ['text', `'2026-10-01T08:00:00Z'`, AT],
    ['timestamptz', `'infinity'`, null],
    ['timestamptz', 'NULL', null],
  ])('%s %s', async (type, value, time) => {
    await pages(`slug text, changed ${type}`, `VALUES ('a', ${value})`);
    await client.query(`SET TimeZone = 'America/New_York'`);
    try {
      const { sources } = await list({ modified: 'changed' });
      expect(sources.find('a')).toEqual({ time, content: null });
    } finally {
      await client.query('RESET TimeZone');
    }
  });
});

test('rows without a key list nothing, and of several rows of one key the last change counts', async () => {
  await pages(
    'id bigint, changed timestamptz, hash text',
    `VALUES (7, '2026-10-01 08:00Z', 'new'), (7, '2026-09-01 08:00Z', 'old'), (NULL, now(), 'none'), (9007199254740993, NULL, NULL)`,
  );
  const { sources, told } = await list({ key: 'id', modified: 'changed', content: 'hash' });
  expect(told).toMatchObject({ keys: 2, hashed: true, newest: new Date(AT).toISOString() });
  expect(sources.find('7')).toEqual({ time: AT, content: contentTag('new') });
  expect(sources.find('9007199254740993')).toEqual({ time: null, content: null });
});

test('names are quoted: they are those of the catalogue, and no SQL', async () => {
  await client.query(
    `CREATE TABLE "Cms"."odd; DROP TABLE x" ("the ""key""" text); INSERT INTO "Cms"."odd; DROP TABLE x" VALUES ('a')`,
  );
  const { told } = await list({ table: 'Cms.odd; DROP TABLE x', key: 'the "key"' });
  expect(told.keys).toBe(1);
  await pages('slug text', `VALUES ('a')`);
  await expect(list({ key: `slug" FROM "Cms".pages; DELETE FROM "Cms".pages; --` })).rejects.toMatchObject({
    code: 'config',
  });
  expect((await list()).told.keys).toBe(1);
});

test.each([
  ['a table', { table: 'Cms.nothing' }],
  ['a schema', { table: 'nothing.pages' }],
  ['a column', { modified: 'Changed' }],
])('%s that is not there is told by its name', async (_what, wrong) => {
  await pages('slug text, changed timestamptz', `VALUES ('a', now())`);
  await expect(list(wrong)).rejects.toMatchObject({
    code: 'config',
    where: 'store:docs',
    message: expect.stringMatching(/nothing|Changed/),
  });
  // The transaction is over: the connection can be asked again.
  expect((await list()).told.keys).toBe(1);
});

test('a role without rights on the table is told what to grant', async () => {
  await pages('slug text', `VALUES ('a')`);
  await client.query('CREATE ROLE reader; GRANT USAGE ON SCHEMA "Cms" TO reader; SET ROLE reader');
  try {
    await expect(list()).rejects.toMatchObject({ code: 'denied', hint: expect.stringContaining('SELECT') });
  } finally {
    await client.query('RESET ROLE; DROP OWNED BY reader; DROP ROLE reader');
  }
});

test('rows that a policy hides fail the listing: what is hidden is not gone', async () => {
  await pages('slug text', `VALUES ('a'), ('b')`);
  await client.query(`ALTER TABLE "Cms".pages ENABLE ROW LEVEL SECURITY`);
  await client.query(`CREATE POLICY narrow ON "Cms".pages USING (slug = 'a')`);
  await client.query('CREATE ROLE reader');
  await client.query('GRANT USAGE ON SCHEMA "Cms" TO reader; GRANT SELECT ON "Cms".pages TO reader');
  await client.query('SET ROLE reader');
  try {
    await expect(list()).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('row-level security'),
      hint: expect.stringContaining('policy'),
    });
  } finally {
    await client.query('RESET ROLE; DROP OWNED BY reader; DROP ROLE reader');
  }
});

test('views, materialized views and partitioned tables are listed too', async () => {
  await pages('slug text', `VALUES ('a'), ('b'), ('a')`);
  await client.query('CREATE VIEW "Cms".seen AS SELECT DISTINCT slug FROM "Cms".pages');
  await client.query('CREATE MATERIALIZED VIEW "Cms".kept AS SELECT slug FROM "Cms".pages');
  await client.query('CREATE TABLE "Cms".parted (slug text) PARTITION BY LIST (slug)');
  await client.query(`CREATE TABLE "Cms".part_a PARTITION OF "Cms".parted FOR VALUES IN ('a')`);
  await client.query(`CREATE TABLE "Cms".part_b PARTITION OF "Cms".parted FOR VALUES IN ('b')`);
  await client.query(`INSERT INTO "Cms".parted VALUES ('a'), ('b')`);
  for (const table of ['Cms.seen', 'Cms.kept', 'Cms.parted'])
    expect((await list({ table })).told).toMatchObject({ keys: 2, complete: true });
});

test('writes nothing: the transaction is read-only', async () => {
  await pages('slug text', `VALUES ('a')`);
  await client.query(
    `CREATE FUNCTION "Cms".erase() RETURNS text LANGUAGE sql AS 'DELETE FROM "Cms".pages RETURNING slug'; CREATE VIEW "Cms".trap AS SELECT "Cms".erase() AS slug`,
  );
  await expect(list({ table: 'Cms.trap' })).rejects.toThrow('read-only');
  expect((await list()).told.keys).toBe(1);
});

test('more keys than are taken are told', async () => {
  await pages('slug text', `SELECT n::text FROM generate_series(1, 50) n`);
  expect(await list({ limits: { ...LISTING_LIMITS, keys: 20 } })).toMatchObject({
    told: { keys: 20, complete: false },
    why: 'it holds more than 20 keys',
  });
  expect((await list({ limits: { ...LISTING_LIMITS, keys: 50 } })).told).toMatchObject({
    keys: 50,
    complete: true,
  });
});

test('a connection that breaks on the way is no listing', async () => {
  await pages('slug text', `SELECT n::text FROM generate_series(1, 50) n`);
  const asked = {
    query: async (sql: string) => {
      if (sql.startsWith('FETCH'))
        throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
      return await client.query(sql);
    },
  };
  await expect(list({ asked })).rejects.toMatchObject({ code: 'unavailable', where: 'store:docs' });
});
