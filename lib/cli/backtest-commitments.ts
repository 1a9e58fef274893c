import { readFile } from 'node:fs/promises';
import { backtestHtml } from '../digest/html-backtest.ts';
import { plain } from '../digest/names.ts';
import { Decimal } from '../focus/decimal.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { backtestFile, backtestPools, type CommitmentBacktestReport } from '../run/backtest-commitments.ts';
import { commitmentPage } from '../run/backtest-page.ts';
import { commitmentPools } from '../run/commitments.ts';
import { pageScript } from '../run/page-script.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** What `bursar backtest commitments` is given besides. */
export interface CommitmentBacktestOptions extends CommonOptions {
  readonly data?: string;
  readonly discount?: string;
  readonly term: '1y' | '3y';
  readonly window?: string;
}

const WIDEST = 200;

/** `bursar backtest commitments`: what the advice would have saved, on a series of yours or on the bills held. */
export async function backtestCommitmentsCommand(options: CommitmentBacktestOptions): Promise<void> {
  const report = await reportOf(options);
  if (options.format === 'html')
    await print(backtestHtml(commitmentPage(report), await pageScript()), options);
  else await print(options.format === 'json' ? JSON.stringify(report, null, 2) : shown(report), options);
}

async function reportOf(options: CommitmentBacktestOptions): Promise<CommitmentBacktestReport> {
  const { data, term } = options;
  const windowDays = windowOf(options);
  const discount = options.discount === undefined ? undefined : shareOf(options.discount);
  const more = { term, ...(windowDays === undefined ? {} : { windowDays }) };
  if (data !== undefined) {
    if (discount === undefined)
      throw new BursarError('input', '--data needs --discount', {
        hint: 'Give the discount against on-demand rates: --discount 0.28.',
      });
    return backtestFile(await textOf(data), data, { discount, ...more });
  }
  const progress = terminalProgress();
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, progress);
  const pools = await commitmentPools(assembled.auditor, now);
  progress.done();
  return backtestPools(pools, { ...more, ...(discount === undefined ? {} : { discount }) });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new BursarError(
      'input',
      `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: path,
        cause: error,
      },
    );
  }
}

function shareOf(given: string): string {
  if (/^0?\.\d*[1-9]\d*$/.test(given)) return given.startsWith('.') ? `0${given}` : given;
  throw new BursarError('input', `--discount ${JSON.stringify(given)} is no share between 0 and 1`, {
    hint: 'Write 0.28 for 28%.',
  });
}

function windowOf({ window }: CommitmentBacktestOptions): number | undefined {
  if (window === undefined) return undefined;
  const days = Number(window);
  if (Number.isInteger(days) && days >= 30 && days <= 1096) return days;
  throw new BursarError('input', `--window ${JSON.stringify(window)} is no number of days`, {
    hint: 'Give whole days from 30 to 1096.',
  });
}

function shown({ series }: CommitmentBacktestReport): string {
  if (series.length === 0)
    return 'Nothing to test: no spend that a commitment could cover, or no discount of it is known (--discount).';
  return series.map(seriesText).join('\n\n');
}

function seriesText({ name, currency, notes, result }: CommitmentBacktestReport['series'][number]): string {
  const title = `${plain(name, WIDEST)}${currency === null ? '' : `, ${currency}`}`;
  if ('notEnough' in result) return `${title}\nNot enough to tell: ${result.reason}`;
  const { score, windows } = result;
  const lines = windows.map(({ start, end, onDemand, clairvoyant, advice, lastMonth }) => ({
    from: start,
    to: end,
    'on demand': cents(onDemand),
    'could save': cents(clairvoyant.saving),
    'advice saves': cents(advice.saving),
    'last 30 days': cents(lastMonth.saving),
  }));
  const bought = windows.flatMap(({ start, advice }) =>
    advice.commitments.map(({ at, hourly }) => ({ window: start, bought: at, 'an hour': hourly })),
  );
  const untold = new Map(
    windows.flatMap(({ advice }) => advice.untold.map(({ at, reason }) => [at, reason] as const)),
  );
  const scores = (['advice', 'lastMonth'] as const).map((who) => ({
    rule: who === 'advice' ? 'advice' : 'optimum of the last 30 days',
    capture: percent(score[who].capture),
    'regret/OPT': percent(score[who].regret),
    'worst window': `${cents(score[who].worst.saving)} (${score[who].worst.start})`,
    'P(loss)': percent(score[who].lossProbability),
  }));
  return [
    title,
    `${result.start} to ${result.end}, steps of ${result.stepHours} h, ${result.unknownSteps} not known, ${result.negativeSteps} below zero; discount ${result.discount}, windows of ${result.windowDays} days, a review every ${result.reviewDays}.`,
    ...notes,
    '',
    table(['rule', 'capture', 'regret/OPT', 'worst window', 'P(loss)'], scores, 'table'),
    '',
    table(['from', 'to', 'on demand', 'could save', 'advice saves', 'last 30 days'], lines, 'table'),
    '',
    table(['window', 'bought', 'an hour'], bought, 'table'),
    ...(untold.size === 0
      ? []
      : ['', 'Not enough to tell', ...[...untold].map(([at, why]) => `  ${at}: ${why}`)]),
  ].join('\n');
}

/** Two places: the JSON has every one. */
function cents(amount: string): string {
  return new Decimal(amount).toFixed(2);
}

function percent(share: string | null): string {
  return share === null ? '' : `${new Decimal(share).times(100).toFixed(2)}%`;
}
