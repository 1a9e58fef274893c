import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { Action, Target } from '../../lib/actions/model.ts';
import { pgvectorDeleteVectors } from '../../lib/actions/postgres-pgvector-delete-vectors.ts';
import { pgvectorDropIndex } from '../../lib/actions/postgres-pgvector-drop-index.ts';
import type { PostgresActSession } from '../../lib/actions/postgres-session.ts';
import { indexId } from '../../lib/estate/pgvector/address.ts';
import { identifier } from '../../lib/estate/pgvector/columns.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { documents } from '../estate/pgvector/tables.ts';
import { vectors } from './postgres.ts';

const SCHEMA = `Up per.it's "q" ü`;
const TABLE = `Chunks "of" v1.2 \\ 'x'`;
const INDEX = `Ind.ex 'on' "it"`;
const KEY = `The "Key" of it's \\ 1.0`;

async function named(): Promise<{ client: Client; session: PostgresActSession; id: string }> {
  const client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  const drop = `DROP SCHEMA IF EXISTS ${identifier(SCHEMA)} CASCADE`;
  onTestFinished(async () => {
    await client.query(drop);
    await client.end();
  });
  const table = `${identifier(SCHEMA)}.${identifier(TABLE)}`;
  for (const sql of [
    'CREATE EXTENSION IF NOT EXISTS vector',
    drop,
    `CREATE SCHEMA ${identifier(SCHEMA)}`,
    `CREATE TABLE ${table} (${identifier(KEY)} bigint PRIMARY KEY, "So urce" text, embedding vector(3))`,
    `INSERT INTO ${table} SELECT n, 'doc-' || n, '[1,2,3]' FROM generate_series(1, 20) n`,
    `CREATE INDEX ${identifier(INDEX)} ON ${table} USING hnsw (embedding vector_l2_ops)`,
    `COMMENT ON INDEX ${identifier(SCHEMA)}.${identifier(INDEX)} IS 'of "it"'`,
  ])
    await client.query(sql);
  const { session: plain } = await vectors('names_plain');
  const folder = await mkdtemp(join(tmpdir(), 'bursar-exports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const listed = Array.from({ length: 17 }, (_, at) => `doc-${at + 1}`);
  return {
    client,
    session: {
      ...plain,
      exports: folderStore(folder),
      documents: (index) =>
        index === `${SCHEMA}.${INDEX}` ? documents(listed, { key: 'So urce', part: null }) : null,
    },
    id: indexId(plain.server, plain.database, SCHEMA, INDEX),
  };
}

const target = (
  session: PostgresActSession,
  more: Pick<Target, 'resourceType' | 'resourceId' | 'evidence'>,
) => ({ provider: 'postgres', accountId: session.server, region: 'global', ...more }) as const;

async function planned(action: Action<PostgresActSession>, given: Target, session: PostgresActSession) {
  const live = await action.read(given, session);
  if (live === null) throw new Error('it is not there');
  const plan = action.plan(given, live);
  if (!plan.ok) throw new Error(plan.reason);
  return plan;
}

const INDEXES = `SELECT pg_get_indexdef(i.indexrelid) AS definition, obj_description(i.indexrelid, 'pg_class') AS comment
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = $1 AND i.indisvalid`;

test('an index, a table and a key with blanks, quotes and points: dropped and built again', async () => {
  const { client, session, id } = await named();
  const given = target(session, {
    resourceType: 'pgvector:index',
    resourceId: id,
    evidence: { kind: 'unqueried', 'counter of queries at this look': '0' },
  });
  const { rows: before } = await client.query(INDEXES, [INDEX]);
  const { plan, undoPlan } = await planned(pgvectorDropIndex, given, session);
  await pgvectorDropIndex.apply(plan, session);
  expect((await client.query(INDEXES, [INDEX])).rows).toEqual([]);
  await pgvectorDropIndex.undo(undoPlan, session);
  // Once it is built, it gets its comment again.
  expect(await pgvectorDropIndex.verifyUndo(undoPlan, session)).toMatchObject({ state: 'done' });
  expect(before).toHaveLength(1);
  expect((await client.query(INDEXES, [INDEX])).rows).toEqual(before);
});

test('rows of a table so named: exported, deleted and written back', async () => {
  const { client, session, id } = await named();
  const given = target(session, {
    resourceType: 'pgvector:vectors',
    resourceId: `${id}#orphaned`,
    evidence: { kind: 'orphaned', 'vectors whose source is gone': '3' },
  });
  const { plan, undoPlan } = await planned(pgvectorDeleteVectors, given, session);
  const rows = async () =>
    (
      await client.query(
        `SELECT ${identifier(KEY)}::int AS n FROM ${identifier(SCHEMA)}.${identifier(TABLE)} ORDER BY 1`,
      )
    ).rows.map(({ n }) => Number(n));
  await pgvectorDeleteVectors.apply(plan, session);
  expect(await rows()).toHaveLength(20);
  await pgvectorDeleteVectors.apply(plan, session);
  expect(await pgvectorDeleteVectors.verify(plan, session)).toMatchObject({ state: 'done' });
  expect(await rows()).toEqual(Array.from({ length: 17 }, (_, at) => at + 1));
  await pgvectorDeleteVectors.undo(undoPlan, session);
  expect(await rows()).toHaveLength(20);
});
