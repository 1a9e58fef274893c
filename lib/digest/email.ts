import { Decimal } from '../focus/decimal.ts';
import type { DailySeries, DigestContent, Phrase } from './content-model.ts';
import { eachDay } from './each-day.ts';
import { digestFormat, type Format } from './format.ts';
import { type Html, html } from './markup.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { budgetFact, budgetName, forecastFacts } from './outlook-words.ts';
import { aiUseFact, aiUseName, unitFact } from './unit-words.ts';
import {
  anomalyFact,
  decisionFact,
  ended,
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

const BAR_HEIGHT = 48;
const ANOMALIES = 5;
const DECISIONS = 10;
const GAPS = 10;

const BODY =
  'margin:0;padding:16px;background:#ffffff;color:#1c1d20;font:15px/1.45 Arial,Helvetica,sans-serif';
const COLUMN = 'width:100%;max-width:600px;border-collapse:collapse';
const SMALL = 'margin:0 0 12px;color:#5c6067;font-size:13px';
const TITLE = 'margin:18px 0 6px;font-size:16px';
const CELL = 'padding:4px 12px 4px 0;vertical-align:top';

/**
 * The digest as a mail: one column, styles inline, no script, no picture and nothing from elsewhere, since mail
 * programs leave all of these out. What a drawing shows is told in words beside it.
 */
export function digestEmail(content: DigestContent): string {
  const format = digestFormat(content.timezone, content.locale);
  const title = headline(content, format);
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body style="${BODY}"><table role="presentation" style="${COLUMN}"><tr><td>
<h1 style="margin:0 0 4px;font-size:20px">${title}</h1>
<p style="${SMALL}">${freshness(content, format)}</p>
<p style="margin:0 0 12px">${isolated(content.story, format)}</p>
${numbers(content, format)}
${content.daily.slice(0, 1).map((series) => bars(series, format))}
${list('What moved', moverItems(content, format))}
${list(
  'AI cost drivers',
  content.aiDrivers.map(({ sentence }) => isolated(sentence, format)),
)}
${list('Outlook', outlookItems(content, format))}
${list(
  'Top wastes, a month',
  content.wastes.map(
    (line) =>
      html`<b>${line.monthlySaving === null ? 'saving unknown' : format.money(line.monthlySaving)}</b> <bdi>${plain(line.title, 60)}</bdi>: ${wasteFacts(line, format)}`,
  ),
)}
${list('Decisions needed', decisionItems(content, format))}
${list('What became of it', lifeItems(content, format))}
${list('Not seen', gapItems(content, format))}
<p style="${SMALL}">${content.basis.join(' ')} ${ownCost(content, format)}.</p>
</td></tr></table></body></html>
`.text;
}

function list(title: string, items: readonly Html[]): Html {
  return items.length === 0
    ? html``
    : html`<h2 style="${TITLE}">${title}</h2><ul style="margin:0;padding-left:20px">${items.map((item) => html`<li style="margin:0 0 4px">${item}</li>`)}</ul>`;
}

function numbers(content: DigestContent, format: Format): Html {
  const rows: (readonly [label: string, value: string, note: string])[] = [
    ...content.spend.map((row) => {
      const { currency, current, difference, percent } = row;
      const partial = partialNote(row, format);
      const change =
        difference === null
          ? 'nothing to compare with'
          : `${format.change({ amount: difference, currency })}${percent === null ? '' : ` (${format.percent(percent, true)})`}`;
      return [
        content.spend.length > 1 ? `Spent, ${plain(currency, 20)}` : 'Spent',
        format.money({ amount: current, currency }),
        partial === '' ? change : `${change}; ${partial}`,
      ] as const;
    }),
    ...content.month.map(
      (month) =>
        [
          'Month to date',
          format.money({ amount: month.spent, currency: month.currency }),
          monthNote(month, format),
        ] as const,
    ),
    ...content.executive.map(
      (figure) => [figure.label, executiveValue(figure, format), format.phrase(figure.note)] as const,
    ),
    ...shownFigures(content).map(
      (figure) => [figure.label, figureValue(figure, format), figureNote(figure, format)] as const,
    ),
    ...content.tagging.map(
      ({ coverage, currency }) =>
        [
          'Tag coverage',
          coverage === null ? 'unknown' : format.percent(coverage),
          `of taggable spend in ${plain(currency, 20)}, 30 days`,
        ] as const,
    ),
  ];
  return html`<table style="${COLUMN}">${rows.map(([label, value, note]) => html`<tr><th scope="row" style="${CELL};text-align:left;font-weight:normal">${label}</th><td style="${CELL};text-align:right;white-space:nowrap"><b>${value}</b></td><td style="${CELL};color:#5c6067">${note}</td></tr>`)}</table>`;
}

/** Days as bars of table cells; whoever does not see them is told the first, the last and the highest. */
function bars(series: DailySeries, format: Format): Html {
  const { currency, days } = series;
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return html``;
  const top = Decimal.max(0, ...days.map(({ amount }) => exact(amount)));
  const highest = days.find(({ amount }) => exact(amount).eq(top)) ?? last;
  const told = (day: { readonly day: string; readonly amount: string }) =>
    `${format.money({ amount: day.amount, currency })} on ${format.day(day.day)}`;
  const words = `Effective cost a day in ${plain(currency, 20)}: ${told(first)}, highest ${told(highest)}, ${told(last)}`;
  const height = (amount: string) =>
    top.isZero()
      ? 1
      : Math.max(1, Decimal.max(0, exact(amount)).div(top).times(BAR_HEIGHT).round().toNumber());
  return html`<table role="img" aria-label="${words}" style="${COLUMN};margin-top:12px"><tr>${eachDay(series).map(({ amount, inPeriod }) => html`<td style="padding:0 1px;vertical-align:bottom;height:${BAR_HEIGHT}px">${amount === null ? '' : html`<div style="height:${height(amount)}px;background:${inPeriod ? '#1f5fbf' : '#b9cdea'};font-size:0">&nbsp;</div>`}</td>`)}</tr></table><p style="${SMALL}">${ended(words)}</p>`;
}

function moverItems({ movers }: DigestContent, format: Format): Html[] {
  return movers.map(({ sentence }) => isolated(sentence, format));
}

/** A sentence whose names keep the direction of their script to themselves. */
function isolated(phrase: Phrase, format: Format): Html {
  return html`${phrase.map((part) =>
    typeof part === 'object' && 'name' in part
      ? html`<bdi>${format.phrase([part])}</bdi>`
      : html`${format.phrase([part])}`,
  )}`;
}

function outlookItems({ forecast, budgets, anomalies, units, aiUse }: DigestContent, format: Format): Html[] {
  const lines = anomalies?.lines ?? [];
  const rest = ofAll(ANOMALIES, lines.length, 'in the report', format);
  return [
    ...forecast.flatMap((figure) => forecastFacts(figure, format).map((fact) => html`${fact}`)),
    ...aiUse.map((line) => html`<b><bdi>${aiUseName(line)}</bdi></b> ${aiUseFact(line, format)}`),
    ...units.map((line) => html`<b><bdi>${plain(line.name, 40)}</bdi></b> ${unitFact(line, format)}`),
    ...budgets.map(
      (line) => html`<b><bdi>${budgetName(line, budgets, format)}</bdi></b> ${budgetFact(line, format)}`,
    ),
    ...lines.slice(0, ANOMALIES).map((line) => {
      const { money, told } = anomalyFact(line, format);
      return html`<b>${money}</b> ${told}`;
    }),
    ...(rest === '' ? [] : [html`Anomalies: ${rest}`]),
  ];
}

function decisionItems({ decisions }: DigestContent, format: Format): Html[] {
  const rest = ofAll(DECISIONS, decisions.length, 'in the report', format);
  return [
    ...decisions.slice(0, DECISIONS).map((line) => {
      const { question, told } = decisionFact(line, format, 60);
      return html`<b>${question}</b>${told === '' ? '' : `: ${told}`}`;
    }),
    ...(rest === '' ? [] : [html`${rest}`]),
  ];
}

function gapItems({ gaps }: DigestContent, format: Format): Html[] {
  const rest = ofAll(GAPS, gaps.length, 'in the report', format);
  return [
    ...gaps
      .slice(0, GAPS)
      .map((gap) => html`<b>${gapScopes(gap, 4, format)}</b> ${gapStatus(gap)}: ${plain(gap.reason, 300)}`),
    ...(rest === '' ? [] : [html`${rest}`]),
  ];
}

function lifeItems(content: DigestContent, format: Format): Html[] {
  const { count, amounts } = content.resolved;
  return [
    ...content.life.map(
      (figure) =>
        html`<b>${lifeFact(figure, format)}</b>: <bdi>${figure.titles.map((title) => plain(title, 60)).join(', ')}</bdi>${figure.count > figure.titles.length ? ' and others' : ''}`,
    ),
    ...(count === 0
      ? []
      : [
          html`<b>Resolved ${format.count(count)}</b>${amounts.length === 0 ? '' : `, ${format.amounts(amounts)} a month`}`,
        ]),
    ...savingsFacts(content, format).map((fact) => html`<b>Saved by stops</b>: ${fact}`),
  ];
}
