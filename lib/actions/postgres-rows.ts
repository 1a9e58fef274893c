import { z } from 'zod';
import {
  columnsOf,
  columnsSql,
  expressionsOf,
  hasVector,
  identifier,
  literal,
  UnreadableError,
} from '../estate/pgvector/columns.ts';
import { tableName, tableSql } from '../estate/pgvector/draw.ts';
import { nullable, text } from '../estate/pgvector/row.ts';
import { isGone } from '../estate/vectors/compare.ts';
import type { Documents, Listed } from '../estate/vectors/documents.ts';
import { vectorKey } from '../estate/vectors/fields.ts';
import { BursarError } from '../platform/errors.ts';
import type { Lines } from './exports.ts';
import type { Send } from './postgres-session.ts';

/** The table of an index, as far as its rows may be deleted and brought back. */
export const tableShape = z.object({
  schema: z.string(),
  table: z.string(),
  tableOid: z.string(),
  indexOid: z.string(),
  /** Of the database and the table: another one where it was made again. */
  incarnation: z.string(),
  /** Columns of its primary key; null where it has none. */
  key: z.array(z.string()).nullable(),
  /** Columns that are written: all but generated ones. */
  columns: z.array(z.string()),
  /** Why its rows are never deleted, in words; null where nothing forbids it. */
  bound: z.string().nullable(),
  /** Of the index. */
  comment: z.string().nullable(),
  /** May the login read, delete and insert its rows? */
  allowed: z.boolean(),
});
export type PostgresTable = z.output<typeof tableShape>;

const TABLE = `
  SELECT tn.nspname::text AS schema, t.relname::text AS "table", t.oid::text AS "tableOid", c.oid::text AS "indexOid",
         (SELECT d.oid::text FROM pg_database d WHERE d.datname = current_database()) || '.' || t.oid::text AS incarnation,
         (SELECT json_agg(a.attname ORDER BY k.place)
            FROM pg_index p CROSS JOIN LATERAL unnest(p.indkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_attribute a ON a.attrelid = p.indrelid AND a.attnum = k.attnum
           WHERE p.indrelid = t.oid AND p.indisprimary) AS key,
         (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
           WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
         CASE WHEN pg_is_in_recovery() THEN 'this server is a replica'
              WHEN i.indpred IS NOT NULL THEN 'the index covers some of its rows alone'
              WHEN t.relkind <> 'r' OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = t.oid OR h.inhparent = t.oid)
                THEN 'it is no table by itself'
              WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.confrelid = t.oid AND k.contype = 'f')
                THEN 'rows of another table point to it'
              WHEN EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal)
                THEN 'a trigger runs on it'
              WHEN EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = t.oid) THEN 'a rule changes what is done to it' END AS bound,
         obj_description(c.oid, 'pg_class') AS comment,
         has_table_privilege(t.oid, 'SELECT') AND has_table_privilege(t.oid, 'DELETE')
           AND has_table_privilege(t.oid, 'INSERT') AS allowed
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_index i ON i.indexrelid = c.oid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2`;

/** The table of the index of that name; null where there is no such index. */
export async function readTable(send: Send, schema: string, index: string): Promise<PostgresTable | null> {
  const [row] = await send(TABLE, [schema, index]);
  return row === undefined ? null : tableShape.parse(row);
}

/** Rows of one FETCH: their keys alone. */
const ROWS = 5000;

/** What of the rows of a table is gone from its source. */
export interface Gone {
  /** JSON of the primary keys of these rows. */
  readonly keys: ReadonlySet<string>;
  /** Rows whose document is there. */
  readonly found: number;
}

/**
 * Compares the keys of all rows that hold a vector with a listing that is whole. Of the rows the configured columns
 * and the primary key are read.
 */
export async function goneRows(
  send: Send,
  table: PostgresTable,
  { fields, skew }: Pick<Documents, 'fields' | 'skew'>,
  listed: Listed,
): Promise<Gone> {
  const name = `${table.schema}.${table.table}`;
  const quoted = tableName(table.schema, table.table);
  await send('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  try {
    const columns = columnsOf(await send(columnsSql(table.tableOid, table.indexOid)));
    const { key, embedded } = expressionsOf(fields, columns, name, quoted);
    await send(
      `DECLARE vectors NO SCROLL CURSOR FOR SELECT ${keyJson(table, '')} AS primary, ${key} AS key, ${embedded} AS embedded
         ${tableSql(table.schema, table.table, hasVector(columns))}`,
    );
    const keys = new Set<string>();
    let found = 0;
    for (;;) {
      const rows = await send(`FETCH ${ROWS} FROM vectors`);
      for (const row of rows) {
        const vector = vectorKey(
          {
            key: 'key',
            part: null,
            content: null,
            embedded: fields.embedded === null ? null : 'embedded',
            model: null,
            tokens: null,
          },
          (column) => nullable(row, column),
        );
        if (isGone(listed, vector, skew)) keys.add(text(row, 'primary'));
        else if (vector.source !== null && listed.sources.find(vector.source) !== null) found += 1;
      }
      if (rows.length < ROWS) return { keys, found };
    }
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw new BursarError('conflict', error.message, { where: name, hint: 'Nothing was done.' });
  } finally {
    await send('ROLLBACK');
  }
}

/** Rows by their primary keys, as JSON; those that are gone since are left out. */
export async function rowsOf(send: Send, table: PostgresTable, keys: readonly string[]): Promise<Lines> {
  const rows = await send(
    `SELECT ${keyJson(table, 'bursar_kept.')} AS primary, row_to_json(bursar_kept)::text AS row
       FROM ${tableName(table.schema, table.table)} AS bursar_kept JOIN ${given(table)} ON ${sameKey(table, 'bursar_kept')}`,
    [arrayOf(keys)],
  );
  return { rows: rows.map((row) => text(row, 'row')), keys: rows.map((row) => text(row, 'primary')) };
}

/** Deletes rows that still are, in every column, what was kept of them. @returns how many */
export async function deleteRows(send: Send, table: PostgresTable, rows: readonly string[]): Promise<number> {
  const [row] = await send(
    `WITH deleted AS (
       DELETE FROM ${tableName(table.schema, table.table)} AS bursar_kept USING ${given(table)}
        WHERE ${sameKey(table, 'bursar_kept')} AND bursar_kept::text = bursar_given::text RETURNING 1)
     SELECT count(*)::int AS rows FROM deleted`,
    [arrayOf(rows)],
  );
  return Number(row?.['rows'] ?? 0);
}

/** Writes kept rows back where none of their key is there. */
export async function insertRows(send: Send, table: PostgresTable, rows: readonly string[]): Promise<void> {
  const columns = table.columns.map(identifier).join(', ');
  await send(
    `INSERT INTO ${tableName(table.schema, table.table)} (${columns}) OVERRIDING SYSTEM VALUE
     SELECT ${columns} FROM ${given(table)} ON CONFLICT DO NOTHING`,
    [arrayOf(rows)],
  );
}

/** How many of these keys the table holds. */
export async function countRows(send: Send, table: PostgresTable, keys: readonly string[]): Promise<number> {
  const [row] = await send(
    `SELECT count(*)::int AS rows FROM ${tableName(table.schema, table.table)} AS bursar_kept JOIN ${given(table)} ON ${sameKey(table, 'bursar_kept')}`,
    [arrayOf(keys)],
  );
  return Number(row?.['rows'] ?? 0);
}

/** JSON read as rows of the table: what a line leaves out is NULL. Names that no column of a user's has. */
function given({ schema, table }: PostgresTable): string {
  return `json_populate_recordset(NULL::${tableName(schema, table)}, $1::json) AS bursar_given`;
}

function keyJson({ key }: PostgresTable, of: string): string {
  const pairs = (key ?? []).map((column) => `${literal(column)}, ${of}${identifier(column)}`);
  return `json_build_object(${pairs.join(', ')})::text`;
}

function sameKey({ key }: PostgresTable, of: string): string {
  return (key ?? [])
    .map((column) => `${of}.${identifier(column)} = bursar_given.${identifier(column)}`)
    .join(' AND ');
}

/** Lines of JSON as one array, untouched: numbers of 64 bits are no numbers of JavaScript. */
function arrayOf(lines: readonly string[]): string {
  return `[${lines.join(',')}]`;
}
