import { plain } from '../digest/names.ts';
import type { Telemetry } from '../estate/model.ts';

/** A series, and the value that its picture ends at; null: the highest of its own. */
export interface Plotted extends Telemetry {
  readonly top: number | null;
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** Where no sample came. */
const GAP = '·';
/** Columns of a picture: a week of hours is three hours a column, and the line fits a terminal of 80. */
const COLUMNS = 56;
/** The lowest top of a scale of percents: a low use is not drawn as if it were a full one. */
const LOWEST_TOP = 10;
const HOUR_MS = 3_600_000;

/**
 * Series as lines of block characters, a line a device: the highest value of each column, drawn from zero to the top
 * of the scale that the devices of one metric share. Counts of samples are no reading and are left out.
 */
export function plot(series: readonly Plotted[], columns = COLUMNS): string[] {
  const groups = Map.groupBy(
    series.filter(({ statistic }) => statistic !== 'sample-count'),
    ({ metric, statistic, unit, source }) => `${metric}, ${statistic}, ${unitOf(unit)} (${source})`,
  );
  return [...groups].flatMap(([name, group]) => plotGroup(name, group, columns));
}

function plotGroup(name: string, group: readonly Plotted[], columns: number): string[] {
  const each = group.map((one) => ({
    one,
    points: one.points
      .map(({ at, value }) => ({ at: Date.parse(at), value }))
      .filter(({ value }) => Number.isFinite(value)),
  }));
  const times = each.flatMap(({ points }) => points.map(({ at }) => at));
  if (times.length === 0) return [`${name}: no sample came`];
  const period = Math.max(...group.map((one) => one.period)) * 1000;
  const start = times.reduce((a, b) => Math.min(a, b));
  const end = times.reduce((a, b) => Math.max(a, b)) + period;
  const column = Math.max(1, Math.ceil((end - start) / period / columns)) * period;
  const top = topOf(group);
  return [
    `${name}, drawn from 0 to ${figure(top)}`,
    ...each.map(({ one, points }) => {
      const most = points.reduce((high, { value }) => Math.max(high, value), Number.NEGATIVE_INFINITY);
      const told = points.length === 0 ? 'no sample' : `at most ${figure(most)}`;
      const label = one.device === null ? 'whole' : plain(one.device, 12);
      return `  ${label.padEnd(6)}${drawn(points, start, end, column, top)}  ${told}, ${points.length} of ${one.expectedPoints} samples`;
    }),
    `  ${' '.repeat(6)}${time(start)} to ${time(end)}${column === period ? '' : `, a column is ${figure(column / HOUR_MS)} h`}`,
  ];
}

function drawn(
  points: readonly { readonly at: number; readonly value: number }[],
  start: number,
  end: number,
  column: number,
  top: number,
): string {
  const highest: (number | null)[] = Array.from({ length: Math.ceil((end - start) / column) }, () => null);
  for (const { at, value } of points) {
    const index = Math.floor((at - start) / column);
    highest[index] = Math.max(highest[index] ?? Number.NEGATIVE_INFINITY, value);
  }
  return highest.map((value) => (value === null ? GAP : bar(value, top))).join('');
}

function bar(value: number, top: number): string {
  const level = top <= 0 ? 0 : Math.ceil((value / top) * BARS.length) - 1;
  return BARS[Math.min(BARS.length - 1, Math.max(0, level))] ?? GAP;
}

function topOf(group: readonly Plotted[]): number {
  const values = group.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite);
  const own = values.reduce((high, value) => Math.max(high, value), 0);
  const least = group.some(({ unit }) => unit.startsWith('percent')) ? LOWEST_TOP : 0;
  return group.reduce((high, { top }) => Math.max(high, top ?? 0), Math.max(own, least));
}

function unitOf(unit: string): string {
  if (unit === 'percent') return '%';
  if (unit === 'device-percent') return '% of one device';
  return unit === 'percent-of-limit' ? '% of the limit' : unit;
}

function figure(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: 2, useGrouping: false }).format(value);
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
