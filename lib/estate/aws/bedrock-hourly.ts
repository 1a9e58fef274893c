import { Decimal } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { modelsOf, NAMESPACE } from './bedrock-usage.ts';
import { metricData } from './metric-data.ts';
import type { AwsSession } from './session.ts';

const HOUR_SECONDS = 3600;
const COUNTS = { input: 'InputTokenCount', output: 'OutputTokenCount' } as const;

/** Tokens that one model took or gave in an hour. */
export interface BedrockHour {
  /** Start of the hour, ISO-8601 UTC. */
  readonly at: string;
  /** ModelId, as the caller wrote it: a model, a profile or a throughput. */
  readonly model: string;
  readonly count: keyof typeof COUNTS;
  readonly tokens: Decimal;
}

/**
 * Tokens of models an hour, by ModelId, as CloudWatch has them minutes later (Amazon Bedrock User Guide, "Monitor
 * bedrock-runtime inference using CloudWatch metrics", 2026); an hour without any is left out. CloudWatch keeps points
 * of an hour for 455 days. It does not see: tokens that were read from or written to a cache where AWS does not count
 * them as input, calls of `bedrock-mantle`, which publishes elsewhere, what was asked for in batches, and whose key a
 * call was made with.
 * @param span whole hours, half-open
 * @throws BursarError where CloudWatch refuses, or leaves a metric open
 */
export async function bedrockHours(
  session: Pick<AwsSession, 'cloudwatch' | 'accountId' | 'region'>,
  span: { readonly start: Date; readonly end: Date },
  meter: Meter,
): Promise<BedrockHour[]> {
  const where = `aws:${session.accountId}:${session.region}`;
  const models = await modelsOf(session, Object.values(COUNTS), where, meter);
  const wanted = models.flatMap((model) =>
    (['input', 'output'] as const).map((count) => ({ model, count, metricName: COUNTS[count] })),
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
    { ...span, period: HOUR_SECONDS },
    where,
    meter,
  );
  return wanted.flatMap(({ model, count, metricName }, at) => {
    const answer = answers[at];
    if (answer?.ok !== true)
      throw new BursarError(
        'unavailable',
        `cloudwatch:GetMetricData could not answer for ${metricName} of ${model}: ${answer?.fault ?? 'no answer'}`,
        { where, hint: 'It is looked at again in an hour: what could not be read is not taken for nothing.' },
      );
    return answer.points.map(({ at: start, value }) => ({
      at: new Date(start).toISOString(),
      model,
      count,
      tokens: new Decimal(value),
    }));
  });
}
