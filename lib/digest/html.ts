import { createHash } from 'node:crypto';
import { dailyChart } from './chart.ts';
import type { DigestContent } from './content-model.ts';
import { CSV_NOTE } from './csv.ts';
import type { ReportDetail } from './detail-model.ts';
import { digestFormat, type Format } from './format.ts';
import { aiSection } from './html-ai.ts';
import { findingsTable } from './html-findings.ts';
import {
  aiUseSection,
  anomaliesSection,
  budgetsSection,
  chartPlace,
  commitmentsSection,
  driversSection,
  forecastSections,
  unitsSection,
} from './html-insight.ts';
import { qualitySection, savedSection } from './html-quality.ts';
import { spendSection } from './html-spend.ts';
import { Html, html } from './markup.ts';
import { plain } from './names.ts';
import { inScript, moversId, pageData } from './page-data.ts';
import { packRows } from './page-rows.ts';
import { STYLESHEET } from './stylesheet.ts';
import {
  executiveValue,
  figureNote,
  figureValue,
  freshness,
  headline,
  ownCost,
  partialNote,
  serviceName,
  shownFigures,
} from './words.ts';

/** As a policy names what it allows. */
function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Everything but the one stylesheet and the one script, known by their hashes, is forbidden: no request, no form. */
export function policy(script: string | null): string {
  return [
    "default-src 'none'",
    ...(script === null ? [] : [`script-src ${hash(script)}`]),
    `style-src ${hash(STYLESHEET)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/**
 * The digest as one self-contained HTML file with every open finding, its evidence and what was not seen.
 * @param options.script what draws and goes through (`pageScript`); left out, the page has its tables alone
 * @param options.detail what the page tells beyond the digest (`reportDetail`)
 * @param options.beside the folder beside the page that holds every table as a file
 * @throws RangeError where the script could end its own element
 */
export function digestHtml(
  content: DigestContent,
  options: { script?: string; detail?: ReportDetail; beside?: string } = {},
): string {
  const { script = null, detail = null, beside = null } = options;
  if (script !== null && /<\/script|<!--/i.test(script))
    throw new RangeError('the script ends its own element');
  const { timezone, locale } = content;
  const format = digestFormat(timezone, locale);
  const packed = script === null ? null : packRows(content, detail, format);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${headline(content, format)}</title>
<style>${new Html(STYLESHEET)}</style>
</head>
<body>
<main>
<header>
<h1>${headline(content, format)}</h1>
<p class="fresh">${freshness(content, format)} · made ${format.instant(content.now)} · effective cost</p>
<p class="story">${format.phrase(content.story)}</p>
</header>
${partsNav(content, detail)}
${script === null ? '' : NOT_UNPACKED}
${numbers(content, format)}
${forecastSections(content, format)}
${charts(content, format)}
${spendSection(detail, format)}
<div class="two">
${movers(content, format)}
${driversSection(content, format)}
</div>
${anomaliesSection(content, format)}
${budgetsSection(content, format)}
${unitsSection(content, format)}
${aiUseSection(content, format)}
${findingsTable(content, packed, beside === null ? null : `${beside}/findings.csv`, format)}
${resolved(content, format)}
${aiSection(detail, format)}
${commitmentsSection(content, format)}
${savedSection(content, detail, format)}
${qualitySection(content, detail, format)}
<footer>
<h2>What the numbers mean</h2>
${content.basis.map((line) => html`<p>${line}</p>`)}
<p>${ownCost(content, format)}${calls(content, format)}.</p>
${beside === null ? '' : html`<p>Every table of this page lies beside it as CSV and Parquet, in ${beside}/. ${CSV_NOTE}</p>`}
</footer>
</main>
<main id="finding" hidden></main>
${script === null ? '' : new Html(`<script type="application/json" id="page-data">${inScript(pageData(content, format, locale))}</script>\n<script type="application/gzip" id="page-rows">${packed?.text ?? ''}</script>\n<script>${script}</script>`)}
</body>
</html>
`.text;
}

/** Shown by the script until the rows are unpacked, and so where they never are. */
const NOT_UNPACKED = html`<p class="card" id="not-unpacked" role="status" hidden>The rows of this page are packed, and this browser has not unpacked them: its tables hold the first rows alone, and nothing can be searched or opened. Browsers since 2023 can (DecompressionStream).</p>`;

/** Ways to the parts of the page. */
function partsNav(content: DigestContent, detail: ReportDetail | null): Html {
  const parts = [
    ['spend', 'Spend'],
    ...(detail === null ? [] : [['where', 'Where it goes']]),
    ['waste', 'Findings'],
    ...(detail === null ? [] : [['ai', 'AI']]),
    ['commitments', 'Commitments'],
    ...(content.savings === null && (detail?.stops ?? null) === null ? [] : [['saved', 'Savings']]),
    ['quality', 'Coverage'],
  ];
  return html`<nav class="parts" aria-label="Parts of this report"><ul>${parts.map(
    ([id, name]) => html`<li><a href="#${id ?? ''}">${name ?? ''}</a></li>`,
  )}</ul></nav>`;
}

/** Characters of an amount that stand in one line of its box in the usual size. */
const LONG_VALUE = 11;

function number(label: string, value: string, note: Html, source: string): Html {
  return html`<div class="number" title="${source}"><dt>${label}</dt><dd class="value${value.length > LONG_VALUE ? ' long' : ''}"><bdi>${value}</bdi></dd><dd class="note">${note}</dd></div>`;
}

function numbers(content: DigestContent, format: Format): Html {
  const spend = content.spend.map((row) => {
    const { currency, current, former, difference, percent, estimated } = row;
    const note =
      difference === null || former === null
        ? html`nothing to compare with`
        : html`<span class="${direction(difference)}">${format.change({ amount: difference, currency })}${percent === null ? '' : ` (${format.percent(percent, true)})`}</span> on ${format.money({ amount: former, currency })}${estimated ? ', provisional' : ''}`;
    const partial = partialNote(row, format);
    const label = content.spend.length > 1 ? `Spent, ${plain(currency, 20)}` : 'Spent';
    return number(
      label,
      format.money({ amount: current, currency }),
      partial === '' ? note : html`${note}; ${partial}`,
      row.source,
    );
  });
  const figures = shownFigures(content).map((figure) =>
    number(figure.label, figureValue(figure, format), html`${figureNote(figure, format)}`, figure.source),
  );
  const tags = content.tagging.map((row) =>
    number(
      'Tag coverage',
      row.coverage === null ? 'unknown' : format.percent(row.coverage),
      html`of taggable spend in ${plain(row.currency, 20)}, 30 days${
        row.notActivated === '0'
          ? ''
          : `; ${format.money({ amount: row.notActivated, currency: row.currency })} tagged with keys not activated for billing`
      }`,
      row.source,
    ),
  );
  const leading = content.executive.map((figure) =>
    number(
      figure.label,
      executiveValue(figure, format),
      html`<bdi>${format.phrase(figure.note)}</bdi>`,
      figure.source,
    ),
  );
  return html`<dl class="numbers">${[...spend, ...leading, ...figures, ...tags]}</dl>`;
}

function direction(difference: string): string {
  return difference === '0' ? '' : difference.startsWith('-') ? 'down' : 'up';
}

/** Bars of each day; where the script draws spend and forecast of the same currency, these give way. */
function charts(content: DigestContent, format: Format): Html[] {
  const drawn = new Set(
    content.forecast.filter(({ settled }) => settled.length > 0).map(({ currency }) => currency),
  );
  return content.daily
    .filter(({ days }) => days.length > 1)
    .map(
      (
        series,
      ) => html`<section class="card${drawn.has(series.currency) ? ' daily' : ''}"><h2>Cost a day, ${plain(series.currency, 20)}</h2>
<figure><div class="scroll" tabindex="0" role="group" aria-label="Chart">${dailyChart(series, format)}</div>
<figcaption><span class="key"></span>this ${content.kind}<span class="key before"></span>before</figcaption></figure></section>`,
    );
}

function movers(content: DigestContent, format: Format): Html {
  if (content.movers.length === 0) return html``;
  const currencies = new Set(content.movers.map(({ currency }) => currency));
  return html`<section class="card"><h2>Top movers</h2>
${[...currencies].map((currency, at) => chartPlace(moversId(at), `Change by service, ${plain(currency, 20)}`))}
<div class="scroll" tabindex="0" role="group" aria-label="Top movers"><table>
<caption>Services whose cost changed most against the ${content.kind} before</caption>
<thead><tr><th scope="col">Service</th><th scope="col" class="money">Change</th><th scope="col" class="money">Now</th></tr></thead>
<tbody>${content.movers.map(
    (
      row,
    ) => html`<tr title="${row.source}"><th scope="row" class="name"><bdi>${serviceName(row)}</bdi>${row.why === null ? '' : html`<div class="sub">${format.phrase(row.why)}</div>`}</th>
<td class="money"><span class="${direction(row.difference)}">${format.change({ amount: row.difference, currency: row.currency })}</span>${row.percent === null ? '' : html`<div class="sub">${format.percent(row.percent, true)}</div>`}</td>
<td class="money">${format.money({ amount: row.current, currency: row.currency })}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function resolved(content: DigestContent, format: Format): Html {
  const { count, amounts, top } = content.resolved;
  if (count === 0) return html``;
  return html`<section class="card"><h2>Resolved</h2><table>
<caption>${format.count(count)} ${count === 1 ? 'resource' : 'resources'}${amounts.length === 0 ? '' : `, ${format.amounts(amounts)} a month`}</caption>
<thead><tr><th scope="col">Resource</th><th scope="col" class="money">A month</th></tr></thead>
<tbody>${top.map(
    (
      line,
    ) => html`<tr><th scope="row" class="name"><bdi>${plain(line.title, 80)}</bdi><div class="sub">${line.check}</div></th>
<td class="money">${line.monthlySaving === null ? '-' : format.money(line.monthlySaving)}</td></tr>`,
  )}</tbody></table></section>`;
}

function calls(content: DigestContent, format: Format): string {
  const shown = content.ownCost.calls.map(({ api, count }) => `${api} ${format.count(count)}`);
  return shown.length === 0 ? '' : `: ${shown.join(', ')}`;
}
