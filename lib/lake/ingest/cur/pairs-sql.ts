import { literal } from '../sql-text.ts';
import type { CurTag } from './header.ts';

/** An input column: its SQL, and its DuckDB type. */
export interface RawColumn {
  readonly sql: string;
  readonly type: string;
}

/**
 * Macros that make one JSON object of tags. `pairs` is a list of {key, value}; keys become those of AWS's FOCUS
 * export (see `tagKey`), except where two keys of one line would become the same: then all stay as they are, for a
 * tag is never merged with another.
 */
export const PAIR_MACROS = [
  `CREATE OR REPLACE TEMP MACRO cur_tag_key(k) AS CASE
    WHEN regexp_matches(k, '^user[:_].') THEN substr(k, 6)
    WHEN regexp_matches(k, '^aws[:_].') THEN 'aws:' || substr(k, 5)
    ELSE k END`,
  `CREATE OR REPLACE TEMP MACRO cur_keys_differ(pairs) AS
    list_unique(list_transform(pairs, lambda p: cur_tag_key(p.key))) = len(pairs)`,
  `CREATE OR REPLACE TEMP MACRO cur_pair(k, v) AS CAST(to_json(k) AS VARCHAR) || ':' || CAST(to_json(v) AS VARCHAR)`,
  `CREATE OR REPLACE TEMP MACRO cur_tag_texts(pairs) AS CASE
    WHEN cur_keys_differ(pairs) THEN list_transform(pairs, lambda p: cur_pair(cur_tag_key(p.key), p.value))
    ELSE list_transform(pairs, lambda p: cur_pair(p.key, p.value)) END`,
  `CREATE OR REPLACE TEMP MACRO cur_texts(pairs) AS list_transform(pairs, lambda p: cur_pair(p.key, p.value))`,
  `CREATE OR REPLACE TEMP MACRO cur_object(texts) AS
    CASE WHEN len(texts) > 0 THEN '{' || array_to_string(texts, ',') || '}' END`,
];

/** The pairs with a value of a map: a MAP or list of structs in Parquet, its JSON text in CSV. */
export function pairsOfMap({ sql, type }: RawColumn): string {
  const pairs = type.startsWith('MAP(')
    ? `map_entries(${sql})`
    : /^STRUCT\(.*\)\[\]$/.test(type)
      ? sql
      : mapOfText(type === 'VARCHAR' ? sql : `CAST(to_json(${sql}) AS VARCHAR)`);
  return `list_filter(${pairs}, lambda p: p.key IS NOT NULL AND p.value IS NOT NULL)`;
}

/** True where a map's text is no JSON object: its values cannot be told. */
export function mapIsUnreadable({ sql, type }: RawColumn): string | null {
  return type === 'VARCHAR'
    ? `nullif(trim(${sql}), '') IS NOT NULL AND coalesce(json_kind(${sql}), '') <> 'OBJECT'`
    : null;
}

function mapOfText(text: string): string {
  return `CASE WHEN json_kind(${text}) = 'OBJECT'
    THEN map_entries(json_transform(${text}, '"MAP(VARCHAR, VARCHAR)"')) END`;
}

/** `"key":"value"` of each column that holds a value; what is empty is no tag. */
export function pairsOfColumns(tags: readonly CurTag[], column: (at: number) => RawColumn): string {
  const texts = tags.map(({ key, at }) => {
    const value = `nullif(CAST(${column(at).sql} AS VARCHAR), '')`;
    return `CASE WHEN ${value} IS NOT NULL THEN ${literal(`${JSON.stringify(key)}:`)} || CAST(to_json(${value}) AS VARCHAR) END`;
  });
  return `list_filter([${texts.join(', ')}], lambda t: t IS NOT NULL)`;
}

/** The value of one key of a map. */
export function valueOfMap({ sql, type }: RawColumn, key: string): string {
  const name = literal(key);
  if (type.startsWith('MAP(')) return `nullif(CAST(${sql}[${name}] AS VARCHAR), '')`;
  const text = type === 'VARCHAR' ? sql : `CAST(to_json(${sql}) AS VARCHAR)`;
  return `CASE WHEN json_kind(${text}) = 'OBJECT' THEN nullif(json_extract_string(${text}, ${literal(`/${key}`)}), '') END`;
}
