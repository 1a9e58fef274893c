import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { PageChart, PageData } from '../digest/page-data.ts';
import { heightOf, optionOf, pointsOf } from './options.ts';
import type { Theme } from './theme.ts';

/** Sharp on paper as well as on a screen. */
const DENSITY = 2;

use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  TooltipComponent,
  CanvasRenderer,
]);

/** Draws every chart that the page brings data for; what is not drawn stays the table that it is. */
function drawAll(): void {
  const text = document.getElementById('page-data')?.textContent;
  if (!text) return;
  const data: PageData = JSON.parse(text);
  const drawn = data.charts.flatMap((chart) => draw(chart, data.locale));
  document.documentElement.classList.toggle('drawn', drawn.length > 0);
  const again = () => {
    for (const { redraw } of drawn) redraw();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  matchMedia('print').addEventListener('change', again);
  addEventListener('resize', () => {
    for (const { instance } of drawn) instance.resize();
  });
}

function draw(chart: PageChart, locale: string): { instance: EChartsType; redraw: () => void }[] {
  const box = document.getElementById(chart.id);
  if (box === null || pointsOf(chart).length === 0) return [];
  box.hidden = false;
  box.style.height = `${heightOf(chart)}px`;
  const instance = init(box, null, { renderer: 'canvas', devicePixelRatio: DENSITY });
  const redraw = () => instance.setOption(optionOf(chart, themeNow(), locale), true);
  redraw();
  byKeyboard(box, instance, chart);
  return [{ instance, redraw }];
}

/** Arrow keys go from point to point, Home and End to the ends; Escape leaves. What is there is read out. */
function byKeyboard(box: HTMLElement, instance: EChartsType, chart: PageChart): void {
  const points = pointsOf(chart);
  const reading = document.getElementById(`${chart.id}-point`);
  let at = -1;
  box.addEventListener('keydown', (event) => {
    const next = stepOf(event.key, at, points.length);
    if (next === null) {
      if (event.key === 'Escape') instance.dispatchAction({ type: 'hideTip' });
      return;
    }
    event.preventDefault();
    at = next;
    instance.dispatchAction({ type: 'showTip', ...placeOf(instance, chart, at) });
    if (reading !== null) reading.textContent = (points[at]?.told ?? []).join(', ');
  });
  box.addEventListener('blur', () => instance.dispatchAction({ type: 'hideTip' }));
}

/** Where a point lies, in pixels of the chart. */
function placeOf(instance: EChartsType, chart: PageChart, at: number): { x: number; y: number } {
  const lies = chart.kind === 'movers' || chart.kind === 'coverage';
  const along = instance.convertToPixel(lies ? { yAxisIndex: 0 } : { xAxisIndex: 0 }, at);
  return lies ? { x: instance.getWidth() / 2, y: along } : { x: along, y: instance.getHeight() / 2 };
}

function stepOf(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight' || key === 'ArrowDown') return Math.min(at + 1, count - 1);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

function themeNow(): Theme {
  const style = getComputedStyle(document.body);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('ink'),
    soft: colour('soft'),
    line: colour('line'),
    card: colour('card'),
    accent: colour('accent'),
    pale: colour('pale'),
    up: colour('up'),
    down: colour('down'),
    warn: colour('warn'),
    font: style.fontFamily,
  };
}

drawAll();
