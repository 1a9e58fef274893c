import type { Column, ColumnKind } from '../../focus/columns.ts';
import { storedType } from '../../focus/columns.ts';
import { literal } from './sql-text.ts';
import { BILL_YEARS } from './value-sql.ts';

/** A column of the input: how to name it in SQL, its DuckDB type, and whether its file is a CSV. */
export interface InputColumn {
  /** The column as it is. */
  readonly sql: string;
  /** Its text, made once by `textSql`: null where it is empty or the literal NULL. */
  readonly text: string;
  readonly type: string;
  readonly csv: boolean;
}

/**
 * How one column of `costs` comes from the input. `value` is SQL over columns and texts; `when` and `reason` may
 * also name the value that was made of it, so that nothing is judged twice.
 */
export interface ColumnSql {
  readonly value: string;
  readonly repairs: readonly { readonly kind: string; readonly when: string }[];
  readonly rejects: readonly { readonly when: string; readonly reason: string }[];
}

/** A column of `costs` and the SQL name under which its value can be found. */
export interface Target extends Column {
  readonly made: string;
}

/** The SQL of a column that several input columns may hold, the first that is not null wins. */
export function columnSql(column: Target, inputs: readonly InputColumn[]): ColumnSql {
  const parts = inputs.map((input) => BY_KIND[column.kind](column, input));
  const [only] = parts;
  if (only === undefined)
    return { value: `CAST(NULL AS ${storedType(column.kind)})`, repairs: [], rejects: [] };
  if (parts.length === 1) return only;
  return {
    value: `coalesce(${parts.map(({ value }) => value).join(', ')})`,
    repairs: parts.flatMap(({ repairs }) => repairs),
    rejects: parts.flatMap(({ rejects }) => rejects),
  };
}

const BY_KIND: Readonly<Record<ColumnKind, (target: Target, input: InputColumn) => ColumnSql>> = {
  money: moneySql,
  decimal: decimalSql,
  datetime: timeSql,
  json: jsonSql,
  text: (target, input) =>
    target.allowed === undefined
      ? { value: input.text, repairs: textRepairs(input), rejects: [] }
      : allowedSql(target, target.allowed, input),
  boolean: (_target, { text }) => ({
    value: `lower(${text}) IN ('true', 't', '1', 'yes')`,
    repairs: [],
    rejects: [],
  }),
};

/**
 * The text of an input column of any type; empty and a literal NULL are null (the real FOCUS 1.0
 * sample writes NULL, the worked examples of 1.2 null).
 * Free text keeps its blanks.
 */
export function textSql(
  column: Pick<Column, 'kind' | 'allowed'>,
  { sql, type }: Omit<InputColumn, 'text'>,
): string {
  if (type === 'VARCHAR') {
    const text = `nullif(nullif(nullif(${sql}, 'NULL'), 'null'), '')`;
    return column.kind === 'text' ? text : `nullif(trim(${text}), '')`;
  }
  if (isNested(type)) return `CAST(to_json(${sql}) AS VARCHAR)`;
  // 123456789012.0 is an account id that someone's reader took for a number.
  if (isFloat(type) && column.kind === 'text')
    return `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15
      THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`;
  return `CAST(${sql} AS VARCHAR)`;
}

function isNested(type: string): boolean {
  return /\]$|^(STRUCT|MAP|UNION)\(/.test(type);
}

function isFloat(type: string): boolean {
  return type === 'DOUBLE' || type === 'FLOAT';
}

function textRepairs({ sql, type, csv }: InputColumn): { kind: string; when: string }[] {
  if (type !== 'VARCHAR') return [];
  const repairs = [{ kind: 'literal NULL', when: `${sql} IN ('NULL', 'null')` }];
  if (!csv) repairs.push({ kind: 'empty text', when: `${sql} = ''` });
  return repairs;
}

function allowedSql({ name, made }: Target, allowed: readonly string[], input: InputColumn): ColumnSql {
  const { text } = input;
  const exact = allowed.map(literal).join(', ');
  const cases = allowed
    .map((value) => `WHEN ${literal(value.toLowerCase())} THEN ${literal(value)}`)
    .join(' ');
  return {
    value: `CASE WHEN ${text} IN (${exact}) THEN ${text} ELSE CASE lower(trim(${text})) ${cases} ELSE ${text} END END`,
    repairs: [
      ...textRepairs(input),
      { kind: 'enum casing', when: `${made} <> ${text}` },
      { kind: `${name} is not a value of FOCUS 1.2 (kept)`, when: `${made} NOT IN (${exact})` },
    ],
    rejects: [],
  };
}

function moneySql({ name, made }: Target, input: InputColumn): ColumnSql {
  const { sql, type } = input;
  if (fitsDecimal(type)) return { value: `CAST(${sql} AS DECIMAL(38,18))`, repairs: [], rejects: [] };
  // The text of a DOUBLE is dear, so it is made only of the few that need it.
  const text = isFloat(type) ? `CAST(${sql} AS VARCHAR)` : input.text;
  const lost = `${isFloat(type) ? sql : text} IS NOT NULL AND ${made} IS NULL`;
  const reason = `${literal(`${name} `)} || decimal_fault(${text}) || ': ' || left(${text}, 60)`;
  if (isFloat(type)) return { ...floatSql(input), rejects: [{ when: lost, reason }] };
  return {
    value: `exact_decimal(${text})`,
    repairs: textRepairs(input),
    rejects: [{ when: lost, reason }],
  };
}

/** A quantity or unit price that cannot be kept exactly costs its own value, never the money of its row. */
function decimalSql({ name, made }: Target, input: InputColumn): ColumnSql {
  const { sql, text, type } = input;
  if (fitsDecimal(type)) return { value: `CAST(${sql} AS DECIMAL(38,18))`, repairs: [], rejects: [] };
  if (isFloat(type)) {
    const { value, repairs } = floatSql(input);
    return { value, repairs: [...repairs, unreadable(name, sql, made)], rejects: [] };
  }
  return {
    value: `rounded_decimal(${text})`,
    repairs: [
      ...textRepairs(input),
      { kind: 'rounded to 18 places', when: `text_rounds(${text})` },
      unreadable(name, text, made),
    ],
    rejects: [],
  };
}

function floatSql({ sql, text, type }: InputColumn): ColumnSql {
  const kind = 'rounded to 18 places';
  // A FLOAT's own shortest decimal is not that of the DOUBLE that it widens to.
  return type === 'FLOAT'
    ? { value: `rounded_decimal(${text})`, repairs: [{ kind, when: `text_rounds(${text})` }], rejects: [] }
    : { value: `double_decimal(${sql})`, repairs: [{ kind, when: `double_rounds(${sql})` }], rejects: [] };
}

/** Whole numbers of up to 64 bits and decimals that DECIMAL(38,18) holds without loss. */
function fitsDecimal(type: string): boolean {
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return true;
  const found = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return found !== null && Number(found[2]) <= 18 && Number(found[1]) - Number(found[2]) <= 20;
}

function timeSql({ name, made }: Target, input: InputColumn): ColumnSql {
  const { sql, text, type } = input;
  const reason = `'ChargePeriodStart is no ISO 8601 time from ${BILL_YEARS.first} to ${BILL_YEARS.last}: ' || left(${text}, 60)`;
  // Without its start a charge has no place in time; the other times can do without.
  const rejects =
    name === 'ChargePeriodStart' ? [{ when: `${text} IS NOT NULL AND ${made} IS NULL`, reason }] : [];
  if (type.startsWith('TIMESTAMP') || type === 'DATE')
    return {
      value: `CASE WHEN year(${sql}) BETWEEN ${BILL_YEARS.first} AND ${BILL_YEARS.last} THEN CAST(${sql} AS TIMESTAMP) END`,
      repairs: [unreadable(name, sql, made)],
      rejects,
    };
  const read = `${made} IS NOT NULL AND`;
  return {
    value: `utc_time(${text})`,
    repairs: [
      ...textRepairs(input),
      { kind: 'datetime with a space', when: `${read} substr(${text}, 11, 1) = ' '` },
      { kind: 'datetime without a zone, taken as UTC', when: `${read} lacks_zone(${text})` },
      { kind: 'datetime of a day alone', when: `${read} length(${text}) = 10` },
      unreadable(name, text, made),
    ],
    rejects,
  };
}

function jsonSql({ name, made }: Target, input: InputColumn): ColumnSql {
  const { sql, text, type } = input;
  if (/^STRUCT\(.*\)\[\]$/.test(type))
    return {
      value: `CASE WHEN is_pairs(${text}) THEN pairs_object(${text}) END`,
      repairs: [unreadable(name, sql, made)],
      rejects: [],
    };
  if (isNested(type)) return { value: text, repairs: [], rejects: [] };
  return {
    value: `object_text(${text})`,
    repairs: [
      ...textRepairs(input),
      { kind: `${name} as a list of pairs`, when: `${made} <> ${text} AND is_pairs(${text})` },
      { kind: `${name} without braces`, when: `${made} <> ${text} AND NOT is_pairs(${text})` },
      unreadable(name, text, made),
    ],
    rejects: [],
  };
}

function unreadable(name: string, input: string, made: string): { kind: string; when: string } {
  return { kind: `${name} cannot be read (set to null)`, when: `${input} IS NOT NULL AND ${made} IS NULL` };
}
