import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { defaultCheckSettings } from '../../lib/checks/index.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { findingId } from '../../lib/ledger/finding.ts';
import { actSessions } from '../../lib/run/assemble/act.ts';
import { storesEstate } from '../../lib/run/assemble/stores.ts';
import { type Vectors, vectors } from '../actions/postgres.ts';
import { type Server, startPostgres } from '../counterparts/postgres.ts';
import { type Care, care } from './care.ts';

const DAY = 24;

let server: Server;
beforeAll(async () => {
  server = await startPostgres();
  return server.stop;
});

interface Company extends Care {
  readonly of: Vectors;
  /** The id of what is told of the index: of all of it, or of this kind. */
  finding(kind?: string): string;
}

/**
 * A company whose vectors lie in a schema of its own, with a login that only reads and one that owns the table; its
 * owner answers for the server.
 */
async function company(documents = ''): Promise<Company> {
  const of = await vectors('docs', { url: server.url });
  await of.run(
    'DROP ROLE IF EXISTS reads, acts',
    'CREATE ROLE reads LOGIN IN ROLE pg_read_all_stats',
    'CREATE ROLE acts LOGIN',
    'GRANT USAGE ON SCHEMA docs TO reads, acts',
    'GRANT CREATE ON SCHEMA docs TO acts',
    'GRANT SELECT (source, part, embedding) ON docs.chunks TO reads',
    'ALTER TABLE docs.chunks OWNER TO acts',
  );
  const as = (user: string) => server.url.replace('postgres@', `${user}@`);
  vi.stubEnv('DOCS_READ', as('reads'));
  vi.stubEnv('DOCS_ACT', as('acts'));
  const folder = await mkdtemp(join(tmpdir(), 'bursar-exports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = parseConfig(
    `schemaVersion: 1
estate:
  stores:
    docs:
      type: pgvector
      url: { env: DOCS_READ }
      act: { url: { env: DOCS_ACT }, exports: ${JSON.stringify(folder)} }
${documents}`,
    'bursar.yaml',
  );
  const { server: name } = of.session;
  const c = await care(
    {},
    {
      ownerOf: ({ accountId }) =>
        accountId === name
          ? { id: 'owner@example.com', source: `account ${name}`, confidence: 'medium' }
          : null,
      accounts: { [name]: 'owner@example.com' },
    },
    {
      estates: [storesEstate(config.estate.stores)],
      checks: { 'stale-embeddings': defaultCheckSettings()['stale-embeddings'] },
      enter: actSessions(config),
    },
  );
  return {
    ...c,
    of,
    finding: (kind) =>
      findingId(
        'stale-embeddings',
        'postgres',
        kind === undefined ? of.target.resourceId : `${of.target.resourceId}#${kind}`,
      ),
  };
}

test('an index that nobody asks: found, warned of, looked at again, dropped, and built again when its owner wants it back', async () => {
  const c = await company();
  const before = await c.of.index();
  await c.audit();
  c.pass(31 * DAY);
  await c.audit();
  const id = c.finding();
  expect((await c.record(id)).finding).toMatchObject({ state: 'NOTIFY_PENDING', verdict: 'UNUSED' });
  await c.act();
  const { finding, life } = await c.record(id);
  expect(finding.state).toBe('WARNED');
  expect(Date.parse(finding.dueAt ?? '') - Date.parse(life?.notice?.deliveredAt ?? '')).toBe(DAY * 3_600_000);
  const [message] = await c.posted();
  expect(message).toContain('Drop the index docs.chunks_hnsw');
  expect(message).toContain('Searches that need it read all of docs.chunks until it is built again');
  c.pass(DAY - 1);
  await c.act();
  expect(await c.of.index()).toEqual(before);
  c.pass(2);
  await c.act();
  expect((await c.record(id)).finding.state).toBe('STOPPED');
  expect(await c.of.index()).toBeNull();
  c.pass(DAY);
  await c.audit();
  expect((await c.record(id)).finding.state).toBe('STOPPED');
  await c.press(id, 'undo', c.owner);
  await c.act();
  expect((await c.record(id)).finding.state).toBe('RESTORED');
  expect(await c.of.index()).toEqual(before);
  // It counts anew: before the window is over again, no more than suspected, which no silence acts on.
  c.pass(20 * DAY);
  await c.audit();
  await c.act();
  c.pass(5 * DAY);
  await c.act();
  expect((await c.record(id)).finding).toMatchObject({ verdict: 'SUSPECTED', dueAt: null });
  expect(await c.of.index()).toEqual(before);
  expect(await c.states(id)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'STOPPING',
    'STOPPED',
    'UNDO_REQUESTED',
    'STARTING',
    'RESTORED',
    'DETECTED',
  ]);
});

test('one query between the warning and its date keeps the index, and ends the finding', async () => {
  const c = await company();
  await c.audit();
  c.pass(31 * DAY);
  await c.audit();
  await c.act();
  expect((await c.record(c.finding())).finding.state).toBe('WARNED');
  await c.of.search();
  c.pass(DAY + 1);
  await c.act();
  expect((await c.record(c.finding())).finding.state).toBe('RESOLVED');
  expect(await c.of.index()).toMatchObject({ valid: true });
});

test('vectors whose document is gone: silence deletes none; the owner asks, another approves, and they are kept elsewhere', async () => {
  const sources = await mkdtemp(join(tmpdir(), 'bursar-sources-'));
  onTestFinished(() => rm(sources, { recursive: true, force: true }));
  const manifest = join(sources, 'documents.csv');
  const list = (from: number) =>
    writeFile(
      manifest,
      ['key', ...Array.from({ length: 201 - from }, (_, at) => `doc-${at + from}`)]
        .map((line) => `${line}\n`)
        .join(''),
    );
  await list(21);
  const c = await company(
    `      documents: [{ index: 'docs.*', key: source, part: part, source: { type: manifest, path: ${JSON.stringify(manifest)} } }]\n`,
  );
  const rows = async () => (await c.of.client.query('SELECT count(*)::int AS n FROM docs.chunks')).rows[0]?.n;
  const id = c.finding('orphaned');
  await c.of.search();
  await c.audit();
  expect((await c.record(id)).finding).toMatchObject({ state: 'NOTIFY_PENDING', verdict: 'UNUSED' });
  await c.act();
  expect((await c.record(id)).finding).toMatchObject({ state: 'WARNED', dueAt: null });
  expect((await c.posted())[0]).toContain(
    'Delete 20 rows of docs.chunks whose document is gone, once they are exported',
  );
  c.pass(10 * DAY);
  await c.act();
  expect(await rows()).toBe(200);
  await c.press(id, 'stop', c.owner);
  expect((await c.record(id)).finding.state).toBe('APPROVAL_REQUESTED');
  await c.act();
  expect(await rows()).toBe(200);
  // A document comes back before anybody has approved.
  await list(20);
  await c.press(id, 'approve', c.approver);
  await c.act();
  expect((await c.record(id)).finding.state).toBe('STOPPED');
  expect(await rows()).toBe(181);
  expect(await c.states(id)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'APPROVAL_REQUESTED',
    'STOPPING',
    'STOPPED',
  ]);
  const plan = (await c.record(id)).life?.stopped?.undoPlan;
  expect(plan).toMatchObject({ table: 'docs.chunks' });
});
