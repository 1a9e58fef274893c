import { readIndexId } from '../estate/pgvector/address.ts';
import { codeOf, isLost } from '../estate/pgvector/errors.ts';
import type { DocumentsOf } from '../estate/vectors/documents.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { Exports } from './exports.ts';
import type { Target } from './model.ts';

/** A connection that may act: what `pg`'s Client offers, and no more than is needed of it. */
export interface PostgresActClient {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** One database, by the login that its store has for acting. */
export interface PostgresActSession {
  /** Config id of the store. */
  readonly store: string;
  /** `host:port`, as findings name it. */
  readonly server: string;
  readonly database: string;
  readonly meter: Meter;
  /** What the config tells of an index's documents, by its name; each time a listing of its own. */
  readonly documents: DocumentsOf;
  /** Where rows are kept before they are deleted; null where the config names nothing. */
  readonly exports: Exports | null;
  /** Milliseconds that an action waits for what may take hours; left out, 20 seconds. */
  readonly patience?: number | undefined;
  /** Works on a connection of its own, which is closed afterwards, whatever came of it. */
  connected<T>(work: (client: PostgresActClient) => Promise<T>): Promise<T>;
}

/** Sends one statement of an action; every one is counted. */
export type Send = (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Milliseconds that a statement which only looks may take. */
const LOOK_TIMEOUT = 15_000;
const LOCK_TIMEOUT = 5000;

/**
 * Works in the session's database, where names stand for nothing but what they say: `search_path` is the catalogue's
 * alone. Errors are BursarErrors.
 * @throws BursarError as `sqlError` says; conflict where the login leads to another database
 */
export async function inDatabase<T>(
  session: PostgresActSession,
  work: (send: Send) => Promise<T>,
): Promise<T> {
  const where = `store:${session.store}`;
  return await session.connected(async (client) => {
    const send: Send = async (text, values) => {
      session.meter.count('pgvector.query');
      try {
        return (await client.query(text, values)).rows;
      } catch (error) {
        throw sqlError(error, where);
      }
    };
    await send(`SELECT set_config('search_path', 'pg_catalog', false), set_config('row_security', 'off', false),
                       set_config('statement_timeout', '${LOOK_TIMEOUT}', false),
                       set_config('lock_timeout', '${LOCK_TIMEOUT}', false)`);
    const [row] = await send('SELECT current_database() AS database');
    if (row?.['database'] !== session.database)
      throw new BursarError('conflict', `the login leads to the database ${String(row?.['database'])}`, {
        where,
        hint: `Let estate.stores.${session.store}.act lead to ${session.database}, like the login that reads.`,
      });
    return await work(send);
  });
}

/** Milliseconds, where a session says nothing else. */
const PATIENCE = 20_000;

/**
 * A statement that no transaction may hold and that may take hours, as CREATE and DROP INDEX CONCURRENTLY do. It is
 * waited for so long; then its connection is given up, and the server goes on with it: a backend looks whether its
 * client is there only where `client_connection_check_interval` says so (PostgreSQL 14, "Connections and
 * Authentication"), which is switched off for it.
 * @param patience milliseconds that it is waited for
 * @returns did it come to its end? Else nothing more can be sent over this connection.
 */
export async function sendLong(send: Send, text: string, patience = PATIENCE): Promise<boolean> {
  await send(`SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)`);
  await send(
    `SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('client_connection_check_interval', 'idle_session_timeout')`,
  );
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<false>((done) => {
    timer = setTimeout(done, patience, false);
  });
  try {
    // Once nobody waits any more, the connection that is given up rejects, which the race has heard already: what came
    // of the statement is looked at later.
    return await Promise.race([send(text).then(() => true), waited]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What a target names within the session's database.
 * @throws BursarError (input) where it is no index of pgvector, or is elsewhere: an action never reaches beyond the
 *   place that it was given
 */
export function indexOf(
  target: Target,
  session: PostgresActSession,
): { readonly schema: string; readonly index: string } {
  const named = readIndexId(target.resourceId);
  if (named === null)
    throw new BursarError('input', `${JSON.stringify(target.resourceId)} is no index of pgvector`, {
      hint: 'Findings name them postgres://host:port/database/schema.index.',
    });
  if (named.server !== session.server || named.database !== session.database)
    throw new BursarError('input', `${target.resourceId} is not in ${session.server}/${session.database}`, {
      hint: 'Enter the database of the index.',
    });
  return named;
}

/**
 * What a statement failed with, in words, by its SQLSTATE ("PostgreSQL Error Codes", Appendix A): `unavailable` may
 * pass, `denied` and `conflict` will not.
 */
export function sqlError(error: unknown, where: string): unknown {
  if (error instanceof BursarError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const more = { where, cause: error };
  if (code === '42501')
    return new BursarError('denied', `the database denies it: ${message}`, {
      ...more,
      hint: 'Grant the login that acts the role that owns the table.',
    });
  if (code.startsWith('28'))
    return new BursarError('credentials', `the database refuses the login: ${message}`, more);
  // Locks, deadlocks, time limits, too little of something, and a server that goes down or is gone.
  if (/^(53|40|55P03|57)/.test(code) || isLost(error))
    return new BursarError('unavailable', `the database could not do it now: ${message}`, more);
  if (/^[0-9A-Z]{5}$/.test(code))
    return new BursarError('conflict', `the database refuses it: ${message} (SQLSTATE ${code})`, {
      ...more,
      hint: 'Nothing more is done by itself.',
    });
  return error;
}
