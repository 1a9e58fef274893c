import { isObject, type Json } from './json.ts';

/**
 * Aligned time series as Cloud Monitoring gives them: those that the filter names, each cut into periods that end
 * where the interval ends, a point a period that has any, the last one first.
 */
export function aligned(whole: Json, params: URLSearchParams): Json {
  const matches = filterOf(params.get('filter') ?? '');
  const end = Date.parse(params.get('interval.endTime') ?? '');
  const start = Date.parse(params.get('interval.startTime') ?? '');
  const period = Number.parseInt(params.get('aggregation.alignmentPeriod') ?? '', 10) * 1000;
  const aligner = params.get('aggregation.perSeriesAligner') ?? '';
  const series = Array.isArray(whole['timeSeries']) ? whole['timeSeries'].filter(isObject) : [];
  return {
    ...whole,
    timeSeries: series
      .filter(matches)
      .map((one) => ({ ...one, points: pointsOf(one, { start, end, period, aligner }) }))
      .filter(({ points }) => points.length > 0),
  };
}

interface How {
  readonly start: number;
  readonly end: number;
  readonly period: number;
  readonly aligner: string;
}

function pointsOf(series: Json, { start, end, period, aligner }: How): Json[] {
  const raw = Array.isArray(series['points']) ? series['points'].filter(isObject) : [];
  const buckets = Map.groupBy(raw, ({ interval }) => {
    const at = Date.parse(String(isObject(interval) ? interval['endTime'] : ''));
    // A point at the end of a period belongs to it: intervals exclude their start and include their end.
    return end - Math.floor((end - at) / period) * period;
  });
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
  return (series) =>
    terms.every(({ path, values }) => {
      let at: unknown = series;
      for (const key of path) at = isObject(at) ? at[key] : undefined;
      return values.has(at);
    });
}
