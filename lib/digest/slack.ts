import {
  context,
  cut,
  escape,
  header,
  MESSAGE_BUDGET,
  paragraph,
  type Run,
  type SlackBlock,
  size,
  textLines,
  titledList,
} from '../notices/blocks.ts';
import { reportButton } from '../notices/messages/report.ts';
import type { Announcement } from '../notices/model.ts';
import type { DigestContent, Phrase, WasteLine } from './content-model.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { heightOf, SCREEN } from './phone.ts';
import { shortService } from './service-name.ts';
import { decisionBlocks } from './slack-decisions.ts';
import { figureLines } from './slack-figures.ts';
import { threadMessages } from './slack-thread.ts';
import { fit, width } from './terminal.ts';
import { headline, lifeFact, shortFreshness, shortHeadline, stateWord } from './words.ts';

const MOST_BLOCKS = 15;
/** Characters of an item's line on a phone. */
const LINE = 38;
/** Of a name that has no place beside what is told of it no less is shown than this. */
const NAME = 16;

/** How many of each list the message tells, and whether what a cause amounts to is told where it takes another line. */
interface Sizes {
  readonly movers: number;
  readonly drivers: number;
  readonly wastes: number;
  readonly decisions: number;
  /** Whose spend has a line of its own. */
  readonly currencies: number;
  readonly amounts: boolean;
  /** An item with a long name is so many lines. */
  readonly lines: number;
  /** Whether a number that is unknown says why. */
  readonly reasons: boolean;
}

const USUAL = { currencies: 3, amounts: false, lines: 2, reasons: true } as const;
const SCARCE = { currencies: 1, amounts: false, lines: 1, reasons: false } as const;

/**
 * Five of each and two decisions. Where that is more than a screen fewer, AI drivers before movers before wastes, at
 * least one of each. Where many numbers or long words leave no place for these, shorter names and the main currency
 * alone, and at last no lists but the dearest decision. The thread has all of it.
 */
const SIZES: readonly Sizes[] = [
  { ...USUAL, movers: 5, drivers: 5, wastes: 5, decisions: 2, amounts: true },
  ...(
    [
      [5, 5, 5, 2],
      [5, 4, 5, 2],
      [4, 4, 5, 2],
      [4, 4, 4, 2],
      [4, 3, 4, 2],
      [3, 3, 4, 2],
      [3, 3, 3, 2],
      [3, 3, 3, 1],
      [3, 2, 3, 1],
      [2, 2, 3, 1],
      [2, 2, 2, 1],
      [2, 1, 2, 1],
      [2, 1, 1, 1],
    ] as const
  ).map(([movers, drivers, wastes, decisions]) => ({ ...USUAL, movers, drivers, wastes, decisions })),
  { ...USUAL, movers: 1, drivers: 1, wastes: 1, decisions: 1 },
  ...(
    [
      [1, 1, 1],
      [1, 0, 1],
      [0, 0, 1],
    ] as const
  ).map(([movers, drivers, wastes]) => ({ ...SCARCE, movers, drivers, wastes, decisions: 1 })),
];
const FEWEST: Sizes = { ...SCARCE, movers: 0, drivers: 0, wastes: 0, decisions: 1 };

/**
 * The digest as Slack shows it: one screen of a phone in the channel (at most 15 blocks and 10,000 characters of
 * JSON), and in its thread the chart of cost a day and everything in full.
 * @param report id of the archived report that a button opens; null: there is none
 */
export function digestAnnouncement(content: DigestContent, report: string | null = null): Announcement {
  const format = digestFormat(content.timezone, content.locale);
  // `text` is read as mrkdwn, so what strangers wrote in it is escaped, after it was cut.
  const text = escape(cut(`${headline(content, format)}. ${format.phrase(content.story)}`, 2900));
  return {
    id: content.id,
    message: { text, blocks: onOneScreen((sizes) => blocks(content, format, sizes, report)) },
    thread: threadMessages(content, format),
  };
}

function onOneScreen(build: (sizes: Sizes) => SlackBlock[]): SlackBlock[] {
  for (const sizes of SIZES) {
    const all = build(sizes);
    if (heightOf(all) <= SCREEN) return within(all);
  }
  return within(build(FEWEST));
}

function blocks(content: DigestContent, format: Format, sizes: Sizes, report: string | null): SlackBlock[] {
  const { movers, aiDrivers, wastes } = content;
  const flagged = areFlagged(wastes);
  return [
    header(shortHeadline(content, format)),
    context([shortFreshness(content, format)]),
    paragraph(format.phrase(content.brief)),
    textLines(figureLines(content, format, sizes)),
    ...listed('What moved', movers, sizes.movers, (one) => moverItem(one, sizes, format), 'bullet'),
    ...listed('AI spend', aiDrivers, sizes.drivers, (one) => driverItem(one, sizes, format), 'bullet'),
    ...listed(
      `Top wastes a month${flagged ? ' (flagged)' : ''}`,
      wastes,
      sizes.wastes,
      (one) => wasteItem(one, !flagged, sizes, format),
      'ordered',
    ),
    ...decisionBlocks(content, format, sizes.decisions),
    context([lastLine(content, format)]),
    ...(report === null ? [] : [reportButton(report)]),
  ];
}

/** Leaves out lists from the end, never the head or the last line, where names make a message too large. */
function within(all: readonly SlackBlock[]): SlackBlock[] {
  const kept = [...all];
  while (kept.length > MOST_BLOCKS || size(kept) > MESSAGE_BUDGET) {
    const at = kept.findLastIndex(({ type }) => type === 'rich_text');
    if (at === -1) break;
    // What its buttons decide must be told above them.
    const buttons = kept.slice(at + 1).findIndex(({ type }) => type !== 'actions');
    kept.splice(at, 1 + Math.max(0, buttons));
  }
  return kept;
}

/** The first of a list; its title says of how many, and the thread tells all. */
function listed<T>(
  title: string,
  all: readonly T[],
  most: number,
  toItem: (one: T) => Run[],
  style: 'bullet' | 'ordered',
): SlackBlock[] {
  const shown = all.slice(0, most);
  if (shown.length === 0) return [];
  const of = shown.length < all.length ? `, ${shown.length} of ${all.length}` : '';
  return [titledList(`${title}${of}`, shown.map(toItem), style)];
}

function moverItem(
  { difference, currency, service, cause }: DigestContent['movers'][number],
  { amounts, lines }: Sizes,
  format: Format,
): Run[] {
  const amount = format.change({ amount: difference, currency });
  const name = plain(shortService(service), 200) || 'no service';
  const why = cause === null ? 'cause unknown' : causeText(cause, `${amount} ${name}: `, amounts, format);
  return item(amount, name, `: ${why}`, lines);
}

/** Of what has no place on its line beside its name, the cause is left to the thread. */
function driverItem(
  { change, what, cause }: DigestContent['aiDrivers'][number],
  { amounts, lines }: Sizes,
  format: Format,
): Run[] {
  const [amount, name] = [format.change(change), format.phrase(what)];
  const told = cause === null ? '' : `: ${causeText(cause, `${amount} ${name}: `, amounts, format)}`;
  const fits = width(`${amount} ${name}${told}`) <= lines * LINE;
  return item(amount, name, fits ? told : '', lines);
}

/** A cause; where it would begin another line and lines are short, without its amount, and new is said of no noun. */
function causeText(cause: Phrase, before: string, amounts: boolean, format: Format): string {
  const whole = format.phrase(cause);
  const fits = (text: string) => width(`${before}${text}`) <= LINE;
  if (amounts || fits(whole)) return whole;
  const last = cause.at(-1);
  const words = format.phrase(typeof last === 'object' && 'money' in last ? cause.slice(0, -2) : cause);
  return fits(words) ? words : words.replace(/ ?\bresources?\b ?/, ' ').trim();
}

/** Where nobody is warned of any of them the title says that of all. */
function areFlagged(lines: readonly WasteLine[]): boolean {
  return lines.every(({ state }) => state === 'DETECTED');
}

function wasteItem(line: WasteLine, told: boolean, { lines }: Sizes, format: Format): Run[] {
  return item(
    line.monthlySaving === null ? 'saving unknown' : format.money(line.monthlySaving),
    plain(line.title, 200),
    `: ${[
      line.owner === null ? 'no owner' : plain(line.owner.replace(/@.*$/s, ''), 16),
      line.ageDays === 0 ? 'new' : `${format.count(line.ageDays)}d`,
      ...(told ? [stateWord(line)] : []),
    ].join(', ')}`,
    lines,
  );
}

/** An amount, a name and what is told of it; of a name too long for these lines its beginning. */
function item(amount: string, name: string, told: string, lines: number): Run[] {
  const left = lines * LINE - width(`${amount} ${told}`);
  return [{ bold: amount }, ` ${fit(name, Math.max(NAME, left))}`, told];
}

/** What became of things, what was not seen, what the amounts are, and what the audit itself cost. */
function lastLine(content: DigestContent, format: Format): string {
  const { life, spend, ownCost } = content;
  const currencies = spend.slice(0, 3).map(({ currency }) => plain(currency, 20));
  const others = currencies.length < spend.length ? ' and others' : '';
  const inThem =
    currencies.length === 0
      ? ''
      : ` in ${currencies.join(', ')}${others}${spend.length > 1 ? ' (not added)' : ''}`;
  return [
    // What is in grace stands among the figures.
    ...life.filter(({ id }) => id !== 'in-grace').map((figure) => `${lifeFact(figure, format)}.`),
    ...notSeen(content, format),
    ...(spend.some(({ estimated }) => estimated) ? ['Some days are provisional.'] : []),
    `Effective cost${inThem}. Audit: ${format.exact(ownCost)}.`,
  ].join(' ');
}

function notSeen({ scopes: { all, complete } }: DigestContent, format: Format): string[] {
  if (all === 0) return ['Nothing was looked at yet.'];
  return all === complete
    ? []
    : [`${format.count(all - complete)} of ${format.count(all)} scopes not wholly seen.`];
}
