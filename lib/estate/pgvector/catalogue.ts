import type { VectorGap, VectorIndex } from '../model.ts';
import { vectorIndex } from '../vector-index.ts';
import { indexId, serverName } from './address.ts';
import { count, nullable, text } from './row.ts';
import type { PgSession } from './session.ts';

/**
 * Counters, sizes and dimensions from the catalogue; no vector is read or counted. `to_jsonb` reads columns
 * that older servers lack as null (last_idx_scan: PostgreSQL 16, "The Cumulative Statistics System").
 *
 * A column's `atttypmod` is the dimension of pgvector's types (-1: none given); an index on an expression
 * (`(embedding::halfvec(1536))`) has it on its own attribute.
 *
 * The indexes of partitions are told as the one index that they are parts of: none of them can be dropped by itself
 * (PostgreSQL, "Table Partitioning"). Temporary tables are another session's.
 *
 * Rows that an index of some rows alone (`WHERE`) covers are what the last VACUUM or ANALYZE estimated of it. A table
 * that was never counted has -1 rows, before PostgreSQL 14 none ("pg_class"). Nothing here waits for a lock on a table,
 * as `pg_get_indexdef` would.
 *
 * `writes`: rows that indexes had to take in. An update that changed no indexed column is none ("Heap-Only Tuples").
 */
export const INDEXES = catalogue('pg_relation_size(c.oid)');

/** The same with sizes as the last VACUUM or ANALYZE left them: telling the real one waits for whoever locks an index. */
export const INDEXES_ESTIMATED = catalogue(`c.relpages * current_setting('block_size')::bigint`);

function catalogue(bytes: string): string {
  return `
  WITH leaf AS (
    SELECT COALESCE(pg_partition_root(i.indexrelid)::oid, i.indexrelid) AS root,
           i.indexrelid, i.indrelid, i.indpred IS NOT NULL AS partial, i.indisvalid AND i.indisready AS valid,
           t.relpersistence = 'u' AS unlogged,
           COALESCE(NULLIF(ia.atttypmod, -1), NULLIF(ta.atttypmod, -1)) AS dimension,
           (SELECT o.opcname FROM pg_opclass o WHERE o.oid = i.indclass[0]) AS opclass,
           CASE WHEN i.indpred IS NOT NULL THEN NULLIF(GREATEST(c.reltuples, 0), 0)
                WHEN t.reltuples < 0 OR (t.reltuples = 0 AND t.relpages = 0
                     AND current_setting('server_version_num')::int < 140000) THEN NULL
                ELSE t.reltuples END AS vectors,
           ${bytes} AS bytes,
           am.amname
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
      JOIN pg_am am ON am.oid = c.relam AND am.amname IN ('hnsw', 'ivfflat')
      JOIN pg_class t ON t.oid = i.indrelid AND t.relpersistence <> 't'
      LEFT JOIN pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = 1
      LEFT JOIN pg_attribute ta ON ta.attrelid = i.indrelid AND ta.attnum = i.indkey[0] AND ta.attnum > 0
  )
  SELECT current_database() AS database, n.nspname AS schema, t.relname AS table, c.relname AS index,
         c.oid::text AS oid, t.oid::text AS table_oid, leaf.amname AS method, leaf.opclass,
         min(COALESCE(ra.attname::text, regexp_replace(i.indexprs::text, ':location -?\\d+', '', 'g'))) AS indexed,
         max(leaf.dimension) AS dimension,
         bool_or(leaf.partial) AS partial,
         bool_and(leaf.valid) AS valid,
         bool_and(leaf.unlogged) AS unlogged,
         CASE WHEN bool_or(leaf.vectors IS NULL) THEN NULL ELSE sum(leaf.vectors)::bigint::text END AS vectors,
         sum(leaf.bytes)::text AS bytes,
         sum(COALESCE(si.idx_scan, 0))::text AS queries,
         sum(st.seq_scan)::text AS table_scans,
         sum(st.n_tup_ins + st.n_tup_upd - st.n_tup_hot_upd)::text AS writes,
         to_char(max((to_jsonb(si) ->> 'last_idx_scan')::timestamptz) AT TIME ZONE 'UTC',
                 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS last_query
    FROM leaf
    JOIN pg_class c ON c.oid = leaf.root
    JOIN pg_index i ON i.indexrelid = c.oid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute ra ON ra.attrelid = t.oid AND ra.attnum = i.indkey[0] AND ra.attnum > 0
    LEFT JOIN pg_stat_user_indexes si ON si.indexrelid = leaf.indexrelid
    LEFT JOIN pg_stat_user_tables st ON st.relid = leaf.indrelid
   GROUP BY n.nspname, t.relname, c.relname, c.oid, t.oid, leaf.amname, leaf.opclass
   ORDER BY n.nspname, c.relname`;
}

/**
 * Since when the counters count: the later of the database's reset (also of a single table's counters) and of
 * the server's shared counters, which begin anew when statistics are lost in a crash. A reset of the shared
 * counters alone looks like a reset of all: rather doubt than a wrong proof.
 */
export const SERVER = `
  SELECT pg_is_in_recovery() AS replica, d.datid::text AS database_oid,
         to_char(GREATEST(d.stats_reset, b.stats_reset) AT TIME ZONE 'UTC',
                 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS stats_since
    FROM pg_stat_bgwriter b
    LEFT JOIN pg_stat_database d ON d.datname = current_database()`;

/** What the server tells of itself. */
export interface Server {
  readonly replica: boolean;
  readonly databaseOid: string | null;
  readonly statsSince: string | null;
  readonly replicas: number | null;
  /** Bytes of all its databases; null where nobody asked or the login may not. */
  readonly bytes: number | null;
}

/** An index with what a look at its vectors needs to know of it. */
export interface Found {
  readonly index: VectorIndex;
  readonly tableOid: string;
  readonly schema: string;
  readonly table: string;
  /** What of a row is indexed (a column, or an expression as Postgres keeps it) and how it is compared. */
  readonly indexed: string;
  readonly indexOid: string;
  /** Does it leave rows out by a condition? */
  readonly partial: boolean;
}

/** @param estimated were sizes not asked for, but taken as they were last known? */
export function foundOf(
  row: Record<string, unknown>,
  session: PgSession,
  server: Server,
  estimated: boolean,
): Found {
  const { host, port, store } = session;
  const address = serverName(host, port);
  const [schema, table, index] = [text(row, 'schema'), text(row, 'table'), text(row, 'index')];
  const opclass = nullable(row, 'opclass');
  return {
    tableOid: text(row, 'table_oid'),
    indexOid: text(row, 'oid'),
    schema,
    table,
    indexed: `${text(row, 'indexed')} ${opclass ?? ''}`,
    partial: row['partial'] === true,
    index: vectorIndex({
      store,
      storeType: 'pgvector',
      provider: 'postgres',
      accountId: address,
      region: 'global',
      dataset: 'pgvector.indexes',
      id: indexId(address, text(row, 'database'), schema, index),
      // REINDEX keeps it, and the counters with it; what was dropped and made again has another one, and so has what
      // REINDEX CONCURRENTLY made. Databases made of one template have the same ids within them.
      incarnation: `${server.databaseOid ?? ''}.${text(row, 'oid')}`,
      table: `${schema}.${table}`,
      index: `${schema}.${index}`,
      method: text(row, 'method'),
      dimension: count(row, 'dimension'),
      metric: metricOf(opclass),
      vectors: count(row, 'vectors'),
      bytes: count(row, 'bytes'),
      queries: count(row, 'queries') ?? 0,
      tableScans: count(row, 'table_scans'),
      writes: count(row, 'writes'),
      lastQuery: nullable(row, 'last_query'),
      statsSince: server.statsSince,
      replica: server.replica,
      // What is not logged cannot be read on a replica (PostgreSQL, CREATE TABLE, "UNLOGGED").
      replicas: row['unlogged'] === true ? 0 : server.replicas,
      // The server costs the same whatever it holds; other databases may hold vectors too.
      capacity: { kind: 'shared-cluster', billed: session.billed, bytes: server.bytes, sharedBy: null },
      gaps: gapsOf(row, estimated),
    }),
  };
}

function gapsOf(row: Record<string, unknown>, estimated: boolean): VectorGap[] {
  return [
    ...(row['valid'] === true
      ? []
      : [
          {
            of: 'queries' as const,
            why: 'Postgres does not use it yet: it is being built, or its building failed (pg_index.indisvalid).',
          },
        ]),
    ...(estimated
      ? [
          {
            of: 'bytes' as const,
            why: 'Its size is that of the last VACUUM or ANALYZE: an index of the database was locked.',
          },
        ]
      : []),
  ];
}

/** By the operator classes of pgvector (its README, "Querying"): `halfvec_cosine_ops`, `bit_hamming_ops`. */
function metricOf(opclass: string | null): string | null {
  const word = /^(?:vector|halfvec|sparsevec|bit)_(l2|ip|cosine|l1|hamming|jaccard)_ops$/.exec(
    opclass ?? '',
  )?.[1];
  return word === 'ip' ? 'innerproduct' : (word ?? null);
}
