import { decompose, totals } from '../analysis/movers/decompose.ts';
import type { Leaf, Moved, MovedBy } from '../analysis/movers/model.ts';
import type { Phrase } from '../digest/content-model.ts';
import { driverSentence } from '../digest/drivers.ts';
import type { DriverNames } from '../digest/insight-model.ts';
import { AI_SPEND } from '../focus/ai/model.ts';
import { allDimensions, type Dimensions, UNALLOCATED } from '../lake/dimensions.ts';
import type { Lake } from '../lake/model.ts';
import { moversName } from '../lake/queries/movers.ts';
import { AXIS_NAMES, whereParam } from '../lake/queries/spend-by.ts';
import type { SpendTotal } from '../lake/queries/spend-total.ts';
import { type Freshness, freshness } from './freshness.ts';
import { axisOf } from './spend.ts';
import type { Window } from './window.ts';

export type { Moved, MovedBy };

export interface MoversQuestion {
  /** Names as a person writes them: `team`, `ai-class`, `transfer`. */
  readonly by: readonly string[];
  readonly where: readonly { readonly name: string; readonly value: string }[];
  readonly former: Window;
  readonly current: Window;
  /** AI spend alone. */
  readonly ai: boolean;
  /** Null: all that the lake holds. */
  readonly sources: readonly string[] | null;
}

/** `bursar movers --format json`. Parts add up to each difference, and rows to the totals, to the last decimal. */
export interface MoversAnswer {
  readonly schemaVersion: 1;
  readonly by: readonly string[];
  /** UTC days, half-open, as they were compared: cut alike where the bills do not reach to the end. */
  readonly former: Window;
  readonly current: Window;
  /** One a currency. */
  readonly totals: readonly Moved[];
  readonly rows: readonly Moved[];
  /** The five that moved AI spend most, by service, model and team; empty where no AI spend moved. */
  readonly drivers: readonly (Moved & { readonly of: DriverNames; readonly sentence: Phrase })[];
  readonly freshness: readonly Freshness[];
  readonly notes: readonly string[];
}

const DAY_MS = 86_400_000;

/** What moved between two periods, by any axes. @throws BursarError for a name that is no axis */
export async function movers(
  lake: Lake,
  question: MoversQuestion,
  configured: Dimensions,
): Promise<MoversAnswer> {
  const dimensions = allDimensions(configured);
  const known = [
    ...Object.keys(dimensions),
    ...AXIS_NAMES.filter((name) => !Object.hasOwn(dimensions, name)),
  ];
  const by = [...new Set(question.by.map((name) => axisOf(name, known)))];
  const where = new Map<string, readonly string[]>();
  for (const { name, value } of question.where) {
    const axis = axisOf(name, known);
    where.set(axis, [...(where.get(axis) ?? []), value]);
  }
  if (question.ai) {
    const asked = where.get('ai_class');
    where.set(
      'ai_class',
      AI_SPEND.filter((each) => asked?.includes(each) ?? true),
    );
  }
  const fresh = await freshness(lake, question.sources);
  const { former, current, notes } = comparable(question, fresh, await firstCharge(lake, question.sources));
  const moved = async (axes: readonly string[], narrowed: ReadonlyMap<string, readonly string[]>) => {
    const params = Object.fromEntries(
      [...narrowed].map(([axis, values]) => [whereParam(axis), JSON.stringify(values)]),
    );
    const leaves = await lake.ask<Leaf>(
      moversName({ by: axes, where: [...narrowed.keys()] }),
      { start: current.start, end: current.end, formerStart: former.start, formerEnd: former.end, ...params },
      question.sources,
    );
    return decompose(leaves, { former: days(former), current: days(current) });
  };
  const rows = await moved(by, where);
  return {
    schemaVersion: 1,
    by,
    former,
    current,
    totals: totals(rows),
    rows: rows.filter((row) => row.difference !== '0' || row.by.length > 0),
    drivers: question.ai ? drivers(isDrivers(by) ? rows : await moved(DRIVER_AXES, where)) : [],
    freshness: fresh,
    notes: [...notes, ...(await lake.overlaps(question.sources))],
  };
}

/** What drivers of AI spend are told by. */
export const DRIVER_AXES: readonly string[] = ['service', 'model', 'team'];
const DRIVERS = 5;

function isDrivers(by: readonly string[]): boolean {
  return by.length === DRIVER_AXES.length && by.every((axis, at) => axis === DRIVER_AXES[at]);
}

const given = (text: string) => (text === '' || text === UNALLOCATED ? null : text);

function drivers(rows: readonly Moved[]): MoversAnswer['drivers'] {
  return rows
    .filter(({ difference }) => difference !== '0')
    .slice(0, DRIVERS)
    .map((row) => {
      const [service = '', model = '', team = ''] = row.key;
      const of = { service, model: given(model), team: given(team) };
      return { ...row, of, sentence: driverSentence(row, of) };
    });
}

/**
 * The same part of both periods: where a bill ends within the later one, days that are not billed yet must not look
 * like savings. What a source had not yet billed in the former one cannot be made good, and is told.
 */
function comparable(
  { former, current }: MoversQuestion,
  fresh: readonly Freshness[],
  since: string | null,
): { former: Window; current: Window; notes: string[] } {
  const notes: string[] = [];
  const ends = fresh.map(({ end }) => end).filter((end) => end > current.start);
  const end = ends.toSorted()[0] ?? current.end;
  const billed = new Date(Math.floor(Date.parse(end) / DAY_MS) * DAY_MS).toISOString();
  const cut = billed < current.end && billed > current.start;
  for (const { source, end: last, unsettledFrom } of fresh) {
    if (last <= current.start)
      notes.push(`${source} ends at ${last.slice(0, 10)}: it has nothing in the later period.`);
    else if (unsettledFrom !== null && `${unsettledFrom}T00:00:00.000Z` < (cut ? billed : current.end))
      notes.push(`${source}: days from ${unsettledFrom} on have not settled.`);
  }
  if (since !== null && since > former.start)
    notes.push(
      `The bills begin on ${since.slice(0, 10)}: the former period is not whole, and what is called new may be older.`,
    );
  if (!cut) return { former, current, notes };
  const length = Date.parse(billed) - Date.parse(current.start);
  const formerEnd = new Date(Math.min(Date.parse(former.start) + length, Date.parse(former.end)));
  return {
    former: { start: former.start, end: formerEnd.toISOString() },
    current: { start: current.start, end: billed },
    notes: [
      `The bills reach to ${billed.slice(0, 10)}: the same part of both periods is compared.`,
      ...notes,
    ],
  };
}

async function firstCharge(lake: Lake, sources: readonly string[] | null): Promise<string | null> {
  const parts = await lake.ask<SpendTotal>('spend-total', {}, sources);
  return parts.map(({ start }) => start).toSorted()[0] ?? null;
}

function days({ start, end }: Window): number {
  return (Date.parse(end) - Date.parse(start)) / DAY_MS;
}
