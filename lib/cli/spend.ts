import { plain } from '../digest/names.ts';
import { Decimal } from '../focus/decimal.ts';
import { mainFirst } from '../focus/money.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { conversionOf } from '../run/assemble/conversion.ts';
import type { Freshness } from '../run/freshness.ts';
import { type SpendAnswer, spend } from '../run/spend.ts';
import type { ConvertedRow, ConvertedSpend } from '../run/spend-converted.ts';
import type { CurrencySpend, SpendRow } from '../run/spend-rows.ts';
import { ingestNamed } from '../run/whole.ts';
import { ALL_TIME, dayWindow, lastWindow, type Window } from '../run/window.ts';
import { apartLine, basisLine } from './conversion.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { tableWidth } from './manners.ts';
import { fitted, table } from './table.ts';

/** What `bursar spend` is given besides. */
export interface SpendOptions extends CommonOptions {
  readonly by?: string[];
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly where?: string[];
  readonly currency?: string;
  readonly in?: string;
  readonly ai?: true;
  readonly bills?: string[];
}

/** `bursar spend`: who and what the money is for, to the last decimal. */
export async function spendCommand(options: SpendOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const conversion = await conversionOf(options.in, config, process.cwd());
  const window = windowOf(options, now, config.organisation.timezone);
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const answer = await spend(
    auditor.lake,
    {
      by: options.by ?? ['provider', 'service'],
      where: (options.where ?? []).map(whereOf),
      window: window ?? ALL_TIME,
      currency: options.currency?.toUpperCase() ?? null,
      ai: options.ai === true,
      sources,
      conversion,
    },
    config.dimensions,
    window === null,
  );
  progress.done();
  for (const note of answer.notes) progress.warn(note);
  tellCost(auditor, progress);
  const currencies = mainFirst(answer.currencies, config.organisation.currency);
  await print(shown({ ...answer, currencies }, options.format), options);
}

function windowOf({ last, from, to }: SpendOptions, now: Date, timezone: string): Window | null {
  if (last !== undefined && (from !== undefined || to !== undefined))
    throw new BursarError('input', '--last and --from or --to at once', { hint: 'Give one of them.' });
  if (last !== undefined) return lastWindow(last, now, timezone);
  if (from === undefined && to === undefined) return null;
  const window = dayWindow(from, to);
  if (window.start >= window.end) throw new BursarError('input', '--from lies after --to');
  return window;
}

/** `--where NAME=VALUE` */
export function whereOf(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1)
    throw new BursarError('input', `--where ${JSON.stringify(text)} names no value`, {
      hint: 'Write NAME=VALUE: --where team=search.',
    });
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function shown(answer: SpendAnswer, format: string): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  if (format === 'csv') return csv(answer);
  const { converted } = answer;
  const lines =
    converted === null
      ? answer.currencies.flatMap((each) => [...currencyLines(each, answer.by), ''])
      : [...currencyLines(converted, answer.by), '', ...asBilled(converted, answer.currencies), ''];
  if (answer.currencies.length === 0) lines.push('No charges there.', '');
  return [...lines, ...footnotes(answer)].join('\n');
}

/** What is converted, by what, and what is not. */
function asBilled(
  { currency, basis, apart }: ConvertedSpend,
  currencies: readonly CurrencySpend[],
): string[] {
  return [
    `Converted into ${currency} ${basisLine(basis)}`,
    ...currencies.map(
      (each) => `As billed: ${each.billed} ${each.currency}, effective ${each.effective} ${each.currency}.`,
    ),
    ...apart.map(apartLine),
    ...(apart.length > 0 ? ['! lacks what was not converted.'] : []),
  ];
}

/** Rows alone, with every decimal: a program adds them up itself. */
function csv({ by, currencies, converted }: SpendAnswer): string {
  if (converted !== null) return convertedCsv(by, converted);
  const names = [
    ...by,
    'currency',
    'billed',
    'effective',
    'share',
    'since',
    'tokens',
    'list_estimate',
    'estimated',
  ];
  const rows = currencies.flatMap(({ currency, rows: own }) =>
    own.map((row) => ({
      ...row.key,
      currency,
      billed: row.billed,
      effective: row.effective,
      share: row.share,
      since: row.since,
      tokens: row.tokens,
      list_estimate: row.listEstimate,
      estimated: String(row.estimated),
    })),
  );
  return table(names, rows, 'csv');
}

/** One row a part and currency: as billed, converted, and what of it had no rate. */
function convertedCsv(by: readonly string[], { currency: into, rows }: ConvertedSpend): string {
  const names = [
    ...by,
    'currency',
    'billed',
    'effective',
    'converted_currency',
    'converted_billed',
    'converted_effective',
    'unconverted_billed',
    'unconverted_effective',
  ];
  const cells = rows.flatMap(({ key, of }) =>
    of.map(({ currency, billed, effective, converted, apart }) => ({
      ...key,
      currency,
      billed,
      effective,
      converted_currency: into,
      converted_billed: converted.billed,
      converted_effective: converted.effective,
      unconverted_billed: apart?.billed ?? '0',
      unconverted_effective: apart?.effective ?? '0',
    })),
  );
  return table(names, cells, 'csv');
}

function currencyLines(
  { currency, billed, effective, rows, ai }: CurrencySpend | ConvertedSpend,
  by: readonly string[],
): string[] {
  const hasTokens = rows.some(({ tokens }) => tokens !== null);
  const hasEstimates = rows.some(({ listEstimate }) => listEstimate !== null);
  const head = [
    ...by.map((axis) => axis.replaceAll('_', ' ')),
    `billed ${currency}`,
    `effective ${currency}`,
    'share',
    'since',
    ...(hasTokens ? ['tokens'] : []),
    ...(hasEstimates ? ['list estimate'] : []),
  ];
  const cells = (row: SpendRow) => [
    ...by.map((axis) => plain(row.key[axis] === '' ? '(none)' : (row.key[axis] ?? ''), tableWidth())),
    `${row.billed}${marks(row)}`,
    `${row.effective}${marks(row)}`,
    row.share === null ? '' : `${row.share}%`,
    row.since,
    ...(hasTokens ? [row.tokens ?? ''] : []),
    ...(hasEstimates ? [row.listEstimate ?? ''] : []),
  ];
  const total = ['total', ...by.slice(1).map(() => ''), billed, effective, '', ''];
  const align = head.map((_, at): 'left' | 'right' =>
    at < by.length || head[at] === 'since' ? 'left' : 'right',
  );
  const lines = fitted([head, ...rows.map(cells), total], align);
  if (ai === null) return lines;
  const classes = ai.classes.map((each) => [`  ${each.class}`, each.billed, each.effective]);
  return [
    ...lines,
    '',
    ...fitted(
      [
        [`AI spend, ${currency}`, 'billed', 'effective'],
        ...classes,
        ['AI spend in total', ai.billed, ai.effective],
      ],
      ['left', 'right', 'right'],
    ),
  ];
}

/** `*`: provisional; `!`: a part of it has no rate and is not in it. */
function marks(row: SpendRow | ConvertedRow): string {
  const isPart = 'of' in row && row.of.some(({ apart }) => apart !== null);
  return `${row.estimated ? '*' : ''}${isPart ? '!' : ''}`;
}

function footnotes({ window, currencies, freshness, by }: SpendAnswer): string[] {
  const days =
    window === null
      ? 'Everything that is held'
      : `Charges from ${window.start.slice(0, 10)} to ${lastDay(window.end)}, UTC days`;
  const provisional = currencies.some(({ rows }) => rows.some(({ estimated }) => estimated));
  const ai = by.includes('ai_class') || currencies.some((each) => each.ai !== null);
  return [
    `${days}; since: the first day it was charged in all that is held. Share is of effective cost.`,
    ...(currencies.every(({ effective }) => new Decimal(effective).gt(0))
      ? []
      : ['Of a total that is not above zero there are no shares.']),
    ...(ai ? ['AI spend is every class but not AI and unknown.'] : []),
    ...(provisional ? ['* has amounts that the biller calls provisional.'] : []),
    ...freshness.map((each) => freshLine(each, window)),
  ];
}

function freshLine({ source, end, readAt, unsettledFrom }: Freshness, window: Window | null): string {
  const told = `${source}: charges up to ${end.slice(0, 16).replace('T', ' ')} UTC, read ${readAt.slice(0, 16).replace('T', ' ')} UTC`;
  const matters =
    unsettledFrom !== null && (window === null || `${unsettledFrom}T00:00:00.000Z` < window.end);
  return matters ? `${told}; days from ${unsettledFrom} on have not settled.` : `${told}.`;
}

/** The last day of a half-open window. */
function lastDay(end: string): string {
  return new Date(Date.parse(end) - 1).toISOString().slice(0, 10);
}
