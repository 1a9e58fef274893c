import { counted } from '../digest/counted.ts';
import { type BacktestPage, backtestHtml } from '../digest/html-backtest.ts';
import type { Lake } from '../lake/model.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import {
  type AnomalyTrial,
  type ForecastTrial,
  tryAnomalies,
  tryAnomaliesOfBills,
  tryForecast,
  tryForecastOfBills,
} from '../run/backtest.ts';
import { anomalyPage, forecastPage } from '../run/backtest-page.ts';
import { pageScript } from '../run/page-script.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** What `bursar backtest` is given besides. */
export interface BacktestOptions extends CommonOptions {
  readonly data?: string;
  readonly labels?: string;
  readonly horizon?: string;
  readonly minimum?: string;
}

/** `bursar backtest forecast`: how forecasts would have done on a series, or on the bills held. */
export async function backtestForecastCommand(options: BacktestOptions): Promise<void> {
  const horizon = numberOf('--horizon', options.horizon, 1);
  const { data } = options;
  const trial =
    data === undefined
      ? await onBills(options, (lake, now) => tryForecastOfBills(lake, horizon, now))
      : await tryForecast(data, horizon);
  await print(await shown(options, trial, forecastPage, forecastText), options);
}

/** `bursar backtest anomalies`: which alarms would have been given on a series or on the bills held, and when. */
export async function backtestAnomaliesCommand(options: BacktestOptions): Promise<void> {
  const minimum = numberOf('--minimum', options.minimum, 0) ?? 0;
  const { data, labels } = options;
  if (data === undefined && labels !== undefined)
    throw new BursarError('input', '--labels without --data', {
      hint: 'Labels are of a file: name it with --data.',
    });
  const trial =
    data === undefined
      ? await onBills(options, (lake, now) => tryAnomaliesOfBills(lake, minimum, now))
      : await tryAnomalies(data, labels ?? null, minimum);
  await print(await shown(options, trial, anomalyPage, anomalyText), options);
}

async function shown<T>(
  { format }: BacktestOptions,
  trial: T,
  page: (trial: T) => BacktestPage,
  text: (trial: T) => string,
): Promise<string> {
  if (format === 'html') return backtestHtml(page(trial), await pageScript());
  return format === 'json' ? JSON.stringify(trial) : text(trial);
}

async function onBills<T>(
  options: BacktestOptions,
  attempt: (lake: Lake, now: Date) => Promise<T>,
): Promise<T> {
  const progress = terminalProgress();
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, progress);
  const { auditor } = assembled;
  if ((await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'nothing to try it on', {
      where: options.state,
      hint: 'Name a CSV file with the columns timestamp and value (--data FILE.csv), or run bursar audit first.',
    });
  const trial = await attempt(auditor.lake, now);
  progress.done();
  tellCost(auditor, progress);
  return trial;
}

function numberOf(name: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (
    text.trim() === '' ||
    !Number.isFinite(value) ||
    value < least ||
    (least === 1 && !Number.isInteger(value))
  )
    throw new BursarError('input', `${name} ${JSON.stringify(text)} is no number from ${least}`);
  return value;
}

function forecastText({ tried }: ForecastTrial): string {
  return tried
    .flatMap(({ series, steps, notes, result }) => {
      const head = [`${series}: ${counted(steps, 'step')}`, ...notes];
      if ('notEnough' in result) return [...head, `Not enough to tell: ${result.reason}`, ''];
      const { scores, horizon, scored } = result;
      const { seasonalNaive, season } = scores;
      return [
        ...head,
        `Forecasts ${counted(horizon, 'step')} ahead, made every ${counted(horizon, 'step')}; ${counted(scores.steps, 'step')} scored.`,
        `MAPE ${figure(scores.mape)} %, seasonal naive (${counted(season, 'step')}) ${figure(seasonalNaive.mape)} %`,
        `MASE ${figure(scores.mase)}, seasonal naive ${figure(seasonalNaive.mase)}`,
        ...scores.coverage.map(
          ({ level, share, count }) =>
            `${level * 100} % ranges held ${percent(share)} of ${counted(count, 'step')}`,
        ),
        ...scores.sumCoverage.map(
          ({ level, share, count }) =>
            `${level * 100} % ranges of sums over ${counted(horizon, 'step')} held ${percent(share)} of ${count}`,
        ),
        '',
        table(
          ['at', 'value', 'forecast', 'low 80', 'high 80', 'low 90', 'high 90'],
          scored.map(({ at, value, mean, bands }) => ({
            at,
            value: String(value),
            forecast: figure(mean),
            ...Object.fromEntries(
              bands.flatMap(({ level, low, high }) => [
                [`low ${level * 100}`, figure(low)],
                [`high ${level * 100}`, figure(high)],
              ]),
            ),
          })),
          'table',
        ),
        '',
      ];
    })
    .join('\n');
}

function anomalyText({ tried }: AnomalyTrial): string {
  return tried
    .flatMap(({ series, steps, notes, result }) => {
      const head = [`${series}: ${counted(steps, 'step')}`, ...notes];
      if ('notEnough' in result) return [...head, `Not enough to tell: ${result.reason}`, ''];
      const { scores, flagged, alarmsAMonth } = result;
      return [
        ...head,
        `${flagged.length} alarms, ${figure(alarmsAMonth)} a month`,
        ...(scores === null
          ? ['Nothing says what was wrong: name labels with --labels, or give the file a column label.']
          : [
              `Precision ${percent(scores.precision)}, recall ${percent(scores.recall)} (${scores.caught} of ${scores.windows} windows)`,
              `Days until caught ${figure(scores.daysUntilCaught)}; false alarms a month ${figure(scores.falseAlarmsAMonth)}`,
              `NAB, standard profile ${figure(scores.nab?.normalised ?? null)} (raw ${figure(scores.nab?.raw ?? null)})`,
            ]),
        '',
        table(
          ['caught', 'kind', 'first', 'last', 'value', 'low', 'high', 'off by'],
          flagged.map(({ caught, kind, first, last, judged, actual, expected }) => ({
            caught,
            kind,
            first,
            last,
            value: figure(judged.value),
            low: figure(judged.low),
            high: figure(judged.high),
            'off by': figure(actual - expected),
          })),
          'table',
        ),
        '',
      ];
    })
    .join('\n');
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(4)));
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(share * 100).toFixed(1)} %`;
}
