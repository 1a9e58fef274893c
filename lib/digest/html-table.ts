import type { Format } from './format.ts';
import { type Html, html } from './markup.ts';
import { barLengths, type CellKind, cellText, type DataTable, shownColumns } from './table.ts';

/** Rows that stand in the page; the file of the table has all of them. */
const MOST_ROWS = 50;

const RIGHT: ReadonlySet<CellKind> = new Set<CellKind>(['money', 'rate', 'number', 'percent']);

/** A table of values as it is, with a bar beside its first amount where `bars` asks for it and there is room. */
export function tableHtml(whole: DataTable, format: Format, { bars = false } = {}): Html {
  const table = whole.rows.length > MOST_ROWS ? { ...whole, rows: whole.rows.slice(0, MOST_ROWS) } : whole;
  const more = whole.rows.length - table.rows.length;
  const shown = toldColumns(table);
  const fits = bars && shown.length <= 4 && table.rows.length > 1;
  const barred = fits ? shown.find(({ column }) => column.kind === 'money') : undefined;
  const lengths = barred === undefined ? [] : barLengths(table.rows.map((row) => row[barred.at] ?? null));
  const many = shown.length > 5;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${table.caption}"><table class="${many ? 'wide values' : 'values'}">
<caption>${table.caption}${more > 0 ? `: the first ${format.count(MOST_ROWS)} of ${format.count(whole.rows.length)}` : ''}</caption>
<thead><tr>${shown.map(
    ({ column, at }, place) =>
      html`<th scope="col"${place === 0 ? '' : align(column.kind)}>${column.label}</th>${at === barred?.at ? html`<td class="meter"></td>` : ''}`,
  )}</tr></thead>
<tbody>${table.rows.map(
    (row, line) =>
      html`<tr>${shown.map(({ column, at }, place) => {
        const text = cellText(table, row, at, format);
        return place === 0
          ? html`<th scope="row" class="name"><bdi>${text}</bdi></th>`
          : html`<td${align(column.kind)}><bdi>${text === '' && RIGHT.has(column.kind) ? '-' : text}</bdi></td>${
              at === barred?.at ? meter(lengths[line] ?? 0, row[at]?.startsWith('-') ?? false) : ''
            }`;
      })}</tr>`,
  )}</tbody></table></div>`;
}

/** Columns of which a row says something: one that is nowhere known takes room and tells nothing. */
function toldColumns(table: DataTable): ReturnType<typeof shownColumns> {
  return shownColumns(table).filter(
    ({ at }, place) => place === 0 || table.rows.some((row) => (row[at] ?? null) !== null),
  );
}

function align(kind: CellKind): Html {
  return RIGHT.has(kind) ? html` class="money"` : html``;
}

function meter(length: number, negative: boolean): Html {
  return html`<td class="meter"><svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar${negative ? ' before' : ''}" x="0" y="0" width="${length}" height="8"/></svg></td>`;
}
