import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Planned } from '../../lib/actions/model.ts';
import { pgvectorDeleteVectors as action } from '../../lib/actions/postgres-pgvector-delete-vectors.ts';
import { Sources } from '../../lib/estate/vectors/compare.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { FIELDS } from '../estate/pgvector/tables.ts';
import { type Vectors, vectors } from './postgres.ts';

const LISTED = '2026-11-20T10:00:00.000Z';

interface Corpus extends Vectors {
  readonly folder: string;
  /** What the source lists from now on. */
  list(keys: readonly string[], complete?: boolean): void;
  count(where?: string): Promise<number>;
  /** All rows as text, in the order of their key. */
  rows(): Promise<string[]>;
}

/** 200 vectors of `doc-1` to `doc-200`, with columns of every kind; the source lists all but the first so many. */
async function corpus(schema: string, missing: number): Promise<Corpus> {
  const v = await vectors(schema);
  await v.run(
    `ALTER TABLE ${schema}.chunks ADD COLUMN metadata jsonb, ADD COLUMN "At ""noon""" timestamptz, ADD COLUMN big bigint, ADD COLUMN price numeric,
       ADD COLUMN raw bytea, ADD COLUMN tags text[], ADD COLUMN half halfvec(3), ADD COLUMN double int GENERATED ALWAYS AS (part * 2) STORED`,
    `UPDATE ${schema}.chunks SET metadata = jsonb_build_object('text', E'a\\n"quoted" \\\\ line ' || id, 'n', 1.10), "At ""noon""" = now(),
       big = 9223372036854775807 - id, price = 0.1 + id, raw = decode('00ff', 'hex'), tags = ARRAY['a,b', NULL], half = '[1,2,3]', embedding = ARRAY[0.1 * id, 1e-8, -3]::vector`,
    `UPDATE ${schema}.chunks SET metadata = NULL, tags = NULL WHERE id = 1`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'bursar-exports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const all = Array.from({ length: 200 }, (_, at) => `doc-${at + 1}`);
  let listed: { keys: readonly string[]; complete: boolean } = { keys: all.slice(missing), complete: true };
  const list = async () => {
    const sources = new Sources('manifest', 'documents.csv');
    for (const key of listed.keys) sources.add({ key, modified: null, content: null });
    return { sources, told: sources.summary(LISTED, listed.complete) };
  };
  const documents = {
    fields: { ...FIELDS, part: null },
    most: 20_000,
    skew: 0,
    list,
    source: 'documents.csv',
  };
  const asked = async (sql: string) => (await v.client.query(sql)).rows;
  return {
    ...v,
    folder,
    session: {
      ...v.session,
      exports: folderStore(folder),
      documents: (index) => (index === `${schema}.chunks_hnsw` ? documents : null),
    },
    target: {
      ...v.target,
      resourceType: 'pgvector:vectors',
      resourceId: `${v.target.resourceId}#orphaned`,
      evidence: { kind: 'orphaned', 'vectors whose source is gone': String(missing) },
    },
    list(keys, complete = true) {
      listed = { keys, complete };
    },
    count: async (where = 'true') => {
      const [row] = await asked(`SELECT count(*)::int AS n FROM ${schema}.chunks WHERE ${where}`);
      return Number(row?.['n']);
    },
    rows: async () =>
      (await asked(`SELECT c::text AS row FROM ${schema}.chunks c ORDER BY id`)).map(({ row }) =>
        String(row),
      ),
  };
}

async function planned({ session, target }: Corpus, evidence = target.evidence): Promise<Planned> {
  const live = await action.read(target, session);
  if (live === null) throw new Error('it is not there');
  return action.plan({ ...target, evidence }, live);
}

async function allowed(given: Corpus): Promise<Extract<Planned, { ok: true }>> {
  const plan = await planned(given);
  if (!plan.ok) throw new Error(plan.reason);
  return plan;
}

test('what is gone is kept whole, deleted after a second listing, once, and written back as it was, once', async () => {
  const c = await corpus('deleted_rows', 12);
  const before = await c.rows();
  const { plan, undoPlan, summary } = await allowed(c);
  expect(summary).toContain(
    'Delete 12 rows of deleted_rows.chunks whose document is gone, once they are exported',
  );
  expect(action.reversible).toBe(false);
  expect(await action.verify(plan, c.session)).toMatchObject({ state: 'pending' });
  await action.apply(plan, c.session);
  expect(await c.count()).toBe(200);
  expect(await action.verify(plan, c.session)).toMatchObject({ state: 'pending', underWay: true });
  await action.apply(plan, c.session);
  expect(await c.count()).toBe(188);
  expect(await c.count('id <= 12')).toBe(0);
  await action.apply(plan, c.session);
  expect(await c.count()).toBe(188);
  expect(await action.verify(plan, c.session)).toMatchObject({
    state: 'done',
    note: expect.stringMatching(/^12 rows of deleted_rows\.chunks are deleted; they are kept in /),
  });
  expect(await action.verifyUndo(undoPlan, c.session)).toMatchObject({
    state: 'pending',
    reason: '0 of 12 rows are in deleted_rows.chunks.',
  });
  await action.undo(undoPlan, c.session);
  await action.undo(undoPlan, c.session);
  expect(await action.verifyUndo(undoPlan, c.session)).toMatchObject({ state: 'done' });
  expect(await c.rows()).toEqual(before);
});

test('a document that came back, or a row that was changed, between the export and the deletion stays', async () => {
  const c = await corpus('came_back', 5);
  const { plan } = await allowed(c);
  await action.apply(plan, c.session);
  c.list(['doc-1', ...Array.from({ length: 195 }, (_, at) => `doc-${at + 6}`)]);
  await c.run(`UPDATE came_back.chunks SET part = 9 WHERE id = 2`);
  await action.apply(plan, c.session);
  const { rows } = await c.client.query('SELECT id::int FROM came_back.chunks WHERE id <= 5 ORDER BY id');
  expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await action.verify(plan, c.session)).toMatchObject({
    state: 'done',
    note: expect.stringContaining('3 rows of came_back.chunks are deleted, 2 stayed'),
  });
});

test('where all documents came back nothing is deleted, and that is no success', async () => {
  const c = await corpus('all_back', 3);
  const { plan } = await allowed(c);
  await action.apply(plan, c.session);
  c.list(Array.from({ length: 200 }, (_, at) => `doc-${at + 1}`));
  await action.apply(plan, c.session);
  expect(await c.count()).toBe(200);
  expect(await action.verify(plan, c.session)).toMatchObject({ state: 'failed' });
});

test.each<[string, (c: Corpus) => void, RegExp]>([
  ['was emptied', (c) => c.list([]), /none of the keys/],
  ['lost far more than was told', (c) => c.list(['doc-200']), /199 rows .* more than the 6/],
  ['was not listed to its end', (c) => c.list(['doc-200'], false), /not listed to its end/],
])('a source that %s is no reason to delete, before the export or after it', async (_, change, message) => {
  const c = await corpus('bad_source', 5);
  const { plan } = await allowed(c);
  const keep = Array.from({ length: 195 }, (__, at) => `doc-${at + 6}`);
  change(c);
  await expect(action.apply(plan, c.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(message),
  });
  c.list(keep);
  await action.apply(plan, c.session);
  change(c);
  await expect(action.apply(plan, c.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(message),
  });
  expect(await c.count()).toBe(200);
});

test('an export that was touched deletes nothing', async () => {
  const c = await corpus('touched_export', 5);
  const { plan } = await allowed(c);
  await action.apply(plan, c.session);
  const names = await readdir(c.folder, { recursive: true });
  const rows = join(c.folder, names.find((name) => name.includes('rows-')) ?? '');
  await writeFile(rows, (await readFile(rows, 'utf8')).replace('doc-1', 'doc-7'));
  await expect(action.apply(plan, c.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('checksum'),
  });
  await rm(rows);
  await expect(action.apply(plan, c.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('it is gone'),
  });
  expect(await c.count()).toBe(200);
});

test('an export that was broken off is made again, and one of a table made again is not taken', async () => {
  const c = await corpus('broken_export', 5);
  const { plan } = await allowed(c);
  const { exports } = c.session;
  if (exports === null) throw new Error('no exports');
  const failing = {
    ...c.session,
    exports: {
      shownAs: exports.shownAs,
      get: (key: string) => exports.get(key),
      put: async (key: string, body: Uint8Array) => {
        if (key.endsWith('manifest.json')) throw new Error('the disk is full');
        await exports.put(key, body);
      },
    },
  };
  await expect(action.apply(plan, failing)).rejects.toThrow('the disk is full');
  expect(await action.verify(plan, c.session)).toMatchObject({ state: 'pending' });
  await action.apply(plan, c.session);
  await c.run(
    'CREATE TABLE broken_export.other (LIKE broken_export.chunks INCLUDING ALL)',
    'DROP TABLE broken_export.chunks',
    'ALTER TABLE broken_export.other RENAME TO chunks',
    'DROP INDEX IF EXISTS broken_export.chunks_hnsw',
    'CREATE INDEX chunks_hnsw ON broken_export.chunks USING hnsw (embedding vector_l2_ops)',
  );
  await expect(action.apply(plan, c.session)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('made again'),
  });
});

test('what is needed, bound, or cannot be told apart is never deleted', async () => {
  const c = await corpus('never_deleted', 5);
  const reason = async (evidence = c.target.evidence) => {
    const told = await planned(c, evidence);
    return told.ok ? null : told.reason;
  };
  expect(await reason()).toBeNull();
  expect(await reason({ ...c.target.evidence, kind: 'duplicate' })).toContain(
    'which of the copies answers is not known',
  );
  expect(await reason({ ...c.target.evidence, kind: 'out-of-date' })).toContain('told as out-of-date');
  expect(await reason({ kind: 'orphaned' })).toContain('does not tell how many');
  expect(await reason({ kind: 'orphaned', 'vectors whose source is gone': '100001' })).toContain(
    'more than 100000',
  );
  const live = async (session: Corpus['session']) => {
    const read = await action.read(c.target, session);
    const told = read === null ? null : action.plan(c.target, read);
    return told?.ok === false ? told.reason : null;
  };
  await c.run(`COMMENT ON INDEX never_deleted.chunks_hnsw IS 'do-not-stop'`);
  expect((await action.read(c.target, c.session))?.resource.tags).toEqual({ 'do-not-stop': '' });
  expect(await live({ ...c.session, exports: null })).toContain('no folder');
  expect(await live({ ...c.session, documents: () => null })).toContain('no source');
  await c.run(
    'CREATE TABLE never_deleted.links (chunk bigint REFERENCES never_deleted.chunks ON DELETE CASCADE)',
  );
  expect(await reason()).toContain('point to it');
  await c.run(
    'DROP TABLE never_deleted.links',
    'ALTER TABLE never_deleted.chunks DROP CONSTRAINT chunks_pkey',
  );
  expect(await reason()).toContain('no primary key');
});
