import {
  type Column,
  columnOf,
  customColumn,
  FOCUS_COLUMNS,
  OWN_COLUMNS,
  storedType,
} from '../../focus/columns.ts';
import type { ColumnMapping } from '../../focus/versions.ts';
import { type ColumnSql, columnSql, type InputColumn, textSql } from './column-sql.ts';
import type { ConvertOptions, PartColumn } from './model.ts';
import { literal, quoted } from './sql-text.ts';

/** Files that share header, types and format, and how their columns are read. */
export interface InputGroup {
  /** `read_parquet(...)` with `filename` and `file_row_number`. */
  readonly from: string;
  readonly mapping: ColumnMapping;
  /** Names of the input columns that a rejected row is shown with; empty where its text lies in the CSV. */
  readonly shown: readonly string[];
  /** A column with the reason why a row was found unreadable before it became FOCUS; null: there is none. */
  readonly fault: string | null;
  /** An input column by its name in the header, under the table alias `input`. */
  input(name: string): InputColumn;
}

/** The statements of one group. */
export interface GroupSql {
  /** Period, rows, rejected rows and a count of every kind of repair, one row a period. */
  readonly profile: string;
  readonly repairKinds: readonly string[];
  /** File, row number from 0, reason, billed, currency and the row as JSON of every rejected row, in order. */
  readonly rejects: string;
  /** Kept rows with all columns of the parts and, last, `period`. */
  readonly kept: string;
}

/** The columns of every part: FOCUS 1.2, ours, then the custom ones of the delivery by name. */
export function partColumns(custom: readonly string[]): PartColumn[] {
  const own = new Set(OWN_COLUMNS.map(({ name }) => name.toLowerCase()));
  return [
    ...[...FOCUS_COLUMNS, ...OWN_COLUMNS].map(({ name, kind }) => ({ name, type: storedType(kind) })),
    ...custom
      .filter((name) => !own.has(name.toLowerCase()))
      .map((name) => ({ name, type: storedType(customColumn(name).kind) })),
  ];
}

export function groupSql(
  group: InputGroup,
  columns: readonly PartColumn[],
  options: ConvertOptions,
): GroupSql {
  const texts = new Map<string, string>();
  const made = new Map<string, ColumnSql & { readonly as: string }>();
  const make = (column: Column, from: readonly string[]): void => {
    const inputs = from.map((name) => group.input(name));
    const as = `made ${column.name}`;
    for (const input of inputs) texts.set(input.text, textSql(column, input));
    made.set(column.name.toLowerCase(), {
      ...columnSql({ ...column, made: `input.${quoted(as)}` }, inputs),
      as,
    });
  };
  for (const { target, from } of group.mapping.columns) make(columnNamed(target), from);
  for (const { target, from } of group.mapping.custom)
    make({ ...customColumn(target), name: target }, [from]);
  const value = (name: string): string => {
    const found = made.get(name.toLowerCase());
    const type = columns.find((column) => column.name === name)?.type ?? 'VARCHAR';
    return found === undefined ? `CAST(NULL AS ${type})` : `input.${quoted(found.as)}`;
  };
  // Texts, then values, then what is judged by them: DuckDB makes each once, however often it is named.
  const withTexts = `(SELECT *, ${[...texts].map(([as, sql]) => `${sql} AS ${as.replace('input.', '')}`).join(', ')}
    FROM ${group.from} AS input)`;
  const rows = `(SELECT *, ${[...made.values()].map(({ as, value: sql }) => `${sql} AS ${quoted(as)}`).join(', ')}
    FROM ${withTexts} AS input) AS input`;

  const currency = value('BillingCurrency');
  const start = value('BillingPeriodStart');
  const month = `coalesce(${start}, date_trunc('month', ${value('ChargePeriodStart')}))`;
  const special: Record<string, string> = {
    BillingCurrency: `upper(trim(${currency}))`,
    BillingPeriodStart: month,
    BillingPeriodEnd: `coalesce(${value('BillingPeriodEnd')}, ${month} + INTERVAL 1 MONTH)`,
    x_Estimated: `coalesce(${value('x_Estimated')}, false)`,
    x_Source: literal(options.sourceId),
    x_SourceGrain: literal(options.grain),
    x_IngestedAt: `CAST(${literal(options.now.toISOString().replace('Z', ''))} AS TIMESTAMP)`,
    x_SourceFile: 'shown.name',
  };

  const all = [...made.values()];
  const faults = [
    ...(group.fault === null ? [] : [{ when: `${group.fault} IS NOT NULL`, reason: group.fault }]),
    ...all.flatMap(({ rejects }) => rejects),
    ...['BilledCost', 'EffectiveCost', 'BillingCurrency', 'ChargePeriodStart'].map((name) => ({
      when: `${value(name)} IS NULL`,
      reason: literal(`${name} is missing`),
    })),
  ];
  const reject = `CASE ${faults.map(({ when, reason }) => `WHEN ${when} THEN coalesce(${reason}, 'the row cannot be read')`).join(' ')} END`;
  // Why a row is rejected is asked only where one is: the reasons are dearer to plan than all that is kept.
  const isRejected = `CASE ${faults.map(({ when }) => `WHEN ${when} THEN true`).join(' ')} ELSE false END`;

  const repairs = new Map<string, string[]>();
  const note = (kind: string, when: string): void => {
    repairs.set(kind, [...(repairs.get(kind) ?? []), when]);
  };
  for (const sql of all) for (const { kind, when } of sql.repairs) note(kind, when);
  note('billing period from the charge period', `${start} IS NULL`);
  note('billing period end from its start', `${value('BillingPeriodEnd')} IS NULL`);
  note('currency casing', `${currency} <> upper(trim(${currency}))`);
  const repairKinds = [...repairs.keys()];

  const counts = repairKinds.map((kind, index) => {
    const sum = (repairs.get(kind) ?? [])
      .map((when) => `CAST(coalesce(${when}, false) AS INTEGER)`)
      .join(' + ');
    return {
      flag: `${sum} AS r${index}`,
      total: `sum(r${index}) FILTER (WHERE NOT rejected) AS r${index}`,
    };
  });
  return {
    repairKinds,
    profile: `SELECT strftime(judged.period, '%Y-%m') AS period, count(*) AS rows, count_if(rejected) AS rejected,
        ${counts.map(({ total }) => total).join(', ')}
      FROM (SELECT date_trunc('month', ${month}) AS period, ${isRejected} AS rejected, ${counts.map(({ flag }) => flag).join(', ')}
        FROM ${rows}) AS judged GROUP BY judged.period ORDER BY judged.period`,
    rejects: `SELECT filename, file_row_number, reject,
        ${rawText(group, 'BilledCost')} AS billed, ${currency} AS currency,
        ${rowAsJson(group)} AS text
      FROM (SELECT *, ${reject} AS reject FROM ${rows}) AS input
      WHERE reject IS NOT NULL ORDER BY filename, file_row_number`,
    kept: `SELECT ${columns.map(({ name }) => `${special[name] ?? value(name)} AS ${quoted(name)}`).join(', ')},
        strftime(${month}, '%Y-%m') AS period
      FROM ${rows} JOIN shown ON shown.path = input.filename WHERE NOT ${isRejected}`,
  };
}

function rowAsJson(group: InputGroup): string {
  if (group.shown.length === 0) return `''`;
  const fields = group.shown.map((name) => `${literal(name)}: ${group.input(name).sql}`);
  return `CAST(to_json({${fields.join(', ')}}) AS VARCHAR)`;
}

/** The column of the input that holds `name`, as text. */
function rawText(group: InputGroup, name: string): string {
  const from = group.mapping.columns.find(({ target }) => target === name)?.from[0];
  return from === undefined ? 'NULL' : `CAST(${group.input(from).sql} AS VARCHAR)`;
}

function columnNamed(name: string): Column {
  const column = columnOf(name);
  if (column === undefined) throw new RangeError(`${name} is no column of costs`);
  return column;
}
