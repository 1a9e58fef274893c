import type { Dialect } from '../dialect/model.ts';
import { dimensionColumn } from '../dimensions.ts';
import {
  account,
  flagIn,
  type NamedQuery,
  numberIn,
  orEmpty,
  TOLD_ENDS,
  textIn,
  toldEnd,
  toldEnds,
} from './query.ts';

/** Spend of one combination of the axes asked for, in one currency. */
export interface SpendPart {
  /** Values of the axes, in their order. '' where the bill names none. */
  readonly key: readonly string[];
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  /** Tokens of the window, decimal text; only where an axis is about models or tokens, else 0. */
  readonly tokens: string;
  /** Sum of x_ListEstimate: beside the costs, never part of them. */
  readonly listEstimate: string;
  readonly rows: number;
  /** First ChargePeriodStart in all that is held, also before the window. */
  readonly since: string;
  /** True where any row of the window is provisional. */
  readonly estimated: boolean;
}

/** What `spend-by` is asked to group by and to narrow to; names of axes. */
export interface SpendAxes {
  readonly by: readonly string[];
  readonly where: readonly string[];
}

/** Axes that every bill has, by name. Any other name is that of a dimension. */
const AXES: Readonly<Record<string, (d: Dialect) => string>> = {
  provider: (d) => orEmpty(d, 'ProviderName'),
  account,
  account_name: (d) => `COALESCE(${d.name('SubAccountName')}, ${account(d)})`,
  service: (d) => orEmpty(d, 'ServiceName'),
  category: (d) => orEmpty(d, 'ServiceCategory'),
  region: (d) => orEmpty(d, 'RegionId'),
  resource: (d) => orEmpty(d, 'ResourceId'),
  charge: (d) => orEmpty(d, 'ChargeCategory'),
  source: (d) => orEmpty(d, 'x_Source'),
  key: (d) => orEmpty(d, 'x_ApiKeyId'),
  profile: (d) => orEmpty(d, 'x_InferenceProfile'),
  ai_class: (d) => orEmpty(d, 'x_AiClass'),
  token_kind: (d) => orEmpty(d, 'x_TokenKind'),
  transfer: (d) => orEmpty(d, 'x_TransferClass'),
  day: (d) => d.dayText(d.name('ChargePeriodStart')),
  month: (d) => d.month(d.name('ChargePeriodStart')),
  billing_month: (d) => d.month(d.name('BillingPeriodStart')),
};

/** Names of the axes that need no config. */
export const AXIS_NAMES: readonly string[] = Object.keys(AXES);

/** Tokens are read from texts of the bill, which takes time: only where they are of use. */
const OF_TOKENS = new Set(['model', 'model_version', 'token_kind']);

const PREFIX = 'spend-by:';
const NAME = /^[a-z][a-z0-9_]*$/;

/** The name under which the lake is asked for spend by these axes: `spend-by:team,model|environment`. */
export function spendByName(axes: SpendAxes): string {
  return `${PREFIX}${axesText(axes)}`;
}

/** Axes as they stand in the name of a query: `team,model|environment`. */
export function axesText({ by, where }: SpendAxes): string {
  for (const axis of [...by, ...where])
    if (!NAME.test(axis)) throw new RangeError(`${JSON.stringify(axis)} is no name of an axis`);
  return `${by.join(',')}|${where.join(',')}`;
}

/** The axes that such a text names. */
export function axesIn(text: string): SpendAxes {
  const [by, where] = text.split('|').map((list) => list.split(',').filter(Boolean));
  return { by: by ?? [], where: where ?? [] };
}

/** The parameter that holds the values of a narrowing axis: a JSON array of texts. */
export const whereParam = (axis: string) => `where_${axis}`;

/** The query that such a name means; undefined where the name is another. */
export function spendByOf(name: string): NamedQuery<SpendPart> | undefined {
  return name.startsWith(PREFIX) ? spendBy(axesIn(name.slice(PREFIX.length))) : undefined;
}

const TAG = /^tag_x((?:[0-9a-f]{2})+)$/;

/** The axis of a tag, by its key in hexadecimal: names of axes hold letters, digits and underscores alone. */
export function tagAxis(key: string): string {
  return `tag_x${Buffer.from(key, 'utf8').toString('hex')}`;
}

/** What an axis is of a row. */
export function axisSql(d: Dialect, axis: string): string {
  const tag = TAG.exec(axis)?.[1];
  if (tag !== undefined) {
    const value = d.jsonText(d.name('Tags'), Buffer.from(tag, 'hex').toString('utf8'));
    return `COALESCE(${d.trim(value)}, ${d.text('')})`;
  }
  const own = Object.hasOwn(AXES, axis) ? AXES[axis] : undefined;
  return own === undefined ? d.name(dimensionColumn(axis)) : own(d);
}

/**
 * Cost in a window (`$start` to `$end`, half-open, by ChargePeriodStart) by any axes. What the window does not hold
 * is looked at only for the first charge of each part.
 */
export function spendBy({ by, where }: SpendAxes): NamedQuery<SpendPart> {
  const keys = [...by.map((_, at) => `k${at + 1}`), 'currency'];
  const numbers = keys.map((_, at) => at + 1).join(', ');
  const sqlOf = (d: Dialect, having: boolean) => {
    const start = d.name('ChargePeriodStart');
    const inside = `${start} >= ${d.timestamp(d.param('start'))} AND ${start} < ${d.timestamp(d.param('end'))}`;
    const sum = (column: string) => `COALESCE(${d.sumIf(d.name(column), inside)}, 0)`;
    const narrowed = where.map((axis) => d.inJsonArray(axisSql(d, axis), whereParam(axis)));
    return `
      SELECT ${by.map((axis, at) => `${axisSql(d, axis)} AS k${at + 1}, `).join('')}
             ${d.name('BillingCurrency')} AS currency, ${sum('BilledCost')} AS billed,
             ${sum('EffectiveCost')} AS effective,
             ${by.some((axis) => OF_TOKENS.has(axis)) ? sum('x_TokenQuantity') : d.decimal(d.text('0'))} AS tokens,
             ${sum('x_ListEstimate')} AS list_estimate, ${d.countIf(inside)} AS charges,
             MIN(${start}) AS first_start,
             MAX(CASE WHEN ${inside} AND ${d.name('x_Estimated')} THEN 1 ELSE 0 END) = 1 AS estimated
      FROM costs ${narrowed.length === 0 ? '' : `WHERE ${narrowed.join(' AND ')}`}
      GROUP BY ${numbers} ${having ? `HAVING ${d.countIf(inside)} > 0 ` : ''}ORDER BY ${numbers}`;
  };
  return {
    name: spendByName({ by, where }),
    params: ['start', 'end', ...where.map(whereParam)],
    sql: (d) => sqlOf(d, true),
    merge: {
      keys,
      sum: ['billed', 'effective', 'tokens', 'list_estimate', 'charges'],
      min: ['first_start'],
      any: ['estimated'],
      // The first charge of a part may lie in rows of an engine that has none of it in the window.
      positive: 'charges',
      partial: (d) => sqlOf(d, false),
    },
    row: (raw) => ({
      key: by.map((_, at) => textIn(raw, `k${at + 1}`)),
      currency: textIn(raw, 'currency'),
      billed: textIn(raw, 'billed'),
      effective: textIn(raw, 'effective'),
      tokens: textIn(raw, 'tokens'),
      listEstimate: textIn(raw, 'list_estimate'),
      rows: numberIn(raw, 'charges'),
      since: textIn(raw, 'first_start'),
      estimated: flagIn(raw, 'estimated'),
    }),
  };
}

export interface SourceEnd {
  readonly source: string;
  /** Up to when it tells what was used, and the first charge that it calls provisional (null: none). */
  readonly end: string;
  readonly firstEstimated: string | null;
}

/** Up to when each source speaks, and from when on its amounts are provisional. */
export const sourceEnds: NamedQuery<SourceEnd> = {
  name: 'source-ends',
  params: [],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${toldEnds(d)},
           MIN(CASE WHEN ${d.name('x_Estimated')} THEN ${d.name('ChargePeriodStart')} END) AS first_estimated
    FROM costs GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['source'], max: TOLD_ENDS, min: ['first_estimated'] },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    end: toldEnd(raw).end,
    firstEstimated: raw['first_estimated'] === null ? null : textIn(raw, 'first_estimated'),
  }),
};
