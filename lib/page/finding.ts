import type { PageFinding, PageFindingMore, PageSeries } from '../digest/page-model.ts';
import { type Drawn, draw, undraw } from './charts.ts';
import { button, el, table } from './dom.ts';
import { amountText, evidenceOption, gridOf, timeText } from './evidence.ts';
import { legendHeight } from './legend.ts';
import { ageText } from './waste.ts';

let plots: Drawn[] = [];

/** Shows one finding in the place of the report; null: there is none of that id in this page. */
export function showFinding(view: HTMLElement, id: string, row: PageFinding | null, back: () => void): void {
  leaveFinding();
  const title = el(
    'h1',
    { tabindex: '-1' },
    el('bdi', {}, row === null ? 'This finding is not in this page' : row.title),
  );
  view.replaceChildren(
    button('Back to the report', back, { class: 'back' }),
    title,
    ...(row === null
      ? [
          el(
            'p',
            {},
            `${id} was resolved, or this report had no place for it. bursar explain ${id} tells all of it.`,
          ),
        ]
      : partsOf(row)),
  );
  view.hidden = false;
  for (const place of view.querySelectorAll<HTMLElement>('.plot')) {
    const series = (row?.more?.series ?? []).filter(({ what }) => what === place.dataset['what']);
    plots.push(plotted(place, series));
  }
  title.focus();
}

/** Frees what was drawn of the last one. */
export function leaveFinding(): void {
  for (const plot of plots) undraw(plot);
  plots = [];
}

function partsOf(row: PageFinding): HTMLElement[] {
  const { more } = row;
  return [
    el(
      'p',
      { class: 'fresh' },
      el('span', { class: `tag ${row.verdict}` }, row.verdict),
      ` ${row.check}, ${row.state}, ${row.severity} severity, ${row.confidence} confidence, ${ageText(row.age)}`,
    ),
    el('p', { class: 'story' }, row.reason),
    card('What it is', definitions(row)),
    ...(more === null ? [] : moreBefore(row, more)),
    card(
      'Evidence',
      row.evidence.length === 0
        ? el('p', { class: 'sub' }, 'None is kept.')
        : table('What the verdict rests on', ['Fact', 'Value', 'Window', 'Source'], row.evidence),
    ),
    card('What it cannot see', list(row.blind, 'Nothing is named.')),
    ...(more === null ? [] : moreAfter(more)),
  ];
}

function definitions(row: PageFinding): HTMLElement {
  const facts: readonly (readonly [string, string])[] = [
    ['Resource', row.resource],
    ['Kind', row.type],
    ['Where', `${row.provider} ${row.account}, ${row.region}`],
    [
      'Cost a month',
      row.cost === null ? 'unknown' : `${row.cost}${row.basis === '' ? '' : ` (${row.basis})`}`,
    ],
    ['Saving a month', row.saving ?? 'unknown'],
    ...(row.more === null ? [['Owner', row.owner || 'nobody known'] as const] : row.more.facts),
    ['Finding', row.id],
  ];
  return el(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, text]) => [el('dt', {}, name), el('dd', {}, el('bdi', {}, text))]),
  );
}

function moreBefore({ saving }: PageFinding, more: PageFindingMore): HTMLElement[] {
  const lines =
    more.saving.length === 0
      ? el(
          'p',
          { class: 'sub' },
          saving === null ? 'No saving is told, so there is nothing to add up.' : 'No steps are kept.',
        )
      : table(
          'All lines but the last add up to the last',
          ['Step', 'A month', 'Source'],
          more.saving,
          new Set([1]),
        );
  return [card('How the saving is worked out', lines), ...plotCards(more.series)];
}

function plotCards(series: PageFindingMore['series']): HTMLElement[] {
  if (series === null)
    return [
      card(
        'What was measured',
        el(
          'p',
          { class: 'sub' },
          'Not in this page, which holds that of the dearest alone: bursar explain plots it.',
        ),
      ),
    ];
  return [...Map.groupBy(series, ({ what }) => what)].map(([what, own]) =>
    card(
      what,
      el('div', {
        class: 'chart plot',
        'data-what': what,
        tabindex: '0',
        role: 'img',
        'aria-label': `${what} in ${own[0]?.unit ?? ''}. Arrow keys go from point to point; the table holds the same numbers.`,
      }),
      el('p', { class: 'point', 'aria-live': 'polite' }),
      valuesTable(own),
      el('p', { class: 'source' }, [...new Set(own.map(({ source }) => source))].join('; ')),
    ),
  );
}

/** Every point as a table, made when it is asked for. */
function valuesTable(series: readonly PageSeries[]): HTMLElement {
  const box = el('details', {}, el('summary', {}, 'Points as a table'));
  box.addEventListener(
    'toggle',
    () => {
      const { times, lines } = gridOf(series);
      box.append(
        table(
          `Points in ${series[0]?.unit ?? ''}, UTC; what is empty was not measured, which is no zero`,
          ['From', ...series.map(({ name }) => name)],
          times.map((time, at) => [timeText(time), ...lines.map((line) => valueText(line[at] ?? null))]),
          new Set(series.map((_, at) => at + 1)),
        ),
      );
    },
    { once: true },
  );
  return box;
}

function valueText(value: number | null): string {
  return value === null ? '' : String(value);
}

function plotted(place: HTMLElement, series: readonly PageSeries[]): Drawn {
  const { times, lines } = gridOf(series);
  const { nextElementSibling: reading } = place;
  const unit = series[0]?.unit ?? '';
  const points = times.map((time, at) => ({
    told: [
      timeText(time),
      ...series.map(({ name }, line) => {
        const value = lines[line]?.[at] ?? null;
        return `${name}: ${value === null ? 'not measured' : amountText(value, unit)}`;
      }),
    ],
  }));
  return draw(place, reading instanceof HTMLElement ? reading : null, {
    // As much for the lines, however many keys stand above them.
    height:
      216 +
      legendHeight(
        series.map(({ name }) => name),
        place.clientWidth,
      ),
    points,
    option: (theme, width) => evidenceOption(series, points, theme, width),
    along: 'x',
  });
}

function moreAfter({ change, asked, advice, history }: PageFindingMore): HTMLElement[] {
  return [
    card('What would change the verdict', list(change, 'Nothing is named.')),
    card(
      'What has happened',
      history === null
        ? el('p', { class: 'sub' }, 'Not in this page: bursar history tells it.')
        : history.length === 0
          ? el('p', { class: 'sub' }, 'Nothing is kept.')
          : table('States, oldest first', ['When', 'State', 'Who', 'Why'], history),
    ),
    ...(asked.length === 0 ? [] : [card('What was asked', list(asked, ''))]),
    ...(advice.length === 0 ? [] : [card('What its provider says, never counted here', list(advice, ''))]),
  ];
}

function card(title: string, ...children: readonly Node[]): HTMLElement {
  return el('section', { class: 'card' }, el('h2', {}, title), ...children);
}

function list(items: readonly string[], none: string): HTMLElement {
  return items.length === 0
    ? el('p', { class: 'sub' }, none)
    : el('ul', { class: 'plain' }, ...items.map((item) => el('li', {}, el('bdi', {}, item))));
}
