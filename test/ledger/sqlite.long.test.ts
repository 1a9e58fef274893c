import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { LedgerStore } from '../../lib/ledger/model.ts';
import { record } from '../../lib/ledger/record.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite.ts';
import { contract } from './contract.ts';
import { everything, judgement, numbered, observation, recordOf } from './fixtures.ts';
import { sample } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-ledger-'));
let count = 0;
function freshPath(): string {
  count += 1;
  return join(folder, `state-${count}`, 'ledger.sqlite');
}
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function change(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

contract('sqlite', async () => {
  let path = '';
  const open: LedgerStore[] = [];
  const closeAll = async () => {
    for (const store of open.splice(0)) await store.close();
  };
  return {
    many: 10_000,
    async open() {
      await closeAll();
      path = freshPath();
      const [store, other] = [sqliteLedger(path), sqliteLedger(path)];
      open.push(store, other);
      return { store, other };
    },
    makeNewer: async (id) => change(path, `UPDATE findings SET schema_version = 3 WHERE id = '${id}'`),
    makeNewerDoc: async (key) => change(path, `UPDATE docs SET schema_version = 3 WHERE key = '${key}'`),
    close: closeAll,
  };
});

describe('sqlite ledger', () => {
  it('keeps what it holds when it is opened again', async () => {
    const path = freshPath();
    const before = sqliteLedger(path);
    await record(before, observation());
    const held = await everything(before);
    await before.close();
    await before.close();
    const again = sqliteLedger(path);
    expect(await everything(again)).toEqual(held);
    await again.close();
  });

  it('lets several processes write at once, losing nothing', async () => {
    const path = freshPath();
    const children = ['a', 'b', 'c'].map((name) =>
      fork(join(import.meta.dirname, 'sqlite.child.ts'), [path, name], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      }),
    );
    const codes = await Promise.all(
      children.map(async (child) => {
        const [code]: unknown[] = await once(child, 'exit');
        return code;
      }),
    );
    expect(codes).toEqual([0, 0, 0]);
    const store = sqliteLedger(path);
    const records = await everything(store);
    // Each child adds 1 to one shared record 20 times and writes 50 of its own.
    expect(records).toHaveLength(151);
    expect((await store.get(recordOf(judgement()).finding.id))?.version).toBe(60);
    await store.close();
  });

  it('leaves nothing of a batch that fails on the way', async () => {
    const path = freshPath();
    const store = sqliteLedger(path);
    const first = recordOf(judgement());
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    // The second write of the batch cannot be stored: the first must not stay either.
    const broken = { ...recordOf(numbered(1)), version: 9 };
    await expect(
      store.putMany([
        { record: first, expected: 0, audit: null },
        { record: broken, expected: 0, audit: null },
      ]),
    ).rejects.toThrow(RangeError);
    expect(await everything(store)).toEqual([]);
    await expect(store.putDoc('x', circular, 0)).rejects.toThrow(TypeError);
    expect(await store.put(first, 0, null)).toBe('written');
    await store.close();
  });

  it('tells of a file that is no ledger, and leaves it as it was', () => {
    const path = join(folder, 'note.txt');
    writeFileSync(path, 'dear diary, '.repeat(100));
    expect(() => sqliteLedger(path)).toThrow(
      expect.objectContaining({
        code: 'internal',
        where: path,
        message: expect.stringMatching(/not a whole/),
      }),
    );
    expect(readFileSync(path, 'utf8')).toBe('dear diary, '.repeat(100));
  });

  it('tells of tables that a newer version made', async () => {
    const path = freshPath();
    await sqliteLedger(path).close();
    change(path, 'PRAGMA user_version = 3');
    expect(() => sqliteLedger(path)).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: expect.stringMatching(/version 3, newer than 2/),
      }),
    );
  });

  it('reads on what tables of version 1 hold, once and also when two open them at once', async () => {
    const path = freshPath();
    mkdirSync(dirname(path), { recursive: true });
    const row = sample('finding-v1');
    const entry = sample('audit-v1');
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE findings (id TEXT PRIMARY KEY, schema_version INTEGER NOT NULL, version INTEGER NOT NULL,
        due_at TEXT, body TEXT NOT NULL) WITHOUT ROWID;
      CREATE INDEX due ON findings (due_at) WHERE due_at IS NOT NULL;
      CREATE TABLE audit (finding_id TEXT NOT NULL, seq INTEGER NOT NULL, schema_version INTEGER NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (finding_id, seq)) WITHOUT ROWID;
      CREATE TABLE docs (key TEXT PRIMARY KEY, schema_version INTEGER NOT NULL, version INTEGER NOT NULL,
        value TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO docs VALUES ('last-run', 1, 4, '"kept"');
      PRAGMA user_version = 1;`);
    old.prepare('INSERT INTO findings VALUES (?, 1, 3, NULL, ?)').run(row.id, JSON.stringify(row.body));
    old.prepare('INSERT INTO audit VALUES (?, 1, 1, ?)').run(row.id, JSON.stringify(entry.body));
    old.close();
    const [store, other] = [sqliteLedger(path), sqliteLedger(path)];
    const kept = await other.get(row.id);
    expect(kept).toMatchObject({ version: 3, life: null, wakeAt: null });
    const resourceId = kept?.finding.resourceId ?? '';
    expect(await store.ofResource(resourceId)).toEqual([kept]);
    expect(await store.historyOf(resourceId)).toMatchObject([{ to: 'RESOLVED', resourceId, details: null }]);
    expect(await store.getDoc('last-run')).toEqual({ value: 'kept', version: 4 });
    const next = kept === null ? [] : [{ record: { ...kept, version: 4 }, expected: 3, audit: null }];
    expect(await store.putMany(next)).toEqual(['written']);
    await store.close();
    await other.close();
  });

  it('tells of a folder that cannot be made', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => sqliteLedger(join(file, 'ledger.sqlite'))).toThrow(
      expect.objectContaining({ code: 'unavailable', where: join(file, 'ledger.sqlite') }),
    );
  });

  it.each([
    ['no JSON', 'not json'],
    ['another shape', '{}'],
    ['a finding of another id', JSON.stringify({ ...recordOf(numbered(7)), version: undefined })],
  ])('never takes a row that holds %s for no finding', async (_, body) => {
    const path = freshPath();
    const store = sqliteLedger(path);
    const first = recordOf(judgement());
    await store.put(first, 0, null);
    change(path, `UPDATE findings SET body = '${body}'`);
    await expect(store.get(first.finding.id)).rejects.toMatchObject({ code: 'internal', where: path });
    await expect(everything(store)).rejects.toMatchObject({ code: 'internal' });
    await store.close();
  });

  it('tells when what it needs is gone from the file', async () => {
    const path = freshPath();
    const store = sqliteLedger(path);
    change(path, 'DROP TABLE docs');
    await expect(store.getDoc('x')).rejects.toMatchObject({ code: 'unavailable', where: path });
    await store.close();
  });
});
