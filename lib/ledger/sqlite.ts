import type { AuditRecord, FindingRecord, LedgerStore, Write, WriteOutcome } from './model.ts';
import {
  assertNextVersion,
  assertTime,
  bodyOf,
  inOrder,
  newerDoc,
  ROW_VERSION,
  readAudit,
  readBody,
} from './rows.ts';
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
    `INSERT INTO findings (id, schema_version, version, wake_at, resource_id, body)
     VALUES (?, ${ROW_VERSION}, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE findings SET schema_version = ${ROW_VERSION}, version = ?, wake_at = ?, body = ?
     WHERE id = ? AND version = ? AND schema_version <= ${ROW_VERSION}`,
  );
  const append = db.prepare(
    `INSERT INTO audit (finding_id, seq, schema_version, body) VALUES (?, ?, ${ROW_VERSION}, ?)`,
  );
  const entries = db.prepare('SELECT schema_version, body FROM audit WHERE finding_id = ? ORDER BY seq');
  const document = db.prepare('SELECT schema_version, version, value FROM docs WHERE key = ?');
  const due = db.prepare('SELECT id FROM findings WHERE wake_at <= ? ORDER BY wake_at, id LIMIT ?');
  const byResource = db.prepare(
    'SELECT id, schema_version, version, body FROM findings WHERE resource_id = ? ORDER BY id',
  );
  const claim = db.prepare(
    `INSERT INTO claims (resource_id, holder, until) VALUES (?1, ?2, ?3)
     ON CONFLICT (resource_id) DO UPDATE SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4`,
  );
  const unclaim = db.prepare('DELETE FROM claims WHERE resource_id = ? AND holder = ?');

  const write = ({ record, expected, audit }: Write): WriteOutcome => {
    assertNextVersion(record, expected);
    const { id, resourceId } = record.finding;
    const wakeAt = record.wakeAt === null ? null : assertTime(record.wakeAt);
    const body = JSON.stringify(bodyOf(record));
    const { changes } =
      expected === 0
        ? insert.run(id, wakeAt, resourceId, body)
        : update.run(record.version, wakeAt, body, id, expected);
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

  const records = (rows: readonly Row[]): FindingRecord[] => rows.flatMap((row) => record(row) ?? []);
  const trail = (findingId: string): AuditRecord[] =>
    entries
      .all(findingId)
      .flatMap(
        (row) =>
          readAudit(
            { id: findingId, schemaVersion: number(row, 'schema_version'), body: json(row, 'body', path) },
            path,
          ) ?? [],
      );
  const doc = (key: string) => {
    const row = document.get(key);
    if (row === undefined) return null;
    const schemaVersion = number(row, 'schema_version');
    if (schemaVersion > ROW_VERSION) throw newerDoc(key, schemaVersion, path);
    return { value: json(row, 'value', path), version: number(row, 'version') };
  };

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
      return guarded(() => trail(findingId));
    },
    async due(until, most) {
      return guarded(() => due.all(assertTime(until), most).map((row) => text(row, 'id')));
    },
    async getMany(ids) {
      return guarded(() =>
        [...new Set(ids)].flatMap((id) => {
          const row = one.get(id);
          return row === undefined ? [] : records([row]);
        }),
      );
    },
    async ofResource(resourceId) {
      return guarded(() => records(byResource.all(resourceId)));
    },
    async historyOf(resourceId) {
      return guarded(() =>
        inOrder(
          byResource.all(resourceId).map((row) => trail(text(row, 'id'))),
          resourceId,
        ),
      );
    },
    async claim({ resourceId, holder, until }, now) {
      const { changes } = guarded(() => claim.run(resourceId, holder, assertTime(until), assertTime(now)));
      return Number(changes) === 1 ? 'claimed' : 'held';
    },
    async release(resourceId, holder) {
      guarded(() => unclaim.run(resourceId, holder));
    },
    async getDocs(keys) {
      return guarded(() => keys.map(doc));
    },
    async getDoc(key) {
      return guarded(() => doc(key));
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
