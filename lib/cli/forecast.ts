import { counted } from '../digest/counted.ts';
import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { mainFirst } from '../focus/money.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import {
  type ForecastReport,
  type ForecastRow,
  forecastReport,
  type PeriodForecast,
} from '../run/forecast.ts';
import { knownEvents } from '../run/known-events.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { table } from './table.ts';

export interface ForecastOptions extends CommonOptions {
  readonly by?: string[];
  readonly bills?: string[];
}

const WIDEST = 200;

/** `bursar forecast`: what the running month, quarter and year will cost. */
export async function forecastCommand(options: ForecastOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const events = await knownEvents(auditor, sources, now);
  const report = await forecastReport(
    auditor,
    { by: options.by ?? [], sources, events },
    config.dimensions,
    now,
  );
  progress.done();
  tellCost(auditor, progress);
  const json = options.format === 'json';
  const main = config.organisation.currency;
  const ordered = { ...report, totals: mainFirst(report.totals, main), rows: mainFirst(report.rows, main) };
  await print(
    json ? JSON.stringify(ordered, null, 2) : shown(ordered, digestFormat(config.organisation.timezone)),
    options,
  );
}

function shown({ totals, rows, by }: ForecastReport, format: Format): string {
  const head = by.length === 0 ? 'what' : by.join(', ');
  const lines = [...totals, ...rows].flatMap((row) => linesOf(row, head, format));
  const reasons = [...totals, ...rows].flatMap((row) => [
    ...(row.notEnough === null ? [] : [`${nameOf(row)}: not enough to tell. ${row.notEnough}`]),
    ...row.notes.map((note) => `${nameOf(row)}: ${note}`),
    ...row.periods
      .filter(({ unknownDays }) => unknownDays > 0)
      .map(
        ({ period, unknownDays }) =>
          `${nameOf(row)}: ${counted(unknownDays, 'day')} of the ${period} ${unknownDays === 1 ? 'is' : 'are'} in no bill.`,
      ),
  ]);
  return [
    lines.length === 0
      ? 'No forecast.'
      : table([head, 'period', 'so far', 'forecast', '80 %', '90 %'], lines, 'table'),
    '',
    ...reasons.map((reason) => plain(reason, WIDEST)),
    'So far: settled days alone. Effective cost; credits and corrections are left out. ~: ranges are extended beyond what could be measured.',
  ].join('\n');
}

function linesOf(row: ForecastRow, head: string, format: Format): Record<string, string>[] {
  return row.periods.map((period) => ({
    [head]: nameOf(row),
    period: `${period.period} to ${lastDay(period)}`,
    'so far': format.exact(period.actual),
    forecast: format.exact(period.total),
    ...Object.fromEntries(
      period.ranges.map(({ level, low, high }) => [
        `${level * 100} %`,
        `${period.extended ? '~' : ''}${format.exact(low)} to ${format.exact(high)}`,
      ]),
    ),
  }));
}

function nameOf({ key, currency }: ForecastRow): string {
  const values = Object.values(key).map((value) => (value === '' ? '(none)' : value));
  return values.length === 0 ? `everything in ${currency}` : values.join(', ');
}

function lastDay({ end }: PeriodForecast): string {
  return new Date(Date.parse(end) - 1).toISOString().slice(0, 10);
}
