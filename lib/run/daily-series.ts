import type { Series } from '../analysis/series.ts';
import { Decimal, decimal, unitsOf, unitsText } from '../focus/decimal.ts';
import type { Lake } from '../lake/model.ts';
import { dailySeriesName, type SeriesDay } from '../lake/queries/daily-series.ts';
import { eachDay, type SeriesOfDays, seriesDaysName } from '../lake/queries/series-days.ts';
import { whereParam } from '../lake/queries/spend-by.ts';
import { freshness } from './freshness.ts';

const DAY = 86_400_000;
/** Days of history that are looked at: a year, and what it takes to judge forecasts of its first days. */
const HISTORY = 430;

/** Cost a day of one combination of axes, from one source, in one currency; settled days alone. */
export interface DailySeries {
  readonly key: readonly string[];
  readonly source: string;
  readonly currency: string;
  readonly series: Series;
  /** Its charges by day (`YYYY-MM-DD`), exact. */
  readonly exact: ReadonlyMap<string, Decimal>;
  /** First day that is not in it: what came later may still change, or is not billed yet. */
  readonly end: string;
}

/** As a bill has it. A large bill has tens of thousands of them: of each, one text is held until it is looked at. */
export interface BilledSeries extends DailySeries {
  /** By day of the series, what was charged: decimal text; null where nothing was. Made anew whenever it is asked for. */
  readonly amounts: readonly (string | null)[];
}

/**
 * Cost a day by axes, as the bills have it, on days that have settled. A day without a charge is zero where the
 * source charged anything on it, and a gap where it did not: then nobody knows.
 * @param where values by axis that charges are narrowed to
 */
export async function dailySeries(
  lake: Lake,
  by: readonly string[],
  where: Readonly<Record<string, readonly string[]>>,
  sources: readonly string[] | null,
  now: Date,
): Promise<BilledSeries[]> {
  const spans = await spansOf(lake, sources, now);
  const found = new Map<string, Found>();
  for (const { key, source, currency, day, effective } of await askDays(lake, by, where, sources, now)) {
    const span = spans.get(source);
    const at = span?.at.get(day);
    if (span === undefined || at === undefined) continue;
    const id = JSON.stringify([source, currency, key]);
    const known = found.get(id) ?? { key, source, currency, span, amounts: span.days.map(() => null) };
    known.amounts[at] = effective;
    found.set(id, known);
  }
  return [...found.values()].map(({ key, source, currency, span, amounts }) =>
    billed({ key, source, currency }, span, amounts),
  );
}

/** The same where there may be very many of them: each comes, and is held, as one text. */
export async function manySeries(
  lake: Lake,
  by: readonly string[],
  where: Readonly<Record<string, readonly string[]>>,
  sources: readonly string[] | null,
  now: Date,
): Promise<BilledSeries[]> {
  const spans = await spansOf(lake, sources, now);
  const name = seriesDaysName({ by, where: Object.keys(where) });
  const all = await lake.ask<SeriesOfDays>(name, paramsOf(where, now), sources);
  return all.flatMap(({ key, source, currency, days }) => {
    const span = spans.get(source);
    if (span === undefined) return [];
    const amounts: (string | null)[] = span.days.map(() => null);
    let settled = 0;
    for (const [day, effective] of eachDay(days)) {
      const at = span.at.get(day);
      if (at === undefined) continue;
      amounts[at] = effective;
      settled++;
    }
    return settled === 0 ? [] : [billed({ key, source, currency }, span, amounts)];
  });
}

/** Of each source that charged anything on a settled day, its settled days. */
async function spansOf(
  lake: Lake,
  sources: readonly string[] | null,
  now: Date,
): Promise<ReadonlyMap<string, Span>> {
  const ends = new Map(
    (await freshness(lake, sources)).map(({ source, end, unsettledFrom }) => [
      source,
      [dayAfter(end), unsettledFrom ?? '9999'].toSorted()[0] ?? '',
    ]),
  );
  const charged = chargedDays(await chargesByDay(lake, sources, now));
  return new Map(
    [...charged].flatMap(([source, days]) => {
      const span = spanOf(days, ends.get(source));
      return span === null ? [] : [[source, span] as const];
    }),
  );
}

interface Found {
  readonly key: readonly string[];
  readonly source: string;
  readonly currency: string;
  readonly span: Span;
  readonly amounts: (string | null)[];
}

/** The days of a source that have settled, from its first charge on. */
interface Span {
  /** `YYYY-MM-DD`, ascending without a gap, and the place of each. */
  readonly days: readonly string[];
  readonly at: ReadonlyMap<string, number>;
  /** By day: did the source charge anything on it? */
  readonly isKnown: readonly boolean[];
  readonly end: string;
}

/** @param charged days on which the source charged anything, ascending; null: none of them has settled */
function spanOf(charged: ReadonlySet<string>, end: string | undefined): Span | null {
  const [first] = charged;
  if (first === undefined || end === undefined || first >= end) return null;
  const length = Math.round((Date.parse(end) - Date.parse(first)) / DAY);
  const days = Array.from({ length }, (_, at) => dayOf(Date.parse(first) + at * DAY));
  return {
    days,
    at: new Map(days.map((day, at) => [day, at])),
    isKnown: days.map((day) => charged.has(day)),
    end,
  };
}

function billed(
  of: Pick<DailySeries, 'key' | 'source' | 'currency'>,
  { days, isKnown, end }: Pick<Span, 'days' | 'isKnown' | 'end'>,
  amounts: readonly (string | null)[],
): BilledSeries {
  const held = amounts.map((amount) => amount ?? '').join(',');
  const told = () => held.split(',').map((amount) => (amount === '' ? null : amount));
  const start = `${days[0] ?? end}T00:00:00.000Z`;
  let exact: ReadonlyMap<string, Decimal> | undefined;
  return {
    ...of,
    end,
    get amounts() {
      return told();
    },
    get series() {
      // What a text is as a number, rounded once: the same as that of the exact decimal.
      const values = told().map((amount, at) =>
        amount === null ? (isKnown[at] === true ? 0 : null) : Number(amount),
      );
      return { start, step: DAY, values };
    },
    get exact() {
      exact ??= exactOf(days, told());
      return exact;
    },
  };
}

function exactOf(days: readonly string[], amounts: readonly (string | null)[]): Map<string, Decimal> {
  return new Map(
    amounts.flatMap((amount, at) => (amount === null ? [] : [[days[at] ?? '', decimal(amount)] as const])),
  );
}

/** What each source charged on each day, in each currency: without a row, nobody knows of that day. */
export async function chargesByDay(
  lake: Lake,
  sources: readonly string[] | null,
  now: Date,
): Promise<SeriesDay[]> {
  return await askDays(lake, [], {}, sources, now);
}

async function askDays(
  lake: Lake,
  by: readonly string[],
  where: Readonly<Record<string, readonly string[]>>,
  sources: readonly string[] | null,
  now: Date,
): Promise<SeriesDay[]> {
  const name = dailySeriesName({ by, where: Object.keys(where) });
  return await lake.ask<SeriesDay>(name, paramsOf(where, now), sources);
}

function paramsOf(where: Readonly<Record<string, readonly string[]>>, now: Date): Record<string, string> {
  const start = dayOf(now.getTime() - HISTORY * DAY);
  const params: Record<string, string> = { start: `${start}T00:00:00.000Z`, end: now.toISOString() };
  for (const [axis, values] of Object.entries(where)) params[whereParam(axis)] = JSON.stringify(values);
  return params;
}

/** Days on which a source charged anything, ascending. */
function chargedDays(days: readonly SeriesDay[]): Map<string, Set<string>> {
  const charged = new Map<string, Set<string>>();
  for (const { source, day } of days.toSorted((a, b) => (a.day < b.day ? -1 : 1)))
    charged.set(source, (charged.get(source) ?? new Set<string>()).add(day));
  return charged;
}

/** Series of one source and one currency added up, under a key of their own: they are of the same days. */
export function added(
  key: readonly string[],
  parts: readonly [BilledSeries, ...BilledSeries[]],
): BilledSeries {
  const [{ source, currency, series, end }] = parts;
  const first = Date.parse(series.start);
  const days = series.values.map((_, at) => dayOf(first + at * DAY));
  const isKnown = series.values.map((value) => value !== null);
  const sums: (bigint | null)[] = days.map(() => null);
  for (const { amounts } of parts)
    for (const [at, amount] of amounts.entries())
      if (amount !== null) sums[at] = (sums[at] ?? 0n) + unitsOf(amount);
  const amounts = sums.map((sum) => (sum === null ? null : unitsText(sum)));
  return billed({ key, source, currency }, { days, isKnown, end }, amounts);
}

/** Series of one currency added up, over the days that all of them reach; a day that one does not know is a gap. */
export function summed(all: readonly DailySeries[]): DailySeries | null {
  const [any] = all;
  if (any === undefined) return null;
  const end = all.map((each) => each.end).toSorted()[0] ?? any.end;
  const told = all.map(({ series }) => ({ first: Date.parse(series.start), ...series }));
  const start = told.map((each) => each.start).toSorted()[0] ?? any.series.start;
  const length = Math.round((Date.parse(end) - Date.parse(start)) / DAY);
  const exact = new Map<string, Decimal>();
  for (const each of all)
    for (const [day, amount] of each.exact)
      if (day < end) exact.set(day, (exact.get(day) ?? new Decimal(0)).plus(amount));
  const values = Array.from({ length }, (_, at) => {
    const day = Date.parse(start) + at * DAY;
    const gap = told.some(({ first, values: own }) => own[Math.round((day - first) / DAY)] === null);
    return gap ? null : (exact.get(dayOf(day))?.toNumber() ?? 0);
  });
  return { key: [], source: '', currency: any.currency, exact, end, series: { start, step: DAY, values } };
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The day after the last one that a half-open end reaches into. */
function dayAfter(end: string): string {
  return dayOf(Math.ceil(Date.parse(end) / DAY) * DAY);
}
