import type { AnomalyLine, DigestContent, ForecastFigure } from './content-model.ts';
import type { Format } from './format.ts';
import { NAMELESS, plain } from './names.ts';
import { exact } from './number.ts';
import { serviceName } from './words.ts';

/**
 * What the page's script draws. Every text is written already; numbers are for places on a picture alone, and the
 * table beside each picture has the same amounts exactly.
 */
export interface PageData {
  /** BCP 47, for the ticks of axes. */
  readonly locale: string;
  readonly charts: readonly PageChart[];
}

export type PageChart = SpendChart | MoversChart | CoverageChart | ExpiryChart;

interface ChartBase {
  /** Of the element that it is drawn in. */
  readonly id: string;
  readonly currency: string;
}

export interface SpendChart extends ChartBase {
  readonly kind: 'spend';
  readonly points: readonly SpendPoint[];
  /** Labels of the first and last day that the digest is about; null where the chart has none of them. */
  readonly period: readonly [string, string] | null;
  readonly periodName: string;
}

export interface SpendPoint {
  readonly label: string;
  readonly settled: number | null;
  /** Billed, and may still change. */
  readonly provisional: number | null;
  readonly expected: number | null;
  /** What the budget of the month comes to a day. */
  readonly budget: number | null;
  readonly range80: readonly [number, number] | null;
  readonly range90: readonly [number, number] | null;
  /** Is it the first day of an anomaly? */
  readonly anomaly: boolean;
  /** Lines to read at the point. */
  readonly told: readonly string[];
}

export interface MoversChart extends ChartBase {
  readonly kind: 'movers';
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly told: readonly string[];
  }[];
}

export interface CoverageChart extends ChartBase {
  readonly kind: 'coverage';
  readonly bars: readonly {
    readonly label: string;
    readonly covered: number;
    readonly onDemand: number;
    readonly told: readonly string[];
  }[];
}

export interface ExpiryChart extends ChartBase {
  readonly kind: 'expiry';
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly told: readonly string[];
  }[];
}

/** One currency's spend on days, with the range of those to come: what the chart draws and its table tells. */
export interface SpendDay {
  readonly day: string;
  readonly settled: string | null;
  readonly provisional: string | null;
  readonly expected: string | null;
  readonly ranges: readonly { readonly level: number; readonly low: string; readonly high: string }[];
  readonly anomalies: readonly AnomalyLine[];
}

/** Days of a forecast figure, oldest first. Provisional ones are of the daily series, all charges. */
export function spendDays(content: DigestContent, figure: ForecastFigure): SpendDay[] {
  const { currency, settled, expected, until } = figure;
  const billed = new Map(
    (content.daily.find((series) => series.currency === currency)?.days ?? [])
      .filter(({ day }) => day >= until)
      .map(({ day, amount }) => [day, amount]),
  );
  const begun = Map.groupBy(
    (content.anomalies?.lines ?? []).filter(({ impact }) => impact.currency === currency),
    ({ first }) => first,
  );
  const foreseen = new Map(expected.map((day) => [day.day, day]));
  const days = new Set([...settled.map(({ day }) => day), ...billed.keys(), ...foreseen.keys()]);
  const known = new Map(settled.map(({ day, amount }) => [day, amount]));
  return [...days].toSorted().map((day) => ({
    day,
    settled: known.get(day) ?? null,
    provisional: billed.get(day) ?? null,
    expected: foreseen.get(day)?.amount ?? null,
    ranges: foreseen.get(day)?.ranges ?? [],
    anomalies: begun.get(day) ?? [],
  }));
}

/** `step up: Amazon EC2, research` */
export function anomalyName({ kind, what }: AnomalyLine): string {
  return `${kind}: ${what.map((name) => plain(name, 40) || NAMELESS).join(', ')}`;
}

/** The charts of a digest, with the ids that the page gives them. */
export function pageData(content: DigestContent, format: Format, locale: string): PageData {
  return {
    locale,
    charts: [
      ...content.forecast.map((figure, at) => spendChart(content, figure, at, format)),
      ...moversCharts(content, format),
      ...coverageCharts(content, format),
      ...expiryCharts(content, format),
    ],
  };
}

function spendChart(content: DigestContent, figure: ForecastFigure, at: number, format: Format): SpendChart {
  const { currency } = figure;
  const money = (amount: string) => format.money({ amount, currency });
  const days = spendDays(content, figure);
  const [first, end] = [content.period.start.slice(0, 10), content.period.end.slice(0, 10)];
  const inside = days.filter(({ day }) => day >= first && day < end);
  const [from, to] = [inside[0], inside.at(-1)];
  return {
    id: spendId(at),
    kind: 'spend',
    currency: plain(currency, 20),
    periodName: `this ${content.kind}`,
    period: from === undefined || to === undefined ? null : [format.day(from.day), format.day(to.day)],
    points: days.map((day) => ({
      label: format.day(day.day),
      settled: pixel(day.settled),
      provisional: pixel(day.provisional),
      expected: pixel(day.expected),
      budget: inMonth(day.day, figure) ? pixel(figure.budget?.aDay.amount ?? null) : null,
      range80: rangeOf(day, 0.8),
      range90: rangeOf(day, 0.9),
      anomaly: day.anomalies.length > 0,
      told: [
        format.day(day.day),
        ...(day.settled === null ? [] : [`${money(day.settled)} settled`]),
        ...(day.provisional === null ? [] : [`${money(day.provisional)} billed, may change`]),
        ...(day.expected === null ? [] : [`${money(day.expected)} expected`]),
        ...day.ranges.map(
          ({ level, low, high }) => `${format.percent(percentOf(level))}: ${money(low)} to ${money(high)}`,
        ),
        ...day.anomalies.map(anomalyName),
      ],
    })),
  };
}

function inMonth(day: string, { month }: ForecastFigure): boolean {
  return month !== null && day >= month.start.slice(0, 10) && day < month.end.slice(0, 10);
}

export function spendId(at: number): string {
  return `chart-spend-${at}`;
}

/** Currencies that have more than one mover, or the only one. */
function moversCharts(content: DigestContent, format: Format): MoversChart[] {
  return [...Map.groupBy(content.movers, ({ currency }) => currency)].map(([currency, rows], at) => ({
    id: moversId(at),
    kind: 'movers',
    currency: plain(currency, 20),
    bars: rows.map((row) => ({
      label: serviceName(row),
      value: pixel(row.difference) ?? 0,
      told: [
        serviceName(row),
        `${format.change({ amount: row.difference, currency })}${row.percent === null ? '' : ` (${format.percent(row.percent, true)})`}`,
        ...(row.why === null ? [] : [format.phrase(row.why)]),
      ],
    })),
  }));
}

export function moversId(at: number): string {
  return `chart-movers-${at}`;
}

function coverageCharts({ commitments }: DigestContent, format: Format): CoverageChart[] {
  const groups = Map.groupBy(commitments?.coverage ?? [], ({ currency }) => currency);
  return [...groups].map(([currency, rows], at) => ({
    id: coverageId(at),
    kind: 'coverage',
    currency: plain(currency, 20),
    bars: rows.map(({ kind, covered, onDemand, share }) => ({
      label: plain(kind, 40),
      covered: pixel(covered) ?? 0,
      onDemand: pixel(onDemand) ?? 0,
      told: [
        plain(kind, 40),
        `${format.money({ amount: covered, currency })} covered`,
        `${format.money({ amount: onDemand, currency })} on demand`,
        ...(share === null ? [] : [`coverage ${format.percent(percentOf(share))}`]),
      ],
    })),
  }));
}

export function coverageId(at: number): string {
  return `chart-coverage-${at}`;
}

/** Commitments of one month that are named: all of them would fill the picture. */
const MOST_NAMED = 10;

/** What commitments that end cover, by the month in which they do. */
function expiryCharts({ commitments }: DigestContent, format: Format): ExpiryChart[] {
  const ending = (commitments?.held ?? []).flatMap((held) =>
    held.ends === null ? [] : [{ ...held, month: held.ends.slice(0, 7) }],
  );
  return [...Map.groupBy(ending, ({ used }) => used.currency)].map(([currency, held], at) => ({
    id: expiryId(at),
    kind: 'expiry',
    currency: plain(currency, 20),
    bars: [...Map.groupBy(held, ({ month }) => month)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([month, all]) => {
        const sum = all.reduce((total, { used }) => total.plus(exact(used.amount)), exact('0')).toFixed();
        return {
          label: month,
          value: pixel(sum) ?? 0,
          told: [
            month,
            `${format.money({ amount: sum, currency })} of use is covered by what ends`,
            ...all.slice(0, MOST_NAMED).map(({ name, id }) => plain(name ?? id, 60)),
            ...(all.length > MOST_NAMED ? [`and ${format.count(all.length - MOST_NAMED)} more`] : []),
          ],
        };
      }),
  }));
}

export function expiryId(at: number): string {
  return `chart-expiry-${at}`;
}

function rangeOf({ ranges }: SpendDay, level: number): readonly [number, number] | null {
  const range = ranges.find((each) => each.level === level);
  return range === undefined ? null : [pixel(range.low) ?? 0, pixel(range.high) ?? 0];
}

/** A share of 0 to 1 in percent. */
export function percentOf(share: string | number): string {
  return exact(String(share)).times(100).toDecimalPlaces(1).toFixed();
}

/** Money on a picture, to the cent: the one step where it becomes a float. */
export function pixel(amount: string | null): number | null {
  return amount === null ? null : exact(amount).toDecimalPlaces(2).toNumber();
}

/**
 * JSON that may stand in a `<script>`: what could end the element, open a comment or turn the direction of text is
 * an escape, so that the page's source holds none of it (HTML Living Standard, 4.12.1.3 "Restrictions for contents
 * of script elements").
 */
export function inScript(value: PageData): string {
  return JSON.stringify(value).replace(/[<>&\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (found) =>
    Array.from(
      { length: found.length },
      (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
