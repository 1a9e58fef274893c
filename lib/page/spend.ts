import type { PageNode, PageSpend } from '../digest/page-model.ts';
import { type Drawn, draw, undraw } from './charts.ts';
import { button, choice, el, table } from './dom.ts';
import { treeOption } from './treemap.ts';

/** Rows of a level that stand at once; all of them where that is asked for. */
const FIRST_ROWS = 25;
/** Shapes that a picture can hold and a reader tell apart. */
const MOST_SHAPES = 60;

/** Goes through spend from team, service or model down to resources: a treemap and the table of the same. */
export function spendView(all: readonly PageSpend[]): void {
  const view = document.getElementById('spend-view');
  const [first] = all;
  if (view === null || first === undefined) return;
  let spend = first;
  let way = 0;
  let path: PageNode[] = [];
  let drawn: Drawn | null = null;

  const controls = el('div', { class: 'tools' });
  const crumbs = el('nav', { class: 'crumbs', 'aria-label': 'Where you are in spend' });
  const picture = el('div', { class: 'chart', tabindex: '0', role: 'img' });
  const reading = el('p', { class: 'point', 'aria-live': 'polite' });
  const rows = el('div', {});
  view.replaceChildren(controls, crumbs, picture, reading, rows);
  view.hidden = false;

  const nodesNow = () => path.at(-1)?.[3] ?? spend.ways[way]?.nodes ?? [];
  const go = (to: PageNode[], focus: boolean) => {
    path = to;
    show(FIRST_ROWS);
    if (focus) crumbs.querySelector<HTMLElement>('[aria-current]')?.focus();
  };
  const down = (node: PageNode | undefined) => {
    if (node !== undefined && node[3].length > 0) go([...path, node], true);
  };

  function show(most: number): void {
    const nodes = nodesNow();
    crumbs.replaceChildren(...crumbsOf());
    if (drawn !== null) undraw(drawn);
    drawn = null;
    // A treemap has no place for credits: the table tells them.
    const shapes = nodes.filter(([, , size]) => size > 0).slice(0, MOST_SHAPES);
    picture.hidden = shapes.length < 2;
    reading.textContent = '';
    picture.setAttribute(
      'aria-label',
      `Spend ${path.length === 0 ? '' : 'of '}${nameNow()} in ${spend.currency} as a treemap. Arrow keys go from part to part, Enter opens one; the table holds the same amounts.`,
    );
    if (shapes.length >= 2)
      drawn = draw(picture, reading, {
        height: 280,
        points: shapes.map(([name, amount]) => ({ told: [name, amount] })),
        option: (theme) => treeOption(shapes, theme),
        along: 'item',
        open: (at) => down(shapes[at]),
      });
    const shown = nodes.slice(0, most);
    rows.replaceChildren(
      table(
        `Spend ${path.length === 0 ? '' : 'of '}${nameNow()}, ${spend.currency}${nodes.length > most ? `: the first ${most} of ${nodes.length}` : ''}`,
        ['Part', 'Cost'],
        shown.map((node) => [
          node[3].length === 0 ? node[0] : button(node[0], () => down(node), { class: 'link' }),
          node[1],
        ]),
        new Set([1]),
      ),
      ...(nodes.length > most ? [button(`Show all ${nodes.length}`, () => show(nodes.length))] : []),
    );
  }

  const rootName = () => `by ${(spend.ways[way]?.name ?? '').toLowerCase()}`;
  const nameNow = () => path.at(-1)?.[0] ?? rootName();

  function crumbsOf(): HTMLElement[] {
    const steps = [`All ${rootName()}`, ...path.map(([name]) => name)];
    return steps.map((name, at) =>
      at === steps.length - 1
        ? el('span', { 'aria-current': 'location', tabindex: '-1' }, el('bdi', {}, name))
        : button(name, () => go(path.slice(0, at), true), { class: 'link' }),
    );
  }

  const ways = choice(
    'Parted by',
    null,
    spend.ways.map(({ name }, at) => [String(at), name]),
    (value) => {
      way = Number(value);
      go([], false);
    },
  );
  const currencies = choice(
    'Currency',
    null,
    all.map(({ currency }, at) => [String(at), currency]),
    (value) => {
      spend = all[Number(value)] ?? first;
      go([], false);
    },
  );
  controls.replaceChildren(ways.box, ...(all.length > 1 ? [currencies.box] : []));
  show(FIRST_ROWS);
}
