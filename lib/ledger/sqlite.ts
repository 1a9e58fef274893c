import type { AuditRecord, FindingRecord, LedgerStore, Write, WriteOutcome } from './model.ts';
import { assertNextVersion, bodyOf, newerDoc, ROW_VERSION, readAudit, readBody } from './rows.ts';
import { json, number, openFile, type Row, text, told } from './sqlite-file.ts';

const PAGE = 500;

/**
 * The ledger in one SQLite file (`:memory:` for one that is gone with the process). Several processes may use
 * it at once: write-ahead log, a lock for each transaction, and a wait for the lock. Every commit is on disk
 * before it counts (`synchronous = FULL`), since a later step may act on what was recorded.
 */
export function sqliteLedger(path: string): LedgerStore {
  const db = openFile(path);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw told(error, path);
    }
  };
  const transaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  const one = db.prepare('SELECT id, schema_version, version, body FROM findings WHERE id = ?');
  const page = db.prepare(
    'SELECT id, schema_version, version, body FROM findings WHERE id > ? ORDER BY id LIMIT ?',
  );
  const insert = db.prepare(
    `INSERT INTO findings (id, schema_version, version, due_at, body) VALUES (?, ${ROW_VERSION}, 1, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE findings SET schema_version = ${ROW_VERSION}, version = ?, due_at = ?, body = ?
     WHERE id = ? AND version = ? AND schema_version <= ${ROW_VERSION}`,
  );
  const append = db.prepare(
    `INSERT INTO audit (finding_id, seq, schema_version, body) VALUES (?, ?, ${ROW_VERSION}, ?)`,
  );

  const write = ({ record, expected, audit }: Write): WriteOutcome => {
    assertNextVersion(record, expected);
    const { id, dueAt } = record.finding;
    const body = JSON.stringify(bodyOf(record));
    const { changes } =
      expected === 0 ? insert.run(id, dueAt, body) : update.run(record.version, dueAt, body, id, expected);
    if (Number(changes) !== 1) return 'conflict';
    if (audit !== null) append.run(id, record.version, JSON.stringify(audit));
    return 'written';
  };
  const record = (row: Row): FindingRecord | null =>
    readBody(
      {
        id: text(row, 'id'),
        schemaVersion: number(row, 'schema_version'),
        version: number(row, 'version'),
        body: json(row, 'body', path),
      },
      path,
    );

  return {
    permissions: [],
    async get(id) {
      return guarded(() => {
        const row = one.get(id);
        return row === undefined ? null : record(row);
      });
    },
    async *all() {
      for (let after = ''; ; ) {
        const rows = guarded(() => page.all(after, PAGE));
        for (const row of rows) {
          const read = guarded(() => record(row));
          if (read !== null) yield read;
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) return;
        after = text(last, 'id');
      }
    },
    async newer() {
      return guarded(() =>
        db
          .prepare('SELECT id FROM findings WHERE schema_version > ? ORDER BY id')
          .all(ROW_VERSION)
          .map((row) => text(row, 'id')),
      );
    },
    async put(next, expected, audit) {
      return guarded(() => transaction(() => write({ record: next, expected, audit })));
    },
    async putMany(writes) {
      return writes.length === 0 ? [] : guarded(() => transaction(() => writes.map(write)));
    },
    async history(findingId) {
      const rows = guarded(() =>
        db.prepare('SELECT schema_version, body FROM audit WHERE finding_id = ? ORDER BY seq').all(findingId),
      );
      return rows
        .map((row) =>
          readAudit(
            { id: findingId, schemaVersion: number(row, 'schema_version'), body: json(row, 'body', path) },
            path,
          ),
        )
        .filter((entry): entry is AuditRecord => entry !== null);
    },
    async getDoc(key) {
      const row = guarded(() =>
        db.prepare('SELECT schema_version, version, value FROM docs WHERE key = ?').get(key),
      );
      if (row === undefined) return null;
      const schemaVersion = number(row, 'schema_version');
      if (schemaVersion > ROW_VERSION) throw newerDoc(key, schemaVersion, path);
      return { value: json(row, 'value', path), version: number(row, 'version') };
    },
    async putDoc(key, value, expected) {
      const body = JSON.stringify(value ?? null);
      const sql =
        expected === 0
          ? `INSERT INTO docs (value, version, key, schema_version) VALUES (?, ?, ?, ${ROW_VERSION})
             ON CONFLICT (key) DO NOTHING`
          : `UPDATE docs SET value = ?, version = ? WHERE key = ? AND version = ?
             AND schema_version <= ${ROW_VERSION}`;
      const values = [body, expected + 1, key, ...(expected === 0 ? [] : [expected])];
      const { changes } = guarded(() => db.prepare(sql).run(...values));
      return Number(changes) === 1 ? 'written' : 'conflict';
    },
    async close() {
      if (db.isOpen) db.close();
    },
  };
}
