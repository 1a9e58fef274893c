import { type SpendAxis, spendTree } from './breakdown.ts';
import type { ReportDetail } from './detail-model.ts';
import type { Format } from './format.ts';
import { tableHtml } from './html-table.ts';
import { type Html, html } from './markup.ts';
import { plain } from './names.ts';
import type { DataTable } from './table.ts';

/** Parts that are told without a script; the rest is one row, so that rows add up. */
const MOST_ROWS = 10;
const AXES: readonly { readonly axis: SpendAxis; readonly label: string }[] = [
  { axis: 'team', label: 'Team' },
  { axis: 'service', label: 'Service' },
  { axis: 'model', label: 'Model' },
];

/** Spend of the period by team, service and model; the script goes down to resources. */
export function spendSection(detail: ReportDetail | null, format: Format): Html {
  if (detail === null) return html``;
  const { spend } = detail;
  if (spend === null)
    return html`<section class="card" id="where"><h2>Where the money goes</h2><p class="sub">There is no bill. Connect one under sources.</p></section>`;
  return html`<section class="card" id="where"><h2>Where the money goes</h2>
<div id="spend-view" hidden></div>
<div class="plainly">${AXES.flatMap(({ axis, label }) => topTable(spend, axis, label)).map((table) => tableHtml(table, format, { bars: true }))}</div>
<p class="source">${spend.source}</p></section>`;
}

/** The largest parts of one axis, a table for all currencies; none where no charge names one. */
function topTable(
  { rows, source }: NonNullable<ReportDetail['spend']>,
  axis: SpendAxis,
  label: string,
): DataTable[] {
  if (rows.every((row) => row[axis] === '')) return [];
  const groups = Map.groupBy(rows, ({ currency }) => currency);
  return [
    {
      id: `spend-by-${axis}`,
      caption: `Spend of the period by ${axis}`,
      columns: [
        { id: axis, label, kind: 'text' },
        { id: 'currency', label: 'Currency', kind: 'text' },
        { id: 'effective_cost', label: 'Cost', kind: 'money' },
      ],
      rows: [...groups].flatMap(([currency, own]) =>
        spendTree(own, [axis], [MOST_ROWS]).map(({ name, amount, parts }) => [
          name === null ? `${parts} others` : plain(name, 120) || `(no ${axis})`,
          currency,
          amount,
        ]),
      ),
      source,
    },
  ];
}
