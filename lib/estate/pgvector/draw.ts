import { type Expressions, identifier } from './columns.ts';

/**
 * All rows of a table that hold a vector. `TABLESAMPLE SYSTEM (100)` is every row, read by a sample scan: a
 * sequential scan would count as a search without the index in `pg_stat_user_tables.seq_scan` (PostgreSQL,
 * src/backend/access/heap/heapam.c, initscan: "for sample scans we update stats for tuple fetches"), so that looking
 * at a table would keep its indexes from ever being called unused.
 */
export function tableSql(schema: string, table: string, hasVector: string): string {
  return `FROM ${tableName(schema, table)} TABLESAMPLE SYSTEM (100) WHERE ${hasVector}`;
}

export function tableName(schema: string, table: string): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/**
 * The share of the rows that is to be drawn, so that there are seldom more than `most`: four standard deviations
 * fewer; null for all.
 */
export function shareOf(population: number, most: number): number | null {
  return population <= most ? null : Math.max(most - 4 * Math.sqrt(most), most / 2) / population;
}

/**
 * What is read of a table: the configured columns as text, of all rows or of those that are drawn.
 * @param share of the rows, above 0 and at most 1; null for all
 * @param even draws rows by chance where nothing tells the vectors of a document apart: by their key they would all be
 *   drawn together
 * @param limit rows at most
 */
export function drawSql(
  expressions: Expressions,
  from: string,
  share: number | null,
  even: boolean,
  limit: number,
): string {
  const { key, part, content, embedded, model, tokens } = expressions;
  const drawn = share === null ? '' : `AND ${even ? `random() < ${share}` : drawnBy(expressions, share)}`;
  return `SELECT ${key} AS key, ${part} AS part, ${content} AS content, ${embedded} AS embedded,
                 ${model} AS model, ${tokens} AS tokens ${from} ${drawn} LIMIT ${limit}`;
}

/**
 * Rows whose key has one of the smallest hashes: `identityOf` of lib/estate/vectors/compare.ts in SQL, so that of a
 * large index the same are drawn in every look, and the same as in another store. Rows without a key are drawn by
 * chance: nothing tells them from one another.
 */
function drawnBy({ key, part, content }: Expressions, share: number): string {
  const source = `to_json(NULLIF(${key}, ''))::text`;
  const whole = sha(`'[' || ${source} || ',' || COALESCE(to_json(${part})::text, 'null') || ']'`);
  const told = sha(
    `'["' || encode(${sha(`'[' || ${source} || ',null]'`)}, 'hex') || '","' || encode(${sha(content)}, 'hex') || '"]'`,
  );
  const hash = `CASE WHEN ${part} IS NULL AND ${content} IS NOT NULL THEN ${told} ELSE ${whole} END`;
  return `CASE WHEN NULLIF(${key}, '') IS NULL THEN random() < ${share} ELSE ${hash} < '\\x${bound(share)}'::bytea END`;
}

/** `hashOf` of a text: 64 bits of SHA-256 (PostgreSQL 11, "Binary String Functions and Operators"). */
function sha(text: string): string {
  return `substring(sha256(convert_to(${text}, 'UTF8')) FROM 1 FOR 8)`;
}

/** The hash below which that share of all hashes lies, 16 hexadecimal digits. */
function bound(share: number): string {
  const all = 2n ** 64n;
  const least = BigInt(Math.floor(share * 2 ** 53)) * 2n ** 11n;
  return (least < all ? least : all - 1n).toString(16).padStart(16, '0');
}
