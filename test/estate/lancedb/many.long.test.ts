import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IncompleteError } from '../../../lib/estate/incomplete.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { collected, type Database, database, sessionOf, vectorOf } from './database.ts';

let db: Database;
beforeAll(async () => {
  db = await database();
  await db.connection.createTable('t00000', [{ id: 1, vector: vectorOf(1) }]);
  const first = join(db.folder, 't00000.lance');
  // One table under ten thousand names: writing each of them takes a minute.
  for (let at = 1; at < 10_000; at += 1)
    await symlink(first, join(db.folder, `t${String(at).padStart(5, '0')}.lance`));
});
afterAll(() => db.remove());

test('of ten thousand tables the first two thousand are looked at, and that is said', async () => {
  const meter = new Meter();
  const error = await collected(sessionOf(db), meter).catch((thrown: unknown) => thrown);
  if (!(error instanceof IncompleteError)) throw error;
  expect(error.message).toBe('only the first 2000 tables were looked at');
  const found = error.collected.vectorIndexes ?? [];
  expect(found).toHaveLength(2_000);
  expect(new Set(found.map(({ id }) => id)).size).toBe(2_000);
  const calls = new Map(meter.total().calls.map(({ api, count }) => [api, count]));
  expect(calls.get('lancedb.openTable')).toBe(2_000);
  // Pages of 1,000, and the first of what is too much.
  expect(calls.get('lancedb.listTables')).toBe(3);
});
