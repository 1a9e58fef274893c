import type { AiPanel, ReportDetail } from './detail-model.ts';
import type { Format } from './format.ts';
import { tableHtml } from './html-table.ts';
import { type Html, html } from './markup.ts';
import { plain } from './names.ts';
import { shownColumns } from './table.ts';

/** The AI view: a card a question, with its answer or with what to connect for one. */
export function aiSection(detail: ReportDetail | null, format: Format): Html {
  if (detail === null) return html``;
  const { ai } = detail;
  return html`<section class="part" id="ai"><h2 class="part">AI</h2>${
    ai.length === 0
      ? html`<div class="card"><p class="sub">There is no bill. Connect one under sources.</p></div>`
      : html`<div class="panels">${ai.map((panel) => panelHtml(panel, format))}</div>`
  }</section>`;
}

function panelHtml(panel: AiPanel, format: Format): Html {
  const { id, title, tables, notes, connect } = panel;
  const wide = tables.some((table) => shownColumns(table).length > 4);
  const sources = [...new Set(tables.map(({ source }) => source))];
  return html`<section class="card${wide ? ' whole' : ''}" id="${id}"><h3>${title}</h3>
${tables.map((table) => tableHtml(table, format, { bars: true }))}
${notes.map((note) => html`<p class="sub">${plain(note, 400)}</p>`)}
${
  connect === null
    ? ''
    : html`<p class="sub">${connect.what}</p><pre tabindex="0" role="group" aria-label="Lines of the config"><code>${lines(connect.config)}</code></pre>`
}${sources.map((source) => html`<p class="source">${source}</p>`)}</section>`;
}

/** Lines of our own, each escaped by itself: a break is no character to be hidden here. */
function lines(text: string): Html[] {
  return text.split('\n').flatMap((line, at) => [...(at === 0 ? [] : [BREAK]), html`${line}`]);
}

const BREAK = html`
`;
