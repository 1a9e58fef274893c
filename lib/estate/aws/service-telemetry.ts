import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import {
  type Collected,
  type Dataset,
  type Resource,
  type Scope,
  scopeName,
  type Telemetry,
} from '../model.ts';
import type { Dimension } from './gpu-join.ts';
import {
  METRIC_DATA_PERMISSION,
  type MetricAnswer,
  type MetricQuery,
  type MetricWindow,
  metricData,
} from './metric-data.ts';
import { expectedFrom, isoTexts } from './series.ts';
import type { AwsSession } from './session.ts';

/** How CloudWatch names a statistic. */
const STATS = {
  maximum: 'Maximum',
  minimum: 'Minimum',
  average: 'Average',
  sum: 'Sum',
  'sample-count': 'SampleCount',
} as const satisfies Record<Telemetry['statistic'], MetricQuery['stat']>;

/** One metric that a service publishes of one kind of thing. */
export interface ServiceMetric {
  /** `Resource.type` of the things that have it. */
  readonly resourceType: string;
  /** States in which it is published: things in others are not asked for, and cost nothing. */
  readonly states: readonly string[];
  readonly namespace: string;
  readonly metricName: string;
  readonly metric: Telemetry['metric'];
  readonly unit: string;
  /** Each is a metric that is paid for. `sample-count` beside another tells of gaps within a period. */
  readonly statistics: readonly Telemetry['statistic'][];
  /** What names this thing in the namespace; null where this metric does not speak of it. */
  dimensions(resource: Resource): readonly Dimension[] | null;
}

export interface ServiceTelemetrySettings {
  /** `aws.ec2.natgateway-telemetry` */
  readonly id: string;
  /** Ids of the datasets that list the things. */
  readonly needs: readonly string[];
  readonly metrics: readonly ServiceMetric[];
  /** How far back, hours. */
  readonly hours?: number;
  /** Seconds that a point stands for: a multiple of 60 that divides a day. */
  readonly period?: number;
}

/** A dataset of telemetry that can be narrowed to some things, for a second look at them. */
export interface ServiceTelemetry {
  readonly id: string;
  /** @param only ids of the things to ask for, or of what they belong to; null: all */
  of(only: ReadonlySet<string> | null): Dataset<AwsSession>;
}

/** Two weeks, so that what is used once a week is seen twice. */
export const SERVICE_WINDOW_HOURS = 336;
/** Six hours: a maximum over the window is the same by any period, and a quarter of a day keeps snapshots small. */
export const SERVICE_PERIOD_SECONDS = 21_600;

/**
 * How busy the things of a service were over the last full periods, by the metrics that the service itself
 * publishes. The number of points that a source without gaps would have given follows from the window and from
 * when the thing was made. A thing of which one metric could not be read is left out whole, and coverage says so:
 * it would look less busy than it is.
 *
 * It does not see: what the service does not publish. Many metrics are silent where there is nothing to count:
 * a series without points proves nothing and is never taken for zero.
 */
export function serviceTelemetry({
  id,
  needs,
  metrics,
  hours = SERVICE_WINDOW_HOURS,
  period = SERVICE_PERIOD_SECONDS,
}: ServiceTelemetrySettings): ServiceTelemetry {
  return {
    id,
    of: (only) => ({
      id,
      needs,
      permissions: [METRIC_DATA_PERMISSION],
      async collect(scope, session, now, earlier, meter) {
        // Of what is asked about as a whole, every part is: a cluster is as busy as its instances.
        const things = earlier.resources.filter(
          ({ id: thing, parent }) =>
            only === null || only.has(thing) || (parent !== null && only.has(parent.id)),
        );
        const wanted = things.flatMap((resource) => wantedOf(resource, metrics));
        if (wanted.length === 0) return {};
        return await read(wanted, lastPeriods(now, hours, period), scope, session, meter);
      },
    }),
  };
}

interface Wanted {
  readonly resource: Resource;
  readonly of: ServiceMetric;
  readonly statistic: Telemetry['statistic'];
  readonly query: MetricQuery;
}

function wantedOf(resource: Resource, metrics: readonly ServiceMetric[]): Wanted[] {
  return metrics.flatMap((of) => {
    if (of.resourceType !== resource.type || !of.states.includes(resource.state)) return [];
    const dimensions = of.dimensions(resource);
    if (dimensions === null) return [];
    const { namespace, metricName } = of;
    return of.statistics.map((statistic) => ({
      resource,
      of,
      statistic,
      query: { namespace, metricName, dimensions, stat: STATS[statistic] },
    }));
  });
}

async function read(
  wanted: readonly Wanted[],
  window: MetricWindow,
  scope: Scope,
  session: AwsSession,
  meter: Meter,
): Promise<Collected> {
  const where = scopeName(scope);
  const queries = wanted.map(({ query }) => query);
  const answers = await metricData(session, queries, window, where, meter);
  const faults = new Map<string, string>();
  const textOf = isoTexts();
  const series = wanted.flatMap((one, at) => {
    const answer = answers[at];
    if (answer?.ok === true) return [seriesOf(one, answer.points, window, textOf)];
    faults.set(one.resource.id, `${one.of.namespace} ${one.of.metricName}: ${answer?.fault ?? 'no answer'}`);
    return [];
  });
  const telemetry = series.filter(({ resourceId }) => !faults.has(resourceId));
  const [first] = faults;
  if (first === undefined) return { telemetry };
  const asked = new Set(wanted.map(({ resource }) => resource.id)).size;
  throw new IncompleteError(
    'unavailable',
    `cloudwatch:GetMetricData could not answer for ${faults.size} of ${asked} (${first.join(' ')})`,
    { telemetry },
    { where, hint: 'Look again later: what could not be read is left out, not taken for idle.' },
  );
}

function seriesOf(
  { resource, of, statistic }: Wanted,
  points: Extract<MetricAnswer, { ok: true }>['points'],
  window: MetricWindow,
  textOf: (at: number) => string,
): Telemetry {
  const { start, expected } = expectedFrom(window, resource.created);
  return {
    resourceId: resource.id,
    metric: of.metric,
    statistic,
    unit: statistic === 'sample-count' ? 'count' : of.unit,
    device: null,
    period: window.period,
    points: points
      .filter(({ at }) => at >= start && at < window.end.getTime())
      .map(({ at, value }) => ({ at: textOf(at), value })),
    expectedPoints: expected,
    source: `${of.namespace} ${of.metricName}`,
    ...(statistic !== 'sample-count' && of.statistics.includes('sample-count')
      ? { counted: true as const }
      : {}),
  };
}

/** The last full periods before `now`, of `hours` together, half-open, on full periods of UTC. */
function lastPeriods(now: Date, hours: number, period: number): MetricWindow {
  const step = period * 1000;
  const end = Math.floor(now.getTime() / step) * step;
  return { start: new Date(end - hours * 3_600_000), end: new Date(end), period };
}
