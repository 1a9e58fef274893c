import { GPU_WINDOW_HOURS, lastHours } from '../aws/gpu-telemetry.ts';
import { expectedFrom } from '../aws/series.ts';
import type { Dataset, Resource, Telemetry } from '../model.ts';
import {
  AT_ONCE,
  type GcpSeries,
  type SeriesQuery,
  type SeriesWindow,
  TIME_SERIES,
  timeSeries,
} from './monitoring.ts';
import { lastPart, toldFault, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { gcpVertexEndpoints } from './vertex-endpoints.ts';
import { gcpVertexPools } from './vertex-pools.ts';

/**
 * "Average fraction of time over the past sample period during which the accelerator(s) were actively processing",
 * by replica, a share of 1 sampled each minute (Google Cloud metrics, aiplatform). An average over the accelerators
 * of a replica, times their number, is no less than that of any one of them.
 */
const ONLINE = 'aiplatform.googleapis.com/prediction/online';
/** "Number of online predictions", by deployed model; a private endpoint counts its own by another metric. */
const PREDICTIONS = `${ONLINE}/prediction_count`;
/**
 * "Number of different online prediction response codes", by deployed model and code. A prediction is one instance of a
 * request, and a raw request (rawPredict, chat completions) is not told to have any: whoever was answered was asked.
 */
const RESPONSES = `${ONLINE}/response_count`;

/** What has machines of its own at Vertex AI, and how Cloud Monitoring names it. */
interface Kind {
  readonly type: string;
  readonly resource: string;
  readonly label: string;
  readonly dutyCycle: string;
  /** Are requests counted by it? */
  readonly asked: boolean;
}

const ENDPOINT: Kind = {
  type: 'gcp:aiplatform:endpoint',
  resource: 'aiplatform.googleapis.com/Endpoint',
  label: 'endpoint_id',
  dutyCycle: `${ONLINE}/accelerator/duty_cycle`,
  asked: true,
};
const POOL: Kind = {
  type: 'gcp:aiplatform:deployment-resource-pool',
  resource: 'aiplatform.googleapis.com/DeploymentResourcePool',
  label: 'deployment_resource_pool_id',
  dutyCycle: `${ONLINE}/deployment_resource_pool/accelerator/duty_cycle`,
  asked: false,
};

/**
 * How busy the accelerators of Vertex endpoints were over the last 168 full hours. An hour counts only where every
 * deployed model with accelerators has as many replicas in it as always run: one that is silent may be the busy one.
 *
 * It does not see: single accelerators; memory as a share, since nothing tells how much a replica has; requests of
 * private endpoints; endpoints without accelerators otherwise than by their requests; an hour without a point of prediction_count, which is not taken for an hour without requests.
 */
export const gcpVertexTelemetry: Dataset<GcpSession> = vertexTelemetryOf(null);
/** The same for pools of machines that several endpoints share. Their requests are counted by the endpoints. */
export const gcpVertexPoolTelemetry: Dataset<GcpSession> = vertexPoolTelemetryOf(null);

/** @param only ids of the endpoints to ask for; null: all */
export function vertexTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return telemetryOf('gcp.aiplatform.endpoint-telemetry', gcpVertexEndpoints.id, ENDPOINT, only);
}

export function vertexPoolTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return telemetryOf('gcp.aiplatform.resource-pool-telemetry', gcpVertexPools.id, POOL, only);
}

function telemetryOf(
  id: string,
  need: string,
  kind: Kind,
  only: ReadonlySet<string> | null,
): Dataset<GcpSession> {
  return {
    id,
    needs: [need],
    permissions: [TIME_SERIES],
    async collect(scope, session, now, earlier, meter) {
      const endpoints = earlier.resources.filter(
        (one) =>
          one.type === kind.type &&
          (one.accelerators.length > 0 || (kind.asked && one.state === 'DEPLOYED')) &&
          only?.has(one.id) !== false,
      );
      const window = lastHours(now, GPU_WINDOW_HOURS);
      const telemetry: Telemetry[] = [];
      const missing: string[] = [];
      for (let from = 0; from < endpoints.length; from += AT_ONCE) {
        const batch = endpoints.slice(from, from + AT_ONCE);
        const query = async (some: readonly Resource[], metric: string, aligner: SeriesQuery['aligner']) =>
          some.length === 0
            ? []
            : await timeSeries(
                session,
                meter,
                {
                  metric,
                  resource: kind.resource,
                  label: kind.label,
                  names: some.map((one) => lastPart(one.id)),
                  aligner,
                },
                window,
              );
        const accelerated = batch.filter(({ accelerators }) => accelerators.length > 0);
        try {
          const use = await query(accelerated, kind.dutyCycle, 'ALIGN_MAX');
          const counts = await query(accelerated, kind.dutyCycle, 'ALIGN_COUNT');
          const asked = kind.asked ? batch : [];
          const predictions = await query(asked, PREDICTIONS, 'ALIGN_SUM');
          const responses = await query(asked, RESPONSES, 'ALIGN_SUM');
          for (const endpoint of batch)
            telemetry.push(...seriesOf(endpoint, { use, counts, predictions, responses }, kind, window));
        } catch (error) {
          missing.push(toldFault(`${batch.length} of ${endpoints.length} are left out`, error));
        }
      }
      return whole({ telemetry }, missing, 'metrics of Vertex AI', scope);
    },
  };
}

/** A deployed model with accelerators, as the endpoint's attributes tell it; a pool is one without an id. */
interface Deployed {
  readonly id: string | undefined;
  readonly devices: number;
  readonly replicas: number;
}

function deployedOf({ type, attributes }: Resource): Deployed[] {
  if (type === POOL.type) {
    const { acceleratorCount, minReplicas } = attributes;
    return [
      {
        id: undefined,
        devices: Math.max(1, Number(acceleratorCount)),
        replicas: Math.max(1, Number(minReplicas)),
      },
    ];
  }
  const models = attributes['deployedModels'];
  if (!Array.isArray(models)) return [];
  return models.flatMap((model: unknown) =>
    typeof model === 'object' &&
    model !== null &&
    'id' in model &&
    'acceleratorType' in model &&
    'acceleratorCount' in model &&
    'minReplicas' in model &&
    typeof model.id === 'string' &&
    typeof model.acceleratorType === 'string' &&
    model.acceleratorType !== 'ACCELERATOR_TYPE_UNSPECIFIED'
      ? [
          {
            id: model.id,
            devices: Math.max(1, Number(model.acceleratorCount)),
            // One that may shrink to none is silent when it did, and says what it does while it has any.
            replicas: Math.max(0, Number(model.minReplicas)),
          },
        ]
      : [],
  );
}

interface Answers {
  readonly use: readonly GcpSeries[];
  readonly counts: readonly GcpSeries[];
  readonly predictions: readonly GcpSeries[];
  readonly responses: readonly GcpSeries[];
}

function seriesOf(endpoint: Resource, answers: Answers, kind: Kind, window: SeriesWindow): Telemetry[] {
  const own = (all: readonly GcpSeries[]) =>
    all.filter(
      ({ resource }) =>
        resource[kind.label] === lastPart(endpoint.id) && resource['location'] === endpoint.region,
    );
  const use = own(answers.use);
  const counts = own(answers.counts);
  const models = deployedOf(endpoint);
  const { start, expected } = expectedFrom(window, endpoint.created);
  const hours = [...new Set(use.flatMap(({ points }) => [...points.keys()]))]
    .filter((hour) => hour >= start)
    .toSorted((a, b) => a - b);
  const maxima: Point[] = [];
  const samples: Point[] = [];
  for (const hour of hours) {
    const each = models.map(({ id, devices, replicas }) => {
      const values = valuesAt(use, id, hour);
      return {
        whole: values.length >= replicas,
        value: Math.min(100, Math.max(...values) * 100 * devices),
        count: values.length === 0 ? null : valuesAt(counts, id, hour).reduce((sum, one) => sum + one, 0),
      };
    });
    const busiest = Math.max(...each.map(({ value }) => value).filter(Number.isFinite));
    // One that is busy is busy, whoever else is silent; that none is takes all of them.
    if (Number.isFinite(busiest)) {
      maxima.push({ hour, value: busiest });
      samples.push({
        hour,
        value: each.every((one) => one.whole) ? Math.min(...each.flatMap(({ count }) => count ?? [])) : 0,
      });
    }
  }
  const series = (
    metric: Telemetry['metric'],
    statistic: Telemetry['statistic'],
    unit: string,
    points: readonly Point[],
    source: string,
  ): Telemetry => ({
    resourceId: endpoint.id,
    metric,
    statistic,
    unit,
    device: null,
    period: window.period,
    points: points.map(({ hour, value }) => ({ at: new Date(hour).toISOString(), value })),
    expectedPoints: expected,
    source,
    ...(metric === 'gpu-utilization' ? { bounds: 'every-device' as const } : {}),
    ...(metric === 'gpu-utilization' && statistic === 'maximum' ? { counted: true as const } : {}),
  });
  const duty = 'Vertex AI accelerator/duty_cycle';
  return [
    ...(maxima.length === 0
      ? []
      : [
          series('gpu-utilization', 'maximum', 'percent', maxima, duty),
          series('gpu-utilization', 'sample-count', 'count', samples, duty),
        ]),
    ...(endpoint.attributes['private'] === false && kind.asked
      ? [
          series(
            'requests',
            'sum',
            'count',
            requestsOf(own(answers.predictions), own(answers.responses), modelsOf(endpoint), start),
            'Vertex AI prediction_count, response_count',
          ),
        ]
      : []),
  ];
}

interface Point {
  readonly hour: number;
  readonly value: number;
}

/** What each replica of a deployed model says of an hour. */
function valuesAt(all: readonly GcpSeries[], model: string | undefined, hour: number): number[] {
  return all
    .filter(({ metric }) => metric['deployed_model_id'] === model)
    .flatMap(({ points }) => points.get(hour) ?? []);
}

/** Ids of all models that an endpoint has deployed, with accelerators or without. */
function modelsOf({ attributes }: Resource): string[] {
  const models = attributes['deployedModels'];
  return Array.isArray(models)
    ? models.flatMap((model: unknown) =>
        typeof model === 'object' && model !== null && 'id' in model && typeof model.id === 'string'
          ? [model.id]
          : [],
      )
    : [];
}

/**
 * The larger count of an hour. That there was none only predictions tell, and only where every deployed model has a
 * count of the hour; an answer tells that there was one.
 */
function requestsOf(
  predictions: readonly GcpSeries[],
  responses: readonly GcpSeries[],
  models: readonly string[],
  start: number,
): Point[] {
  const counts = new Map(
    [...summed(predictions, start)].filter(
      ([hour, count]) => count > 0 || models.every((model) => valuesAt(predictions, model, hour).length > 0),
    ),
  );
  for (const [hour, answers] of summed(responses, start))
    if (answers > (counts.get(hour) ?? 0)) counts.set(hour, answers);
  return [...counts].toSorted(([a], [b]) => a - b).map(([hour, value]) => ({ hour, value }));
}

function summed(all: readonly GcpSeries[], start: number): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { points } of all)
    for (const [hour, value] of points) if (hour >= start) sums.set(hour, (sums.get(hour) ?? 0) + value);
  return sums;
}
