import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { mainFirst } from '../focus/money.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type Moved, type MovedBy, type MoversAnswer, movers } from '../run/movers.ts';
import { ingestNamed } from '../run/whole.ts';
import { dayWindow, formerWindow, lastWindow, type Window } from '../run/window.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { tableWidth } from './manners.ts';
import { whereOf } from './spend.ts';
import { fitted, table } from './table.ts';

export interface MoversOptions extends CommonOptions {
  readonly by?: string[];
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly against?: string;
  readonly where?: string[];
  readonly top?: number;
  readonly ai?: true;
  readonly bills?: string[];
}

/** `bursar movers`: what cost more or less than in the period before, and why. */
export async function moversCommand(options: MoversOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const { current, former } = windowsOf(options, now, config.organisation.timezone);
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const answer = await movers(
    auditor.lake,
    {
      by: options.by ?? ['provider', 'service'],
      where: (options.where ?? []).map(whereOf),
      former,
      current,
      ai: options.ai === true,
      sources,
    },
    config.dimensions,
  );
  progress.done();
  for (const note of answer.notes) progress.warn(note);
  tellCost(auditor, progress);
  const format = digestFormat(config.organisation.timezone);
  const main = config.organisation.currency;
  const ordered = { ...answer, totals: mainFirst(answer.totals, main), rows: mainFirst(answer.rows, main) };
  await print(shown(ordered, options, format), options);
}

function windowsOf(options: MoversOptions, now: Date, timezone: string): { current: Window; former: Window } {
  const { last, from, to, against } = options;
  if (last !== undefined && (from !== undefined || to !== undefined))
    throw new BursarError('input', '--last and --from or --to at once', { hint: 'Give one of them.' });
  if (to !== undefined && from === undefined)
    throw new BursarError('input', '--to without --from', { hint: 'Say where the later period begins.' });
  const current =
    from === undefined
      ? lastWindow(last ?? '1 month', now, timezone)
      : dayWindow(from, to ?? now.toISOString().slice(0, 10));
  if (current.start >= current.end) throw new BursarError('input', '--from lies after --to');
  const former =
    against === undefined
      ? formerWindow(current, from === undefined ? (last ?? '1 month') : null)
      : span(against);
  if (former.end > current.start && former.start < current.end)
    throw new BursarError('input', 'the two periods overlap', {
      hint: 'Give --against a span that ends before the later one begins.',
    });
  return { current, former };
}

function span(text: string): Window {
  const found = /^(\S+?)\.\.(\S+)$/.exec(text.trim());
  if (found === null)
    throw new BursarError('input', `--against ${JSON.stringify(text)} is no span`, {
      hint: 'Write first and last day: 2026-09-01..2026-09-30.',
    });
  const window = dayWindow(found[1], found[2]);
  if (window.start >= window.end)
    throw new BursarError('input', '--against ends before it begins', { hint: 'First day, then last day.' });
  return window;
}

function shown(answer: MoversAnswer, { format, top = 20 }: MoversOptions, write: Format): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  if (format === 'csv') return csv(answer);
  const { by, rows } = answer;
  const days = ({ start, end }: Window) => write.period({ start, end });
  const lines = [`${days(answer.current)} against ${days(answer.former)}, effective cost`, ''];
  for (const total of answer.totals) {
    const own = rows.filter(({ currency }) => currency === total.currency);
    const head = [...by.map((axis) => axis.replaceAll('_', ' ')), 'before', 'now', 'change', '', 'why'];
    const cells = [
      head,
      ...own.slice(0, top).map((row) =>
        line(
          row,
          row.key.map((value) => plain(value === '' ? '(none)' : value, tableWidth())),
          write,
        ),
      ),
      line(
        total,
        by.map((_, at) => (at === 0 ? 'total' : '')),
        write,
      ),
    ];
    lines.push(
      ...fitted(
        cells,
        head.map((_, at) => (at < by.length || at === head.length - 1 ? 'left' : 'right')),
      ),
    );
    if (own.length > top) lines.push(`${own.length - top} more rows: --top ${own.length} or --format csv.`);
    lines.push('');
  }
  if (answer.drivers.length > 0)
    lines.push(
      'What moved AI spend most:',
      ...answer.drivers.map(({ sentence }, at) => `${at + 1}. ${write.phrase(sentence)}`),
      '',
    );
  if (answer.totals.length === 0) lines.push('No charges in either period.', '');
  lines.push('Amounts are rounded here; --format json has every decimal, and parts that add up exactly.');
  return lines.join('\n');
}

function line(moved: Moved, key: readonly string[], write: Format): string[] {
  const money = (amount: string) => write.money({ amount, currency: moved.currency });
  return [
    ...key,
    money(moved.former),
    money(moved.current),
    write.change({ amount: moved.difference, currency: moved.currency }),
    moved.percent === null ? '' : write.percent(moved.percent, true),
    moved.by
      .slice(0, 3)
      .map((part) => why(part, moved, write))
      .join(', '),
  ];
}

function why({ cause, amount }: MovedBy, moved: Moved, write: Format): string {
  const text = `${cause} ${write.change({ amount, currency: moved.currency })}`;
  if (cause === 'new' && moved.newResources > 0) return `${text} (${write.count(moved.newResources)})`;
  if (cause === 'gone' && moved.goneResources > 0) return `${text} (${write.count(moved.goneResources)})`;
  return text;
}

/** One line a row and cause: a program adds them up itself. */
function csv({ by, rows }: MoversAnswer): string {
  const names = [...by, 'currency', 'former', 'current', 'difference', 'cause', 'amount'];
  const cells = rows.flatMap((row) =>
    row.by.map(({ cause, amount }) => ({
      ...Object.fromEntries(by.map((axis, at) => [axis, row.key[at] ?? ''])),
      currency: row.currency,
      former: row.former,
      current: row.current,
      difference: row.difference,
      cause,
      amount,
    })),
  );
  return table(names, cells, 'csv');
}
