import { type ExpectedSum, type Forecast, forecast } from '../analysis/forecast/forecast.ts';
import type { NotEnough } from '../analysis/series.ts';
import { Decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { allDimensions, type Dimensions } from '../lake/dimensions.ts';
import { AXIS_NAMES } from '../lake/queries/spend-by.ts';
import type { Auditor } from './auditor.ts';
import { type DailySeries, dailySeries, dayOf, summed } from './daily-series.ts';
import { type Freshness, freshness } from './freshness.ts';
import { type ChargeEvent, eventsAfter } from './known-events.ts';
import { axisOf } from './spend.ts';

const DAY = 86_400_000;
/** Days that bills may lag behind before a forecast from their end is none of today. */
const STALE = 45;

export type PeriodName = 'month' | 'quarter' | 'year';

/** A range that a total will lie in, with a probability. */
export interface MoneyBand {
  readonly level: number;
  readonly low: Money;
  readonly high: Money;
}

/** What a period will have cost when it is over. */
export interface PeriodForecast {
  readonly period: PeriodName;
  /** UTC days, half-open, ISO-8601. */
  readonly start: string;
  readonly end: string;
  /** Charged on settled days of it, exact. */
  readonly actual: Money;
  /** Actual and what is expected of the rest; rounded to cents, as everything that is not exact. */
  readonly total: Money;
  readonly ranges: readonly MoneyBand[];
  /** Are the ranges extended beyond what could be measured? */
  readonly extended: boolean;
  /** Days of it before the bills begin, or that they leave out: what was charged on them nobody knows. */
  readonly unknownDays: number;
}

export interface ForecastRow {
  /** Values of the axes; empty for the total of a currency. */
  readonly key: Readonly<Record<string, string>>;
  readonly currency: string;
  /** Up to when (exclusive) days have settled, and from when on they are known. */
  readonly from: string;
  readonly until: string;
  readonly periods: readonly PeriodForecast[];
  readonly notes: readonly string[];
  /** Why there is no forecast; null where there is one. */
  readonly notEnough: string | null;
}

/** `bursar forecast --format json` */
export interface ForecastReport {
  readonly schemaVersion: 1;
  readonly now: string;
  readonly by: readonly string[];
  /** By currency, of everything; a forecast of its own, not the sum of `rows`. */
  readonly totals: readonly ForecastRow[];
  /** The dearest first. */
  readonly rows: readonly ForecastRow[];
  readonly freshness: readonly Freshness[];
}

export interface ForecastQuestion {
  /** Names as a person writes them. */
  readonly by: readonly string[];
  /** Null: all that the lake holds. */
  readonly sources: readonly string[] | null;
  /** What is known to come, in the total of a currency; amounts a day. */
  readonly events?: readonly ChargeEvent[];
  readonly holidays?: ReadonlySet<string>;
}

/**
 * What the running month, quarter and year will cost, in all and by any axes: what was charged on settled days,
 * exact, and a forecast of the rest. Credits and corrections are left out.
 */
export async function forecastReport(
  { lake }: Pick<Auditor, 'lake'>,
  question: ForecastQuestion,
  configured: Dimensions,
  now: Date,
): Promise<ForecastReport> {
  const dimensions = Object.keys(allDimensions(configured));
  const known = [...dimensions, ...AXIS_NAMES.filter((name) => !dimensions.includes(name))];
  const by = [...new Set(question.by.map((name) => axisOf(name, known)))];
  const all = await dailySeries(lake, [], {}, question.sources, now);
  const parts = by.length === 0 ? [] : await dailySeries(lake, by, {}, question.sources, now);
  const row = (series: readonly DailySeries[], key: Record<string, string>, isTotal: boolean) => {
    const whole = summed(series);
    return whole === null ? [] : [rowOf(whole, key, isTotal ? question : { ...question, events: [] }, now)];
  };
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    by,
    totals: grouped(all).flatMap((series) => row(series, {}, true)),
    rows: grouped(parts)
      .flatMap((series) =>
        row(series, Object.fromEntries(by.map((axis, at) => [axis, series[0]?.key[at] ?? ''])), false),
      )
      .toSorted(dearest),
    freshness: await freshness(lake, question.sources),
  };
}

/** Series of the same key and currency, whatever their source. */
function grouped(all: readonly DailySeries[]): DailySeries[][] {
  const groups = new Map<string, DailySeries[]>();
  for (const each of all) {
    const id = JSON.stringify([each.currency, each.key]);
    groups.set(id, [...(groups.get(id) ?? []), each]);
  }
  return [...groups.values()];
}

function rowOf(
  whole: DailySeries,
  key: Readonly<Record<string, string>>,
  question: Pick<ForecastQuestion, 'events' | 'holidays'>,
  now: Date,
): ForecastRow {
  const { currency, series, end } = whole;
  const told = toldOf(whole, question, now);
  const base = { key, currency, from: series.start.slice(0, 10), until: end };
  if ('notEnough' in told) return { ...base, periods: [], notes: [], notEnough: told.reason };
  return {
    ...base,
    periods: periodsOf(now).flatMap((period, at) => {
      const sum = told.sums[at];
      return sum === undefined ? [] : [periodOf(period, sum, whole, told.measured)];
    }),
    notes: told.notes,
    notEnough: null,
  };
}

/** The steps to the end of the year, and the sums of the rest of each period that `periodsOf` names. */
export function toldOf(
  { series, currency, end }: DailySeries,
  { events, holidays }: Pick<ForecastQuestion, 'events' | 'holidays'>,
  now: Date,
): Forecast | NotEnough {
  const until = Date.parse(`${end}T00:00:00Z`);
  if (now.getTime() - until > STALE * DAY)
    return { notEnough: true, reason: `The bills have settled up to ${end} alone.` };
  const stepsTo = (at: string) => Math.max(0, Math.round((Date.parse(at) - until) / DAY));
  const periods = periodsOf(now);
  const days = periods.map((period) => stepsTo(period.end));
  const told = forecast(series, {
    horizon: Math.max(1, ...days),
    sums: [...days, ...periods.map((period) => stepsTo(period.start))],
    events: eventsAfter(events ?? [], currency, end),
    ...(holidays && { holidays }),
  });
  if ('notEnough' in told) return told;
  const before = told.sums.slice(days.length);
  const least = series.values.some((value) => value !== null && value < 0) ? Number.NEGATIVE_INFINITY : 0;
  return { ...told, sums: told.sums.slice(0, days.length).map((sum, at) => without(sum, before[at], least)) };
}

/**
 * Days that have not settled of the period before are foreseen, too, and no part of this one.
 * @param least below which nothing can be: what is left may be all that these days take off
 */
function without(sum: ExpectedSum, before: ExpectedSum | undefined, least: number): ExpectedSum {
  const off = before?.mean ?? 0;
  if (off === 0) return sum;
  return {
    ...sum,
    mean: Math.max(sum.mean - off, least),
    bands: sum.bands.map(({ level, low, high }) => ({
      level,
      low: Math.max(low - off, least),
      high: Math.max(high - off, least),
    })),
  };
}

/** A period of which the rest is expected to cost `sum`. */
export function periodOf(
  { period, start, end }: Pick<PeriodForecast, 'period' | 'start' | 'end'>,
  sum: ExpectedSum,
  whole: DailySeries,
  measured: number,
): PeriodForecast {
  let actual = new Decimal(0);
  for (const [day, amount] of whole.exact)
    if (day >= start.slice(0, 10) && day < end.slice(0, 10)) actual = actual.plus(amount);
  const { currency } = whole;
  const cents = (more: number) => money(actual.plus(new Decimal(more)).toDecimalPlaces(2), currency);
  return {
    period,
    start,
    end,
    actual: money(actual, currency),
    total: cents(sum.mean),
    ranges: sum.bands.map(({ level, low, high }) => ({ level, low: cents(low), high: cents(high) })),
    extended: sum.steps > measured,
    unknownDays: unknownDays(whole, start),
  };
}

function unknownDays({ series, end }: DailySeries, start: string): number {
  let unknown = 0;
  for (let day = Date.parse(start); dayOf(day) < end; day += DAY) {
    const at = Math.round((day - Date.parse(series.start)) / DAY);
    if ((series.values[at] ?? null) === null) unknown++;
  }
  return unknown;
}

/** The running month, quarter and year, UTC. */
export function periodsOf(now: Date): { period: PeriodName; start: string; end: string }[] {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const quarter = month - (month % 3);
  return [
    { period: 'month', start: monthStart(year, month), end: monthStart(year, month + 1) },
    { period: 'quarter', start: monthStart(year, quarter), end: monthStart(year, quarter + 3) },
    { period: 'year', start: monthStart(year, 0), end: monthStart(year + 1, 0) },
  ];
}

function monthStart(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 1)).toISOString();
}

function dearest(a: ForecastRow, b: ForecastRow): number {
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  const total = (row: ForecastRow) => new Decimal(row.periods[0]?.total.amount ?? 0);
  return total(b).comparedTo(total(a)) || (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1);
}
