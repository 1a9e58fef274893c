/** A back-test as one self-contained HTML page: scores as a table, a plot of what they are of, its points as a table. */
import { policy } from './html.ts';
import { chartPlace } from './html-insight.ts';
import { Html, html } from './markup.ts';
import { plain } from './names.ts';
import { inScript, type PageChart } from './page-data.ts';
import { STYLESHEET } from './stylesheet.ts';

const WIDEST = 200;

export interface PlainTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One series that was tried. */
export interface BacktestSection {
  readonly title: string;
  /** Sentences below the title. */
  readonly told: readonly string[];
  /** Why there are no scores; null where there are. */
  readonly notEnough: string | null;
  readonly scores: PlainTable | null;
  /** What is drawn, with its title; its points are those of `points`. */
  readonly chart: { readonly title: string; readonly drawn: PageChart } | null;
  readonly points: PlainTable | null;
}

export interface BacktestPage {
  readonly title: string;
  readonly sections: readonly BacktestSection[];
  /** What the scores mean, and what the page leaves out: one sentence each. */
  readonly notes: readonly string[];
}

/** @param script what draws (`pageScript`); without it, or where it does not run, the tables stand alone */
export function backtestHtml({ title, sections, notes }: BacktestPage, script: string): string {
  if (/<\/script|<!--/i.test(script)) throw new RangeError('the script ends its own element');
  const charts = sections.flatMap(({ chart }) => (chart === null ? [] : [chart.drawn]));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${plain(title, WIDEST)}</title>
<style>${new Html(STYLESHEET)}</style>
</head>
<body>
<main>
<header><h1>${plain(title, WIDEST)}</h1></header>
${sections.length === 0 ? html`<section class="card"><p>Nothing to try.</p></section>` : sections.map(sectionHtml)}
<footer>
<h2>What the numbers mean</h2>
${notes.map((note) => html`<p>${note}</p>`)}
</footer>
</main>
${new Html(`<script type="application/json" id="page-data">${inScript({ locale: 'en-US', charts })}</script>\n<script>${script}</script>`)}
</body>
</html>
`.text;
}

function sectionHtml({ title, told, notEnough, scores, chart, points }: BacktestSection): Html {
  return html`<section class="card"><h2>${plain(title, WIDEST)}</h2>
${told.map((line) => html`<p>${plain(line, 2 * WIDEST)}</p>`)}
${notEnough === null ? '' : html`<p>Not enough to tell: ${plain(notEnough, 2 * WIDEST)}</p>`}
${scores === null ? '' : tableOf(scores)}
${chart === null ? '' : html`<h3>${chart.title}</h3>${chartPlace(chart.drawn.id, chart.title)}`}
${points === null ? '' : html`<details><summary>${points.caption} (${points.rows.length})</summary>${tableOf(points)}</details>`}
</section>`;
}

function tableOf({ caption, columns, rows }: PlainTable): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((name, at) => html`<th scope="col"${right(at)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row" class="name">${plain(first, WIDEST)}</th>${rest.map((cell) => html`<td class="money">${plain(cell, WIDEST)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

function right(at: number): Html {
  return at === 0 ? html`` : html` class="money"`;
}
