import { Decimal } from '../focus/decimal.ts';
import {
  type ChartBlock,
  chart,
  context,
  cut,
  escape,
  fields,
  header,
  MESSAGE_BUDGET,
  paragraph,
  type Run,
  type SlackBlock,
  size,
  table,
  titledList,
} from '../notices/blocks.ts';
import { reportButton } from '../notices/messages/report.ts';
import type { Announcement } from '../notices/model.ts';
import type { DailySeries, DigestContent, WasteLine } from './content-model.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { shortService } from './service-name.ts';
import { decisionBlocks } from './slack-decisions.ts';
import { threadMessages } from './slack-thread.ts';
import { executiveValue, figureValue, headline, lifeFact, shortFreshness, shortHeadline } from './words.ts';

const MOST_BLOCKS = 15;
/** What a phone's screen holds beside story, figures and chart; the thread has the others. */
const MOVERS = 5;
const DRIVERS = 2;
const WASTES = 3;
/** Days of the table that stands for the chart. */
const TABLE_DAYS = 7;
/** Characters of a line on a phone 390 points wide. */
const LINE = 31;
/** A name is shown whole where it has place on so many lines, beside what is told of it; of a longer one no less than this. */
const LINES = 2;
const NAME = 16;

/**
 * The digest as Slack shows it: one screen of a phone in the channel (at most 15 blocks and 10,000 characters of
 * JSON), what is behind it in its thread, and a variant without the chart for workspaces that do not know charts.
 * @param report id of the archived report that a button opens; null: there is none
 */
export function digestAnnouncement(content: DigestContent, report: string | null = null): Announcement {
  const format = digestFormat(content.timezone, content.locale);
  const thread = threadMessages(content, format);
  // `text` is read as mrkdwn, so what strangers wrote in it is escaped, after it was cut.
  const text = escape(cut(`${headline(content, format)}. ${format.phrase(content.story)}`, 2900));
  const lead = content.daily[0];
  const picture = lead === undefined ? null : spendChart(lead, format);
  return {
    id: content.id,
    message: { text, blocks: blocks(content, format, picture === null ? [] : [picture], report) },
    plainer:
      picture === null || lead === undefined
        ? null
        : { text, blocks: blocks(content, format, [spendTable(lead, format)], report) },
    thread,
  };
}

function blocks(
  content: DigestContent,
  format: Format,
  picture: readonly SlackBlock[],
  report: string | null,
): SlackBlock[] {
  const few = content.decisions.length > 0;
  const all: SlackBlock[] = [
    header(shortHeadline(content, format)),
    context([shortFreshness(content, format)]),
    paragraph(format.phrase(content.story)),
    fields(numbers(content, format)),
    ...picture,
    ...listed('What moved', moverItems(content, format), 'bullet'),
    ...listed('AI spend', driverItems(content, format), 'bullet'),
    ...listed('Top wastes, a month', wasteItems(content.wastes, format, few), 'ordered'),
    ...decisionBlocks(content, format),
    ...lifeBlocks(content, format),
    context([
      ...notSeen(content, format),
      ...(content.spend.some(({ estimated }) => estimated)
        ? ['Some days of this period are provisional.']
        : []),
      `Effective cost, ${plain(content.timezone, 40)}. Audit: ${format.exact(content.ownCost)}.`,
    ]),
    ...(report === null ? [] : [reportButton(report)]),
  ];
  return within(all);
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

interface Shown {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

function numbers(content: DigestContent, format: Format): Shown[] {
  const spend = content.spend.slice(0, 2).map(({ currency, current, percent, former, missing }) => ({
    label: content.spend.length > 1 ? `Spent, ${plain(currency, 20)}` : 'Spent',
    value: format.money({ amount: current, currency }),
    note:
      missing.length > 0
        ? `partial: ${lacking(missing)}`
        : former === null
          ? 'nothing to compare with'
          : percent === null
            ? ''
            : `(${format.percent(percent, true)})`,
  }));
  return [
    ...spend,
    ...content.month.slice(0, 1).map((month) => ({
      label: `Month to ${format.day(dayBefore(month.until))}`,
      value: format.money({ amount: month.spent, currency: month.currency }),
      note: month.budget === null ? '' : `(${format.percent(month.budget.percent)} of budget)`,
    })),
    ...forecast(content, format),
    ...(content.audience.kind === 'executive'
      ? content.executive.slice(0, 6).map((figure) => ({
          label: figure.label,
          value: executiveValue(figure, format),
          note: figure.value === null ? format.phrase(figure.note) : '',
        }))
      : waste(content, format)),
  ];
}

/** Days that any bill lacks; which bill lacks which is in the thread. */
function lacking(missing: DigestContent['spend'][number]['missing']): string {
  const count = new Set(missing.flatMap(({ days }) => days)).size;
  return `${count} ${count === 1 ? 'day' : 'days'} missing`;
}

/** The month's total as roughly as it is known, and the range that it lies in with the first of its probabilities. */
function forecast({ forecast: all }: DigestContent, format: Format): Shown[] {
  return all.slice(0, 1).flatMap(({ month }) => {
    if (month === null) return [];
    const [range] = month.ranges;
    return [
      {
        label:
          range === undefined
            ? `Forecast, ${format.month(month.start)}`
            : `Forecast, ${format.percent(String(range.level * 100))}`,
        value: format.compact(month.total),
        note: range === undefined ? '' : `${format.compact(range.low)}\u2013${format.compact(range.high)}`,
      },
    ];
  });
}

function waste(content: DigestContent, format: Format): Shown[] {
  const found = content.figures.find(({ id }) => id === 'waste');
  const grace = content.life.find(({ id }) => id === 'in-grace');
  const { savings } = content;
  return [
    ...(found === undefined
      ? []
      : [
          {
            label: 'Waste found',
            value: figureValue(found, format),
            note: found.amounts.length === 0 ? '' : 'a month',
          },
        ]),
    {
      label: 'Saved by the bills',
      value:
        savings === null || savings.realised.length === 0 ? 'none yet' : format.amounts(savings.realised),
      note:
        savings === null ? '' : `${format.count(savings.stops)} ${savings.stops === 1 ? 'stop' : 'stops'}`,
    },
    {
      label: 'In grace',
      value: grace === undefined ? 'none' : format.count(grace.count),
      note:
        grace === undefined || grace.amounts.length === 0 ? '' : `${format.amounts(grace.amounts)} a month`,
    },
  ];
}

/** The last 20 days: Slack's chart takes no more points. Its values are JSON numbers of whole cents, to look at. */
function spendChart({ currency, days }: DailySeries, format: Format): ChartBlock | null {
  if (days.length < 2) return null;
  const name = plain(currency, 20);
  return chart(
    `Effective cost a day, ${name}`,
    days.map(({ day, amount }) => ({ label: format.day(day), values: [cents(amount)] })),
    [name],
    { x: 'Day', y: name },
  );
}

/** The last week of it, for workspaces that refuse charts. */
function spendTable({ currency, days }: DailySeries, format: Format): SlackBlock {
  return table(
    [
      ['Day', 'Effective cost'],
      ...days
        .slice(-TABLE_DAYS)
        .map(({ day, amount }) => [format.day(day), format.money({ amount, currency })]),
    ],
    ['left', 'right'],
  );
}

function cents(amount: string): number {
  return exact(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber();
}

function listed(
  title: string,
  items: readonly (readonly Run[])[],
  style: 'bullet' | 'ordered',
): SlackBlock[] {
  return items.length === 0 ? [] : [titledList(title, items, style)];
}

function moverItems({ movers }: DigestContent, format: Format): Run[][] {
  return movers
    .slice(0, MOVERS)
    .map(({ difference, currency, service, cause }) =>
      oneLine(
        format.change({ amount: difference, currency }),
        plain(shortService(service), 200) || 'no service',
        `: ${cause === null ? 'cause unknown' : format.phrase(cause)}`,
      ),
    );
}

/** Of what has no place on its line beside its name, the cause is left to the thread. */
function driverItems({ aiDrivers }: DigestContent, format: Format): Run[][] {
  return aiDrivers.slice(0, DRIVERS).map(({ change, what, cause }) => {
    const [amount, name] = [format.change(change), format.phrase(what)];
    const told = cause === null ? '' : `: ${format.phrase(cause)}`;
    const fits = Array.from(`${amount} ${name}${told}`).length <= LINES * LINE;
    return oneLine(amount, name, fits ? told : '');
  });
}

function wasteItems(lines: readonly WasteLine[], format: Format, few: boolean): Run[][] {
  return lines
    .slice(0, few ? WASTES - 1 : WASTES)
    .map((line) =>
      oneLine(
        line.monthlySaving === null ? 'saving unknown' : format.money(line.monthlySaving),
        plain(line.title, 200),
        `: ${[
          line.owner === null ? 'no owner' : plain(line.owner.replace(/@.*$/s, ''), 16),
          ageOf(line.ageDays, format),
          ...(line.state === 'DETECTED' ? [] : [line.state.toLowerCase().replaceAll('_', ' ')]),
        ].join(', ')}`,
      ),
    );
}

function ageOf(days: number, format: Format): string {
  return days === 0 ? 'new' : `${format.count(days)}d`;
}

/** The last day that a half-open end leaves in. */
function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}

/** An amount, a name and what is told of it; of a name too long for two lines its beginning. */
function oneLine(amount: string, name: string, told: string): Run[] {
  const left = LINES * LINE - Array.from(`${amount} ${told}`).length;
  return [{ bold: amount }, ` ${plain(name, Math.max(NAME, left))}`, told];
}

function lifeBlocks({ life }: DigestContent, format: Format): SlackBlock[] {
  // What is in grace stands among the figures.
  const done = life.filter(({ id }) => id !== 'in-grace').map((figure) => lifeFact(figure, format));
  return done.length === 0 ? [] : [context([`${done.join('. ')}.`])];
}

function notSeen({ scopes: { all, complete } }: DigestContent, format: Format): string[] {
  if (all === 0) return ['Nothing was looked at yet.'];
  return all === complete
    ? []
    : [`Not wholly seen: ${format.count(all - complete)} of ${format.count(all)} scopes.`];
}
