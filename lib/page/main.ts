import type { PageChart, PageData } from '../digest/page-data.ts';
import type { PageFinding } from '../digest/page-model.ts';
import { draw, followReader } from './charts.ts';
import { leaveFinding, showFinding } from './finding.ts';
import { heightOf, optionOf, pointsOf } from './options.ts';
import { unpacked } from './rows.ts';
import { spendView } from './spend.ts';
import { wasteTable } from './waste.ts';

/** Draws every chart that the page brings data for; what is not drawn stays the table that it is. */
function drawAll(): void {
  const text = document.getElementById('page-data')?.textContent;
  if (!text) return;
  const data: PageData = JSON.parse(text);
  const drawn = data.charts.filter((chart) => drawOne(chart, data.locale));
  document.documentElement.classList.toggle('drawn', drawn.length > 0);
  followReader();
}

function drawOne(chart: PageChart, locale: string): boolean {
  const box = document.getElementById(chart.id);
  const points = pointsOf(chart);
  if (box === null || points.length === 0) return false;
  draw(box, document.getElementById(`${chart.id}-point`), {
    height: heightOf(chart),
    points,
    option: (theme, width) => optionOf(chart, theme, locale, width),
    along: chart.kind === 'movers' || chart.kind === 'coverage' ? 'y' : 'x',
  });
  return true;
}

/** Unpacks the rows and lets them be gone through; where that fails, the tables that stand in the page stay. */
async function liven(): Promise<void> {
  const text = document.getElementById('page-rows')?.textContent;
  if (!text) return;
  // A browser of before 2023 has none.
  const rows = 'DecompressionStream' in globalThis ? await unpacked(text).catch(failed) : null;
  const note = document.getElementById('not-unpacked');
  if (note !== null) note.hidden = rows !== null;
  if (rows === null) return;
  const { findings, spend } = rows;
  spendView(spend);
  wasteTable(findings);
  route(new Map(findings.map((row) => [row.id, row])));
  document.documentElement.classList.add('live');
}

/** The page says that its rows are not unpacked; the console of the browser says why. */
function failed(error: unknown): null {
  reportError(error);
  return null;
}

/** `#f-...` opens a finding in the place of the report; any other leads back to it. */
function route(byId: ReadonlyMap<string, PageFinding>): void {
  const view = document.getElementById('finding');
  const report = document.querySelector<HTMLElement>('main:not([id])');
  if (view === null || report === null) return;
  let from: { readonly top: number; readonly link: Element | null } | null = null;
  const back = () => {
    if (from === null) location.hash = '#waste';
    else history.back();
  };
  const go = () => {
    const id = location.hash.slice(1);
    if (id.startsWith('f-')) {
      if (!report.hidden)
        from = report.dataset['seen'] === undefined ? null : { top: scrollY, link: document.activeElement };
      report.hidden = true;
      showFinding(view, id, byId.get(id) ?? null, back);
      scrollTo(0, 0);
    } else if (report.hidden) {
      leaveFinding();
      view.hidden = true;
      view.replaceChildren();
      report.hidden = false;
      dispatchEvent(new Event('resize'));
      if (from === null) document.getElementById(id)?.scrollIntoView();
      else {
        scrollTo(0, from.top);
        if (from.link instanceof HTMLElement) from.link.focus({ preventScroll: true });
      }
    }
    report.dataset['seen'] = 'yes';
  };
  addEventListener('hashchange', go);
  go();
}

drawAll();
void liven();
