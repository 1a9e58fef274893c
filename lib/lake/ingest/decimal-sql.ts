/** Names the value of `expression` for `body`, so that it is written and made once: macros are text to DuckDB. */
function bind(name: string, expression: string, body: string): string {
  return `list_transform([${expression}], lambda ${name}: ${body})[1]`;
}

/** A number as minus, digits, point, digits, without exponent or needless zeros; 60 zeros are more than any has. */
const TIDY = bind(
  'p',
  String.raw`{minus: CASE WHEN starts_with(t, '-') THEN '-' ELSE '' END,
    mantissa: regexp_extract(t, '^[+-]?([0-9.]+)', 1),
    exponent: coalesce(try_cast(nullif(regexp_extract(t, '[eE][+]?(-?\d+)$', 1), '') AS INTEGER), 0)}`,
  bind(
    'q',
    `{minus: p.minus, digits: replace(p.mantissa, '.', ''),
      point: length(split_part(p.mantissa, '.', 1)) + p.exponent}`,
    bind(
      'r',
      `{minus: q.minus, text: CASE
        WHEN q.point <= 0 THEN '0.' || repeat('0', least(-q.point, 60)) || q.digits
        WHEN q.point >= length(q.digits) THEN q.digits || repeat('0', least(q.point - length(q.digits), 60)) || '.'
        ELSE left(q.digits, q.point) || '.' || substr(q.digits, q.point + 1) END}`,
      `r.minus || ltrim(split_part(r.text, '.', 1), '0') || '.' || rtrim(split_part(r.text, '.', 2), '0')`,
    ),
  ),
);

/**
 * Macros that read decimals exactly. DuckDB rounds a text with too many places without a word and its cast of a
 * DOUBLE is not the shortest decimal, so texts are judged before they are cast. They agree with
 * `parseDecimal` of lib/focus/decimal.ts, which a property test holds them to.
 */
export const DECIMAL_MACROS = [
  String.raw`CREATE TEMP MACRO is_number(t) AS
    regexp_full_match(t, '[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?')`,
  // What no rounding can touch and no overflow can hit: the way of nearly every value.
  String.raw`CREATE TEMP MACRO is_plain(t) AS regexp_full_match(t, '[+-]?\d{1,20}(\.\d{0,18})?')`,
  // The cast of a text to 38 digits takes 4 microseconds, to 18 digits a hundredth of it (run, DuckDB 1.5.6).
  String.raw`CREATE TEMP MACRO plain_decimal(t) AS CASE
    WHEN regexp_full_match(t, '[+-]?\d{1,6}(\.\d{0,12})?') THEN CAST(CAST(t AS DECIMAL(18,12)) AS DECIMAL(38,18))
    WHEN regexp_full_match(t, '[+-]?\d{1,3}(\.\d{0,15})?') THEN CAST(CAST(t AS DECIMAL(18,15)) AS DECIMAL(38,18))
    WHEN is_plain(t) THEN CAST(t AS DECIMAL(38,18)) END`,
  `CREATE TEMP MACRO tidy(t) AS ${TIDY}`,
  // Of a tidy number.
  `CREATE TEMP MACRO places(n) AS length(split_part(n, '.', 2))`,
  `CREATE TEMP MACRO exact_decimal(t) AS CASE
    WHEN is_plain(t) THEN plain_decimal(t)
    WHEN is_number(t) THEN ${bind('n', 'tidy(t)', `CASE WHEN n IN ('.', '-.') THEN 0 WHEN places(n) <= 18 THEN try_cast(n AS DECIMAL(38,18)) END`)}
    END`,
  // The part of a tidy number that 18 places hold; a zero before it, for there may be no digit left.
  `CREATE TEMP MACRO cut(n) AS
    try_cast(replace(split_part(n, '.', 1) || '.' || left(split_part(n, '.', 2), 18), '-', '-0') AS DECIMAL(38,18))`,
  // `contains` and not IN, which DuckDB turns into a join that judges every row, whatever CASE stands before it.
  `CREATE TEMP MACRO half_even(n) AS cut(n) + CASE
    WHEN substr(split_part(n, '.', 2), 19) > '5' OR (substr(split_part(n, '.', 2), 19) = '5'
      AND contains('13579', substr(split_part(n, '.', 2), 18, 1)))
    THEN CASE WHEN starts_with(n, '-') THEN CAST('-0.000000000000000001' AS DECIMAL(38,18))
      ELSE CAST('0.000000000000000001' AS DECIMAL(38,18)) END
    ELSE CAST(0 AS DECIMAL(38,18)) END`,
  `CREATE TEMP MACRO rounded_decimal(t) AS CASE
    WHEN is_plain(t) THEN plain_decimal(t)
    WHEN is_number(t) THEN ${bind('n', 'tidy(t)', `CASE WHEN n IN ('.', '-.') THEN 0 WHEN places(n) <= 18 THEN try_cast(n AS DECIMAL(38,18)) ELSE half_even(n) END`)}
    END`,
  `CREATE TEMP MACRO text_rounds(t) AS CASE
    WHEN is_plain(t) THEN false WHEN is_number(t) THEN places(tidy(t)) > 18 ELSE false END`,
  // At most 15 digits that give back the same double are its shortest decimal; else the shortest is printed. Twelve
  // places first: unit prices have that many, and printing and reading costs ten times as much.
  `CREATE TEMP MACRO short_decimal(d) AS CASE
    WHEN abs(d) < 1000 AND CAST(try_cast(d AS DECIMAL(15,12)) AS DOUBLE) = d
      THEN CAST(try_cast(d AS DECIMAL(15,12)) AS DECIMAL(38,18))
    WHEN abs(d) < 1000000 AND CAST(try_cast(d AS DECIMAL(15,9)) AS DOUBLE) = d
      THEN CAST(try_cast(d AS DECIMAL(15,9)) AS DECIMAL(38,18)) END`,
  `CREATE TEMP MACRO double_decimal(d) AS coalesce(short_decimal(d),
    ${bind('s', 'CAST(d AS VARCHAR)', 'rounded_decimal(s)')})`,
  `CREATE TEMP MACRO double_rounds(d) AS CASE
    WHEN d IS NULL OR short_decimal(d) IS NOT NULL THEN false
    ELSE ${bind('s', 'CAST(d AS VARCHAR)', 'text_rounds(s)')} END`,
  `CREATE TEMP MACRO decimal_fault(t) AS CASE
    WHEN NOT is_number(t) THEN 'is not a decimal number'
    WHEN text_rounds(t) THEN 'has more than 18 decimal places'
    ELSE 'has more than 20 digits before the point' END`,
];
