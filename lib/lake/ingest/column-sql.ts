import type { Column, ColumnKind } from '../../focus/columns.ts';
import { storedType } from '../../focus/columns.ts';
import { literal } from './sql-text.ts';

/** A column of the input: how to name it in SQL, its DuckDB type, and whether its file is a CSV. */
export interface InputColumn {
  readonly sql: string;
  readonly type: string;
  readonly csv: boolean;
}

/** How one column of `costs` comes from the input. `when` and `reason` are SQL over the same input row. */
export interface ColumnSql {
  readonly value: string;
  readonly repairs: readonly { readonly kind: string; readonly when: string }[];
  readonly rejects: readonly { readonly when: string; readonly reason: string }[];
}

const NESTED = /\[|\(.*\)$|^(STRUCT|MAP|UNION)/;

/** The SQL of a column that several input columns may hold, the first that is not null wins. */
export function columnSql(column: Column, inputs: readonly InputColumn[]): ColumnSql {
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

const BY_KIND: Readonly<Record<ColumnKind, (column: Column, input: InputColumn) => ColumnSql>> = {
  money: ({ name }, input) => moneySql(name, input),
  decimal: ({ name }, input) => decimalSql(name, input),
  datetime: ({ name }, input) => timeSql(name, input),
  json: ({ name }, input) => jsonSql(name, input),
  text: ({ name, allowed }, input) =>
    allowed === undefined ? textSql(input) : allowedSql(name, allowed, input),
  boolean: (_column, input) => ({
    value: `lower(trim(${textOf(input)})) IN ('true', 't', '1', 'yes')`,
    repairs: [],
    rejects: [],
  }),
};

/** Text of any type; empty and the literal NULL (the real FOCUS 1.0 sample has it) are null. */
function textOf(input: InputColumn): string {
  if (input.type === 'VARCHAR') return `nullif(nullif(${input.sql}, 'NULL'), '')`;
  if (NESTED.test(input.type) && !input.type.startsWith('DECIMAL') && !input.type.startsWith('ENUM'))
    return `CAST(to_json(${input.sql}) AS VARCHAR)`;
  // 123456789012.0 is an account id that someone's reader took for a number.
  if (input.type === 'DOUBLE' || input.type === 'FLOAT')
    return `CASE WHEN ${input.sql} = trunc(${input.sql}) AND abs(${input.sql}) < 1e15
      THEN CAST(CAST(${input.sql} AS BIGINT) AS VARCHAR) ELSE CAST(${input.sql} AS VARCHAR) END`;
  return `CAST(${input.sql} AS VARCHAR)`;
}

function textRepairs(input: InputColumn): { kind: string; when: string }[] {
  if (input.type !== 'VARCHAR') return [];
  const repairs = [{ kind: 'literal NULL', when: `${input.sql} = 'NULL'` }];
  if (!input.csv) repairs.push({ kind: 'empty text', when: `${input.sql} = ''` });
  return repairs;
}

function textSql(input: InputColumn): ColumnSql {
  return { value: textOf(input), repairs: textRepairs(input), rejects: [] };
}

function allowedSql(name: string, allowed: readonly string[], input: InputColumn): ColumnSql {
  const text = textOf(input);
  const exact = `${text} IN (${allowed.map(literal).join(', ')})`;
  const folded = `lower(trim(${text}))`;
  const cases = allowed
    .map((value) => `WHEN ${literal(value.toLowerCase())} THEN ${literal(value)}`)
    .join(' ');
  return {
    value: `CASE WHEN ${exact} THEN ${text} ELSE CASE ${folded} ${cases} ELSE ${text} END END`,
    repairs: [
      ...textRepairs(input),
      {
        kind: 'enum casing',
        when: `${text} IS NOT NULL AND NOT (${exact}) AND ${folded} IN (${allowed.map((value) => literal(value.toLowerCase())).join(', ')})`,
      },
      {
        kind: `${name} is not a value of FOCUS 1.2 (kept)`,
        when: `${folded} NOT IN (${allowed.map((value) => literal(value.toLowerCase())).join(', ')})`,
      },
    ],
    rejects: [],
  };
}

function moneySql(name: string, input: InputColumn): ColumnSql {
  if (input.type === 'DOUBLE' || input.type === 'FLOAT') {
    const { value, repairs } = doubleSql(input);
    return {
      value,
      repairs,
      rejects: [
        {
          when: `${input.sql} IS NOT NULL AND ${value} IS NULL`,
          reason: told(name, `CAST(${input.sql} AS VARCHAR)`, "'has more than 20 digits before the point'"),
        },
      ],
    };
  }
  if (fitsDecimal(input.type))
    return { value: `CAST(${input.sql} AS DECIMAL(38,18))`, repairs: [], rejects: [] };
  const text = `trim(${textOf(input)})`;
  const value = `exact_decimal(${text})`;
  return {
    value,
    repairs: textRepairs(input),
    rejects: [
      {
        when: `${text} IS NOT NULL AND ${value} IS NULL`,
        reason: told(name, text, `decimal_fault(${text})`),
      },
    ],
  };
}

/** A quantity or unit price that cannot be kept exactly costs its own value, never the money of its row. */
function decimalSql(name: string, input: InputColumn): ColumnSql {
  if (fitsDecimal(input.type))
    return { value: `CAST(${input.sql} AS DECIMAL(38,18))`, repairs: [], rejects: [] };
  if (input.type === 'DOUBLE' || input.type === 'FLOAT') {
    const { value, repairs } = doubleSql(input);
    return { value, repairs: [...repairs, unreadable(name, input.sql, value)], rejects: [] };
  }
  const text = `trim(${textOf(input)})`;
  const value = `rounded_decimal(${text})`;
  return {
    value,
    repairs: [
      ...textRepairs(input),
      {
        kind: 'rounded to 18 places',
        when: `NOT is_plain(${text}) AND is_number(${text}) AND places(${text}) > 18`,
      },
      unreadable(name, text, value),
    ],
    rejects: [],
  };
}

function doubleSql(input: InputColumn): { value: string; repairs: { kind: string; when: string }[] } {
  // A FLOAT's own shortest decimal is not that of the DOUBLE that it widens to.
  if (input.type === 'FLOAT') {
    const text = `CAST(${input.sql} AS VARCHAR)`;
    return {
      value: `rounded_decimal(${text})`,
      repairs: [{ kind: 'rounded to 18 places', when: `is_number(${text}) AND places(${text}) > 18` }],
    };
  }
  return {
    value: `double_decimal(${input.sql})`,
    repairs: [{ kind: 'rounded to 18 places', when: `double_rounds(${input.sql})` }],
  };
}

/** Whole numbers of up to 64 bits and decimals that DECIMAL(38,18) holds without loss. */
function fitsDecimal(type: string): boolean {
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return true;
  const found = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return found !== null && Number(found[2]) <= 18 && Number(found[1]) - Number(found[2]) <= 20;
}

function timeSql(name: string, input: InputColumn): ColumnSql {
  if (input.type.startsWith('TIMESTAMP') || input.type === 'DATE') {
    const value = `CASE WHEN isfinite(${input.sql}) THEN CAST(${input.sql} AS TIMESTAMP) END`;
    return { value, repairs: [unreadable(name, input.sql, value)], rejects: [] };
  }
  const text = `trim(${textOf(input)})`;
  const value = `utc_time(${text})`;
  return {
    value,
    repairs: [
      ...textRepairs(input),
      { kind: 'datetime with a space', when: `substr(${text}, 11, 1) = ' ' AND ${value} IS NOT NULL` },
      {
        kind: 'datetime without a zone, taken as UTC',
        when: String.raw`length(${text}) > 10 AND substr(${text}, 11, 1) <> ' ' AND NOT regexp_matches(${text}, '(Z|UTC|[+-]\d\d(:?\d\d)?)$') AND ${value} IS NOT NULL`,
      },
      { kind: 'datetime of a day alone', when: `length(${text}) = 10 AND ${value} IS NOT NULL` },
      unreadable(name, text, value),
    ],
    rejects: [],
  };
}

function jsonSql(name: string, input: InputColumn): ColumnSql {
  if (/^STRUCT\(.*\)\[\]$/.test(input.type)) {
    const text = `CAST(to_json(${input.sql}) AS VARCHAR)`;
    const value = `CASE WHEN is_pairs(${text}) THEN pairs_object(${text}) END`;
    return { value, repairs: [unreadable(name, input.sql, value)], rejects: [] };
  }
  if (/^(MAP|STRUCT)\(/.test(input.type))
    return { value: `CAST(to_json(${input.sql}) AS VARCHAR)`, repairs: [], rejects: [] };
  const text = `trim(${textOf(input)})`;
  const value = `object_text(${text})`;
  return {
    value,
    repairs: [
      ...textRepairs(input),
      { kind: `${name} as a list of pairs`, when: `is_pairs(${text})` },
      {
        kind: `${name} without braces`,
        when: `${text} IS NOT NULL AND json_kind(${text}) IS DISTINCT FROM 'OBJECT' AND NOT is_pairs(${text}) AND lacks_braces(${text})`,
      },
      unreadable(name, text, value),
    ],
    rejects: [],
  };
}

function unreadable(name: string, input: string, value: string): { kind: string; when: string } {
  return { kind: `${name} cannot be read (set to null)`, when: `${input} IS NOT NULL AND ${value} IS NULL` };
}

function told(name: string, text: string, fault: string): string {
  return `${literal(`${name} `)} || ${fault} || ': ' || left(${text}, 60)`;
}
