import type { EChartsCoreOption } from 'echarts/core';
import type { CoverageChart, ExpiryChart, MoversChart, PageChart, SpendChart } from '../digest/page-data.ts';
import { legendHeight } from './legend.ts';
import type { Theme } from './theme.ts';

/** Names beside bars, of which a narrow picture must leave room for the bars: width in CSS pixels, code points. */
const LABELS = { wide: { width: 170, longest: 44 }, narrow: { width: 110, longest: 28 } } as const;
const NARROW = 500;

function labelsIn(width: number): (typeof LABELS)[keyof typeof LABELS] {
  return width < NARROW ? LABELS.narrow : LABELS.wide;
}

/** What the library is told to draw of a chart. */
export function optionOf(chart: PageChart, theme: Theme, locale: string, width: number): EChartsCoreOption {
  const base = {
    // Nothing moves: a report is read, and some readers asked for reduced motion.
    animation: false,
    textStyle: { fontFamily: theme.font, color: theme.soft },
    // As text on the canvas: the policy of the page forbids markup with styles.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: theme.card,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 },
      confine: true,
      formatter: (params: unknown) => toldAt(chart, params).join('\n'),
    },
  };
  switch (chart.kind) {
    case 'spend':
      return { ...base, ...spend(chart, theme, locale, width) };
    case 'movers':
      return { ...base, ...movers(chart, theme, locale, width) };
    case 'coverage':
      return { ...base, ...coverage(chart, theme, locale, width) };
    case 'expiry':
      return { ...base, ...expiry(chart, theme, locale) };
  }
}

/** Height in CSS pixels. */
export function heightOf(chart: PageChart): number {
  if (chart.kind === 'spend') return 320;
  return chart.kind === 'expiry' ? 200 : 64 + 38 * chart.bars.length;
}

/** How many points a chart has, and what is told at one of them. */
export function pointsOf(chart: PageChart): readonly { readonly told: readonly string[] }[] {
  return chart.kind === 'spend' ? chart.points : chart.bars;
}

function toldAt(chart: PageChart, params: unknown): readonly string[] {
  const [first] = [params].flat();
  const at = typeof first === 'object' && first !== null && 'dataIndex' in first ? first.dataIndex : null;
  return typeof at === 'number' ? (pointsOf(chart)[at]?.told ?? []) : [];
}

/** `$1.5K`; a currency that Intl does not know stands beside its number. */
export function tickOf(currency: string, locale: string): (value: number) => string {
  const isCode = /^[A-Za-z]{3}$/.test(currency);
  const format = new Intl.NumberFormat(locale, {
    notation: 'compact',
    maximumFractionDigits: 1,
    ...(isCode ? { style: 'currency', currency, minimumFractionDigits: 0 } : {}),
  });
  return (value) => (isCode ? format.format(value) : `${format.format(value)} ${currency}`);
}

function moneyAxis(currency: string, theme: Theme, locale: string) {
  return {
    type: 'value',
    axisLabel: { color: theme.soft, formatter: tickOf(currency, locale), hideOverlap: true },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

function names(labels: readonly string[], theme: Theme) {
  return {
    type: 'category',
    data: labels,
    axisLabel: { color: theme.soft },
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
  };
}

/** Two invisible edges and what lies between them, stacked: ranges may begin below zero. */
function band(
  name: string,
  ranges: readonly (readonly [number, number] | null)[],
  colour: string,
  opacity: number,
) {
  const line = {
    type: 'line',
    stack: name,
    stackStrategy: 'all',
    symbol: 'none',
    silent: true,
    lineStyle: { opacity: 0 },
  };
  return [
    { ...line, name: `${name} from`, data: ranges.map((range) => range?.[0] ?? null) },
    {
      ...line,
      name,
      data: ranges.map((range) => (range === null ? null : range[1] - range[0])),
      areaStyle: { color: colour, opacity },
      itemStyle: { color: colour, opacity },
    },
  ];
}

function spend(chart: SpendChart, theme: Theme, locale: string, width: number): EChartsCoreOption {
  const { points, period, periodName } = chart;
  const foreseen = points.some(({ expected }) => expected !== null);
  const provisional = points.some((point) => point.provisional !== null);
  const limited = points.some(({ budget }) => budget !== null);
  const odd = points.some(({ anomaly }) => anomaly);
  const shown = [
    'Settled',
    ...(provisional ? ['Billed, may change'] : []),
    ...(foreseen ? ['Expected', '80% range', '90% range'] : []),
    ...(limited ? ['Budget a day'] : []),
    ...(odd ? ['Anomaly begins'] : []),
  ];
  // A line without points has none in the legend either: dashed and whole would look alike.
  const lines: readonly string[] = ['Settled', 'Expected', 'Budget a day'];
  const keys = shown.map((name) => (lines.includes(name) ? { name, itemStyle: { opacity: 0 } } : { name }));
  return {
    grid: { left: 8, right: 16, top: 20 + legendHeight(shown, width), bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, data: keys, selectedMode: false, textStyle: { color: theme.soft } },
    xAxis: {
      ...names(
        points.map(({ label }) => label),
        theme,
      ),
      boundaryGap: false,
    },
    yAxis: moneyAxis(chart.currency, theme, locale),
    series: [
      ...(foreseen
        ? [
            ...band(
              '90% range',
              points.map(({ range90 }) => range90),
              theme.accent,
              0.14,
            ),
            ...band(
              '80% range',
              points.map(({ range80 }) => range80),
              theme.accent,
              0.2,
            ),
          ]
        : []),
      {
        type: 'line',
        name: 'Settled',
        data: points.map(({ settled }) => settled),
        symbol: 'none',
        lineStyle: { color: theme.accent, width: 2 },
        itemStyle: { color: theme.accent },
        ...(period === null
          ? {}
          : {
              markArea: {
                silent: true,
                itemStyle: { color: theme.soft, opacity: 0.1 },
                label: { color: theme.soft, fontSize: 11, position: 'insideTop' },
                data: [[{ name: periodName, xAxis: period[0] }, { xAxis: period[1] }]],
              },
            }),
      },
      {
        type: 'line',
        name: 'Billed, may change',
        data: points.map((point) => point.provisional),
        symbol: 'circle',
        symbolSize: 6,
        showAllSymbol: true,
        lineStyle: { color: theme.soft, width: 1.5, type: 'dotted' },
        itemStyle: { color: theme.soft },
      },
      {
        type: 'line',
        name: 'Expected',
        data: points.map(({ expected }) => expected),
        symbol: 'none',
        lineStyle: { color: theme.accent, width: 2, type: 'dashed' },
        itemStyle: { color: theme.accent },
      },
      {
        type: 'line',
        name: 'Budget a day',
        data: points.map(({ budget }) => budget),
        symbol: 'none',
        lineStyle: { color: theme.warn, width: 1.5 },
        itemStyle: { color: theme.warn },
      },
      {
        type: 'line',
        name: 'Anomaly begins',
        data: points.map((point) => (point.anomaly ? (point.settled ?? point.provisional) : null)),
        symbol: 'diamond',
        symbolSize: 12,
        showAllSymbol: true,
        lineStyle: { opacity: 0 },
        itemStyle: { color: theme.up, borderColor: theme.card, borderWidth: 1 },
      },
    ],
  };
}

/** As much of a name as two lines beside a bar hold; the table below has all of it. */
function twoLines(label: string, longest: number): string {
  const points = Array.from(label);
  return points.length <= longest ? label : `${points.slice(0, longest - 1).join('')}…`;
}

/** Horizontal bars, the first at the top. */
function lying(labels: readonly string[], theme: Theme, width: number) {
  const room = labelsIn(width);
  const axis = names(
    labels.map((label) => twoLines(label, room.longest)),
    theme,
  );
  return {
    ...axis,
    inverse: true,
    axisLabel: { ...axis.axisLabel, width: room.width, overflow: 'break', lineHeight: 15 },
  };
}

/** Amounts below lying bars: few of them where there is little room. */
function amountsBelow(currency: string, theme: Theme, locale: string, width: number) {
  return { ...moneyAxis(currency, theme, locale), ...(width < NARROW ? { splitNumber: 3 } : {}) };
}

function movers(
  { bars, currency }: MoversChart,
  theme: Theme,
  locale: string,
  width: number,
): EChartsCoreOption {
  return {
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    xAxis: amountsBelow(currency, theme, locale, width),
    yAxis: lying(
      bars.map(({ label }) => label),
      theme,
      width,
    ),
    series: [
      {
        type: 'bar',
        barMaxWidth: 20,
        data: bars.map(({ value }) => ({
          value,
          itemStyle: { color: value < 0 ? theme.down : theme.up, borderRadius: 2 },
        })),
      },
    ],
  };
}

/** A part of bars that stand on one another. */
function part(name: string, data: readonly number[], color: string) {
  return { type: 'bar', name, stack: 'all', barMaxWidth: 20, data, itemStyle: { color } };
}

function coverage(
  { bars, currency }: CoverageChart,
  theme: Theme,
  locale: string,
  width: number,
): EChartsCoreOption {
  return {
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, left: 0, selectedMode: false, textStyle: { color: theme.soft } },
    xAxis: amountsBelow(currency, theme, locale, width),
    yAxis: lying(
      bars.map(({ label }) => label),
      theme,
      width,
    ),
    series: [
      part(
        'Covered by commitments',
        bars.map(({ covered }) => covered),
        theme.accent,
      ),
      part(
        'On demand',
        bars.map(({ onDemand }) => onDemand),
        theme.pale,
      ),
    ],
  };
}

function expiry({ bars, currency }: ExpiryChart, theme: Theme, locale: string): EChartsCoreOption {
  return {
    grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
    xAxis: names(
      bars.map(({ label }) => label),
      theme,
    ),
    yAxis: moneyAxis(currency, theme, locale),
    series: [
      {
        type: 'bar',
        barMaxWidth: 36,
        data: bars.map(({ value }) => value),
        itemStyle: { color: theme.warn, borderRadius: 2 },
      },
    ],
  };
}
