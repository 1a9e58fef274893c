import { BursarError } from '../../platform/errors.ts';
import type { Dataset, VectorIndex } from '../model.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** A connection to one Postgres server: what `pg`'s Client offers, and no more than is needed of it. */
export interface PgClient {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}

/** One database of vectors, with a connection that is open. The scope's account is the server's `host:port`. */
export interface PgSession {
  /** Config id of the store. */
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly client: PgClient;
  /** By the index's name as `schema.index`. */
  readonly documents: DocumentsOf;
}

/** Milliseconds that one statement may take on a server that others need. */
const STATEMENT_TIMEOUT = 15_000;

/**
 * Counters, sizes and dimensions from the catalogue; no vector is read or counted. `to_jsonb` reads columns
 * that older servers lack as null (last_idx_scan: PostgreSQL 16, "The Cumulative Statistics System").
 * A column's `atttypmod` is the dimension of pgvector's types (-1: none given); an index on an expression
 * (`(embedding::halfvec(1536))`) has it on its own attribute.
 */
const INDEXES = `
  SELECT current_database() AS database, n.nspname AS schema, t.relname AS table, c.relname AS index,
         am.amname AS method,
         COALESCE(NULLIF(ia.atttypmod, -1), NULLIF(ta.atttypmod, -1)) AS dimension,
         CASE WHEN t.reltuples < 0 THEN NULL ELSE t.reltuples::bigint::text END AS vectors,
         pg_relation_size(c.oid)::text AS bytes,
         COALESCE(si.idx_scan, 0)::text AS queries,
         st.seq_scan::text AS table_scans,
         to_char((to_jsonb(si) ->> 'last_idx_scan')::timestamptz AT TIME ZONE 'UTC',
                 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS last_query
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
    JOIN pg_am am ON am.oid = c.relam AND am.amname IN ('hnsw', 'ivfflat')
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = 1
    LEFT JOIN pg_attribute ta ON ta.attrelid = i.indrelid AND ta.attnum = i.indkey[0] AND ta.attnum > 0
    LEFT JOIN pg_stat_user_indexes si ON si.indexrelid = i.indexrelid
    LEFT JOIN pg_stat_user_tables st ON st.relid = i.indrelid
   ORDER BY schema, index`;

/**
 * Since when the counters count: the later of the database's reset (also of a single table's counters) and of
 * the server's shared counters, which begin anew when statistics are lost in a crash. A reset of the shared
 * counters alone looks like a reset of all: rather doubt than a wrong proof.
 */
const SERVER = `
  SELECT pg_is_in_recovery() AS replica,
         to_char(GREATEST(d.stats_reset, b.stats_reset) AT TIME ZONE 'UTC',
                 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS stats_since
    FROM pg_stat_bgwriter b
    LEFT JOIN pg_stat_database d ON d.datname = current_database()`;

const REPLICAS = `SELECT count(*)::int AS replicas FROM pg_stat_replication`;

/**
 * HNSW and IVFFlat indexes of one database with what the server counts about them. Everything is read in one
 * read-only transaction with a time limit a statement. A database without pgvector has none.
 *
 * It does not see: other databases of the server; counters of other servers (each replica has its own).
 */
export const pgvectorIndexes: Dataset<PgSession> = {
  id: 'pgvector.indexes',
  // A database login, not a cloud right: any role may read these views; tables stay closed to it.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const { client, host, port, store } = session;
    const where = `store:${store}`;
    const address = `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${port}`;
    const ask = async (sql: string): Promise<Record<string, unknown>[]> => {
      meter.count('pgvector.query');
      return (await client.query(sql)).rows;
    };
    try {
      await ask('BEGIN TRANSACTION READ ONLY');
      try {
        await ask(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT}`);
        const [server] = await ask(SERVER);
        const replicas = await askReplicas(ask);
        const rows = await ask(INDEXES);
        return {
          vectorIndexes: rows.map((row): VectorIndex => {
            const schema = text(row, 'schema');
            const index = text(row, 'index');
            return {
              store,
              storeType: 'pgvector',
              provider: 'postgres',
              accountId: address,
              region: 'global',
              dataset: 'pgvector.indexes',
              id: `postgres://${address}/${encode(text(row, 'database'))}/${encode(schema)}.${encode(index)}`,
              table: `${schema}.${text(row, 'table')}`,
              index: `${schema}.${index}`,
              method: text(row, 'method'),
              dimension: count(row, 'dimension'),
              vectors: count(row, 'vectors'),
              bytes: count(row, 'bytes'),
              queries: count(row, 'queries') ?? 0,
              tableScans: count(row, 'table_scans'),
              lastQuery: nullable(row, 'last_query'),
              statsSince: server === undefined ? null : nullable(server, 'stats_since'),
              replica: server?.['replica'] === true,
              replicas,
              incarnation: null,
              metric: null,
              model: null,
              created: null,
              lastWrite: null,
              measured: null,
              writes: null,
              modelLifecycle: null,
              latency: null,
              source: null,
              // The server costs the same whatever it holds, and nothing here tells what the bill calls it.
              capacity: { kind: 'shared-cluster', billed: [], bytes: null, sharedBy: null },
              sample: null,
              gaps: [],
            };
          }),
        };
      } finally {
        await ask('ROLLBACK');
      }
    } catch (error) {
      throw pgError(error, where);
    }
  },
};

/** Replicas that stream from this server; null where the role may not ask. */
async function askReplicas(ask: (sql: string) => Promise<Record<string, unknown>[]>): Promise<number | null> {
  await ask('SAVEPOINT replicas');
  try {
    const [row] = await ask(REPLICAS);
    return row === undefined ? null : count(row, 'replicas');
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    await ask('ROLLBACK TO SAVEPOINT replicas');
    return null;
  }
}

function text(row: Record<string, unknown>, key: string): string {
  const value = row[key];
  if (typeof value !== 'string') throw new TypeError(`the catalogue gave no ${key}`);
  return value;
}

function nullable(row: Record<string, unknown>, key: string): string | null {
  return typeof row[key] === 'string' ? row[key] : null;
}

/** A count, exact up to 2^53; null where it is missing. */
function count(row: Record<string, unknown>, key: string): number | null {
  const value = row[key];
  return value === null || value === undefined ? null : Number(value);
}

function encode(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** SQLSTATE classes as in "PostgreSQL Error Codes", Appendix A; the rest is Node's word for a lost connection. */
function pgError(error: unknown, where: string): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const more = { where, cause: error };
  if (code === '42501')
    return new BursarError('denied', `the database denies it: ${message}`, {
      ...more,
      hint: 'Grant the login the role pg_read_all_stats.',
    });
  if (code.startsWith('28'))
    return new BursarError('credentials', `the database refuses the login: ${message}`, more);
  if (code === '57014')
    return new BursarError('unavailable', `a statement took over ${STATEMENT_TIMEOUT / 1000} s`, more);
  if (/^(08|53|57P)|^E[A-Z]+$/.test(code) || /connection|client was closed/i.test(message))
    return new BursarError('unavailable', `the database does not answer: ${message}`, {
      ...more,
      hint: 'Check its address and that this network may reach it.',
    });
  return error;
}
