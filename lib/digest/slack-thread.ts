import { type Run, type SlackBlock, titledList } from '../notices/blocks.ts';
import type { SlackMessage } from '../notices/model.ts';
import type { DigestContent, WasteLine } from './content-model.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { decisionRuns } from './slack-decisions.ts';
import { aiUseFact, aiUseName, unitFact } from './unit-words.ts';
import {
  anomalyFact,
  budgetFact,
  figureNote,
  figureValue,
  forecastFacts,
  gapScopes,
  gapStatus,
  lifeFact,
  savingsFacts,
  serviceName,
  shownFigures,
  wasteFacts,
} from './words.ts';

const FINDINGS = 30;
const FINDINGS_A_MESSAGE = 10;
const ANOMALIES = 5;
const BUDGETS = 10;
const UNITS = 10;
const GAPS = 10;
const DECISIONS = 10;

/** What the digest's own message leaves out, a subject a message; the report has all of it. */
export function threadMessages(content: DigestContent, format: Format): SlackMessage[] {
  return [
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
        content.forecast.slice(0, 2).flatMap((one) => forecastFacts(one, format).map((fact) => [fact])),
      ),
      list(
        'Budgets',
        content.budgets
          .slice(0, BUDGETS)
          .map((line) => [{ bold: plain(line.name, 40) }, ` ${budgetFact(line, format)}`]),
      ),
      list('Anomalies', anomalyItems(content, format)),
    ]),
    message('Waste, and what became of it', [
      list('Figures', figureItems(content, format)),
      list('Top wastes, a month', wasteItems(content.wastes, format), 'ordered'),
      list('What became of it', lifeItems(content, format)),
      list(
        'Decisions needed',
        content.decisions.slice(0, DECISIONS).map((line) => decisionRuns(line, format, 60)),
      ),
    ]),
    ...findingMessages(content, format),
    message('Not seen, and what the numbers mean', [
      list('Not seen', gapItems(content)),
      list(
        'What the numbers mean',
        content.basis.map((line) => [line]),
      ),
    ]),
  ].flatMap((each) => (each === null ? [] : [each]));
}

function message(title: string, parts: readonly (readonly SlackBlock[])[]): SlackMessage | null {
  const blocks = parts.flat();
  return blocks.length === 0 ? null : { text: title, blocks };
}

function list(
  title: string,
  items: readonly (readonly Run[])[],
  style: 'bullet' | 'ordered' = 'bullet',
): SlackBlock[] {
  return items.length === 0 ? [] : [titledList(title, items, style)];
}

function moverItems({ movers }: DigestContent, format: Format): Run[][] {
  return movers.map((row) => [
    { bold: format.change({ amount: row.difference, currency: row.currency }) },
    `${row.percent === null ? '' : ` (${format.percent(row.percent, true)})`} ${serviceName(row)}${row.why === null ? '' : `, ${format.phrase(row.why)}`}`,
  ]);
}

function anomalyItems({ anomalies }: DigestContent, format: Format): Run[][] {
  const lines = anomalies?.lines ?? [];
  const more = lines.length - ANOMALIES;
  return [
    ...lines.slice(0, ANOMALIES).map((line): Run[] => {
      const { money, told } = anomalyFact(line, format);
      return [{ bold: money }, ` ${told}`];
    }),
    ...(more > 0 ? [[`${format.count(more)} more in the report`]] : []),
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

function gapItems(content: DigestContent): Run[][] {
  const shown = content.gaps
    .slice(0, GAPS)
    .map((gap): Run[] => [{ bold: gapScopes(gap, 2) }, ` ${gapStatus(gap)}: ${plain(gap.reason, 160)}`]);
  const more = content.gaps.length - shown.length;
  return more > 0 ? [...shown, [`${more} more ${more === 1 ? 'reason' : 'reasons'} in the report`]] : shown;
}

/** The dearest findings with their reason, ten a message. */
function findingMessages(content: DigestContent, format: Format): SlackMessage[] {
  const lines = content.findings.slice(0, FINDINGS);
  const pages = Array.from({ length: Math.ceil(lines.length / FINDINGS_A_MESSAGE) }, (_, at) =>
    lines.slice(at * FINDINGS_A_MESSAGE, (at + 1) * FINDINGS_A_MESSAGE),
  );
  return pages.map((page, at) => {
    const from = at * FINDINGS_A_MESSAGE + 1;
    const title = `Findings ${format.count(from)} to ${format.count(from + page.length - 1)} of ${format.count(content.findings.length)}`;
    return {
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
