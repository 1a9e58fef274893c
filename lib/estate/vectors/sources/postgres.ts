import { BursarError } from '../../../platform/errors.ts';
import type { Meter } from '../../../platform/meter.ts';
import { identifier, literal } from '../../pgvector/columns.ts';
import { codeOf, pgError } from '../../pgvector/errors.ts';
import { nameParts } from '../../pgvector/names.ts';
import type { PgClient } from '../../pgvector/session.ts';
import type { Listed } from '../documents.ts';
import { timeOf } from '../fields.ts';
import { Listing, type ListingLimits } from './limits.ts';
import { listingName } from './name.ts';
import { keyNamer } from './template.ts';

export interface PostgresDocuments {
  /** `table` or `schema.table`, as `nameParts` reads it. */
  readonly table: string;
  readonly key: string;
  readonly modified: string | null;
  readonly content: string | null;
  /** How vectors name a document. */
  readonly as: string;
}

/** Milliseconds that one statement may take on a server that others need. */
const STATEMENT_TIMEOUT = 30_000;
const ROWS = 1000;

/**
 * Rows of a table or view that lists documents, through a cursor in one read-only transaction with a time limit a
 * statement: of each row the configured columns alone. Names are quoted, so that they are those of the catalogue and
 * no SQL. Rows without a key list nothing; a key of several rows is as it was changed last.
 * @throws BursarError config (no such table or column), denied, unavailable
 */
export async function listPostgres(
  client: PgClient,
  source: PostgresDocuments,
  {
    now,
    meter,
    limits,
    where,
  }: {
    readonly now: Date;
    readonly meter: Meter;
    readonly limits: ListingLimits;
    readonly where: string;
  },
): Promise<Listed> {
  const listing = new Listing('postgres', listingName({ type: 'postgres', ...source }), limits);
  const name = keyNamer(source.as);
  const ask = async (sql: string) => {
    meter.count('postgres.query');
    return (await client.query(sql)).rows;
  };
  try {
    await ask('BEGIN TRANSACTION READ ONLY');
    try {
      await ask(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT}`);
      // Times without a zone are taken for UTC, and those with one are shown in it.
      await ask(`SET LOCAL TimeZone = 'UTC'`);
      // A policy that hides rows is an error then: half a list would call the other half gone (PostgreSQL, row_security).
      await ask('SET LOCAL row_security = off');
      const [kind] = await ask(`SELECT relkind::text AS kind FROM pg_class WHERE oid = ${relation(source)}`);
      await ask(`DECLARE documents NO SCROLL CURSOR FOR ${select(source, text(kind?.['kind']))}`);
      for (let whole = false; !whole && listing.hasTime(); ) {
        const rows = await ask(`FETCH ${ROWS} FROM documents`);
        for (const row of rows)
          if (!listing.add(name(text(row['key']) ?? ''), timeOf(row['modified']), text(row['content'])))
            return listing.result(now);
        whole = rows.length < ROWS;
      }
    } finally {
      await ask('ROLLBACK');
    }
  } catch (error) {
    throw refused(error, source, where) ?? pgError(error, where, STATEMENT_TIMEOUT / 1000);
  }
  return listing.result(now);
}

/** The object of the catalogue by the quoted name; NULL where there is none. */
function relation({ table }: PostgresDocuments): string {
  return `to_regclass(${literal(nameOf(table))})`;
}

function nameOf(table: string): string {
  return (nameParts(table) ?? [table]).map(identifier).join('.');
}

/** Tables, materialized views and partitioned tables: what TABLESAMPLE can be asked of (PostgreSQL, SELECT). */
const SAMPLED = new Set(['r', 'm', 'p']);

/**
 * `#>> '{}'` of a JSON text is the text itself: ISO-8601 for times of every type, digits for numbers. All rows of a
 * table are read by a sample scan, which counts as no sequential scan: the table may hold the vectors too, and scans
 * without their index raise doubt about it (see lib/estate/pgvector/draw.ts). Those of the tables below a view count.
 * @param kind `pg_class.relkind`; null where nothing is there
 */
function select({ table, key, modified, content }: PostgresDocuments, kind: string | null): string {
  const from = `${nameOf(table)}${kind !== null && SAMPLED.has(kind) ? ' TABLESAMPLE SYSTEM (100)' : ''}`;
  const moment = modified === null ? 'NULL' : `to_jsonb(${identifier(modified)}) #>> '{}'`;
  const tag = content === null ? 'NULL' : `${identifier(content)}::text`;
  return `SELECT ${identifier(key)}::text AS key, ${moment} AS modified, ${tag} AS content FROM ${from} WHERE ${identifier(key)} IS NOT NULL`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What a name that is not there or a table that is not granted is called (PostgreSQL, "Error Codes"). */
const UNKNOWN = new Set(['42P01', '42703', '3F000']);
const NOT_GRANTED = '42501';

function refused(error: unknown, { table }: PostgresDocuments, where: string): BursarError | null {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  if (UNKNOWN.has(code))
    return new BursarError('config', `the documents in ${table} cannot be read: ${message}`, {
      where,
      hint: 'Names are taken as they are written: see their case in the catalogue.',
      cause: error,
    });
  if (code !== NOT_GRANTED) return null;
  return new BursarError('denied', `the documents in ${table} cannot be read: ${message}`, {
    where,
    hint: 'Grant the login SELECT on the configured columns of the table, and USAGE on its schema; no policy may hide rows of it.',
    cause: error,
  });
}
