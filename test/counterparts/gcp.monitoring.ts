import { isObject, type Json } from './json.ts';

/**
 * Time series as Cloud Monitoring gives them: those that the filter names, each cut into periods that end where the
 * interval ends, a point a period that has any, the last one first; without an aligner its samples as they are.
 */
export function seriesOf(whole: Json, params: URLSearchParams): Json {
  const matches = filterOf(params.get('filter') ?? '');
  const end = Date.parse(params.get('interval.endTime') ?? '');
  const start = Date.parse(params.get('interval.startTime') ?? '');
  const period = Number.parseInt(params.get('aggregation.alignmentPeriod') ?? '', 10) * 1000;
  const aligner = params.get('aggregation.perSeriesAligner') ?? '';
  const series = Array.isArray(whole['timeSeries']) ? whole['timeSeries'].filter(isObject) : [];
  const found: Json[] = series
    .filter(matches)
    .map((one) => ({
      ...one,
      points: aligner === '' ? rawPoints(one, start, end) : pointsOf(one, { start, end, period, aligner }),
    }))
    .filter(({ points }) => points.length > 0);
  const reducer = params.get('aggregation.crossSeriesReducer');
  const timeSeries = reducer === null ? found : reduced(found, reducer, params);
  return {
    ...whole,
    // "This field will include metadata labels that are explicitly named in the reduction" (TimeSeries.metadata).
    timeSeries: timeSeries.map((one) => (reducer === null ? { ...one, metadata: undefined } : one)),
  };
}

/** The series of each value of the one field that they are grouped by, as one; other labels are gone. */
function reduced(series: readonly Json[], reducer: string, params: URLSearchParams): Json[] {
  const path = params.get('aggregation.groupByFields') ?? '';
  const [, label] = /^metadata\.system_labels\.([a-z_]+)$/.exec(path) ?? [];
  if (label === undefined) throw new Error(`no grouping by ${path} here`);
  const groups = Map.groupBy(series, (one) => String(partAt(one, path.split('.'))));
  return [...groups].map(([value, some]) => {
    const points = some.flatMap((one) =>
      Array.isArray(one['points']) ? one['points'].filter(isObject) : [],
    );
    const times = Map.groupBy(points, ({ interval }) =>
      String(isObject(interval) ? interval['endTime'] : ''),
    );
    return {
      metric: { type: partAt(some[0], ['metric', 'type']) },
      resource: { type: partAt(some[0], ['resource', 'type']), labels: {} },
      metadata: { systemLabels: { [label]: value } },
      points: [...times]
        .toSorted(([a], [b]) => (a < b ? 1 : -1))
        .map(([endTime, all]) => ({
          interval: { startTime: endTime, endTime },
          value: valueOf(all.map(numberOf), reducer.replace('REDUCE', 'ALIGN')),
        })),
    };
  });
}

/** What stands at a path of a filter, whose metadata are written in another case than the answer's. */
function partAt(series: unknown, path: readonly string[]): unknown {
  let found = series;
  for (const key of path)
    found = isObject(found) ? found[key === 'system_labels' ? 'systemLabels' : key] : undefined;
  return found;
}

interface How {
  readonly start: number;
  readonly end: number;
  readonly period: number;
  readonly aligner: string;
}

/** Samples as they were written, the last one first: what an answer without an aligner holds. */
function rawPoints(series: Json, start: number, end: number): Json[] {
  const raw = Array.isArray(series['points']) ? series['points'].filter(isObject) : [];
  return raw.filter((one) => endOf(one) > start && endOf(one) <= end).toSorted((a, b) => endOf(b) - endOf(a));
}

function endOf({ interval }: Json): number {
  return Date.parse(String(isObject(interval) ? interval['endTime'] : ''));
}

function pointsOf(series: Json, { start, end, period, aligner }: How): Json[] {
  const raw = Array.isArray(series['points']) ? series['points'].filter(isObject) : [];
  // A point at the end of a period belongs to it: intervals exclude their start and include their end.
  const buckets = Map.groupBy(raw, (one) => end - Math.floor((end - endOf(one)) / period) * period);
  return [...buckets]
    .filter(([at]) => at > start && at <= end)
    .toSorted(([a], [b]) => b - a)
    .map(([at, points]) => {
      const endTime = new Date(at).toISOString();
      return { interval: { startTime: endTime, endTime }, value: valueOf(points.map(numberOf), aligner) };
    });
}

function numberOf(point: Json): number {
  const value = isObject(point['value']) ? point['value'] : {};
  return Number(value['doubleValue'] ?? value['int64Value']);
}

function valueOf(values: readonly number[], aligner: string): Json {
  switch (aligner) {
    case 'ALIGN_MAX':
      return { doubleValue: Math.max(...values) };
    case 'ALIGN_MIN':
      return { doubleValue: Math.min(...values) };
    case 'ALIGN_SUM':
      return { int64Value: String(values.reduce((sum, value) => sum + value, 0)) };
    case 'ALIGN_COUNT':
      return { int64Value: String(values.length) };
    default:
      throw new Error(`no aligner ${aligner} here`);
  }
}

/** Comparisons joined by AND: `metric.type = "a"`, `resource.labels.b = one_of("c","d")`. */
function filterOf(filter: string): (series: Json) => boolean {
  const terms = filter.split(' AND ').map((term) => {
    const [, path, value] = /^([a-z_.]+) = (.+)$/.exec(term) ?? [];
    if (path === undefined || value === undefined) throw new Error(`no filter of Cloud Monitoring: ${term}`);
    const list: unknown = JSON.parse(`[${/^one_of\((.+)\)$/.exec(value)?.[1] ?? value}]`);
    const values = new Set(Array.isArray(list) ? list : []);
    return { path: path.split('.'), values };
  });
  return (series) => terms.every(({ path, values }) => values.has(partAt(series, path)));
}
