import { expect, onTestFinished, test } from 'vitest';
import type { Planned } from '../../lib/actions/model.ts';
import { pgvectorDropIndex as action } from '../../lib/actions/postgres-pgvector-drop-index.ts';
import { startPostgres } from '../counterparts/postgres.ts';
import { type Vectors, vectors } from './postgres.ts';

async function planned({ session, target }: Vectors, evidence = target.evidence): Promise<Planned> {
  const live = await action.read({ ...target, evidence }, session);
  if (live === null) throw new Error('it is not there');
  return action.plan({ ...target, evidence }, live);
}

/** What could end a statement that nobody waits for any more. */
const LIMITS = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
  current_setting('client_connection_check_interval') AS connection, current_setting('idle_session_timeout') AS idle`;

/** A session that does not wait for long for what the server goes on with by itself, and keeps under which limits that was begun. */
function impatient({ session }: Vectors) {
  const begun: unknown[] = [];
  const connected: typeof session.connected = (work) =>
    session.connected((client) =>
      work({
        async query(text, values) {
          if (/^(DROP|CREATE) INDEX/.test(text)) begun.push(...(await client.query(LIMITS)).rows);
          return await client.query(text, values);
        },
      }),
    );
  return { session: { ...session, patience: 1500, connected }, begun };
}
const ENDLESS = [{ statement: '0', lock: '0', connection: '0', idle: '0' }];

/** @param scans what its counter stood at when it was audited */
async function allowed(given: Vectors, scans = '0'): Promise<Extract<Planned, { ok: true }>> {
  const evidence = { ...given.target.evidence, 'counter of queries at this look': scans };
  const plan = await planned(given, evidence);
  if (!plan.ok) throw new Error(plan.reason);
  return plan;
}

test('an index is dropped, once, and built again as it was, once: with comment, parameters and statistics', async () => {
  const v = await vectors('drop_and_back');
  await v.run(
    `COMMENT ON INDEX drop_and_back.chunks_hnsw IS 'it''s for search \\ 1'`,
    'DROP INDEX drop_and_back.chunks_hnsw',
    `CREATE INDEX chunks_hnsw ON drop_and_back.chunks USING hnsw ((embedding::halfvec(3)) halfvec_cosine_ops) WITH (m = 8, ef_construction = 40) WHERE source IS NOT NULL`,
    `COMMENT ON INDEX drop_and_back.chunks_hnsw IS 'it''s for search \\ 1'`,
    'ALTER INDEX drop_and_back.chunks_hnsw ALTER COLUMN 1 SET STATISTICS 77',
  );
  const before = await v.index();
  const { plan, undoPlan, summary } = await allowed(v);
  expect(summary).toMatch(
    /^Drop the index drop_and_back\.chunks_hnsw \(hnsw, \d+\.\d MiB\); its vectors stay in drop_and_back\.chunks,/,
  );
  await action.apply(plan, v.session);
  await action.apply(plan, v.session);
  expect(await v.index()).toBeNull();
  expect(await action.verify(plan, v.session)).toMatchObject({
    state: 'done',
    note: expect.stringContaining('halfvec_cosine_ops'),
  });
  expect(await action.read(v.target, v.session)).toBeNull();
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({ state: 'pending' });
  const { rows } = await v.client.query('SELECT count(*)::int AS n FROM drop_and_back.chunks');
  expect(rows).toEqual([{ n: 200 }]);

  await action.undo(undoPlan, v.session);
  await action.undo(undoPlan, v.session);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({
    state: 'done',
    note: expect.stringContaining('begin anew'),
  });
  expect(await v.index()).toEqual(before);
  const { rows: dressed } = await v.client.query(
    `SELECT obj_description(c.oid, 'pg_class') AS comment, a.attstattarget::int AS target FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relname = 'chunks_hnsw' AND c.relnamespace = 'drop_and_back'::regnamespace`,
  );
  expect(dressed).toEqual([{ comment: "it's for search \\ 1", target: 77 }]);
});

test('one query since the plan keeps it, as does a change of it, and another making is not what was warned about', async () => {
  const v = await vectors('asked_since');
  const first = await action.read(v.target, v.session);
  const { plan } = await allowed(v);
  await v.search();
  await expect(action.apply(plan, v.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('was asked a moment ago'),
  });
  expect(await v.index()).toMatchObject({ valid: true });
  expect(await planned(v)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('they stood at 0, and stand at 1.'),
  });

  const later = await allowed(v, '1');
  await v.run('ALTER INDEX asked_since.chunks_hnsw SET (ef_construction = 100)');
  await expect(action.apply(later.plan, v.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('was changed'),
  });

  const again = await allowed(v, '1');
  await v.run('REINDEX INDEX CONCURRENTLY asked_since.chunks_hnsw');
  await expect(action.apply(again.plan, v.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('made again'),
  });
  const other = await action.read(v.target, v.session);
  expect(other?.fingerprint).not.toEqual(first?.fingerprint);
  expect(await v.index()).toMatchObject({ valid: true });

  const counted = await allowed(v, '1');
  await v.run('SELECT pg_stat_reset()', 'SELECT pg_stat_force_next_flush()', 'SELECT 1');
  await expect(action.apply(counted.plan, v.session)).rejects.toMatchObject({ code: 'conflict' });
});

test('on an older server, too', async () => {
  const server = await startPostgres(16);
  onTestFinished(server.stop);
  const v = await vectors('older', { url: server.url });
  const before = await v.index();
  const { plan, undoPlan } = await allowed(v);
  await action.apply(plan, v.session);
  expect(await v.index()).toBeNull();
  await action.undo(undoPlan, v.session);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({ state: 'done' });
  expect(await v.index()).toEqual(before);
});

test('what is bound to something, told as something else, or asked as a copy is left alone', async () => {
  const v = await vectors('bound_index');
  const reason = async (evidence?: Record<string, string>) => {
    const told = await planned(v, evidence ?? v.target.evidence);
    return told.ok ? null : told.reason;
  };
  expect(await reason()).toBeNull();
  expect(await reason({ kind: 'orphaned' })).toContain('told as orphaned');
  expect(await reason({})).toContain('nothing that is known');
  expect(await reason({ kind: 'unqueried' })).toContain('what is not known');
  expect(await reason({ kind: 'duplicate', 'its queries': '7', 'holds the same as': 'x' })).toContain(
    'must ask x first',
  );
  expect(await reason({ kind: 'duplicate' })).toContain('nobody knows');
  expect(await reason({ kind: 'duplicate', 'its queries': '0' })).toBeNull();
  await v.run('ALTER INDEX bound_index.chunks_hnsw DEPENDS ON EXTENSION vector');
  expect(await reason()).toContain('belongs to an extension');
  await v.run(
    'DROP TABLE bound_index.chunks',
    'CREATE TABLE bound_index.chunks (source text, embedding vector(3)) PARTITION BY LIST (source)',
    `CREATE TABLE bound_index.one PARTITION OF bound_index.chunks FOR VALUES IN ('a')`,
    'CREATE INDEX chunks_hnsw ON bound_index.chunks USING hnsw (embedding vector_l2_ops)',
  );
  expect(await reason()).toContain('partitioned table');
});

test('a comment protects as a tag does', async () => {
  const v = await vectors('protected_index');
  await v.run(`COMMENT ON INDEX protected_index.chunks_hnsw IS 'search of manuals, do-not-stop'`);
  const live = await action.read(v.target, v.session);
  expect(Object.keys(live?.resource.tags ?? {})).toContain('do-not-stop');
});

test('a login that does not own the table is told which role to grant, and an index elsewhere is not reached', async () => {
  const v = await vectors('not_owned', { user: 'bursar_stranger' });
  await v.run('DROP ROLE IF EXISTS bursar_stranger', 'CREATE ROLE bursar_stranger LOGIN');
  onTestFinished(async () => {
    await v.run('DROP ROLE bursar_stranger');
  });
  expect(await planned(v)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('grant it the role postgres'),
  });
  const elsewhere = { ...v.target, resourceId: v.target.resourceId.replace('/postgres/', '/other/') };
  await expect(action.read(elsewhere, v.session)).rejects.toMatchObject({ code: 'input' });
  await expect(action.read(v.target, { ...v.session, database: 'template1' })).rejects.toMatchObject({
    code: 'input',
  });
});

test('a drop that waits for a transaction is left to the server, and ends when that does', async () => {
  const v = await vectors('long_held');
  const { plan, undoPlan } = await allowed(v);
  const other = await vectors('long_held_other');
  await other.run('BEGIN', 'SELECT 1 FROM long_held.chunks LIMIT 1');
  const { session, begun } = impatient(v);
  const applied = action.apply(plan, session);
  // The drop has taken the index out of use, and waits for the reader.
  await expect.poll(async () => (await v.index())?.valid, { timeout: 60_000 }).toBe(false);
  expect(await action.verify(plan, v.session)).toMatchObject({ state: 'pending', underWay: true });
  // Nobody begins a second one beside it.
  await action.apply(plan, v.session);
  await applied;
  expect(begun).toEqual(ENDLESS);
  expect(await action.verify(plan, v.session)).toMatchObject({ state: 'pending', underWay: true });
  await other.run('COMMIT');
  await expect.poll(() => v.index(), { timeout: 60_000 }).toBeNull();
  expect(await action.verify(plan, v.session)).toMatchObject({ state: 'done' });
  await action.undo(undoPlan, v.session);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({ state: 'done' });
});

test('a building that takes long is left to the server, is begun once, and ends without anybody waiting', async () => {
  const v = await vectors('long_built');
  const before = await v.index();
  const { plan, undoPlan } = await allowed(v);
  await action.apply(plan, v.session);
  const other = await vectors('long_built_other');
  // A building waits for whoever writes to the table.
  await other.run('BEGIN', `INSERT INTO long_built.chunks (source) VALUES ('later')`);
  const { session, begun } = impatient(v);
  await action.undo(undoPlan, session);
  expect(begun).toEqual(ENDLESS);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({
    state: 'pending',
    underWay: true,
    reason: expect.stringContaining('is being built: '),
  });
  await action.undo(undoPlan, v.session);
  const { rows } = await v.client.query('SELECT count(*)::int AS n FROM pg_stat_progress_create_index');
  expect(rows).toEqual([{ n: 1 }]);
  await other.run('COMMIT');
  await expect.poll(() => v.index(), { timeout: 60_000 }).toEqual(before);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({ state: 'done' });
});

test('a drop that was broken off is gone on with, and undo clears away what was left', async () => {
  const v = await vectors('broken_off');
  const before = await v.index();
  const { plan, undoPlan } = await allowed(v);
  const broken = async () => {
    const other = await vectors('broken_off_other');
    await other.run('BEGIN', 'SELECT 1 FROM broken_off.chunks LIMIT 1');
    await v.client.query(`SET statement_timeout = '300ms'`);
    await expect(v.client.query('DROP INDEX CONCURRENTLY broken_off.chunks_hnsw')).rejects.toThrow(/timeout/);
    await v.client.query('RESET statement_timeout');
    await other.run('COMMIT');
    expect(await v.index()).toMatchObject({ valid: false });
  };
  await broken();
  await action.undo(undoPlan, v.session);
  expect(await v.index()).toEqual(before);
  // What is there now is another making: a new plan.
  const later = await allowed(v);
  await broken();
  expect(await action.verify(later.plan, v.session)).toMatchObject({ state: 'pending', underWay: true });
  await action.apply(later.plan, v.session);
  expect(await v.index()).toBeNull();
  await expect(action.apply(plan, v.session)).resolves.toBeUndefined();
});

test('undo takes no name from another index, and says what it lacks', async () => {
  const v = await vectors('name_taken');
  const { plan, undoPlan } = await allowed(v);
  await action.apply(plan, v.session);
  await v.run('CREATE INDEX chunks_hnsw ON name_taken.chunks (source)');
  await action.undo(undoPlan, v.session);
  expect(await action.verifyUndo(undoPlan, v.session)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('Another index'),
  });
  await v.run('DROP INDEX name_taken.chunks_hnsw', 'DROP TABLE name_taken.chunks');
  await expect(action.undo(undoPlan, v.session)).rejects.toMatchObject({ code: 'conflict' });
});

test('a server with a replica keeps its index, and a replica never drops one', async () => {
  const server = await startPostgres();
  onTestFinished(server.stop);
  const v = await vectors('replicated', { url: server.url });
  const { plan } = await allowed(v);
  const { url } = await server.replica();
  await expect
    .poll(async () => (await v.client.query('SELECT count(*)::int AS n FROM pg_stat_replication')).rows[0]?.n)
    .toBe(1);
  await expect(action.apply(plan, v.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('replica'),
  });
  expect(await planned(v)).toMatchObject({ ok: false, reason: expect.stringContaining('1 replicas stream') });
  const there = new URL(url);
  const connected = await onReplica(url, v);
  const target = { ...v.target, resourceId: v.target.resourceId.replace(/127\.0\.0\.1:\d+/, there.host) };
  const live = await action.read(target, { ...connected, server: there.host });
  expect(live === null ? null : action.plan(target, live)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('is a replica'),
  });
});

async function onReplica(url: string, v: Vectors): Promise<Vectors['session']> {
  const { Client } = await import('pg');
  return {
    ...v.session,
    async connected(work) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },
  };
}
