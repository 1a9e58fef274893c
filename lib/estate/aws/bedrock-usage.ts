import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { CallCount, Dataset, ModelCalls } from '../model.ts';
import { CALLS_DATASET, CALLS_DAYS } from '../model-calls.ts';
import { METRIC_DATA_PERMISSION, metricData } from './metric-data.ts';
import { type MetricsSession, owned } from './observability.ts';
import type { AwsSession } from './session.ts';

/** What looking at the calls of models needs. */
export const BEDROCK_USAGE_PERMISSIONS: readonly Permission[] = [
  { cloud: 'aws', action: 'cloudwatch:ListMetrics', why: 'finds which models of Bedrock were called' },
  METRIC_DATA_PERMISSION,
];

/** Namespace of Bedrock's metrics. */
export const NAMESPACE = 'AWS/Bedrock';
const DAY_SECONDS = 86_400;
/** Models of one account and region; more is a fault of what lists them. */
const MOST_MODELS = 2_000;

/**
 * Metrics by ModelId (Amazon Bedrock User Guide, "Monitor bedrock-runtime inference using CloudWatch metrics", 2026).
 * The guide names no metric of the cache; the names under which they are seen are both asked for, and the higher counts.
 */
const METRICS = {
  requests: ['Invocations'],
  input: ['InputTokenCount'],
  output: ['OutputTokenCount'],
  clientErrors: ['InvocationClientErrors'],
  serverErrors: ['InvocationServerErrors'],
  throttles: ['InvocationThrottles'],
  cachedInput: ['CacheReadInputTokenCount', 'CacheReadInputTokens'],
  cacheWrite: ['CacheWriteInputTokenCount', 'CacheWriteInputTokens'],
} as const satisfies Readonly<Record<CallCount, readonly string[]>>;

type UsageSession = MetricsSession & Pick<AwsSession, 'accountId' | 'region'>;

/**
 * Calls of models in the whole UTC days before a look, kept with it for digest and report. What it does not see:
 * `bedrockUsage`.
 */
export const awsBedrockUsage: Dataset<AwsSession> = {
  id: CALLS_DATASET,
  permissions: BEDROCK_USAGE_PERMISSIONS,
  async collect(_scope, session, now, _earlier, meter) {
    const end = midnight(utcDay(now));
    const start = new Date(end.getTime() - CALLS_DAYS * DAY_SECONDS * 1000);
    const modelCalls = await bedrockUsage(session, { start: utcDay(start), end: utcDay(end) }, meter);
    // A monitoring account names no model of an account that calls none, nor of one that is not linked to it.
    return session.metricsOf !== undefined && modelCalls.length === 0 ? {} : { modelCalls };
  },
};

/** `YYYY-MM-DD`. */
function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/**
 * Calls of models a day, by ModelId. Metrics are silent where there is nothing to count: of a metric that has a point
 * on any day, a day on which the model was called and that has none counts as zero; one that has none at all is not
 * told. It does not see: models that were silent for the last two weeks (ListMetrics leaves them out), calls of
 * `bedrock-mantle`, which publishes elsewhere, whose key a call was made with, and what was asked for in batches.
 * @param span UTC days, half-open
 */
export async function bedrockUsage(
  session: UsageSession,
  span: { readonly start: string; readonly end: string },
  meter: Meter,
): Promise<ModelCalls[]> {
  const where = `aws:${session.accountId}:${session.region}`;
  const models = await modelsOf(session, CALLED, where, meter);
  const wanted = models.flatMap((model) =>
    countsOf().flatMap((count) => METRICS[count].map((metricName) => ({ model, count, metricName }))),
  );
  if (wanted.length === 0) return [];
  const answers = await metricData(
    session,
    wanted.map(({ model, metricName }) => ({
      namespace: NAMESPACE,
      metricName,
      stat: 'Sum',
      dimensions: [{ Name: 'ModelId', Value: model }],
    })),
    { start: midnight(span.start), end: midnight(span.end), period: DAY_SECONDS },
    where,
    meter,
  );
  /** By model and count, the values of days. */
  const found = new Map<string, Map<string, number>>();
  for (const [at, { model, count, metricName }] of wanted.entries()) {
    const answer = answers[at];
    if (answer?.ok !== true)
      throw new BursarError(
        'unavailable',
        `cloudwatch:GetMetricData could not answer for ${metricName} of ${model}: ${answer?.fault ?? 'no answer'}`,
        { where, hint: 'Look again later: what could not be read is not taken for nothing.' },
      );
    const days = found.get(keyOf(model, count)) ?? new Map<string, number>();
    found.set(keyOf(model, count), days);
    for (const { at: start, value } of answer.points) {
      const day = utcDay(new Date(start));
      days.set(day, Math.max(days.get(day) ?? 0, value));
    }
  }
  return models.flatMap((model) => daysOf(model, found));
}

function daysOf(model: string, found: ReadonlyMap<string, ReadonlyMap<string, number>>): ModelCalls[] {
  const days = [
    ...new Set(countsOf().flatMap((count) => [...(found.get(keyOf(model, count))?.keys() ?? [])])),
  ].toSorted();
  return days.map((day) => {
    const of = (count: CallCount): number | null => {
      const values = found.get(keyOf(model, count));
      return values === undefined || values.size === 0 ? null : (values.get(day) ?? 0);
    };
    return {
      day,
      model,
      requests: of('requests'),
      input: of('input'),
      output: of('output'),
      clientErrors: of('clientErrors'),
      serverErrors: of('serverErrors'),
      throttles: of('throttles'),
      cachedInput: of('cachedInput'),
      cacheWrite: of('cacheWrite'),
    };
  });
}

/** Metrics that a model which was called has one of. */
const CALLED = [
  'Invocations',
  'InvocationThrottles',
  'InvocationClientErrors',
  'InvocationServerErrors',
] as const;

/**
 * Models that have one of these metrics in the last two weeks (CloudWatch API Reference, ListMetrics); those that have
 * further dimensions are parts of these. The whole namespace is listed: most regions have nothing in it, which is then
 * one request and not one a metric.
 */
export async function modelsOf(
  session: MetricsSession,
  metricNames: readonly string[],
  where: string,
  meter: Meter,
): Promise<string[]> {
  const models = new Set<string>();
  const wanted = new Set(metricNames);
  const pages = awsPages({ action: 'cloudwatch:ListMetrics', where, meter }, (token) =>
    session.cloudwatch.send(
      new ListMetricsCommand({
        ...owned(session),
        Namespace: NAMESPACE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  for await (const { Metrics } of pages)
    for (const { MetricName = '', Dimensions = [] } of Metrics ?? []) {
      const [only, ...more] = Dimensions;
      if (wanted.has(MetricName) && only?.Name === 'ModelId' && only.Value !== undefined && more.length === 0)
        models.add(only.Value);
      if (models.size > MOST_MODELS)
        throw new BursarError('unavailable', `more than ${MOST_MODELS} models were called`, { where });
    }
  return [...models].toSorted();
}

function countsOf(): CallCount[] {
  return [
    'requests',
    'input',
    'output',
    'clientErrors',
    'serverErrors',
    'throttles',
    'cachedInput',
    'cacheWrite',
  ];
}

function keyOf(model: string, count: CallCount): string {
  return `${count} ${model}`;
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
