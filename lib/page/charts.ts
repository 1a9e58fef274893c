import { BarChart, LineChart, TreemapChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Theme } from './theme.ts';

/** Sharp on paper as well as on a screen. */
const DENSITY = 2;

use([
  BarChart,
  LineChart,
  TreemapChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  TooltipComponent,
  CanvasRenderer,
]);

/** Something to draw, and to go through by key. */
export interface Drawing {
  /** CSS pixels. */
  readonly height: number;
  /** Lines to read at each point. */
  readonly points: readonly { readonly told: readonly string[] }[];
  /** @param width of the picture, CSS pixels */
  readonly option: (theme: Theme, width: number) => EChartsCoreOption;
  /** Along which axis the points lie; `item`: each is a shape of its own. */
  readonly along: 'x' | 'y' | 'item';
  /** What a click or Enter on a point does. */
  readonly open?: (at: number) => void;
}

export interface Drawn {
  readonly instance: EChartsType;
  readonly redraw: () => void;
}

const drawn = new Set<Drawn>();

/** Draws into an element of the page; what a key reaches is read out in `reading`. */
export function draw(box: HTMLElement, reading: HTMLElement | null, drawing: Drawing): Drawn {
  box.hidden = false;
  box.style.height = `${drawing.height}px`;
  const instance = init(box, null, { renderer: 'canvas', devicePixelRatio: DENSITY });
  const made = {
    instance,
    redraw: () => instance.setOption(drawing.option(themeNow(), box.clientWidth), true),
  };
  made.redraw();
  drawn.add(made);
  byKeyboard(box, reading, instance, drawing);
  const { open } = drawing;
  if (open !== undefined)
    instance.on('click', ({ dataIndex }) => {
      // A treemap counts its invisible root, too.
      if (typeof dataIndex === 'number') open(drawing.along === 'item' ? dataIndex - 1 : dataIndex);
    });
  return made;
}

export function undraw(made: Drawn): void {
  drawn.delete(made);
  made.instance.dispose();
}

function again(): void {
  for (const { redraw } of drawn) redraw();
}

/** Charts follow the reader's colours, paper and the width of the window. */
export function followReader(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  matchMedia('print').addEventListener('change', again);
  addEventListener('resize', () => {
    for (const { instance } of drawn) instance.resize();
    again();
  });
}

/** Arrow keys go from point to point, Home and End to the ends; Escape leaves. What is there is read out. */
function byKeyboard(
  box: HTMLElement,
  reading: HTMLElement | null,
  instance: EChartsType,
  { points, along, open }: Drawing,
): void {
  let at = -1;
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && open !== undefined && at >= 0) {
      event.preventDefault();
      open(at);
      return;
    }
    const next = stepOf(event.key, at, points.length);
    if (next === null) {
      if (event.key === 'Escape') instance.dispatchAction({ type: 'hideTip' });
      return;
    }
    event.preventDefault();
    at = next;
    instance.dispatchAction({ type: 'showTip', ...placeOf(instance, along, at) });
    if (reading !== null) reading.textContent = (points[at]?.told ?? []).join(', ');
  });
  box.addEventListener('blur', () => instance.dispatchAction({ type: 'hideTip' }));
}

/** Where a point lies, in pixels of the chart, or which shape it is. */
function placeOf(instance: EChartsType, along: Drawing['along'], at: number): Record<string, number> {
  if (along === 'item') return { seriesIndex: 0, dataIndex: at + 1 };
  const pixel = instance.convertToPixel(along === 'y' ? { yAxisIndex: 0 } : { xAxisIndex: 0 }, at);
  return along === 'y' ? { x: instance.getWidth() / 2, y: pixel } : { x: pixel, y: instance.getHeight() / 2 };
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
