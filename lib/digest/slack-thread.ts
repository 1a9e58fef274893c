import { type Run, type SlackBlock, titledList } from '../notices/blocks.ts';
import type { Reply } from '../notices/model.ts';
import type { DigestContent, WasteLine } from './content-model.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { budgetFact, budgetName, forecastFacts } from './outlook-words.ts';
import { spendCharts, spendTable } from './slack-chart.ts';
import { decisionsInFull } from './slack-decisions.ts';
import { aiUseFact, aiUseName, unitFact } from './unit-words.ts';
import {
  anomalyFact,
  executiveValue,
  figureNote,
  figureValue,
  gapScopes,
  gapStatus,
  lifeFact,
  monthNote,
  ofAll,
  partialNote,
  savingsFacts,
  shownFigures,
  wasteFacts,
} from './words.ts';

/** Each is told beside the others; nobody bills in more. */
const CURRENCIES = 10;
const FINDINGS = 30;
const FINDINGS_A_MESSAGE = 10;
const ANOMALIES = 5;
const BUDGETS = 10;
const UNITS = 10;
const GAPS = 10;

/**
 * What the digest's own message leaves out, a subject a message, the chart first; the report has all of it. Where a
 * workspace does not know charts, a table takes its place.
 */
export function threadMessages(content: DigestContent, format: Format): Reply[] {
  return [
    spendMessage(content, format),
    message('What moved', [
      list('Top movers', moverItems(content, format)),
      list(
        'AI cost drivers',
        content.aiDrivers.map(({ sentence }) => [format.phrase(sentence)]),
      ),
      list(
        'AI efficiency, a settled week against four',
        content.aiUse.map((line) => [{ bold: aiUseName(line) }, ` ${aiUseFact(line, format)}`]),
      ),
      list(
        'Units',
        content.units
          .slice(0, UNITS)
          .map((line) => [{ bold: plain(line.name, 40) }, ` ${unitFact(line, format)}`]),
      ),
    ]),
    message('Outlook', [
      list(
        'Forecast',
        content.forecast
          .slice(0, CURRENCIES)
          .flatMap((one) => forecastFacts(one, format).map((fact) => [fact])),
      ),
      list(
        'Budgets',
        content.budgets
          .slice(0, BUDGETS)
          .map((line, _, all) => [{ bold: budgetName(line, all, format) }, ` ${budgetFact(line, format)}`]),
      ),
      list('Anomalies', anomalyItems(content, format)),
    ]),
    message('Waste, and what became of it', [
      list('Figures', figureItems(content, format)),
      list('Top wastes, a month', wasteItems(content.wastes, format), 'ordered'),
      list('What became of it', lifeItems(content, format)),
    ]),
    message('Decisions needed', decisionsInFull(content, format)),
    ...findingMessages(content, format),
    message('Not seen, and what the numbers mean', [
      list('Not seen', gapItems(content, format)),
      list(
        'What the numbers mean',
        content.basis.map((line) => [line]),
      ),
    ]),
  ].flatMap((each) => (each === null ? [] : [each]));
}

function spendMessage(content: DigestContent, format: Format): Reply | null {
  const told = [
    list('Spend', spendItems(content, format)),
    list('For who leads', executiveItems(content, format)),
  ];
  const charts = spendCharts(content.daily, format);
  const said = message('Spend', [charts, ...told]);
  if (said === null || charts.length === 0) return said;
  return {
    ...said,
    plainer: { text: said.text, blocks: [spendTable(content.daily, format), ...told.flat()] },
  };
}

/** Each currency beside the others, with the bills and days that it lacks. */
function spendItems({ spend, month }: DigestContent, format: Format): Run[][] {
  return [
    ...spend.slice(0, CURRENCIES).map((row): Run[] => {
      const { currency, current, former, difference, percent, estimated } = row;
      const notes = [
        difference === null || former === null
          ? 'nothing to compare with'
          : `${format.change({ amount: difference, currency })}${percent === null ? '' : ` (${format.percent(percent, true)})`} on ${format.money({ amount: former, currency })}`,
        ...(estimated ? ['provisional'] : []),
        ...[partialNote(row, format)].filter((note) => note !== ''),
      ];
      return [{ bold: format.money({ amount: current, currency }) }, ` spent: ${notes.join(', ')}`];
    }),
    ...month
      .slice(0, CURRENCIES)
      .map((figure): Run[] => [
        { bold: format.money({ amount: figure.spent, currency: figure.currency }) },
        ` month to date, ${monthNote(figure, format)}`,
      ]),
  ];
}

function executiveItems({ executive }: DigestContent, format: Format): Run[][] {
  return executive.map((figure) => [
    `${plain(figure.label, 40)}: `,
    { bold: executiveValue(figure, format) },
    ` ${format.phrase(figure.note)}`,
  ]);
}

/** Each subject is told once, so that its title tells it from the others. */
function message(title: string, parts: readonly (readonly SlackBlock[])[]): Reply | null {
  const blocks = parts.flat();
  return blocks.length === 0 ? null : { part: title, text: title, blocks };
}

function list(
  title: string,
  items: readonly (readonly Run[])[],
  style: 'bullet' | 'ordered' = 'bullet',
): SlackBlock[] {
  return items.length === 0 ? [] : [titledList(title, items, style)];
}

function moverItems({ movers }: DigestContent, format: Format): Run[][] {
  return movers.map(({ sentence }) => [format.phrase(sentence)]);
}

function anomalyItems({ anomalies }: DigestContent, format: Format): Run[][] {
  const lines = anomalies?.lines ?? [];
  const rest = ofAll(ANOMALIES, lines.length, 'in the report', format);
  return [
    ...lines.slice(0, ANOMALIES).map((line): Run[] => {
      const { money, told } = anomalyFact(line, format);
      return [{ bold: money }, ` ${told}`];
    }),
    ...(rest === '' ? [] : [[rest]]),
  ];
}

function figureItems(content: DigestContent, format: Format): Run[][] {
  return [
    ...shownFigures(content).map((figure): Run[] => {
      const note = figureNote(figure, format);
      return [`${figure.label}: `, { bold: figureValue(figure, format) }, note === '' ? '' : ` ${note}`];
    }),
    ...content.tagging.map(({ coverage, currency }): Run[] => [
      'Tag coverage: ',
      { bold: coverage === null ? 'unknown' : format.percent(coverage) },
      ` of taggable spend in ${plain(currency, 20)}, 30 days`,
    ]),
  ];
}

function wasteItems(lines: readonly WasteLine[], format: Format): Run[][] {
  return lines.map((line) => [
    { bold: line.monthlySaving === null ? 'saving unknown' : format.money(line.monthlySaving) },
    ` ${plain(line.title, 60)}: ${wasteFacts(line, format)}`,
  ]);
}

function lifeItems(content: DigestContent, format: Format): Run[][] {
  const { count, amounts, top } = content.resolved;
  const names = top.slice(0, 3).map(({ title }) => plain(title, 60));
  return [
    ...content.life.map((figure): Run[] => [
      { bold: lifeFact(figure, format) },
      `: ${figure.titles.map((title) => plain(title, 60)).join(', ')}${figure.count > figure.titles.length ? ' and others' : ''}`,
    ]),
    ...(count === 0
      ? []
      : [
          [
            { bold: `Resolved ${format.count(count)}` },
            `${amounts.length === 0 ? '' : `, ${format.amounts(amounts)} a month`}: ${names.join(', ')}${count > names.length ? ' and others' : ''}`,
          ],
        ]),
    ...savingsFacts(content, format).map((fact): Run[] => [{ bold: 'Saved by stops: ' }, fact]),
  ];
}

function gapItems({ gaps }: DigestContent, format: Format): Run[][] {
  const rest = ofAll(GAPS, gaps.length, 'in the report', format);
  return [
    ...gaps
      .slice(0, GAPS)
      .map((gap): Run[] => [
        { bold: gapScopes(gap, 2, format) },
        ` ${gapStatus(gap)}: ${plain(gap.reason, 160)}`,
      ]),
    ...(rest === '' ? [] : [[rest]]),
  ];
}

/** The dearest findings with their reason, ten a message. */
function findingMessages(content: DigestContent, format: Format): Reply[] {
  const lines = content.findings.slice(0, FINDINGS);
  const pages = Array.from({ length: Math.ceil(lines.length / FINDINGS_A_MESSAGE) }, (_, at) =>
    lines.slice(at * FINDINGS_A_MESSAGE, (at + 1) * FINDINGS_A_MESSAGE),
  );
  return pages.map((page, at) => {
    const from = at * FINDINGS_A_MESSAGE + 1;
    const title = `Findings ${format.count(from)} to ${format.count(from + page.length - 1)} of ${format.count(content.findings.length)}`;
    return {
      part: `Findings ${from}`,
      text: title,
      blocks: list(
        title,
        page.map((line): Run[] => [
          { bold: price(line, format) },
          ` ${plain(line.title, 60)} (${line.check}): ${wasteFacts(line, format)}. ${plain(line.reason, 240)}`,
        ]),
      ),
    };
  });
}

function price(line: WasteLine, format: Format): string {
  if (line.monthlySaving !== null) return `${format.money(line.monthlySaving)} to save`;
  return line.monthlyCost === null ? 'cost unknown' : `costs ${format.money(line.monthlyCost)}`;
}
