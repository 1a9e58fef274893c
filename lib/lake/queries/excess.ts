import { inWindow, type NamedQuery, orEmpty, textIn, textOrNull } from './query.ts';
import { axesIn, axesText, axisSql, type SpendAxes, whereParam } from './spend-by.ts';

/** What one resource and usage cost in two windows. */
export interface ExcessPart {
  readonly resourceId: string;
  /** SkuMeter, else ChargeDescription: what the biller calls the usage. */
  readonly usage: string;
  readonly region: string;
  /** A JSON object, as the bill has it; null where it has none. */
  readonly tags: string | null;
  readonly now: string;
  readonly before: string;
}

const PREFIX = 'excess:';

/** The name under which the lake is asked what made the difference of two windows: `excess:|service,account`. */
export function excessName(where: readonly string[]): string {
  return `${PREFIX}${axesText({ by: [], where })}`;
}

/** The query that such a name means; undefined where the name is another. */
export function excessOf(name: string): NamedQuery<ExcessPart> | undefined {
  return name.startsWith(PREFIX) ? excess(axesIn(name.slice(PREFIX.length))) : undefined;
}

/**
 * Effective cost by resource, usage and region in `$start` to `$end`, and in the window before that begins
 * `$beforeStart` and ends `$beforeEnd`: the differences of all rows add up to that of the windows. Charges are those
 * of `daily-series`.
 */
function excess({ where }: SpendAxes): NamedQuery<ExcessPart> {
  return {
    name: excessName(where),
    params: ['start', 'end', 'beforeStart', 'beforeEnd', 'source', 'currency', ...where.map(whereParam)],
    windows: [
      ['beforeStart', 'beforeEnd'],
      ['start', 'end'],
    ],
    sql: (d) => {
      const start = d.name('ChargePeriodStart');
      const before = `${start} >= ${d.timestamp(d.param('beforeStart'))} AND ${start} < ${d.timestamp(d.param('beforeEnd'))}`;
      const conditions = [
        `(${inWindow(d)} OR ${before})`,
        `${orEmpty(d, 'ChargeCategory')} NOT IN ('Credit', 'Adjustment')`,
        `${orEmpty(d, 'x_Source')} = ${d.param('source')}`,
        `${d.name('BillingCurrency')} = ${d.param('currency')}`,
        ...where.map((axis) => d.inJsonArray(axisSql(d, axis), whereParam(axis))),
      ];
      const sum = (condition: string) => `COALESCE(${d.sumIf(d.name('EffectiveCost'), condition)}, 0)`;
      return `
        SELECT ${orEmpty(d, 'ResourceId')} AS resource_id,
               COALESCE(${d.name('SkuMeter')}, ${d.name('ChargeDescription')}, '') AS usage_name,
               ${orEmpty(d, 'RegionId')} AS region, MAX(NULLIF(${d.name('Tags')}, ${d.text('{}')})) AS tags,
               ${sum(inWindow(d))} AS now_effective, ${sum(before)} AS before_effective
        FROM costs WHERE ${conditions.join(' AND ')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
    },
    merge: {
      keys: ['resource_id', 'usage_name', 'region'],
      sum: ['now_effective', 'before_effective'],
      max: ['tags'],
    },
    row: (raw) => ({
      resourceId: textIn(raw, 'resource_id'),
      usage: textIn(raw, 'usage_name'),
      region: textIn(raw, 'region'),
      tags: textOrNull(raw, 'tags'),
      now: textIn(raw, 'now_effective'),
      before: textIn(raw, 'before_effective'),
    }),
  };
}
