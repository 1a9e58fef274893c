import type { DigestContent } from './content-model.ts';
import { eachDay } from './each-day.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { budgetFact, budgetName, forecastFacts } from './outlook-words.ts';
import { sparkline } from './sparkline.ts';
import { columns, fit, wrap } from './terminal.ts';
import { aiUseFact, aiUseName, unitFact } from './unit-words.ts';
import {
  anomalyFact,
  decisionFact,
  executiveValue,
  figureNote,
  figureValue,
  freshness,
  gapScopes,
  gapStatus,
  headline,
  lifeFact,
  monthNote,
  ofAll,
  ownCost,
  partialNote,
  savingsFacts,
  shownFigures,
  wasteFacts,
} from './words.ts';

const WIDTH = 100;
/** Anomalies that are told, the dearest; the report has the others. */
const ANOMALIES = 5;
/** Decisions that are told, the dearest. */
const DECISIONS = 10;

/** The digest for a terminal: at most 100 columns, no control character but, with `colour`, our own SGR codes. */
export function digestText(content: DigestContent, options: { colour?: boolean } = {}): string {
  const format = digestFormat(content.timezone, content.locale);
  const title = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (options.colour ? `\u001b[2m${text}\u001b[22m` : text);
  const name = fit(headline(content, format), WIDTH);
  const parts = [
    [title(name), dim(freshness(content, format))],
    wrap(format.phrase(content.story), WIDTH),
    [...spendLines(content, format), ...monthLines(content, format)],
    section(title('For who leads'), executiveLines(content, format)),
    figureLines(content, format),
    chartLines(content, format).map((line) => fit(line, WIDTH)),
    section(title('Top movers'), moverLines(content, format)),
    section(title('AI cost drivers'), driverLines(content, format)),
    section(title('AI efficiency'), aiUseLines(content, format)),
    section(title('Units'), unitLines(content, format)),
    section(title('Forecast'), forecastLines(content, format)),
    section(title('Budgets'), budgetLines(content, format)),
    section(title('Anomalies'), anomalyLines(content, format)),
    section(title('Top wastes'), wasteLines(content, format)),
    section(title('Decisions needed'), decisionLines(content, format)),
    section(title('What became of it'), lifeLines(content, format)),
    section(title('Resolved'), resolvedLines(content, format)),
    section(title('Saved by stops'), savingsLines(content, format)),
    section(title('Not seen'), gapLines(content, format)),
    [...content.basis.flatMap((line) => wrap(line, WIDTH)), `${ownCost(content, format)}.`].map(dim),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function spendLines(content: DigestContent, format: Format): string[] {
  return columns(
    content.spend.map((row) => {
      const { currency, current, former, difference, percent, estimated } = row;
      return [
        'Spent',
        format.money({ amount: current, currency }),
        difference === null || former === null
          ? 'nothing to compare with'
          : `${format.change({ amount: difference, currency })}${percent === null ? '' : ` (${format.percent(percent, true)})`} on ${format.money({ amount: former, currency })}`,
        [estimated ? 'provisional' : '', partialNote(row, format)].filter((note) => note !== '').join(', '),
      ];
    }),
    ['left', 'right', 'left', 'left'],
    WIDTH,
  );
}

function monthLines(content: DigestContent, format: Format): string[] {
  return columns(
    content.month.map((month) => [
      'Month to date',
      format.money({ amount: month.spent, currency: month.currency }),
      monthNote(month, format),
    ]),
    ['left', 'right', 'left'],
    WIDTH,
  );
}

function executiveLines({ executive }: DigestContent, format: Format): string[] {
  return columns(
    executive.map((figure) => [
      `  ${plain(figure.label, 40)}`,
      executiveValue(figure, format),
      format.phrase(figure.note),
    ]),
    ['left', 'right', 'left'],
    WIDTH,
  );
}

function decisionLines({ decisions }: DigestContent, format: Format): string[] {
  const rest = ofAll(DECISIONS, decisions.length, 'by bursar findings', format);
  return [
    ...decisions.slice(0, DECISIONS).flatMap((line) => {
      const { question, told } = decisionFact(line, format, 60);
      return indented(told === '' ? question : `${question}: ${told}`, 2);
    }),
    ...(rest === '' ? [] : [`  ${rest}`]),
  ];
}

function lifeLines({ life }: DigestContent, format: Format): string[] {
  return life.flatMap((figure) =>
    indented(
      `${lifeFact(figure, format)}: ${figure.titles.map((title) => plain(title, 34)).join(', ')}${figure.count > figure.titles.length ? ' and others' : ''}`,
      2,
    ),
  );
}

function figureLines(content: DigestContent, format: Format): string[] {
  const rows = shownFigures(content).map((figure) => [
    figure.label,
    figureValue(figure, format),
    figureNote(figure, format),
  ]);
  const tags = content.tagging.map(({ coverage, currency }) => [
    'Tag coverage',
    coverage === null ? 'unknown' : format.percent(coverage),
    `of taggable spend in ${plain(currency, 20)}, 30 days`,
  ]);
  return columns([...rows, ...tags], ['left', 'right', 'left'], WIDTH);
}

function chartLines(content: DigestContent, format: Format): string[] {
  return content.daily.flatMap(({ currency, days }) => {
    const first = days[0];
    const last = days.at(-1);
    if (first === undefined || last === undefined) return [];
    return [
      `${format.day(first.day)} ${sparkline(
        eachDay({ days })
          .slice(-60)
          .map(({ amount }) => amount),
      )} ${format.day(last.day)}  ${plain(currency, 20)} a day, last ${format.money({ amount: last.amount, currency })}`,
    ];
  });
}

function moverLines({ movers }: DigestContent, format: Format): string[] {
  return movers.flatMap(({ sentence }) => indented(format.phrase(sentence), 2));
}

function driverLines({ aiDrivers }: DigestContent, format: Format): string[] {
  return aiDrivers.flatMap(({ sentence }) => indented(format.phrase(sentence), 2));
}

function aiUseLines({ aiUse }: DigestContent, format: Format): string[] {
  return aiUse.flatMap((line) => indented(`${aiUseName(line)}: ${aiUseFact(line, format)}`, 2));
}

function unitLines({ units }: DigestContent, format: Format): string[] {
  return units.flatMap((line) => indented(`${plain(line.name, 40)}: ${unitFact(line, format)}`, 2));
}

function forecastLines({ forecast }: DigestContent, format: Format): string[] {
  return forecast.flatMap((figure) => forecastFacts(figure, format).flatMap((fact) => indented(fact, 2)));
}

function budgetLines({ budgets }: DigestContent, format: Format): string[] {
  return budgets.flatMap((line) =>
    indented(`${budgetName(line, budgets, format)}: ${budgetFact(line, format)}`, 2),
  );
}

function anomalyLines({ anomalies }: DigestContent, format: Format): string[] {
  const lines = anomalies?.lines ?? [];
  const rest = ofAll(ANOMALIES, lines.length, 'by bursar anomalies', format);
  return [
    ...lines.slice(0, ANOMALIES).flatMap((line) => {
      const { money, told } = anomalyFact(line, format);
      return indented(`${money}: ${told}`, 2);
    }),
    ...(rest === '' ? [] : [`  ${rest}`]),
  ];
}

/** Wrapped, later lines two columns further in. */
function indented(text: string, by: number): string[] {
  return wrap(text, WIDTH - by - 2).map((line, at) => `${' '.repeat(at === 0 ? by : by + 2)}${line}`);
}

function wasteLines(content: DigestContent, format: Format): string[] {
  return columns(
    content.wastes.map((line) => [
      `  ${line.monthlySaving === null ? 'saving unknown' : format.money(line.monthlySaving)}`,
      plain(line.title, 34),
      wasteFacts(line, format),
    ]),
    ['right', 'left', 'left'],
    WIDTH,
  );
}

function resolvedLines(content: DigestContent, format: Format): string[] {
  const { count, amounts, top } = content.resolved;
  if (count === 0) return [];
  const saved = amounts.length === 0 ? '' : `, ${format.amounts(amounts)} a month`;
  return [
    `  ${format.count(count)} ${count === 1 ? 'resource' : 'resources'}${saved}`,
    ...columns(
      top.map((line) => [
        `  ${plain(line.title, 34)}`,
        line.monthlySaving === null ? '' : format.money(line.monthlySaving),
        line.check,
      ]),
      ['left', 'right', 'left'],
      WIDTH,
    ),
  ];
}

function savingsLines(content: DigestContent, format: Format): string[] {
  return savingsFacts(content, format).flatMap((fact) => wrap(fact, WIDTH - 2).map((line) => `  ${line}`));
}

function gapLines(content: DigestContent, format: Format): string[] {
  return content.gaps.flatMap((gap) =>
    wrap(`${gapScopes(gap, 4, format)} (${gapStatus(gap)}): ${plain(gap.reason, 300)}`, WIDTH - 4).map(
      (line, at) => `${at === 0 ? '  ' : '    '}${line}`,
    ),
  );
}
