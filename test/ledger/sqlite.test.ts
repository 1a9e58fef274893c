import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { sqliteLedger } from '../../lib/ledger/sqlite.ts';
import { json, number, openFile, text, told } from '../../lib/ledger/sqlite-file.ts';
import { BursarError } from '../../lib/platform/errors.ts';
import { everything, numbered, recordOf, T1, T2 } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a ledger in one file', () => {
  it.each([0, 499, 500, 501, 1001])('reads %i findings page by page, each once, in order', async (many) => {
    const store = sqliteLedger(':memory:');
    const writes = Array.from({ length: many }, (_, n) => ({
      record: recordOf(numbered(n)),
      expected: 0,
      audit: null,
    }));
    await store.putMany(writes);
    const ids = (await everything(store)).map(({ finding }) => finding.id);
    expect(ids).toEqual(writes.map(({ record }) => record.finding.id).toSorted());
    await store.close();
  });

  it('leaves out of what it reads what a newer version wrote, and nothing else', async () => {
    const path = join(folder, 'newer.sqlite');
    const store = sqliteLedger(path);
    const [first, second] = [recordOf(numbered(1)), recordOf(numbered(2))];
    await store.put(first, 0, null);
    await store.put(second, 0, null);
    const other = new DatabaseSync(path);
    other.prepare('UPDATE findings SET schema_version = 3 WHERE id = ?').run(first.finding.id);
    other.close();
    const ids = [first.finding.id, 'f-none', second.finding.id, second.finding.id];
    expect(await store.getMany(ids)).toEqual([second]);
    expect(await store.ofResource(first.finding.resourceId)).toEqual([]);
    expect(await store.ofResource(second.finding.resourceId)).toEqual([second]);
    expect(await everything(store)).toEqual([second]);
    const entry = {
      schemaVersion: 1,
      findingId: second.finding.id,
      at: T1,
      actor: 'audit',
      from: null,
      to: 'DETECTED',
      reason: 'x',
      runId: 'r',
      resourceId: second.finding.resourceId,
      details: null,
    } as const;
    await store.put({ ...second, version: 2 }, 1, entry);
    await store.put({ ...second, version: 3 }, 2, entry);
    const later = new DatabaseSync(path);
    later.exec('UPDATE audit SET schema_version = 3 WHERE seq = 2');
    later.close();
    expect(await store.history(second.finding.id)).toEqual([entry]);
    await store.close();
  });

  it('asks for no rights, and is written ahead to its log', async () => {
    const path = join(folder, 'wal.sqlite');
    const store = sqliteLedger(path);
    expect(store.permissions).toEqual([]);
    const other = new DatabaseSync(path);
    expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    other.close();
    await store.close();
  });

  it('is let go of when it is closed, also where it could not be opened', async () => {
    const path = join(folder, 'closed.sqlite');
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        const link = join('/proc/self/fd', fd);
        return existsSync(link) && readlinkSync(link).startsWith(path);
      });
    const store = sqliteLedger(path);
    await store.close();
    await expect(store.get('x')).rejects.toThrow(/not open|finalized/);
    const other = new DatabaseSync(path);
    other.exec('PRAGMA user_version = 9');
    other.close();
    expect(() => sqliteLedger(path)).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: 'its tables have version 9, newer than 2',
        where: path,
        hint: 'Update bursar; the file is left as it is.',
      }),
    );
    // Where the system tells which files are open, none of it is.
    expect(existsSync('/proc/self/fd') ? open() : []).toEqual([]);
  });

  it('leaves tables of version 1 as they were where they cannot be brought to version 2', () => {
    const path = join(folder, 'half.sqlite');
    const old = new DatabaseSync(path);
    // Without the index that version 2 drops first.
    old.exec('CREATE TABLE findings (id TEXT PRIMARY KEY, due_at TEXT, body TEXT); PRAGMA user_version = 1;');
    old.close();
    expect(() => openFile(path)).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message: 'the ledger cannot be used: no such index: due',
        hint: 'The folder must exist or be creatable, be writable and have room.',
      }),
    );
    const again = new DatabaseSync(path);
    expect(again.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    again.close();
  });

  it('claims by its two times, whatever stands there', async () => {
    const store = sqliteLedger(':memory:');
    await expect(store.claim({ resourceId: 'r', holder: 'a', until: 'soon' }, T1)).rejects.toThrow(
      new RangeError('not a time in the form of ISO 8601 with milliseconds and Z: soon'),
    );
    await expect(store.claim({ resourceId: 'r', holder: 'a', until: T2 }, '2026')).rejects.toThrow(
      RangeError,
    );
    await store.close();
  });
});

const of = (errcode: unknown) => Object.assign(new Error('why'), { errcode });

describe('an error of SQLite', () => {
  it.each<[string, unknown, object]>([
    [
      'a lock',
      of(5),
      {
        code: 'unavailable',
        message: 'another process holds the ledger',
        hint: 'Wait for it to end and run again.',
      },
    ],
    ['a kind of lock', of(5 + 256), { message: 'another process holds the ledger' }],
    [
      'no database',
      of(26),
      {
        code: 'internal',
        message: 'not a whole SQLite file: why',
        hint: 'Restore it from a backup, or move it away to begin anew.',
      },
    ],
    ['a broken one', of(11 + 512), { code: 'internal', message: 'not a whole SQLite file: why' }],
    ['a full disk', of(13), { code: 'unavailable', message: 'the ledger cannot be used: why' }],
    [
      'the disk itself',
      Object.assign(new Error('why'), { syscall: 'mkdir' }),
      { code: 'unavailable', message: 'the ledger cannot be used: why' },
    ],
  ])('%s is told as what a person can do about it', (_what, error, expected) => {
    expect(told(error, '/a/b')).toMatchObject({ ...expected, where: '/a/b', cause: error });
  });

  it('is left as it is where nobody can do anything about it', () => {
    for (const error of [
      new BursarError('denied', 'x'),
      Object.assign(new BursarError('denied', 'x'), { errcode: 5 }),
      new TypeError('x'),
      of('text'),
      { errcode: 5 },
      'x',
    ])
      expect(told(error, '/a/b')).toBe(error);
  });

  it('is a row of another form', () => {
    expect(() => text({ a: 1 }, 'a')).toThrow(new TypeError('column a is not text'));
    expect(() => number({ a: '1' }, 'a')).toThrow(new TypeError('column a is not a number'));
    expect(() => json({ a: '{' }, 'a', '/a/b')).toThrow(
      expect.objectContaining({
        code: 'internal',
        message: 'column a holds no JSON',
        where: '/a/b',
        hint: 'The row was changed by hand or damaged: restore the file from a backup.',
        cause: expect.any(SyntaxError),
      }),
    );
    expect(json({ a: '{"b":1}' }, 'a', '/a/b')).toEqual({ b: 1 });
  });

  it('is a folder that is a file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => openFile(join(file, 'x', 'ledger.sqlite'))).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message: expect.stringContaining('the ledger cannot be used'),
      }),
    );
  });
});
