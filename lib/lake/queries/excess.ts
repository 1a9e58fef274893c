import type { Dialect } from '../dialect/model.ts';
import type { Params } from '../engine/duckdb.ts';
import { inWindow, type NamedQuery, numberIn, orEmpty, textIn, textOrNull } from './query.ts';
import { axesIn, axesText, axisSql } from './spend-by.ts';

/** What made the difference of two windows: half-open, ISO-8601 UTC, the one before over before the other begins. */
export interface ExcessQuestion {
  readonly start: string;
  readonly end: string;
  readonly beforeStart: string;
  readonly beforeEnd: string;
  readonly source: string;
  readonly currency: string;
  /** The value of each axis that it is narrowed to. */
  readonly where: Readonly<Record<string, string>>;
}

/** What one resource and usage cost in two windows. */
export interface ExcessPart {
  /** The place of its question among those asked, from 0 on. */
  readonly question: number;
  readonly resourceId: string;
  /** SkuMeter, else ChargeDescription: what the biller calls the usage. */
  readonly usage: string;
  readonly region: string;
  /** A JSON object, as the bill has it; null where it has none. */
  readonly tags: string | null;
  readonly now: string;
  readonly before: string;
}

/** Questions that can be asked at once: each takes two bits of a whole number of 64, which has a sign. */
export const MOST_EXCESSES = 31;

const PREFIX = 'excess:';

/** What to ask the lake for so many questions in one: the name tells the axes of each, `excess:service,account;team`. */
export function excessesAsked(questions: readonly ExcessQuestion[]): { query: string; params: Params } {
  if (questions.length === 0 || questions.length > MOST_EXCESSES)
    throw new RangeError(`1 to ${MOST_EXCESSES} questions are asked at once, not ${questions.length}`);
  const first = questions.reduce(
    (least, { beforeStart }) => (beforeStart < least ? beforeStart : least),
    '~',
  );
  const last = questions.reduce((most, { end }) => (end > most ? end : most), '');
  const params: [string, string][] = questions.flatMap(({ where, ...each }, at): [string, string][] => {
    if (each.beforeEnd > each.start)
      throw new RangeError(`the windows before and from ${each.start} on overlap`);
    return [
      ...Object.entries(each).map(([name, value]): [string, string] => [param(at, name), value]),
      ...Object.entries(where).map(([axis, value]): [string, string] => [whereParam(at, axis), value]),
    ];
  });
  return {
    query: nameOf(questions.map(({ where }) => Object.keys(where))),
    params: { start: first, end: last, ...Object.fromEntries(params) },
  };
}

function nameOf(questions: readonly (readonly string[])[]): string {
  return `${PREFIX}${questions.map((where) => axesText({ by: where, where: [] }).slice(0, -1)).join(';')}`;
}

/** The query that such a name means; undefined where the name is another. */
export function excessOf(name: string): NamedQuery<ExcessPart> | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const questions = name.slice(PREFIX.length).split(';');
  return excess(questions.map((axes) => axesIn(axes).by));
}

const OWN = ['start', 'end', 'beforeStart', 'beforeEnd', 'source', 'currency'] as const;
const param = (at: number, name: string) => `q${at}_${name}`;
const whereParam = (at: number, axis: string) => param(at, `where_${axis}`);

/** The bit that a charge of the question's window has, and that of one of the window before. */
const nowBit = (at: number) => String(1n << BigInt(2 * at));
const beforeBit = (at: number) => String(1n << BigInt(2 * at + 1));

/**
 * Effective cost by question, resource, usage and region in the question's window and in the one before it: the
 * differences of all rows of a question add up to that of its windows. Charges are those of `daily-series`. The bill is
 * read once for all questions, from `$start` to `$end`, in which all windows lie: each charge is told as bits which
 * of them it belongs to, and what has the same bits is summed before it is dealt out.
 * @param questions the axes that each is narrowed by
 */
function excess(questions: readonly (readonly string[])[]): NamedQuery<ExcessPart> {
  return {
    name: nameOf(questions),
    params: [
      'start',
      'end',
      ...questions.flatMap((where, at) => [
        ...OWN.map((name) => param(at, name)),
        ...where.map((axis) => whereParam(at, axis)),
      ]),
    ],
    windows: [['start', 'end']],
    sql: (d) => {
      // In their order no sum of the first is more than a whole number of 32 bits, which engines take small ones for.
      const bits = questions.map((where, at) => bitsOf(d, where, at)).join(' + ');
      const asked = questions
        .map((_, at) => `SELECT ${at} AS question, ${nowBit(at)} AS now_bit, ${beforeBit(at)} AS before_bit`)
        .join(' UNION ALL ');
      const sum = (bit: string) => `COALESCE(${d.sumIf('effective', d.sharesBit('windows', bit))}, 0)`;
      return `
        WITH charges AS (
          SELECT ${orEmpty(d, 'ResourceId')} AS resource_id,
                 COALESCE(${d.name('SkuMeter')}, ${d.name('ChargeDescription')}, '') AS usage_name,
                 ${orEmpty(d, 'RegionId')} AS region, NULLIF(${d.name('Tags')}, ${d.text('{}')}) AS tags,
                 ${d.name('EffectiveCost')} AS effective, ${bits} AS windows
          FROM costs
          WHERE ${inWindow(d)} AND ${orEmpty(d, 'ChargeCategory')} NOT IN ('Credit', 'Adjustment')
        ), parts AS (
          SELECT resource_id, usage_name, region, windows, MAX(tags) AS tags, SUM(effective) AS effective
          FROM charges WHERE windows > 0 GROUP BY 1, 2, 3, 4
        )
        SELECT question, resource_id, usage_name, region, MAX(tags) AS tags,
               ${sum('now_bit')} AS now_effective, ${sum('before_bit')} AS before_effective
        FROM parts CROSS JOIN (${asked}) AS questions
        WHERE ${d.sharesBit('windows', 'now_bit')} OR ${d.sharesBit('windows', 'before_bit')}
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
    },
    merge: {
      keys: ['question', 'resource_id', 'usage_name', 'region'],
      sum: ['now_effective', 'before_effective'],
      max: ['tags'],
    },
    row: (raw) => ({
      question: numberIn(raw, 'question'),
      resourceId: textIn(raw, 'resource_id'),
      usage: textIn(raw, 'usage_name'),
      region: textIn(raw, 'region'),
      tags: textOrNull(raw, 'tags'),
      now: textIn(raw, 'now_effective'),
      before: textIn(raw, 'before_effective'),
    }),
  };
}

/** The bit of a charge in a question; 0 where it is of neither window. */
function bitsOf(d: Dialect, where: readonly string[], at: number): string {
  const begins = d.name('ChargePeriodStart');
  const from = (name: string) => `${begins} >= ${d.timestamp(d.param(param(at, name)))}`;
  const conditions = [
    ...where.map((axis) => `${axisSql(d, axis)} = ${d.param(whereParam(at, axis))}`),
    `${d.name('BillingCurrency')} = ${d.param(param(at, 'currency'))}`,
    `${orEmpty(d, 'x_Source')} = ${d.param(param(at, 'source'))}`,
    from('beforeStart'),
    `NOT ${from('end')}`,
  ];
  return `CASE WHEN ${conditions.join(' AND ')} THEN
    CASE WHEN ${from('start')} THEN ${nowBit(at)} WHEN ${from('beforeEnd')} THEN 0 ELSE ${beforeBit(at)} END
    ELSE 0 END`;
}
