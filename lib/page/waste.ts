import type { PageFinding } from '../digest/page-model.ts';
import { button, choice, el, labelled } from './dom.ts';
import {
  FACETS,
  type Facet,
  NOBODY,
  narrowed,
  SORTS,
  type Sort,
  type SortKey,
  searchTexts,
  sorted,
  type Wanted,
} from './rows.ts';

/** Rows of one page of the table: what a browser lays out at once. */
const PAGE = 25;

const LABELS: Readonly<Record<Facet, string>> = {
  check: 'Check',
  verdict: 'Verdict',
  state: 'State',
  severity: 'Severity',
  provider: 'Provider',
  owner: 'Owner',
};
const SORT_LABELS: Readonly<Record<SortKey, string>> = {
  saving: 'Saving',
  cost: 'Cost',
  severity: 'Severity',
  age: 'Age',
  title: 'Resource',
  check: 'Check',
  owner: 'Owner',
};
/** Which sort the heading of each column stands for. */
const HEADINGS: readonly (SortKey | null)[] = ['title', 'check', 'owner', null, 'cost', 'saving'];

/** Takes the table of findings over: every row that the page brings, narrowed, sorted, and page by page. */
export function wasteTable(rows: readonly PageFinding[]): void {
  const tools = document.getElementById('waste-tools');
  const pages = document.getElementById('waste-pages');
  const table = document.querySelector<HTMLTableElement>('table.findings');
  const body = table?.tBodies[0];
  if (tools === null || pages === null || table === null || body === undefined) return;
  const texts = searchTexts(rows);
  let wanted: Wanted = { text: '', check: '', verdict: '', state: '', severity: '', provider: '', owner: '' };
  let sort: Sort = { by: 'saving', reversed: false };
  let found: readonly PageFinding[] = rows;
  let page = 0;

  const { caption } = table;
  const status = el('p', { role: 'status', class: 'sub' });
  const show = () => {
    const shown = found.slice(page * PAGE, (page + 1) * PAGE);
    body.replaceChildren(...shown.map(rowOf));
    const told =
      found.length === 0
        ? `None of ${rows.length} findings.`
        : `${page * PAGE + 1} to ${page * PAGE + shown.length} of ${found.length}${found.length === rows.length ? '' : ` (of ${rows.length} in all)`}.`;
    status.textContent = told;
    // On paper, where nothing can be turned, the table says which of its rows these are.
    caption?.replaceChildren(`Findings: ${told}`);
    const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
    former.disabled = page === 0;
    next.disabled = page === last;
    pages.hidden = last === 0;
    place.textContent = `Page ${page + 1} of ${last + 1}`;
  };
  const again = () => {
    found = sorted(narrowed(rows, texts, wanted), sort);
    page = 0;
    show();
  };
  const turn = (by: number) => {
    page += by;
    show();
    table.scrollIntoView({ block: 'start' });
  };
  const former = button('Previous', () => turn(-1));
  const next = button('Next', () => turn(1));
  const place = el('span', { class: 'sub' });
  const sorter = choice('Sort by', null, Object.entries(SORT_LABELS), (value) =>
    sortBy({ by: keyOf(value), reversed: false }),
  );
  const headings = sortHeadings(table, (by) =>
    sortBy({ by, reversed: sort.by === by ? !sort.reversed : false }),
  );
  function sortBy(to: Sort): void {
    sort = to;
    sorter.select.value = sort.by;
    for (const { heading, by } of headings)
      if (by === sort.by) heading.setAttribute('aria-sort', directionOf(sort));
      else heading.removeAttribute('aria-sort');
    again();
  }
  const search = el('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
  search.addEventListener('input', () => {
    wanted = { ...wanted, text: search.value };
    again();
  });
  tools.replaceChildren(
    labelled('Search', search),
    ...FACETS.map((facet) =>
      facetTool(facet, rows, (value) => {
        wanted = { ...wanted, [facet]: value };
        again();
      }),
    ),
    sorter.box,
    status,
  );
  tools.hidden = false;
  pages.replaceChildren(former, place, next);
  sortBy(sort);
}

function keyOf(value: string): SortKey {
  return SORTS.find((key) => key === value) ?? 'saving';
}

/** What is dearest, oldest, gravest comes first of itself: that is descending. */
function directionOf({ by, reversed }: Sort): string {
  const falls = by === 'saving' || by === 'cost' || by === 'age' || by === 'severity';
  return falls === reversed ? 'ascending' : 'descending';
}

function facetTool(
  facet: Facet,
  rows: readonly PageFinding[],
  changed: (value: string) => void,
): HTMLElement {
  const values = [...new Set(rows.map((row) => row[facet] || (facet === 'owner' ? NOBODY : '')))].toSorted();
  if (facet !== 'owner')
    return choice(
      LABELS[facet],
      'all',
      values.map((value) => [value, value]),
      changed,
    ).box;
  // Thousands of owners are no list to choose from: what is written narrows, and the names are offered.
  const names = el('datalist', { id: 'owners' }, ...values.map((value) => el('option', { value })));
  const input = el('input', { type: 'text', list: 'owners', autocomplete: 'off', spellcheck: 'false' });
  input.addEventListener('input', () => changed(input.value));
  return labelled(LABELS.owner, input, names);
}

/** Headings become buttons that sort. */
function sortHeadings(table: HTMLTableElement, chosen: (by: SortKey) => void) {
  return [...(table.tHead?.rows[0]?.cells ?? [])].flatMap((heading, at) => {
    const by = HEADINGS[at] ?? null;
    if (by === null) return [];
    const text = heading.textContent ?? '';
    heading.replaceChildren(button(text, () => chosen(by), { class: 'sort' }));
    return [{ heading, by }];
  });
}

const sub = (text: string) => el('div', { class: 'sub' }, text);

function rowOf(row: PageFinding): HTMLElement {
  const amount = (label: string, text: string | null, none: string, under: string | null) =>
    el(
      'td',
      { class: 'money', 'data-label': label },
      text === null ? el('span', { class: 'sub' }, none) : text,
      under === null ? null : sub(under),
    );
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row', class: 'name' },
      el('a', { href: `#${row.id}` }, el('bdi', {}, row.title)),
      el('div', { class: 'sub' }, el('bdi', {}, row.resource)),
      sub(row.reason),
    ),
    el(
      'td',
      { 'data-label': 'Verdict' },
      el('span', { class: `tag ${row.verdict}` }, row.verdict),
      sub(`${row.check}, ${ageText(row.age)}, ${row.severity} severity`),
      sub(row.state),
    ),
    el(
      'td',
      { class: 'owner', 'data-label': 'Owner' },
      row.owner === '' ? el('span', { class: 'sub' }, NOBODY) : el('bdi', {}, row.owner),
    ),
    el(
      'td',
      { class: 'where', 'data-label': 'Where' },
      el('bdi', {}, row.region),
      el('div', { class: 'sub' }, `${row.provider} `, el('bdi', {}, row.account)),
    ),
    amount('Cost a month', row.cost, 'unknown', row.basis),
    amount('Saving a month', row.saving, 'unknown', null),
  );
}

export function ageText(days: number): string {
  return days === 0 ? 'new today' : `${days} ${days === 1 ? 'day' : 'days'}`;
}
