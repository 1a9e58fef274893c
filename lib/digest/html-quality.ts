import type { DigestContent } from './content-model.ts';
import type { ReportDetail } from './detail-model.ts';
import type { Format } from './format.ts';
import { tableHtml } from './html-table.ts';
import { type Html, html } from './markup.ts';
import { plain } from './names.ts';
import type { DataTable } from './table.ts';
import { gapScopes, gapStatus, savingsFacts } from './words.ts';

/** What was seen, what was not and why, and how fresh the bills are. */
export function qualitySection(content: DigestContent, detail: ReportDetail | null, format: Format): Html {
  const { all, complete } = content.scopes;
  const seen = `${format.count(complete)} of ${format.count(all)} ${all === 1 ? 'scope' : 'scopes'} wholly seen.`;
  return html`<section class="card${content.gaps.length === 0 ? '' : ' gaps'}" id="quality"><h2>Coverage and data quality</h2><p>${seen}</p>${
    content.gaps.length === 0
      ? ''
      : html`<ul>${content.gaps.map(
          (gap) =>
            html`<li><span class="tag ${gap.status}">${gapStatus(gap)}</span> <strong>${gapScopes(gap, 50, format)}</strong>: ${plain(gap.reason, 600)}</li>`,
        )}</ul>`
  }${
    detail === null
      ? ''
      : html`${detail.quality.notes.map((note) => html`<p class="sub">${plain(note, 400)}</p>`)}${
          detail.quality.bills === null ? '' : tableHtml(detail.quality.bills, format)
        }${scopesHtml(detail, format)}`
  }</section>`;
}

/** Every scope as it was last seen. */
export function scopesTable({ quality: { scopes } }: ReportDetail): DataTable {
  return {
    id: 'coverage',
    caption: 'Every scope that was asked for, as it was last seen',
    columns: [
      { id: 'scope', label: 'Scope', kind: 'text' },
      { id: 'status', label: 'Status', kind: 'text' },
      { id: 'as_of', label: 'As of', kind: 'instant' },
      { id: 'reason', label: 'What is missing', kind: 'text' },
    ],
    rows: scopes.map(({ scope, status, asOf, reason }) => [scope, status, asOf === '' ? null : asOf, reason]),
    source: 'the last audit: coverage',
  };
}

function scopesHtml(detail: ReportDetail, format: Format): Html {
  const table = scopesTable(detail);
  if (table.rows.length === 0) return html``;
  return html`<details><summary>Scopes as a table (${format.count(table.rows.length)})</summary>${tableHtml(table, format)}</details>`;
}

/** What our stops saved by the bills, beside what was estimated for the same hours. */
export function savedSection(content: DigestContent, detail: ReportDetail | null, format: Format): Html {
  const facts = savingsFacts(content, format);
  const stops = detail?.stops ?? null;
  if (facts.length === 0 && stops === null) return html``;
  return html`<section class="card" id="saved"><h2>Savings, estimated against realised</h2>${facts.map((fact) => html`<p class="fact">${fact}</p>`)}${
    stops === null
      ? ''
      : stops.rows.length === 0
        ? html`<p class="sub">Nothing was stopped by Bursar yet. What it may stop, and after which notice, is in policies.</p>`
        : html`${tableHtml(stops, format)}<p class="source">${stops.source}</p>`
  }</section>`;
}
