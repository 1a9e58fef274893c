import { FOCUS_COLUMNS } from '../../focus/columns.ts';
import { CURRENCY_CODES } from '../../focus/data/rules-1.2.ts';
import { columnsIn, FOCUS_RULES } from '../../focus/rules.ts';
import type { Expression, FocusRule } from '../../focus/rules-model.ts';
import { duckdb } from '../dialect/duckdb.ts';
import type { Dialect } from '../dialect/model.ts';
import type { Row } from '../model.ts';
import { account, type NamedQuery, numberIn, orEmpty, textIn, textOrNull } from './query.ts';

/** How often each rule is broken, and how many rows have a value in each column. */
export interface RuleCounts {
  readonly rows: number;
  /** Broken rows by rule id; of a rule about groups (`one`) the broken groups. */
  readonly broken: Readonly<Record<string, number>>;
  readonly filled: Readonly<Record<string, number>>;
}

/** One row that breaks a rule. */
export interface BrokenRow {
  readonly file: string;
  readonly account: string;
  readonly service: string;
  readonly resource: string | null;
  /** ISO-8601 UTC. */
  readonly chargeStart: string;
  /** What the columns of the rule hold. */
  readonly values: Readonly<Record<string, string | null>>;
}

/** What one commitment cost and what of it was used, in the rows at hand. */
export interface CommitmentSum {
  readonly commitment: string;
  readonly currency: string;
  readonly purchased: string;
  readonly used: string;
  readonly unused: string;
  /** EffectiveCost of usage that is neither Used nor Unused. */
  readonly neither: string;
}

/** Rows shown of one broken rule. */
export const ROWS_SHOWN = 3;

const COUNTS = 'focus-rule-counts';
const ROWS = 'focus-rule-rows:';
const SUMS = 'focus-commitment-sums';

export const ruleCountsName = COUNTS;
export const commitmentSumsName = SUMS;
export const ruleRowsName = (id: string) => `${ROWS}${id}`;

/** The query that such a name means; undefined where the name is another. They are asked for `bursar validate`. */
export function focusRulesOf(name: string): NamedQuery<object> | undefined {
  if (name === COUNTS) return ruleCounts;
  if (name === SUMS) return commitmentSums;
  if (!name.startsWith(ROWS)) return undefined;
  const rule = FOCUS_RULES.find(({ id }) => id === name.slice(ROWS.length));
  return rule === undefined ? undefined : ruleRows(rule);
}

const FLOAT = { duckdb: 'DOUBLE', trino: 'DOUBLE', bigquery: 'FLOAT64' } as const;
const KINDS = new Map(FOCUS_COLUMNS.map(({ name, kind }) => [name, kind]));

const isNumber = (column: string) => KINDS.get(column) === 'money' || KINDS.get(column) === 'decimal';

/** Does the row keep it? Never NULL: a value that is not there is no other value. */
function kept(d: Dialect, expression: Expression): string {
  switch (expression[0]) {
    case 'all':
    case 'any': {
      const [kind, ...items] = expression;
      return `(${items.map((each) => kept(d, each)).join(kind === 'all' ? ' AND ' : ' OR ')})`;
    }
    case 'null':
      return `${d.name(expression[1])} IS NULL`;
    case 'filled':
      return `${d.name(expression[1])} IS NOT NULL`;
    case 'is':
      return `COALESCE(${d.name(expression[1])} = ${value(d, expression[1], expression[2])}, false)`;
    case 'not':
      return `COALESCE(${d.name(expression[1])} <> ${value(d, expression[1], expression[2])}, true)`;
    case 'same':
      return `COALESCE(${d.name(expression[1])} = ${d.name(expression[2])}, false)`;
    case 'differ':
      return `COALESCE(${d.name(expression[1])} <> ${d.name(expression[2])}, false)`;
    case 'atLeast':
      return `COALESCE(${d.name(expression[1])} >= ${value(d, expression[1], expression[2])}, true)`;
    case 'product': {
      const [, a, b, result] = expression.map((each) => `CAST(${d.name(each)} AS ${FLOAT[d.id]})`);
      // Prices of ten places give products of twenty: a billionth of the amount is no fault of the bill.
      return `COALESCE(ABS(${a} * ${b} - ${result}) <= 1e-9 * GREATEST(ABS(${result}), 1), true)`;
    }
    case 'ascii':
      return `COALESCE(${d.matches(d.name(expression[1]), '^[\\x00-\\x7F]*$')}, true)`;
    case 'currency':
      return `COALESCE(${d.matches(d.name(expression[1]), '^[A-Z]{3}$')}, true)`;
    case 'currencyCode':
      return `COALESCE(${d.name(expression[1])} IN (${CURRENCY_CODES.map((code) => d.text(code)).join(', ')}), true)`;
    case 'object':
      return `COALESCE(${d.matches(d.name(expression[1]), '^\\s*[{]')}, true)`;
    case 'stored':
    case 'one':
      return 'true';
  }
}

function value(d: Dialect, column: string, text: string): string {
  return isNumber(column) ? d.decimal(d.text(text)) : d.text(text);
}

/**
 * Is the row one that a rule speaks of and that breaks it? An enumeration says nothing of a row that has no value:
 * whether there must be one, other rules say.
 */
function broken(d: Dialect, { check, when }: FocusRule): string {
  const spoken = when === undefined ? [] : [kept(d, when)];
  const [only] = check[0] === 'any' || check[0] === 'is' ? [...new Set(columnsIn(check))] : [];
  const filled = only === undefined ? [] : [`${d.name(only)} IS NOT NULL`];
  return [...spoken, ...filled, `NOT ${kept(d, check)}`].join(' AND ');
}

const PLAIN = FOCUS_RULES.filter(({ check }) => check[0] !== 'one');
const GROUPS = FOCUS_RULES.filter(({ check }) => check[0] === 'one');

function groupsBroken(d: Dialect, { check, when }: FocusRule): string {
  const [, a = '', b = ''] = check.map(String);
  const where = when === undefined ? '' : `WHERE ${kept(d, when)}`;
  return `(SELECT COUNT(*) FROM (SELECT ${d.name(a)} FROM costs ${where} GROUP BY ${d.name(a)}
    HAVING COUNT(DISTINCT ${d.name(b)}) <> 1) AS broken_groups)`;
}

const ruleCounts: NamedQuery<RuleCounts> = {
  name: COUNTS,
  params: [],
  sql: (d) => `
    SELECT COUNT(*) AS charges,
           ${PLAIN.map((rule, at) => `${d.countIf(broken(d, rule))} AS p${at}`).join(', ')},
           ${GROUPS.map((rule, at) => `${groupsBroken(d, rule)} AS g${at}`).join(', ')},
           ${FOCUS_COLUMNS.map(({ name }, at) => `COUNT(${d.name(name)}) AS f${at}`).join(', ')}
    FROM costs`,
  merge: { keys: [], sum: ['charges', ...PLAIN.map((_, at) => `p${at}`)] },
  row: (raw) => ({
    rows: numberIn(raw, 'charges'),
    broken: Object.fromEntries([
      ...PLAIN.map(({ id }, at) => [id, numberIn(raw, `p${at}`)] as const),
      ...GROUPS.map(({ id }, at) => [id, numberIn(raw, `g${at}`)] as const),
    ]),
    filled: Object.fromEntries(FOCUS_COLUMNS.map(({ name }, at) => [name, numberIn(raw, `f${at}`)])),
  }),
};

/** Columns that a rule looks at. */
function columnsOf({ check, when }: FocusRule): string[] {
  return [...new Set([...columnsIn(check), ...(when === undefined ? [] : columnsIn(when))])];
}

/** Is the row of `table` one that breaks the rule, or of a group that does? */
function rowBreaks(d: Dialect, rule: FocusRule, table: string): string {
  if (rule.check[0] !== 'one') return broken(d, rule);
  const [, a, b] = rule.check;
  const spoken = rule.when === undefined ? 'true' : kept(d, rule.when);
  return `${spoken} AND COALESCE(CAST(${d.name(a)} AS ${d.id === 'bigquery' ? 'STRING' : 'VARCHAR'}), '') IN (
      SELECT COALESCE(CAST(${d.name(a)} AS ${d.id === 'bigquery' ? 'STRING' : 'VARCHAR'}), '') FROM ${table} WHERE ${spoken}
      GROUP BY 1 HAVING COUNT(DISTINCT ${d.name(b)}) <> 1)`;
}

/** Names of FOCUS columns need no quotes, and in a shell they are in the way. */
const PLAIN_NAMES: Dialect = { ...duckdb, name: (column) => column };

/** A query for `bursar query` that lists every row of a source that breaks a rule. It has no double quotes. */
export function ruleQuery(source: string, id: string): string {
  const rule = FOCUS_RULES.find((each) => each.id === id);
  if (rule === undefined) throw new RangeError(`${id} is no rule that is judged`);
  const first = ['x_SourceFile', 'ChargePeriodStart', 'SubAccountId', 'ServiceName', 'ResourceId'];
  const sql = `WITH bill AS (SELECT * FROM costs WHERE x_Source = ${duckdb.text(source)})
    SELECT ${[...new Set([...first, ...columnsOf(rule)])].join(', ')} FROM bill
    WHERE ${rowBreaks(PLAIN_NAMES, rule, 'bill')} ORDER BY ALL`;
  return sql.replaceAll(/\s+/g, ' ');
}

/** The first rows that break a rule, in the order of file and time. */
function ruleRows(rule: FocusRule): NamedQuery<BrokenRow> {
  const columns = columnsOf(rule);
  return {
    name: ruleRowsName(rule.id),
    params: [],
    sql: (d) => `
      SELECT ${orEmpty(d, 'x_SourceFile')} AS source_file, ${account(d)} AS account, ${orEmpty(d, 'ServiceName')} AS service,
             ${d.name('ResourceId')} AS resource_id, ${d.name('ChargePeriodStart')} AS charge_start
             ${columns.map((name, at) => `, ${d.name(name)} AS v${at}`).join('')}
      FROM costs WHERE ${rowBreaks(d, rule, 'costs')} ORDER BY 1, 5, 2, 3, 4 LIMIT ${ROWS_SHOWN}`,
    merge: { keys: ['source_file', 'charge_start', 'account', 'service', 'resource_id'] },
    row: (raw) => ({
      file: textIn(raw, 'source_file'),
      account: textIn(raw, 'account'),
      service: textIn(raw, 'service'),
      resource: textOrNull(raw, 'resource_id'),
      chargeStart: textIn(raw, 'charge_start'),
      values: Object.fromEntries(columns.map((name, at) => [name, shown(raw, `v${at}`)])),
    }),
  };
}

function shown(raw: Row, field: string): string | null {
  const held = raw[field];
  return held === null || held === undefined ? null : typeof held === 'string' ? held : JSON.stringify(held);
}

const commitmentSums: NamedQuery<CommitmentSum> = {
  name: SUMS,
  params: [],
  sql: (d) => {
    const status = d.name('CommitmentDiscountStatus');
    const usage = `${d.name('ChargeCategory')} = 'Usage'`;
    const sum = (column: string, condition: string) => `COALESCE(${d.sumIf(d.name(column), condition)}, 0)`;
    return `
      SELECT ${d.name('CommitmentDiscountId')} AS commitment, ${d.name('BillingCurrency')} AS currency,
             ${sum('BilledCost', `${d.name('ChargeCategory')} = 'Purchase'`)} AS purchased,
             ${sum('EffectiveCost', `${usage} AND ${status} = 'Used'`)} AS used,
             ${sum('EffectiveCost', `${usage} AND ${status} = 'Unused'`)} AS unused,
             ${sum('EffectiveCost', `${usage} AND COALESCE(${status}, '') NOT IN ('Used', 'Unused')`)} AS neither
      FROM costs WHERE ${d.name('CommitmentDiscountId')} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;
  },
  merge: { keys: ['commitment', 'currency'], sum: ['purchased', 'used', 'unused', 'neither'] },
  row: (raw) => ({
    commitment: textIn(raw, 'commitment'),
    currency: textIn(raw, 'currency'),
    purchased: textIn(raw, 'purchased'),
    used: textIn(raw, 'used'),
    unused: textIn(raw, 'unused'),
    neither: textIn(raw, 'neither'),
  }),
};
