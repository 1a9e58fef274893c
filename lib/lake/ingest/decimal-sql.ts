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
  String.raw`CREATE TEMP MACRO mantissa(t) AS regexp_extract(t, '^[+-]?([0-9.]+)', 1)`,
  String.raw`CREATE TEMP MACRO exponent(t) AS
    coalesce(try_cast(nullif(regexp_extract(t, '[eE][+]?(-?\d+)$', 1), '') AS INTEGER), 0)`,
  // Places after the point that carry a digit; of a number only.
  `CREATE TEMP MACRO places(t) AS CASE
    WHEN trim(mantissa(t), '0.') = '' THEN 0
    ELSE greatest(0, length(split_part(mantissa(t), '.', 2)) - exponent(t)
      - (length(replace(mantissa(t), '.', '')) - length(rtrim(replace(mantissa(t), '.', ''), '0')))) END`,
  // Without leading and trailing zeros, which count as digits for DuckDB's cast.
  String.raw`CREATE TEMP MACRO tidy(t) AS
    CASE WHEN contains(t, '.') AND NOT regexp_matches(t, '[eE]') THEN rtrim(t, '0') ELSE t END`,
  `CREATE TEMP MACRO exact_decimal(t) AS CASE
    WHEN is_plain(t) THEN CAST(t AS DECIMAL(38,18))
    WHEN is_number(t) THEN CASE
      WHEN trim(mantissa(t), '0.') = '' THEN CAST(0 AS DECIMAL(38,18))
      WHEN places(t) <= 18 THEN try_cast(tidy(t) AS DECIMAL(38,18)) END
    END`,
  // Plain digits of a number below 10 with an exponent; 37 places are enough, since a double has 17 digits.
  `CREATE TEMP MACRO expanded(t) AS CASE
    WHEN regexp_matches(t, '[eE]') THEN CAST(try_cast(t AS DECIMAL(38,37)) AS VARCHAR) ELSE t END`,
  `CREATE TEMP MACRO cut_decimal(t) AS
    try_cast(split_part(t, '.', 1) || '.' || left(split_part(t, '.', 2), 18) AS DECIMAL(38,18))`,
  `CREATE TEMP MACRO rest(t) AS rtrim(substr(split_part(t, '.', 2), 19), '0')`,
  // `contains` and not IN, which DuckDB turns into a join that judges every row, whatever CASE stands before it.
  `CREATE TEMP MACRO half_even(t) AS cut_decimal(t) + CASE
    WHEN rest(t) > '5' OR (rest(t) = '5' AND contains('13579', substr(split_part(t, '.', 2), 18, 1)))
    THEN CASE WHEN starts_with(t, '-') THEN CAST('-0.000000000000000001' AS DECIMAL(38,18))
      ELSE CAST('0.000000000000000001' AS DECIMAL(38,18)) END
    ELSE CAST(0 AS DECIMAL(38,18)) END`,
  `CREATE TEMP MACRO rounded_decimal(t) AS CASE
    WHEN is_plain(t) THEN CAST(t AS DECIMAL(38,18))
    WHEN is_number(t) THEN CASE
      WHEN trim(mantissa(t), '0.') = '' THEN CAST(0 AS DECIMAL(38,18))
      WHEN places(t) <= 18 THEN try_cast(tidy(t) AS DECIMAL(38,18))
      ELSE half_even(expanded(t)) END
    END`,
  // At most 15 digits that give back the same double are its shortest decimal; else the shortest is printed.
  `CREATE TEMP MACRO double_decimal(d) AS CASE
    WHEN abs(d) < 1000000 AND CAST(try_cast(d AS DECIMAL(15,9)) AS DOUBLE) = d
      THEN CAST(try_cast(d AS DECIMAL(15,9)) AS DECIMAL(38,18))
    ELSE rounded_decimal(CAST(d AS VARCHAR)) END`,
  `CREATE TEMP MACRO double_rounds(d) AS CASE
    WHEN d IS NULL OR (abs(d) < 1000000 AND CAST(try_cast(d AS DECIMAL(15,9)) AS DOUBLE) = d) THEN false
    ELSE is_number(CAST(d AS VARCHAR)) AND places(CAST(d AS VARCHAR)) > 18 END`,
  `CREATE TEMP MACRO text_rounds(t) AS CASE
    WHEN is_plain(t) THEN false WHEN is_number(t) THEN places(t) > 18 ELSE false END`,
  `CREATE TEMP MACRO decimal_fault(t) AS CASE
    WHEN NOT is_number(t) THEN 'is not a decimal number'
    WHEN places(t) > 18 THEN 'has more than 18 decimal places'
    ELSE 'has more than 20 digits before the point' END`,
];
