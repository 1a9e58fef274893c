import type { Series } from '../analysis/series.ts';
import { Decimal, decimal } from '../focus/decimal.ts';
import type { Lake } from '../lake/model.ts';
import { dailySeriesName, type SeriesDay } from '../lake/queries/daily-series.ts';
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
): Promise<DailySeries[]> {
  const ends = new Map(
    (await freshness(lake, sources)).map(({ source, end, unsettledFrom }) => [
      source,
      [dayAfter(end), unsettledFrom ?? '9999'].toSorted()[0] ?? '',
    ]),
  );
  const charged = chargedDays(await chargesByDay(lake, sources, now));
  const groups = new Map<string, SeriesDay[]>();
  for (const day of await askDays(lake, by, where, sources, now)) {
    const id = JSON.stringify([day.source, day.currency, day.key]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [day]);
    else group.push(day);
  }
  return [...groups.values()].flatMap((days) => {
    const [any] = days;
    const known = charged.get(any?.source ?? '');
    const end = ends.get(any?.source ?? '');
    return any === undefined || known === undefined || end === undefined
      ? []
      : seriesOf(any, days, known, end);
  });
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
  const start = dayOf(now.getTime() - HISTORY * DAY);
  const params: Record<string, string> = { start: `${start}T00:00:00.000Z`, end: now.toISOString() };
  for (const [axis, values] of Object.entries(where)) params[whereParam(axis)] = JSON.stringify(values);
  return await lake.ask<SeriesDay>(dailySeriesName({ by, where: Object.keys(where) }), params, sources);
}

/** Days on which a source charged anything, ascending. */
function chargedDays(days: readonly SeriesDay[]): Map<string, Set<string>> {
  const charged = new Map<string, Set<string>>();
  for (const { source, day } of days.toSorted((a, b) => (a.day < b.day ? -1 : 1)))
    charged.set(source, (charged.get(source) ?? new Set<string>()).add(day));
  return charged;
}

function seriesOf(
  { key, source, currency }: SeriesDay,
  days: readonly SeriesDay[],
  known: ReadonlySet<string>,
  end: string,
): DailySeries[] {
  const exact = new Map(
    days.filter(({ day }) => day < end).map(({ day, effective }) => [day, decimal(effective)]),
  );
  const [first] = known;
  if (first === undefined || first >= end || exact.size === 0) return [];
  const length = Math.round((Date.parse(end) - Date.parse(first)) / DAY);
  const values = Array.from({ length }, (_, at) => {
    const day = dayOf(Date.parse(first) + at * DAY);
    return exact.get(day)?.toNumber() ?? (known.has(day) ? 0 : null);
  });
  return [
    { key, source, currency, exact, end, series: { start: `${first}T00:00:00.000Z`, step: DAY, values } },
  ];
}

/** Series of one currency added up, over the days that all of them reach; a day that one does not know is a gap. */
export function summed(all: readonly DailySeries[]): DailySeries | null {
  const [any] = all;
  if (any === undefined) return null;
  const end = all.map((each) => each.end).toSorted()[0] ?? any.end;
  const start = all.map(({ series }) => series.start).toSorted()[0] ?? any.series.start;
  const length = Math.round((Date.parse(end) - Date.parse(start)) / DAY);
  const exact = new Map<string, Decimal>();
  for (const each of all)
    for (const [day, amount] of each.exact)
      if (day < end) exact.set(day, (exact.get(day) ?? new Decimal(0)).plus(amount));
  const values = Array.from({ length }, (_, at) => {
    const day = Date.parse(start) + at * DAY;
    const gap = all.some(({ series }) => {
      const own = Math.round((day - Date.parse(series.start)) / DAY);
      return own >= 0 && series.values[own] === null;
    });
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
