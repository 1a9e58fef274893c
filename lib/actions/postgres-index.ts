import { z } from 'zod';
import { identifier, literal } from '../estate/pgvector/columns.ts';
import type { Send } from './postgres-session.ts';

/**
 * One row of an index by its schema and name. Nothing of its table is read. `pg_get_indexdef` writes what it needs
 * with its schema, as `search_path` holds nothing of the user's; it leaves out tablespace and comment ("System
 * Information Functions").
 *
 * `heldFor`: DROP INDEX CONCURRENTLY waits for every transaction that may use the index, after it has made it
 * invalid (PostgreSQL, DROP INDEX).
 */
const INDEX = `
  SELECT (SELECT d.oid::text FROM pg_database d WHERE d.datname = current_database()) || '.' || c.oid::text AS incarnation,
         tn.nspname || '.' || t.relname AS table, am.amname AS method,
         i.indisvalid AND i.indisready AND i.indislive AS valid,
         pg_get_indexdef(c.oid) AS definition, obj_description(c.oid, 'pg_class') AS comment,
         (SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
         (SELECT COALESCE(json_agg(json_build_object('column', a.attnum, 'target', a.attstattarget) ORDER BY a.attnum), '[]')
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) AS statistics,
         pg_relation_size(c.oid)::text AS bytes, GREATEST(t.reltuples, 0)::bigint::text AS rows,
         COALESCE(st.idx_scan, 0)::text AS scans,
         (SELECT to_char(GREATEST(d.stats_reset, b.stats_reset) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM pg_stat_bgwriter b LEFT JOIN pg_stat_database d ON d.datname = current_database()) AS stats_since,
         CASE WHEN c.relkind = 'I' THEN 'it is of a partitioned table, of which no index can be dropped while others use it'
              WHEN c.relispartition THEN 'it is a part of the index of a partitioned table'
              WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid) THEN 'a constraint rests on it'
              WHEN i.indisunique OR i.indisprimary OR i.indisexclusion THEN 'it keeps rows apart'
              WHEN i.indisreplident THEN 'it is the replica identity of its table'
              WHEN EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid
                            AND x.deptype IN ('e', 'x')) THEN 'it belongs to an extension'
              WHEN EXISTS (SELECT FROM pg_depend x WHERE x.refclassid = 'pg_class'::regclass AND x.refobjid = c.oid)
                THEN 'something else in the database depends on it'
              WHEN t.relpersistence = 't' THEN 'it is of a temporary table' END AS bound,
         pg_is_in_recovery() AS replica, (SELECT count(*)::int FROM pg_stat_replication) AS replicas,
         pg_get_userbyid(t.relowner)::text AS owner, pg_has_role(t.relowner, 'USAGE') AS owned,
         (SELECT p.phase || CASE WHEN p.tuples_total > 0 THEN ', ' || p.tuples_done || ' of ' || p.tuples_total || ' rows'
                                 WHEN p.blocks_total > 0 THEN ', ' || p.blocks_done || ' of ' || p.blocks_total || ' blocks'
                                 ELSE '' END
            FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid LIMIT 1) AS building,
         EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND a.datname = current_database()
                  AND a.state = 'active' AND a.query = $3) AS dropping,
         (SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)::int
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
           WHERE l.relation = t.oid AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
             AND l.granted AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL) AS held_for
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_index i ON i.indexrelid = c.oid
    JOIN pg_am am ON am.oid = c.relam
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_stat_user_indexes st ON st.indexrelid = c.oid
   WHERE n.nspname = $1 AND c.relname = $2`;

/** An index as the catalogue has it now, with all that brings it back. */
export const indexShape = z.object({
  /** Of the database and the index: another one where it was made again. */
  incarnation: z.string(),
  /** `schema.table` */
  table: z.string(),
  method: z.string(),
  /** May searches use it? */
  valid: z.boolean(),
  definition: z.string(),
  comment: z.string().nullable(),
  tablespace: z.string().nullable(),
  /** `ALTER INDEX ... SET STATISTICS`, by the number of the column. */
  statistics: z.array(z.object({ column: z.int(), target: z.int() })),
  bytes: z.string(),
  /** Of its table, as the last VACUUM or ANALYZE estimated them. */
  rows: z.string(),
  scans: z.string(),
  statsSince: z.string().nullable(),
  /** Why it is never dropped, in words; null where nothing forbids it. */
  bound: z.string().nullable(),
  replica: z.boolean(),
  /** Servers that stream from this one. */
  replicas: z.int(),
  owner: z.string(),
  /** May the login do what its owner may? */
  owned: z.boolean(),
  /** How far its building is, as the server shows it; null where nobody builds it. */
  building: z.string().nullable(),
  /** Is a statement at work that drops it? */
  dropping: z.boolean(),
  /** Seconds for which a transaction of others has held its table; 0 where none does. */
  heldFor: z.int(),
});
export type PostgresIndex = z.output<typeof indexShape>;

/** The index of that name; null where there is none. */
export async function readIndex(send: Send, schema: string, index: string): Promise<PostgresIndex | null> {
  const [row] = await send(INDEX, [schema, index, dropSql(schema, index)]);
  if (row === undefined) return null;
  return indexShape.parse({ ...row, statsSince: row['stats_since'], heldFor: row['held_for'] });
}

/** Postgres has no tags: what the comment of an index names, between commas, protects as the keys of tags do. */
export function protectionsOf(comment: string | null): Record<string, string> {
  return Object.fromEntries((comment ?? '').split(',').map((word) => [word.trim(), '']));
}

export function dropSql(schema: string, index: string): string {
  return `DROP INDEX CONCURRENTLY ${identifier(schema)}.${identifier(index)}`;
}

/** The kept definition, built without keeping writers out. */
export function createSql(definition: string): string {
  return definition.replace(/^CREATE INDEX /, 'CREATE INDEX CONCURRENTLY ');
}

export function commentSql(schema: string, index: string, comment: string | null): string {
  const text = comment === null ? 'NULL' : literal(comment);
  return `COMMENT ON INDEX ${identifier(schema)}.${identifier(index)} IS ${text}`;
}

export function statisticsSql(schema: string, index: string, column: number, target: number): string {
  return `ALTER INDEX ${identifier(schema)}.${identifier(index)} ALTER COLUMN ${column} SET STATISTICS ${target}`;
}
