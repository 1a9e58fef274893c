import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { backtestAnomalies } from '../../lib/analysis/anomalies/backtest.ts';
import { detect } from '../../lib/analysis/anomalies/detect.ts';
import { type NabScore, nabTotal } from '../../lib/analysis/anomalies/nab.ts';
import { backtestForecast, type Coverage } from '../../lib/analysis/forecast/backtest.ts';
import type { Series } from '../../lib/analysis/series.ts';
import { MONTH_DAYS } from '../../lib/focus/month.ts';
import { readLabels, readSeries, type SeriesFile } from '../../lib/run/series-file.ts';
import {
  billDays,
  caseOf,
  INJECTED,
  type Injected,
  RESTLESS_KINDS,
  type Restless,
  restlessDays,
  START,
} from '../analysis/generated.ts';
import { sharedData } from '../shared.ts';

const DAY = 86_400_000;
/** Constants were chosen on seeds below 1,000; scores are of others. */
export const FIRST_SEED = 10_000;

/** Scores of forecasts over several series, each step counting once. */
export interface Pooled {
  readonly what: string;
  readonly series: number;
  readonly steps: number;
  readonly mape: number;
  readonly mase: number;
  readonly naiveMape: number;
  readonly naiveMase: number;
  readonly coverage: readonly Coverage[];
  readonly sumCoverage: readonly Coverage[];
}

/** Forecasts of several series, pooled. */
export function pooled(what: string, all: readonly Series[], horizon: number): Pooled {
  const scores = all.flatMap((series) => {
    const answer = backtestForecast(series, horizon);
    return 'notEnough' in answer ? [] : [answer.scores];
  });
  const steps = scores.reduce((sum, each) => sum + each.steps, 0);
  const mean = (of: (each: (typeof scores)[number]) => number | null) => {
    const known = scores.filter((each) => of(each) !== null);
    const weight = known.reduce((sum, each) => sum + each.steps, 0);
    return known.reduce((sum, each) => sum + (of(each) ?? 0) * each.steps, 0) / weight;
  };
  const cover = (of: (each: (typeof scores)[number]) => readonly Coverage[]) =>
    [0.8, 0.9].map((level) => {
      const own = scores.flatMap((each) => of(each).filter((one) => one.level === level));
      const count = own.reduce((sum, each) => sum + each.count, 0);
      return {
        level,
        count,
        share: own.reduce((sum, each) => sum + (each.share ?? 0) * each.count, 0) / count,
      };
    });
  return {
    what,
    series: scores.length,
    steps,
    mape: mean(({ mape }) => mape),
    mase: mean(({ mase }) => mase),
    naiveMape: mean(({ seasonalNaive }) => seasonalNaive.mape),
    naiveMase: mean(({ seasonalNaive }) => seasonalNaive.mase),
    coverage: cover(({ coverage }) => coverage),
    sumCoverage: cover(({ sumCoverage }) => sumCoverage),
  };
}

/** Generated bills of 400 days that nobody changed but their own shifts. */
export function generatedBills(count: number): Series[] {
  return Array.from({ length: count }, (_, at) => ({
    start: START,
    step: DAY,
    values: billDays(FIRST_SEED + at, true),
  }));
}

/** Alarms a series and month where nothing is wrong, and in the series that has most. */
export function restlessAlarms(count: number): { kind: Restless; alarms: number; most: number }[] {
  const months = 400 / MONTH_DAYS;
  return RESTLESS_KINDS.map((kind) => {
    const alarms = Array.from({ length: count }, (_, at) => {
      const found = detect(restlessDays(FIRST_SEED + at, kind));
      return 'notEnough' in found ? 0 : found.length / months;
    });
    return {
      kind,
      alarms: alarms.reduce((sum, each) => sum + each, 0) / count,
      most: Math.max(...alarms),
    };
  });
}

export interface InjectedScores {
  readonly kind: Injected | 'all';
  readonly injected: number;
  readonly caught: number;
  readonly dollars: number;
  readonly dollarsCaught: number;
  readonly daysUntilCaught: number;
  /** Alarms in all of these series, and those that are none of what was injected. */
  readonly alarms: number;
  readonly falseAlarms: number;
  readonly months: number;
}

/**
 * Anomalies put into generated bills, each in a series of its own. An alarm is right when it lies on the side of what
 * was injected, and is given from the first day on until the last that counts; a level that comes to its end, and
 * whatever else is told, is a false alarm.
 */
export function injectedScores(perKind: number): InjectedScores[] {
  const rows = INJECTED.map((kind, index) => {
    const cases = Array.from({ length: perKind }, (_, at) =>
      caseOf(FIRST_SEED + index * 1000 + at, kind),
    ).flat();
    const row = {
      injected: 0,
      caught: 0,
      dollars: 0,
      dollarsCaught: 0,
      days: 0,
      alarms: 0,
      right: 0,
      months: 0,
    };
    for (const { series, from, until, dollars } of cases) {
      const found = detect(series);
      if ('notEnough' in found) throw new Error(found.reason);
      const at = (time: string) => Math.round((Date.parse(time) - Date.parse(START)) / DAY);
      const right = found.filter(({ caught }) => at(caught) >= from && at(caught) <= until);
      row.injected++;
      row.alarms += found.length;
      row.right += right.length;
      row.months += series.values.length / MONTH_DAYS;
      row.dollars += dollars;
      const [first] = right;
      if (first === undefined) continue;
      row.caught++;
      row.dollarsCaught += dollars;
      row.days += at(first.caught) - from;
    }
    const { days, right, ...rest } = row;
    return { kind, ...rest, daysUntilCaught: days / row.caught, falseAlarms: row.alarms - right };
  });
  const sum = (
    key: 'injected' | 'caught' | 'dollars' | 'dollarsCaught' | 'alarms' | 'falseAlarms' | 'months',
  ) => rows.reduce((all, row) => all + row[key], 0);
  const days = rows.reduce((all, row) => all + row.daysUntilCaught * row.caught, 0) / sum('caught');
  return [
    ...rows,
    {
      kind: 'all',
      injected: sum('injected'),
      caught: sum('caught'),
      dollars: sum('dollars'),
      dollarsCaught: sum('dollarsCaught'),
      alarms: sum('alarms'),
      falseAlarms: sum('falseAlarms'),
      months: sum('months'),
      daysUntilCaught: days,
    },
  ];
}

const NAB = ['series', 'nab', 'data', 'realAWSCloudwatch'];
const PURCHASES = ['series', 'microsoft', 'consumer-purchase-rate'];

/** Every NAB series of real CloudWatch metrics, with its file. */
export function nabFiles(): Promise<{ path: string; file: SeriesFile }[]> {
  return filesOf(sharedData(...NAB));
}

export function purchaseFiles(): Promise<{ path: string; file: SeriesFile }[]> {
  return filesOf(sharedData(...PURCHASES));
}

export async function machineFile(): Promise<{ path: string; file: SeriesFile }> {
  const path = sharedData('series', 'microsoft', 'mongodb-machine-rps', 'machine-01.csv');
  return { path, file: await readSeries(path) };
}

async function filesOf(folder: string): Promise<{ path: string; file: SeriesFile }[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  return await Promise.all(
    names.toSorted().map(async (name) => {
      const path = join(folder, name);
      return { path, file: await readSeries(path) };
    }),
  );
}

/** A series of longer steps: each the mean of what is known of it. */
export function coarser({ start, step, values }: Series, times: number): Series {
  const skipped = Math.round(
    (Math.ceil(Date.parse(start) / (step * times)) * step * times - Date.parse(start)) / step,
  );
  const whole = Math.floor((values.length - skipped) / times);
  return {
    start: new Date(Date.parse(start) + skipped * step).toISOString(),
    step: step * times,
    values: Array.from({ length: whole }, (_, at) => {
      const part = values
        .slice(skipped + at * times, skipped + (at + 1) * times)
        .filter((value) => value !== null);
      return part.length === 0 ? null : part.reduce((sum, value) => sum + value, 0) / part.length;
    }),
  };
}

/** NAB's standard profile over all files, in steps of five minutes or as many times that. */
export async function nabScores(
  times: number,
): Promise<{ total: NabScore; files: { name: string; score: NabScore }[] }> {
  const labels = sharedData('series', 'nab', 'labels', 'combined_windows.json');
  const files: { name: string; score: NabScore }[] = [];
  for (const { path, file } of await nabFiles()) {
    const series = times === 1 ? file.series : coarser(file.series, times);
    const rows =
      times === 1
        ? file.times
        : series.values.map((_, at) => new Date(Date.parse(series.start) + at * series.step).toISOString());
    const answer = backtestAnomalies(series, await readLabels(labels, path), rows);
    const score = 'notEnough' in answer ? null : answer.scores?.nab;
    if (score === null || score === undefined) throw new Error(`${path} gave no score`);
    files.push({ name: basename(path), score });
  }
  return { total: nabTotal(files.map(({ score }) => score)), files };
}
