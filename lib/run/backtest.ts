import { type AnomalyBacktest, backtestAnomalies } from '../analysis/anomalies/backtest.ts';
import { backtestForecast, type ForecastBacktest } from '../analysis/forecast/backtest.ts';
import type { NotEnough } from '../analysis/series.ts';
import { Decimal } from '../focus/decimal.ts';
import type { Lake } from '../lake/model.ts';
import { type DailySeries, dailySeries } from './daily-series.ts';
import { readLabels, readSeries, type SeriesFile } from './series-file.ts';

const DAY = 86_400_000;

/** What was tried: one file, or one series of the lake. */
export interface Tried {
  /** The file, or the values that the series is of. */
  readonly series: string;
  /** ISO-8601 UTC, half-open. */
  readonly start: string;
  /** Milliseconds of a step. */
  readonly step: number;
  readonly steps: number;
  readonly notes: readonly string[];
}

/** `bursar backtest forecast --format json` */
export interface ForecastTrial {
  readonly schemaVersion: 1;
  readonly kind: 'forecast';
  readonly tried: readonly (Tried & { readonly result: ForecastBacktest | NotEnough })[];
}

/** `bursar backtest anomalies --format json` */
export interface AnomalyTrial {
  readonly schemaVersion: 1;
  readonly kind: 'anomalies';
  readonly tried: readonly (Tried & {
    /** What was tried, a value a step; null: not known. */
    readonly values: readonly (number | null)[];
    readonly result: AnomalyBacktest | NotEnough;
  })[];
}

/** Forecasts of a file, as they would have been made. @param horizon steps; null: a month of days, a day of less */
export async function tryForecast(path: string, horizon: number | null): Promise<ForecastTrial> {
  const file = await readSeries(path);
  const ahead = horizon ?? horizonOf(file.series.step);
  return {
    schemaVersion: 1,
    kind: 'forecast',
    tried: [{ ...triedOf(path, file), result: backtestForecast(file.series, ahead) }],
  };
}

/** Alarms of a file, beside its labels or those of another file. */
export async function tryAnomalies(
  path: string,
  labels: string | null,
  minimum: number,
): Promise<AnomalyTrial> {
  const file = await readSeries(path);
  const windows = labels === null ? file.labels : await readLabels(labels, path);
  const result = backtestAnomalies(file.series, windows, file.times, minimum);
  return {
    schemaVersion: 1,
    kind: 'anomalies',
    tried: [{ ...triedOf(path, file), values: file.series.values, result }],
  };
}

/** The series of the bills that a back-test runs on: each service of each account, by source and currency. */
const OF_BILLS = ['service', 'account'] as const;

/** Forecasts of the bills' own series, the dearest first, as they would have been made. */
export async function tryForecastOfBills(
  lake: Lake,
  horizon: number | null,
  now: Date,
): Promise<ForecastTrial> {
  const all = await ofBills(lake, now);
  return {
    schemaVersion: 1,
    kind: 'forecast',
    tried: all.map((daily) => ({
      ...billed(daily),
      result: backtestForecast(daily.series, horizon ?? horizonOf(DAY)),
    })),
  };
}

/** Alarms of the bills' own series; nothing says what was wrong, so that there are no scores. */
export async function tryAnomaliesOfBills(lake: Lake, minimum: number, now: Date): Promise<AnomalyTrial> {
  const all = await ofBills(lake, now);
  return {
    schemaVersion: 1,
    kind: 'anomalies',
    tried: all.map((daily) => ({
      ...billed(daily),
      values: daily.series.values,
      result: backtestAnomalies(daily.series, null, [], minimum),
    })),
  };
}

async function ofBills(lake: Lake, now: Date): Promise<DailySeries[]> {
  const all = await dailySeries(lake, OF_BILLS, {}, null, now);
  return all
    .map((daily) => ({ daily, size: sizeOf(daily) }))
    .toSorted((a, b) => b.size.comparedTo(a.size))
    .map(({ daily }) => daily);
}

function sizeOf({ exact }: DailySeries): Decimal {
  return [...exact.values()].reduce((sum, amount) => sum.plus(amount), new Decimal(0));
}

function billed({ key, source, currency, series }: DailySeries): Tried {
  const { start, step, values } = series;
  const gaps = values.filter((value) => value === null).length;
  return {
    series: [...key, source, currency].join(' / '),
    start,
    step,
    steps: values.length,
    notes: gaps > 0 ? [`${gaps} of ${values.length} days have no bill; a gap is no zero.`] : [],
  };
}

/** Steps that are looked ahead: 31 days, a day of shorter steps, 12 of longer ones. */
export function horizonOf(step: number): number {
  if (step === DAY) return 31;
  return step < DAY ? Math.max(1, Math.round(DAY / step)) : 12;
}

function triedOf(name: string, { series, notes }: SeriesFile): Tried {
  return { series: name, start: series.start, step: series.step, steps: series.values.length, notes };
}
