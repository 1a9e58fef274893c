import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from 'vitest';
import type { LedgerStore } from '../../../lib/ledger/model.ts';
import { sqliteLedger } from '../../../lib/ledger/sqlite.ts';
import { alertContract } from './contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-alerts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

alertContract('sqlite', async () => {
  let path = '';
  let count = 0;
  const open: LedgerStore[] = [];
  const close = async () => {
    for (const store of open.splice(0)) await store.close();
  };
  return {
    many: 10,
    async open() {
      await close();
      path = join(folder, `${count++}.sqlite`);
      const [store, other] = [sqliteLedger(path), sqliteLedger(path)];
      open.push(store, other);
      return { store, other };
    },
    makeNewer: async () => undefined,
    makeNewerDoc: async (key) => {
      const db = new DatabaseSync(path);
      db.prepare('UPDATE docs SET schema_version = 3 WHERE key = ?').run(key);
      db.close();
    },
    close,
  };
});
