import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BursarError } from '../platform/errors.ts';

/** PRAGMA user_version of the tables below. */
const TABLES_VERSION = 2;
/** How long one process waits for another that writes. */
const BUSY_MS = 10_000;

// A finding is over a kilobyte: WITHOUT ROWID would give nearly every one a page of its own beside its key, since
// such a table keeps at most a quarter of a page in place ("File Format", sqlite.org, 1.6: index b-tree cells).
const TABLES_1 = `
  CREATE TABLE IF NOT EXISTS findings (
    id TEXT NOT NULL PRIMARY KEY, schema_version INTEGER NOT NULL, version INTEGER NOT NULL,
    due_at TEXT, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS due ON findings (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS audit (
    finding_id TEXT NOT NULL, seq INTEGER NOT NULL, schema_version INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (finding_id, seq)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS docs (
    key TEXT PRIMARY KEY, schema_version INTEGER NOT NULL, version INTEGER NOT NULL,
    value TEXT NOT NULL) WITHOUT ROWID;`;

/** Version 2: what time wakes, what a resource has, and who may act on it. */
const TABLES_2 = `
  DROP INDEX due;
  ALTER TABLE findings RENAME COLUMN due_at TO wake_at;
  UPDATE findings SET wake_at = NULL;
  CREATE INDEX wake ON findings (wake_at, id) WHERE wake_at IS NOT NULL;
  ALTER TABLE findings ADD COLUMN resource_id TEXT NOT NULL DEFAULT '';
  UPDATE findings SET resource_id = json_extract(body, '$.finding.resourceId') WHERE json_valid(body);
  CREATE INDEX resource ON findings (resource_id, id);
  CREATE TABLE claims (
    resource_id TEXT PRIMARY KEY, holder TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${TABLES_VERSION};`;

export type Row = Record<string, unknown>;

/** Opens the file or makes it, with its tables; one of a newer version is an error and stays as it is. */
export function openFile(path: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    db = new DatabaseSync(path, { timeout: BUSY_MS });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    upgrade(db, path);
    return db;
  } catch (error) {
    if (db?.isOpen) db.close();
    throw told(error, path);
  }
}

/** Brings the tables to the newest version, once, whoever else opens the file at the same time. */
function upgrade(db: DatabaseSync, path: string): void {
  const version = () => number(db.prepare('PRAGMA user_version').get() ?? {}, 'user_version');
  if (version() > TABLES_VERSION)
    throw new BursarError('conflict', `its tables have version ${version()}, newer than ${TABLES_VERSION}`, {
      where: path,
      hint: 'Update bursar; the file is left as it is.',
    });
  if (version() === TABLES_VERSION) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    if (version() < 1) db.exec(TABLES_1);
    if (version() < TABLES_VERSION) db.exec(TABLES_2);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** SQLite result codes (sqlite.org/rescode.html): primary code in the low byte. */
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
const SQLITE_CORRUPT = 11;

/** What a person can do about an error of SQLite or the disk; a defect stays as it is. */
export function told(error: unknown, path: string): unknown {
  if (error instanceof BursarError || !(error instanceof Error)) return error;
  const more = { where: path, cause: error };
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;
  if (code === SQLITE_BUSY)
    return new BursarError('unavailable', 'another process holds the ledger', {
      ...more,
      hint: 'Wait for it to end and run again.',
    });
  if (code === SQLITE_NOTADB || code === SQLITE_CORRUPT)
    return new BursarError('internal', `not a whole SQLite file: ${error.message}`, {
      ...more,
      hint: 'Restore it from a backup, or move it away to begin anew.',
    });
  if (code !== null || 'syscall' in error)
    return new BursarError('unavailable', `the ledger cannot be used: ${error.message}`, {
      ...more,
      hint: 'The folder must exist or be creatable, be writable and have room.',
    });
  return error;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is not text`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`);
  return value;
}

/** The JSON that a column holds. */
export function json(row: Row, column: string, path: string): unknown {
  try {
    return JSON.parse(text(row, column));
  } catch (cause) {
    throw new BursarError('internal', `column ${column} holds no JSON`, {
      where: path,
      hint: 'The row was changed by hand or damaged: restore the file from a backup.',
      cause,
    });
  }
}
