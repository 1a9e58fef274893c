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
import { GPU_WINDOW_HOURS, lastHours } from './gpu-telemetry.ts';
import {
  METRIC_DATA_PERMISSION,
  type MetricAnswer,
  type MetricQuery,
  type MetricWindow,
  metricData,
} from './metric-data.ts';
import { awsSagemakerEndpoints } from './sagemaker-endpoints.ts';
import { expectedFrom } from './series.ts';
import type { AwsSession } from './session.ts';

/**
 * What SageMaker publishes of every variant of an endpoint (Amazon SageMaker AI Developer Guide, "Monitor Amazon
 * SageMaker AI with Amazon CloudWatch", instance and invocation metrics). GPUUtilization and GPUMemoryUtilization
 * are sums over the GPUs of an instance, 0 to 100 times their number, so that each is an upper bound of every
 * single GPU: it is not divided, since one busy GPU of eight would look like none.
 */
const METRICS = [
  {
    namespace: '/aws/sagemaker/Endpoints',
    metricName: 'GPUUtilization',
    stat: 'Maximum',
    metric: 'gpu-utilization',
    statistic: 'maximum',
    unit: 'percent',
  },
  {
    namespace: '/aws/sagemaker/Endpoints',
    metricName: 'GPUUtilization',
    stat: 'SampleCount',
    metric: 'gpu-utilization',
    statistic: 'sample-count',
    unit: 'count',
  },
  {
    namespace: '/aws/sagemaker/Endpoints',
    metricName: 'GPUMemoryUtilization',
    stat: 'Maximum',
    metric: 'gpu-memory-used',
    statistic: 'maximum',
    unit: 'percent',
  },
] as const;

/**
 * Counted, zeros too, for each variant that carries a model; where inference components carry the models, for each of
 * these by its name alone (measured on live endpoints: README of tests/terraform/sagemaker_endpoint_metrics of Cloud
 * Custodian, read November 2026).
 */
const REQUESTS = {
  namespace: 'AWS/SageMaker',
  metricName: 'Invocations',
  stat: 'Sum',
  metric: 'requests',
  statistic: 'sum',
  unit: 'count',
} as const;

/**
 * An asynchronous endpoint publishes no Invocations, but what it processed (SageMaker AI Developer Guide, "Alarms and
 * logs for tracking metrics from asynchronous endpoints", read November 2026). That nothing is processed does not say
 * that nothing waits or fails: it shows work, and never rest.
 */
const PROCESSED = { ...REQUESTS, metricName: 'InvocationsProcessed' } as const;

type Metric = (typeof METRICS)[number] | typeof REQUESTS | typeof PROCESSED;

/**
 * How busy the endpoints in service were over the last 168 full hours: requests of every variant that has machines, or
 * of every inference component, and the use of its accelerators where it has any. That there was nothing in an hour is
 * told only where each of these has its point, since one that is silent may be the busy one; what one of them did is
 * told all the same.
 *
 * It does not see: whether nobody asked an asynchronous endpoint; single GPUs, requests that are not counted as invocations, an hour without a point of
 * Invocations (which is not taken for an hour without requests).
 */
export const awsSagemakerTelemetry = telemetryOf(null);

/** The same for these endpoints alone. */
export function telemetryOf(only: ReadonlySet<string> | null): Dataset<AwsSession> {
  return {
    id: 'aws.sagemaker.endpoint-telemetry',
    needs: [awsSagemakerEndpoints.id],
    permissions: [METRIC_DATA_PERMISSION],
    async collect(scope, session, now, earlier, meter) {
      const endpoints = earlier.resources.filter(
        ({ id, type, state }) =>
          type === 'aws:sagemaker:endpoint' && state === 'InService' && only?.has(id) !== false,
      );
      return endpoints.length === 0 ? {} : await read(endpoints, scope, session, now, meter);
    },
  };
}

async function read(
  endpoints: readonly Resource[],
  scope: Scope,
  session: AwsSession,
  now: Date,
  meter: Meter,
): Promise<Collected> {
  const where = scopeName(scope);
  const window = lastHours(now, GPU_WINDOW_HOURS);
  const wanted = endpoints.flatMap(wantedOf);
  const queries = wanted.map(
    ({ metric: { namespace, metricName, stat }, dimensions }): MetricQuery => ({
      namespace,
      metricName,
      stat,
      dimensions,
    }),
  );
  const answers = await metricData(session, queries, window, where, meter);
  const asked = wanted.map((one, at) => ({ ...one, answer: answers[at] }));
  const telemetry: Telemetry[] = [];
  const faults: string[] = [];
  for (const [endpoint, of] of Map.groupBy(asked, (one) => one.endpoint)) {
    const bad = of.find(({ answer }) => answer?.ok !== true);
    if (bad !== undefined)
      faults.push(`${endpoint.id} ${bad.answer?.ok === false ? bad.answer.fault : 'no answer'}`);
    else
      for (const [metric, variants] of Map.groupBy(of, (one) => one.metric))
        telemetry.push(
          ...seriesOf(
            endpoint,
            metric,
            variants.map(({ answer }) => answer),
            window,
          ),
        );
  }
  if (faults.length > 0)
    throw new IncompleteError(
      'unavailable',
      `cloudwatch:GetMetricData could not answer for ${faults.length} of ${endpoints.length} endpoints (${faults[0] ?? ''})`,
      { telemetry },
      { where, hint: 'Look again later: the endpoints are left out, not taken for idle.' },
    );
  return { telemetry };
}

interface Wanted {
  readonly endpoint: Resource;
  readonly metric: Metric;
  readonly dimensions: readonly Dimension[];
}

function wantedOf(endpoint: Resource): Wanted[] {
  const { asynchronous, components } = endpoint.attributes;
  const variants = variantsOf(endpoint).map(({ name, accelerated }) => ({
    accelerated,
    dimensions: [
      { Name: 'EndpointName', Value: endpoint.name ?? '' },
      { Name: 'VariantName', Value: name },
    ],
  }));
  const asked =
    variants.length > 0 && Array.isArray(components)
      ? components.map((name) => ({ dimensions: [{ Name: 'InferenceComponentName', Value: String(name) }] }))
      : variants;
  const requests = asynchronous === true ? PROCESSED : REQUESTS;
  return [
    ...METRICS.flatMap((metric) =>
      variants.flatMap(({ accelerated, dimensions }) =>
        accelerated ? [{ endpoint, metric, dimensions }] : [],
      ),
    ),
    ...asked.map(({ dimensions }) => ({ endpoint, metric: requests, dimensions })),
  ];
}

/** Variants that have machines, and whether these have accelerators; where nobody knows, they may. */
function variantsOf({ attributes }: Resource): { name: string; accelerated: boolean }[] {
  const { variants } = attributes;
  if (!Array.isArray(variants)) return [];
  return variants.flatMap((variant: unknown) =>
    typeof variant === 'object' &&
    variant !== null &&
    'name' in variant &&
    'instances' in variant &&
    'devices' in variant &&
    typeof variant.name === 'string' &&
    Number(variant.instances) > 0
      ? [{ name: variant.name, accelerated: variant.devices !== 0 }]
      : [],
  );
}

/**
 * One metric of all variants that have it: an hour counts where every one of them has its point. Of the other hours what
 * some did is told as an average, which shows work and never rest.
 */
function seriesOf(
  endpoint: Resource,
  { namespace, metricName, metric, statistic, unit }: Metric,
  variants: readonly (MetricAnswer | undefined)[],
  window: MetricWindow,
): Telemetry[] {
  const { start, expected } = expectedFrom(window, endpoint.created);
  const each = variants.map(
    (answer) => new Map((answer?.ok === true ? answer.points : []).map((point) => [point.at, point.value])),
  );
  const hours = [...new Set(each.flatMap((one) => [...one.keys()]))]
    .filter((hour) => hour >= start && hour < window.end.getTime())
    .toSorted((a, b) => a - b)
    .map((hour) => ({ hour, values: each.flatMap((one) => one.get(hour) ?? []) }));
  const isWhole = ({ values }: (typeof hours)[number]) =>
    metricName !== PROCESSED.metricName && values.length === each.length;
  const told = (as: Telemetry['statistic'], some: typeof hours): Telemetry => ({
    resourceId: endpoint.id,
    metric,
    statistic: as,
    unit,
    device: null,
    period: window.period,
    points: some.map(({ hour, values }) => ({
      at: new Date(hour).toISOString(),
      value: joined(statistic, values),
    })),
    expectedPoints: expected,
    source: `${namespace} ${metricName}`,
    ...(metric === 'requests' ? {} : { bounds: 'every-device' as const }),
    ...(metric === 'gpu-utilization' && statistic === 'maximum' ? { counted: true as const } : {}),
  });
  const busy =
    statistic === 'sample-count'
      ? []
      : hours.filter((one) => !isWhole(one) && joined(statistic, one.values) > 0);
  return [told(statistic, hours.filter(isWhole)), ...(busy.length === 0 ? [] : [told('average', busy)])];
}

/** Of the variants: the busiest; the one with the fewest samples; all requests. Over 100 is several GPUs. */
function joined(statistic: Metric['statistic'], values: readonly number[]): number {
  if (statistic === 'sum') return values.reduce((sum, value) => sum + value, 0);
  return statistic === 'sample-count' ? Math.min(...values) : Math.min(100, Math.max(...values));
}
