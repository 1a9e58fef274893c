import type { Dataset } from '../model.ts';
import { type Found, foundOf, INDEXES, INDEXES_ESTIMATED, SERVER, type Server } from './catalogue.ts';
import { codeOf, pgError } from './errors.ts';
import { count, nullable } from './row.ts';
import { sampledAll } from './sampling.ts';
import type { Ask, PgSession } from './session.ts';

/** Milliseconds that one statement may take on a server that others need. */
const STATEMENT_TIMEOUT = 15_000;
/** Milliseconds that sizes wait for an index that is locked (REINDEX, DROP INDEX). */
const LOCK_TIMEOUT = 2000;

const REPLICAS = `SELECT count(*)::int AS replicas FROM pg_stat_replication`;

const BYTES = `SELECT sum(pg_database_size(oid))::text AS bytes FROM pg_database`;

/**
 * HNSW and IVFFlat indexes of one database with what the server counts about them, read in one read-only transaction
 * with a time limit a statement. A database without pgvector has none. Where the config names documents, the
 * configured columns of a table are then read, and those alone, each table in a transaction of its own.
 *
 * It does not see: other databases of the server; counters of other servers (each replica has its own); when an index
 * was made, last written, or made anew by REINDEX, of which Postgres keeps nothing.
 */
export const pgvectorIndexes: Dataset<PgSession> = {
  id: 'pgvector.indexes',
  // A database login, not a cloud right: any role may read these views; of tables it reads what it was granted.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const ask: Ask = async (sql) => {
      meter.count('pgvector.query');
      return (await session.client.query(sql)).rows;
    };
    let found: readonly Found[];
    try {
      found = await catalogued(ask, session);
    } catch (error) {
      throw pgError(error, `store:${session.store}`, STATEMENT_TIMEOUT / 1000);
    }
    return { vectorIndexes: await sampledAll(ask, found, session.documents) };
  },
};

async function catalogued(ask: Ask, session: PgSession): Promise<readonly Found[]> {
  await ask('BEGIN TRANSACTION READ ONLY');
  try {
    await ask(
      `SELECT set_config('statement_timeout', '${STATEMENT_TIMEOUT}', true), set_config('lock_timeout', '${LOCK_TIMEOUT}', true)`,
    );
    const [server] = await ask(SERVER);
    const told: Server = {
      replica: server?.['replica'] === true,
      databaseOid: server === undefined ? null : nullable(server, 'database_oid'),
      statsSince: server === undefined ? null : nullable(server, 'stats_since'),
      replicas: await unlessDenied(ask, REPLICAS, 'replicas'),
      bytes: session.billed.length === 0 ? null : await unlessDenied(ask, BYTES, 'bytes'),
    };
    // 55P03, lock_not_available: "PostgreSQL Error Codes".
    const rows = await unless(ask, INDEXES, '55P03');
    return (rows ?? (await ask(INDEXES_ESTIMATED))).map((row) => foundOf(row, session, told, rows === null));
  } finally {
    await ask('ROLLBACK');
  }
}

/** A number that the login may not be allowed to ask for: then null. */
async function unlessDenied(ask: Ask, sql: string, column: string): Promise<number | null> {
  const rows = await unless(ask, sql, '42501');
  return rows?.[0] === undefined ? null : count(rows[0], column);
}

/** What a statement gives; null where it failed for this reason (SQLSTATE), after which the transaction goes on. */
async function unless(ask: Ask, sql: string, reason: string): Promise<Record<string, unknown>[] | null> {
  await ask('SAVEPOINT asked');
  try {
    return await ask(sql);
  } catch (error) {
    if (codeOf(error) !== reason) throw error;
    await ask('ROLLBACK TO SAVEPOINT asked');
    return null;
  }
}
