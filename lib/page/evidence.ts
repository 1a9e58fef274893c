import type { EChartsCoreOption } from 'echarts/core';
import type { PageSeries } from '../digest/page-model.ts';
import { legendHeight } from './legend.ts';
import type { Theme } from './theme.ts';

/** Series of one plot on one grid of times; null where one of them was not measured. */
export function gridOf(series: readonly PageSeries[]): { times: number[]; lines: (number | null)[][] } {
  const start = Math.min(...series.map((each) => each.start));
  const step = Math.min(...series.map((each) => each.step));
  const end = Math.max(...series.map((each) => each.start + each.step * each.values.length));
  const length = series.length === 0 ? 0 : Math.ceil((end - start) / step);
  return {
    times: Array.from({ length }, (_, at) => start + at * step),
    lines: series.map((each) => {
      const line: (number | null)[] = Array.from({ length }, () => null);
      for (const [at, value] of each.values.entries())
        line[Math.round((each.start + at * each.step - start) / step)] = value;
      return line;
    }),
  };
}

/** `11-16 08:00`, UTC. */
export function timeText(time: number): string {
  return new Date(time).toISOString().slice(5, 16).replace('T', ' ');
}

/** `12%`, `300 MiB` */
export function amountText(value: number, unit: string): string {
  return unit === 'percent' ? `${value}%` : `${value} ${unit}`;
}

/** A percentage is never stretched so far that what is next to nothing fills the picture. */
const LEAST_PERCENT = 10;

function scaleOf(series: readonly PageSeries[]): { max?: number } {
  const tops = series.flatMap(({ top }) => (top === null ? [] : [top]));
  if (tops.length > 0) return { max: Math.max(...tops) };
  const most = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return series.every(({ unit }) => unit === 'percent') && most < LEAST_PERCENT ? { max: LEAST_PERCENT } : {};
}

/** Lines of one thing that was measured; gaps stay gaps. */
export function evidenceOption(
  series: readonly PageSeries[],
  points: readonly { readonly told: readonly string[] }[],
  theme: Theme,
  width: number,
): EChartsCoreOption {
  const { times, lines } = gridOf(series);
  const colours = [theme.accent, theme.warn, theme.down, theme.up, theme.soft, theme.ink];
  const unit = series[0]?.unit ?? '';
  const named = series.length > 1;
  return {
    animation: false,
    textStyle: { fontFamily: theme.font, color: theme.soft },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: theme.card,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 },
      confine: true,
      formatter: (params: unknown) => {
        const [first] = [params].flat();
        const at =
          typeof first === 'object' && first !== null && 'dataIndex' in first ? first.dataIndex : null;
        return typeof at === 'number' ? (points[at]?.told ?? []).join('\n') : '';
      },
    },
    grid: {
      left: 8,
      right: 16,
      top:
        12 +
        (named
          ? legendHeight(
              series.map(({ name }) => name),
              width,
            )
          : 0),
      bottom: 8,
      containLabel: true,
    },
    ...(named ? { legend: { top: 0, left: 0, selectedMode: false, textStyle: { color: theme.soft } } } : {}),
    xAxis: {
      type: 'category',
      data: times.map(timeText),
      boundaryGap: false,
      axisLabel: { color: theme.soft, hideOverlap: true },
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      ...scaleOf(series),
      axisLabel: {
        color: theme.soft,
        hideOverlap: true,
        formatter: (value: number) => amountText(value, unit),
      },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: lines.map((data, at) => ({
      type: 'line',
      name: series[at]?.name ?? '',
      data,
      // A point between two gaps would not be seen as a line.
      showSymbol: data.some(
        (value, place) => value !== null && data[place - 1] == null && data[place + 1] == null,
      ),
      symbolSize: 3,
      connectNulls: false,
      lineStyle: {
        color: colours[at % colours.length],
        width: 1.5,
        type: at < colours.length ? 'solid' : 'dashed',
      },
      itemStyle: { color: colours[at % colours.length] },
    })),
  };
}
