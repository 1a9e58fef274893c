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
  titledList,
} from '../notices/blocks.ts';
import type { Announcement, SlackMessage } from '../notices/model.ts';
import type { BudgetLine, DailySeries, DigestContent, WasteLine } from './content-model.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { sparkline } from './sparkline.ts';
import {
  age,
  anomalyFact,
  budgetFact,
  figureNote,
  figureValue,
  forecastFacts,
  freshness,
  gapScopes,
  gapStatus,
  headline,
  ownCost,
  savingsFacts,
  serviceName,
  shownFigures,
} from './words.ts';

const MOST_BLOCKS = 15;
const LINES_IN_THREAD = 30;
/** Anomalies told in the channel; the report has the others. */
const ANOMALIES = 3;
/** Budgets at risk told in the channel. */
const BUDGETS = 3;
const LINES_A_MESSAGE = 10;

/**
 * The digest as Slack shows it: one screen in the channel (at most 15 blocks and 10,000 characters of JSON),
 * the dearest 30 findings in its thread, and a variant without the chart for workspaces that do not know charts.
 */
export function digestAnnouncement(content: DigestContent, options: { locale?: string } = {}): Announcement {
  const format = digestFormat(content.timezone, options.locale);
  // `text` is read as mrkdwn, so what strangers wrote in it is escaped, after it was cut.
  const text = escape(cut(`${headline(content, format)}. ${format.phrase(content.story)}`, 2900));
  const lead = content.daily[0];
  const picture = lead === undefined ? null : spendChart(lead, format);
  return {
    id: content.id,
    message: { text, blocks: blocks(content, format, picture) },
    plainer: picture === null ? null : { text, blocks: blocks(content, format, null) },
    thread: threadMessages(content, format),
  };
}

function blocks(content: DigestContent, format: Format, picture: ChartBlock | null): SlackBlock[] {
  const all: SlackBlock[] = [
    header(headline(content, format)),
    context([`${freshness(content, format)}. Effective cost, ${plain(content.timezone, 40)}.`]),
    paragraph(format.phrase(content.story)),
    fields(numbers(content, format)),
    ...charts(content, format, picture),
    ...listed('Top movers', moverItems(content, format), 'bullet'),
    ...listed('AI cost drivers', driverItems(content, format), 'bullet'),
    ...listed('Outlook', outlookItems(content, format), 'bullet'),
    ...listed('Top wastes, a month', wasteItems(content.wastes, format), 'ordered'),
    ...listed('Resolved', resolvedItems(content, format), 'bullet'),
    ...listed(
      'Saved by stops',
      savingsFacts(content, format).map((fact) => [fact]),
      'bullet',
    ),
    ...listed('Not seen', gapItems(content), 'bullet'),
    context([
      `${ownCost(content, format)}.`,
      ...(content.spend.some(({ estimated }) => estimated)
        ? ['Some days of this period are provisional.']
        : []),
    ]),
  ];
  return within(all);
}

/** Leaves out lists from the end, never the head or the last line, where names make a message too large. */
function within(all: readonly SlackBlock[]): SlackBlock[] {
  const kept = [...all];
  while (kept.length > MOST_BLOCKS || size(kept) > MESSAGE_BUDGET) {
    const at = kept.findLastIndex(({ type }) => type === 'rich_text');
    if (at === -1) break;
    kept.splice(at, 1);
  }
  return kept;
}

function numbers(content: DigestContent, format: Format): { label: string; value: string; note: string }[] {
  const spend = content.spend.slice(0, 3).map(({ currency, current, difference, percent }) => ({
    label: content.spend.length > 1 ? `Spent, ${plain(currency, 20)}` : 'Spent',
    value: format.money({ amount: current, currency }),
    note:
      difference === null
        ? 'nothing to compare with'
        : `${format.change({ amount: difference, currency })}${percent === null ? '' : ` (${format.percent(percent, true)})`}`,
  }));
  const tags = content.tagging.slice(0, 1).map(({ coverage, currency }) => ({
    label: 'Tag coverage',
    value: coverage === null ? 'unknown' : format.percent(coverage),
    note: `of taggable spend in ${plain(currency, 20)}, 30 days`,
  }));
  const figures = shownFigures(content).map((figure) => ({
    label: figure.label,
    value: figureValue(figure, format),
    note: figureNote(figure, format),
  }));
  return [...spend, ...figures.slice(0, 10 - spend.length - tags.length), ...tags];
}

function charts(content: DigestContent, format: Format, picture: ChartBlock | null): SlackBlock[] {
  if (picture !== null) return [picture];
  return content.daily.slice(0, 1).flatMap(({ currency, days }) => {
    const [first, last] = [days[0], days.at(-1)];
    if (first === undefined || last === undefined) return [];
    const line = sparkline(days.map(({ amount }) => amount));
    return [
      context([`${plain(currency, 20)} a day  ${format.day(first.day)} ${line} ${format.day(last.day)}`]),
    ];
  });
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

function moverItems(content: DigestContent, format: Format): Run[][] {
  return content.movers.map((row) => [
    { bold: format.change({ amount: row.difference, currency: row.currency }) },
    `${row.percent === null ? '' : ` (${format.percent(row.percent, true)})`} ${serviceName(row)}${row.why === null ? '' : `, ${format.phrase(row.why)}`}`,
  ]);
}

function driverItems({ aiDrivers }: DigestContent, format: Format): Run[][] {
  return aiDrivers.map(({ sentence }) => [format.phrase(sentence)]);
}

/** Has it reached a tier, or will it more likely than not be exceeded? */
function isAtRisk({ reached, outlook }: BudgetLine): boolean {
  return reached.length > 0 || (outlook?.probability ?? 0) > 0.5;
}

/** The month's forecast, budgets at risk, and the dearest anomalies. */
function outlookItems({ forecast, budgets, anomalies }: DigestContent, format: Format): Run[][] {
  const lines = anomalies?.lines ?? [];
  const more = lines.length - ANOMALIES;
  return [
    ...forecast.slice(0, 2).flatMap((figure) => forecastFacts(figure, format).map((fact) => [fact])),
    ...budgets
      .filter(isAtRisk)
      .slice(0, BUDGETS)
      .map((line): Run[] => [{ bold: plain(line.name, 40) }, ` ${budgetFact(line, format)}`]),
    ...lines.slice(0, ANOMALIES).map((line): Run[] => {
      const { money, told } = anomalyFact(line, format);
      return [{ bold: money }, ` ${told}`];
    }),
    ...(more > 0 ? [[`${format.count(more)} more anomalies in the report`]] : []),
  ];
}

function wasteItems(lines: readonly WasteLine[], format: Format): Run[][] {
  return lines.map((line) => [
    { bold: line.monthlySaving === null ? 'no price' : format.money(line.monthlySaving) },
    ` ${plain(line.title, 60)}: ${facts(line)}`,
  ]);
}

function facts(line: WasteLine): string {
  return [
    line.verdict,
    age(line.ageDays),
    plain(line.region, 30),
    line.owner === null ? 'no known owner' : plain(line.owner, 60),
    ...(line.state === 'DETECTED' ? [] : [line.state.toLowerCase().replaceAll('_', ' ')]),
  ].join(', ');
}

function resolvedItems(content: DigestContent, format: Format): Run[][] {
  const { count, amounts, top } = content.resolved;
  if (count === 0) return [];
  const names = top.slice(0, 3).map(({ title }) => plain(title, 60));
  return [
    [
      { bold: `${format.count(count)} ${count === 1 ? 'resource' : 'resources'}` },
      `${amounts.length === 0 ? '' : `, ${format.amounts(amounts)} a month`}: ${names.join(', ')}${count > names.length ? ' and others' : ''}`,
    ],
  ];
}

function gapItems(content: DigestContent): Run[][] {
  const shown = content.gaps
    .slice(0, 4)
    .map((gap): Run[] => [{ bold: gapScopes(gap, 2) }, ` ${gapStatus(gap)}: ${plain(gap.reason, 160)}`]);
  const more = content.gaps.length - shown.length;
  return more > 0 ? [...shown, [`${more} more ${more === 1 ? 'reason' : 'reasons'} in the report`]] : shown;
}

/** The dearest findings with their reason, ten a message. */
function threadMessages(content: DigestContent, format: Format): SlackMessage[] {
  const lines = content.findings.slice(0, LINES_IN_THREAD);
  const pages = Array.from({ length: Math.ceil(lines.length / LINES_A_MESSAGE) }, (_, at) =>
    lines.slice(at * LINES_A_MESSAGE, (at + 1) * LINES_A_MESSAGE),
  );
  return pages.map((page, at) => {
    const from = at * LINES_A_MESSAGE + 1;
    const title = `Findings ${from} to ${from + page.length - 1} of ${format.count(content.findings.length)}`;
    return {
      text: title,
      blocks: [
        titledList(
          title,
          page.map((line): Run[] => [
            { bold: price(line, format) },
            ` ${plain(line.title, 60)} (${line.check}): ${facts(line)}. ${plain(line.reason, 240)}`,
          ]),
          'bullet',
        ),
      ],
    };
  });
}

function price(line: WasteLine, format: Format): string {
  if (line.monthlySaving !== null) return `${format.money(line.monthlySaving)} to save`;
  return line.monthlyCost === null ? 'no price' : `costs ${format.money(line.monthlyCost)}`;
}
