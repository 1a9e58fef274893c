import type { DocumentFields } from '../vectors/documents.ts';
import { unquoted } from './names.ts';
import { nullable, text } from './row.ts';

/** A column of the table that an index is of. */
interface Column {
  readonly type: string;
  /** May the login read it? */
  readonly readable: boolean;
  readonly required: boolean;
  /** Is it what is indexed? */
  readonly indexed: boolean;
}
export type Columns = ReadonlyMap<string, Column>;

/**
 * The columns of a table. `oid`s are the catalogue's own digits. What an index is of, also by an expression, is what
 * it depends on (PostgreSQL, "pg_depend").
 */
export function columnsSql(tableOid: string, indexOid: string): string {
  return `
  SELECT a.attname AS name, format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), NULL) AS type,
         has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable, a.attnotnull AS required,
         EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = ${digits(indexOid)}
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
                    AND d.refobjsubid = a.attnum) AS indexed
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = ${digits(tableOid)} AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum`;
}

function digits(oid: string): string {
  if (!/^\d+$/.test(oid)) throw new TypeError('the catalogue gave an oid that is no number');
  return oid;
}

export function columnsOf(rows: readonly Record<string, unknown>[]): Columns {
  return new Map(
    rows.map((row) => [
      text(row, 'name'),
      {
        type: nullable(row, 'type') ?? '',
        // Of a table that was dropped since it is NULL: reading it tells.
        readable: row['readable'] !== false,
        required: row['required'] === true,
        indexed: row['indexed'] === true,
      },
    ]),
  );
}

/** Why a table cannot be read as the config and the rights stand; a sentence. */
export class UnreadableError extends Error {}

/** SQL of each configured field as text, by its name in the config; null fields are NULL. */
export type Expressions = Readonly<Record<keyof DocumentFields, string>>;

/**
 * @param where the table as messages name it: `public.chunks` @param quoted as SQL does
 * @throws UnreadableError for a column that is not there, is no JSON where the config goes into it, or may not be read
 */
export function expressionsOf(
  fields: DocumentFields,
  columns: Columns,
  where: string,
  quoted: string,
): Expressions {
  const one = (field: string | null, time = false): string =>
    field === null ? 'NULL::text' : expressionOf(field, columns, where, time);
  const told = {
    key: one(fields.key),
    part: one(fields.part),
    content: one(fields.content),
    embedded: one(fields.embedded, true),
    model: one(fields.model),
    tokens: one(fields.tokens),
  };
  const named = Object.values(fields).flatMap((field) => (field === null ? [] : [pathOf(field).column]));
  const empty = [...columns]
    .filter(([, { indexed, required }]) => indexed && !required)
    .map(([name]) => name);
  const closed = [...new Set([...named, ...empty])].filter((name) => columns.get(name)?.readable === false);
  if (closed.length > 0) {
    const list = closed.map(identifier).join(', ');
    throw new UnreadableError(
      `The login may not read ${list} of ${where}: GRANT SELECT (${list}) ON ${quoted}.${
        closed.some((name) => empty.includes(name))
          ? ' Of what is indexed only whether it is NULL is read; a column that is NOT NULL need not be granted.'
          : ''
      }`,
    );
  }
  return told;
}

/** Rows without a vector are in no index. No vector is read to tell: whether a column is NULL stands in the row's head. */
export function hasVector(columns: Columns): string {
  const nullables = [...columns].filter(([, { indexed, required }]) => indexed && !required);
  return ['true', ...nullables.map(([name]) => `${identifier(name)} IS NOT NULL`)].join(' AND ');
}

interface Path {
  readonly column: string;
  /** Keys within a column of JSON, from the outside in. */
  readonly keys: readonly string[];
}

const IDENTIFIER = `[^"'\\s>-][^"'\\s>]*|"(?:[^"]|"")+"`;
const PATH = new RegExp(`^(${IDENTIFIER})((?:->'(?:[^']|'')*')*)(?:->>'((?:[^']|'')*)')$`);

/** A column as the catalogue spells it, in double quotes or without, or `metadata->'file'->>'source'`. */
export function pathOf(field: string): Path {
  const bare = field.replaceAll(/\s*(->>?)\s*/g, '$1').trim();
  const [, column = '', between = '', last] = PATH.exec(bare) ?? [];
  if (last === undefined) return { column: unquoted(bare), keys: [] };
  const outer = [...between.matchAll(/->'((?:[^']|'')*)'/g)].map(([, key = '']) => key);
  return { column: unquoted(column), keys: [...outer, last].map((key) => key.replaceAll("''", "'")) };
}

const AS_TEXT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

function expressionOf(field: string, columns: Columns, where: string, time: boolean): string {
  const { column, keys } = pathOf(field);
  const known = columns.get(column);
  if (known === undefined)
    throw new UnreadableError(
      `The config names ${field}, and ${where} has no column ${column}: it has ${[...columns.keys()].join(', ')}.`,
    );
  const name = identifier(column);
  if (keys.length > 0) {
    if (known.type !== 'json' && known.type !== 'jsonb')
      throw new UnreadableError(
        `The config names ${field}, and the column ${column} of ${where} is ${known.type}, no JSON.`,
      );
    return keys.reduce(
      (sql, key, at) => `${sql} ${at === keys.length - 1 ? '->>' : '->'} ${literal(key)}`,
      name,
    );
  }
  // Infinite times become NULL: "Data Type Formatting Functions", to_char.
  if (time && known.type === 'timestamp with time zone')
    return `to_char(${name} AT TIME ZONE 'UTC', ${AS_TEXT})`;
  if (time && (known.type === 'timestamp without time zone' || known.type === 'date'))
    return `to_char(${name}::timestamp, ${AS_TEXT})`;
  return `${name}::text`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Escaped where it has a backslash, so that it is read alike whatever standard_conforming_strings says. */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? `E${quoted}` : quoted;
}
