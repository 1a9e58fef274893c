/**
 * Years of which a bill can tell, both included. What lies outside stands for no time at all: 0001-01-01 and 9999-12-31
 * are the least and the greatest that .NET's DateTime holds ("DateTime.MinValue", "DateTime.MaxValue", Microsoft Learn,
 * read November 2026), and no window of a question would reach its charge.
 */
export const BILL_YEARS = { first: 1980, last: 8999 } as const;
const YEAR = String.raw`(19[89]|[2-8]\d\d)\d`;

/** Macros that read times, tags and other JSON from the spellings that billers use. */
export const VALUE_MACROS = [
  String.raw`CREATE TEMP MACRO is_utc(t) AS
    regexp_full_match(t, '${YEAR}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?Z?)?')`,
  String.raw`CREATE TEMP MACRO is_time(t) AS
    regexp_full_match(t, '${YEAR}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?')`,
  // A zone other than Z needs TIMESTAMPTZ: the cast to TIMESTAMP ignores it (run, DuckDB 1.5.6).
  String.raw`CREATE TEMP MACRO utc_time(t) AS CASE
    WHEN is_utc(t) THEN try_cast(rtrim(t, 'Z') AS TIMESTAMP)
    WHEN is_time(t) THEN CAST(try_cast(regexp_replace(
      regexp_replace(regexp_replace(t, ' ?(Z|UTC)$', '+00'), '([+-]\d\d)(\d\d)$', '\1:\2'),
      '^(.{10}[T ]\d\d:\d\d)([+-]|$)', '\1:00\2') AS TIMESTAMPTZ) AS TIMESTAMP)
    END`,
  String.raw`CREATE TEMP MACRO lacks_zone(t) AS CASE
    WHEN length(t) <= 10 OR substr(t, 11, 1) = ' ' OR ends_with(t, 'Z') THEN false
    ELSE NOT regexp_matches(t, '(UTC|[+-]\d\d(:?\d\d)?)$') END`,
  `CREATE TEMP MACRO json_kind(t) AS CASE WHEN json_valid(t) THEN json_type(t) END`,
  `CREATE TEMP MACRO pair_key(e) AS coalesce(json_extract_string(e, '$.key'), json_extract_string(e, '$.Key'))`,
  `CREATE TEMP MACRO pair_value(e) AS coalesce(json_extract(e, '$.value'), json_extract(e, '$.Value'), 'null')`,
  `CREATE TEMP MACRO is_pairs(t) AS CASE WHEN json_kind(t) = 'ARRAY'
    THEN len(json_extract(t, '$[*]')) = len(list_filter(json_extract(t, '$[*]'), lambda e: pair_key(e) IS NOT NULL))
    ELSE false END`,
  `CREATE TEMP MACRO pairs_object(t) AS '{' || array_to_string(list_transform(json_extract(t, '$[*]'),
    lambda e: CAST(to_json(pair_key(e)) AS VARCHAR) || ':' || CAST(pair_value(e) AS VARCHAR)), ',') || '}'`,
  `CREATE TEMP MACRO lacks_braces(t) AS coalesce(json_kind('{' || t || '}') = 'OBJECT', false)`,
  `CREATE TEMP MACRO object_text(t) AS CASE
    WHEN t IS NULL THEN NULL
    WHEN json_kind(t) = 'OBJECT' THEN t
    WHEN is_pairs(t) THEN pairs_object(t)
    WHEN lacks_braces(t) THEN '{' || t || '}' END`,
];
