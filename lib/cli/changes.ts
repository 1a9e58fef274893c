import { counted } from '../digest/counted.ts';
import { plain } from '../digest/names.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { conversionOf } from '../run/assemble/conversion.ts';
import { type ChangesAnswer, type ConvertedChange, changes, type PeriodChange } from '../run/changes.ts';
import { apartLine, basisLine } from './conversion.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { tableWidth } from './manners.ts';
import { fitted, table } from './table.ts';

export interface ChangesOptions extends CommonOptions {
  readonly source?: string;
  readonly period?: string;
  readonly in?: string;
}

/** `bursar changes`: what billers changed when they delivered a billing period again. */
export async function changesCommand(options: ChangesOptions): Promise<void> {
  if (options.period !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(options.period))
    throw new BursarError('input', `--period ${JSON.stringify(options.period)} is not a month`, {
      hint: 'Write it as YYYY-MM.',
    });
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const { lake } = assembled.auditor;
  const conversion = await conversionOf(options.in, assembled.config, process.cwd());
  const answer = await changes(lake, options.source ?? null, options.period ?? null, conversion);
  await print(shown(answer, options.format), options);
}

function named({ source, period }: { readonly source: string; readonly period: string }): string {
  return `${source} ${period}`;
}

/** The answer in the format; as text what changed first, one line for all that did not. */
export function shown(answer: ChangesAnswer, format: string): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  if (format === 'csv') return csv(answer);
  const once = answer.once.map(named);
  const same = answer.compared.filter(isSame).map(named);
  return [
    ...answer.compared.filter((each) => !isSame(each)).flatMap((each) => [...lines(each), '']),
    ...(same.length > 0
      ? [`Delivered again, nothing changed by account and service: ${same.join(', ')}.`]
      : []),
    ...(once.length > 0 ? [`Delivered once, nothing to compare with: ${once.join(', ')}.`] : []),
    ...(answer.compared.length === 0 && once.length === 0
      ? ['There is no bill yet: nothing to compare.']
      : []),
  ].join('\n');
}

/** The same rows and sums as before: one word says all of it. */
function isSame({ after, rowsBefore, rowsAfter, changes: found }: PeriodChange): boolean {
  return after !== null && rowsBefore === rowsAfter && found.length === 0;
}

function lines({
  source,
  period,
  before,
  after,
  rowsBefore,
  rowsAfter,
  changes: found,
  totals,
  converted,
}: PeriodChange): string[] {
  const head = `${source} ${period}: read ${stamp(before)} (${counted(rowsBefore, 'row')}), ${after === null ? 'emptied since' : `again ${stamp(after)} (${counted(rowsAfter, 'row')})`}`;
  if (found.length === 0) return [head, 'By account and service nothing changed.'];
  const rows = found.map((each) => [
    each.kind,
    plain(each.account, tableWidth()),
    plain(each.service, tableWidth()),
    each.currency,
    each.billedBefore,
    each.billedAfter,
    signed(each.billedChange),
    signed(each.effectiveChange),
  ]);
  const sums = totals.map(({ currency, billed, effective }) => [
    'total',
    '',
    '',
    currency,
    '',
    '',
    signed(billed),
    signed(effective),
  ]);
  const names = [
    '',
    'account',
    'service',
    'currency',
    'billed before',
    'after',
    'change',
    'effective change',
  ];
  const align = names.map((_, at): 'left' | 'right' => (at < 4 ? 'left' : 'right'));
  return [
    head,
    ...fitted([names, ...rows, ...sums], align),
    ...(converted === null ? [] : convertedLines(converted)),
  ];
}

function convertedLines({ currency, billed, effective, basis, apart }: ConvertedChange): string[] {
  return [
    `In all ${signed(billed)} ${currency}, effective ${signed(effective)} ${currency}, ${basisLine(basis)}`,
    ...apart.map(apartLine),
  ];
}

function csv({ compared }: ChangesAnswer): string {
  const rows = compared.flatMap(({ source, period, changes: found }) =>
    found.map((each) => ({ source, period, ...each })),
  );
  return table(
    [
      'source',
      'period',
      'kind',
      'provider',
      'account',
      'service',
      'currency',
      'billedBefore',
      'billedAfter',
      'billedChange',
      'effectiveBefore',
      'effectiveAfter',
      'effectiveChange',
      'rowsBefore',
      'rowsAfter',
    ],
    rows,
    'csv',
  );
}

function signed(amount: string): string {
  return amount.startsWith('-') || amount === '0' ? amount : `+${amount}`;
}

function stamp(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
