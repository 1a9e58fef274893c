import { z } from 'zod';
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { SERVICE_PERIOD_SECONDS, SERVICE_WINDOW_HOURS } from '../aws/service-telemetry.ts';
import { lastPart, pages } from './read.ts';
import type { GcpSession } from './session.ts';

export const TIME_SERIES: Permission = {
  cloud: 'gcp',
  action: 'monitoring.timeSeries.list',
  why: 'reads how busy machines, databases, reservations and indexes of vectors were',
  price: '0.50 USD per million time series',
};
/**
 * $0.50 per million time series returned (Cloud Monitoring release notes, effective October 2, 2025). A share of a
 * month's is free; every series is counted, so that what is told is never below what is charged.
 */
const USD_PER_SERIES = new Decimal('0.0000005');
/** Things asked for in one filter, which travels in the URL: their ids have 19 digits. */
export const AT_ONCE = 50;

export type Aligner = 'ALIGN_MAX' | 'ALIGN_MIN' | 'ALIGN_COUNT' | 'ALIGN_SUM';

export interface SeriesQuery {
  /** `agent.googleapis.com/gpu/utilization` */
  readonly metric: string;
  /** `gce_instance` */
  readonly resource: string;
  /**
   * Label that names a thing, of the resource or by its whole path (`metadata.system_labels.node_name`), and the things
   * to ask for: at most `AT_ONCE`.
   */
  readonly label: string;
  readonly names: readonly string[];
  /** Values that labels of the metric must have. */
  readonly where?: Readonly<Record<string, string>>;
  readonly aligner: Aligner;
  /** How the series of one thing become one, and the path of the label that names it. */
  readonly reducer?: 'REDUCE_MAX' | 'REDUCE_MIN';
  readonly groupBy?: string;
}

/** Half-open, both on a full period. */
export interface SeriesWindow {
  readonly start: Date;
  readonly end: Date;
  /** Seconds. */
  readonly period: number;
}

/** The last full quarters of a day, of two weeks together. */
export function lastPeriods(now: Date): SeriesWindow {
  const step = SERVICE_PERIOD_SECONDS * 1000;
  const end = Math.floor(now.getTime() / step) * step;
  return {
    start: new Date(end - SERVICE_WINDOW_HOURS * 3_600_000),
    end: new Date(end),
    period: SERVICE_PERIOD_SECONDS,
  };
}

export interface GcpSeries {
  /** Labels of the metric (`gpu_number`) and of the resource (`instance_id`). */
  readonly metric: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** Labels of Google's own metadata, as far as the series are grouped by them (`node_name`). */
  readonly system: Readonly<Record<string, string>>;
  /** Start of each period, milliseconds since 1970, and its value. */
  readonly points: ReadonlyMap<number, number>;
}

const point = z.object({
  interval: z.object({ startTime: z.string().optional(), endTime: z.string() }),
  value: z.object({ doubleValue: z.number().optional(), int64Value: z.string().optional() }),
});
type Point = z.output<typeof point>;

const list = z.object({
  nextPageToken: z.string().optional(),
  unreachable: z.array(z.string()).optional(),
  executionErrors: z.array(z.object({ message: z.string().optional() })).optional(),
  timeSeries: z
    .array(
      z.object({
        metric: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
        resource: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
        metadata: z.object({ systemLabels: z.record(z.string(), z.unknown()).optional() }).optional(),
        points: z.array(point).optional(),
      }),
    )
    .optional(),
});

/**
 * Every series of a metric over a window, one value a period: aligned periods end where the window ends, and each
 * carries the time of its end (monitoring v3, Aggregation.perSeriesAligner). A series that a page cuts goes on in the
 * next. A metric that nothing in the project ever wrote has none.
 * @throws BursarError (unavailable) where a region did not answer or a part failed: what is missing may be the busy
 *   one, so that a part is never given; what `pages` throws
 */
export async function timeSeries(
  session: GcpSession,
  meter: Meter,
  query: SeriesQuery,
  window: SeriesWindow,
): Promise<GcpSeries[]> {
  const found = new Map<string, GcpSeries & { readonly points: Map<number, number> }>();
  const aligned = {
    'aggregation.alignmentPeriod': `${window.period}s`,
    'aggregation.perSeriesAligner': query.aligner,
    ...(query.reducer === undefined ? {} : { 'aggregation.crossSeriesReducer': query.reducer }),
    ...(query.groupBy === undefined ? {} : { 'aggregation.groupByFields': query.groupBy }),
  };
  for await (const { key, points, ...labels } of parts(session, meter, query, window, aligned)) {
    const one = found.get(key) ?? { ...labels, points: new Map<number, number>() };
    found.set(key, one);
    for (const { interval, value } of points) {
      const at = Date.parse(interval.endTime) - window.period * 1000;
      const read = numberOf(value);
      // What is no number is a sample that did not come.
      if (Number.isFinite(read) && at >= window.start.getTime() && at < window.end.getTime())
        one.points.set(at, read);
    }
  }
  return [...found.values()];
}

/** A sample as it was written: the end of its interval, and the start, which for a cumulative metric is its last reset. */
export interface RawPoint {
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

/** What one page says of one series as it was written: labels, and its points with the newest first. */
export interface RawPart extends Pick<GcpSeries, 'metric' | 'resource'> {
  /** The same for every part of one series. */
  readonly key: string;
  readonly points: readonly RawPoint[];
}

/** Points a page of samples as they were written: of a minute each, a device has ten thousand in a week. */
const RAW_PAGE = '20000';

/**
 * Every sample of a metric over a window, page by page, without alignment (`ALIGN_NONE`, the default): the aligners of
 * cumulative metrics make up a value for a period in which nothing was written (monitoring v3, Aggregation.Aligner,
 * ALIGN_DELTA, ALIGN_RATE), and ALIGN_COUNT is not for those. Points come "in reverse time order" (TimeSeries.points).
 * @throws as `timeSeries`
 */
export async function* rawSeries(
  session: GcpSession,
  meter: Meter,
  query: Omit<SeriesQuery, 'aligner' | 'reducer' | 'groupBy'>,
  window: SeriesWindow,
): AsyncGenerator<RawPart> {
  for await (const { key, metric, resource, points } of parts(session, meter, query, window, {
    pageSize: RAW_PAGE,
  }))
    yield {
      key,
      metric,
      resource,
      points: points.map(({ interval, value }) => ({
        start: Date.parse(interval.startTime ?? ''),
        end: Date.parse(interval.endTime),
        value: numberOf(value),
      })),
    };
}

/**
 * How Cloud Monitoring refuses, with 404, a metric that the project has no descriptor of: that of an agent which runs
 * nowhere in it, and of a service which has not written it yet. Nothing was measured, and nothing failed.
 */
const NEVER_WRITTEN = /Cannot find metric\(s\) that match type/;

interface Part extends Omit<GcpSeries, 'points'> {
  readonly key: string;
  readonly points: readonly Point[];
}

/** Series as the pages of the answer hold them: one that a page cuts comes again in the next. None where nobody wrote it. */
async function* parts(
  session: GcpSession,
  meter: Meter,
  query: Omit<SeriesQuery, 'aligner'>,
  window: SeriesWindow,
  params: Readonly<Record<string, string>>,
): AsyncGenerator<Part> {
  let some = false;
  try {
    for await (const part of answered(session, meter, query, window, params)) {
      some = true;
      yield part;
    }
  } catch (error) {
    const neverWritten =
      error instanceof BursarError && error.code === 'input' && NEVER_WRITTEN.test(error.message);
    if (some || !neverWritten) throw error;
  }
}

async function* answered(
  session: GcpSession,
  meter: Meter,
  query: Omit<SeriesQuery, 'aligner'>,
  window: SeriesWindow,
  params: Readonly<Record<string, string>>,
): AsyncGenerator<Part> {
  const answers = pages(session, meter, list, {
    call: 'monitoring.projects.timeSeries.list',
    service: 'https://monitoring.googleapis.com',
    path: `/v3/projects/${encodeURIComponent(session.projectId)}/timeSeries`,
    params: {
      filter: filterOf(query),
      'interval.startTime': window.start.toISOString(),
      'interval.endTime': window.end.toISOString(),
      ...params,
      view: 'FULL',
    },
    permission: TIME_SERIES,
  });
  for await (const page of answers) {
    const silent = [
      ...(page.unreachable ?? []).map((region) => `${lastPart(region)} is unreachable`),
      ...(page.executionErrors ?? []).map(({ message }) => message ?? 'an error without a message'),
    ];
    if (silent.length > 0)
      throw new BursarError('unavailable', `${query.metric} was not answered whole: ${silent.join('; ')}`, {
        where: `gcp:${session.projectId}`,
        hint: 'Look again later: what could not be read is left out, not taken for idle.',
      });
    const series = page.timeSeries ?? [];
    meter.absorb({ amount: decimalText(USD_PER_SERIES.times(series.length)), calls: [] });
    for (const { metric, resource, metadata, points = [] } of series) {
      const labels = {
        metric: metric?.labels ?? {},
        resource: resource?.labels ?? {},
        system: texts(metadata?.systemLabels ?? {}),
      };
      const key = JSON.stringify([sorted(labels.metric), sorted(labels.resource), sorted(labels.system)]);
      yield { ...labels, key, points };
    }
  }
}

function numberOf({ doubleValue, int64Value }: Point['value']): number {
  return doubleValue ?? Number(int64Value ?? Number.NaN);
}

function filterOf({ metric, resource, label, names, where = {} }: Omit<SeriesQuery, 'aligner'>): string {
  return [
    `metric.type = ${JSON.stringify(metric)}`,
    `resource.type = ${JSON.stringify(resource)}`,
    `${label.includes('.') ? label : `resource.labels.${label}`} = one_of(${names.map((name) => JSON.stringify(name)).join(',')})`,
    ...Object.entries(where).map(([key, value]) => `metric.labels.${key} = ${JSON.stringify(value)}`),
  ].join(' AND ');
}

/** "System label values can be only strings, Boolean values, or a list of strings" (MonitoredResourceMetadata). */
function texts(labels: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}

function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
