import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { METRIC_DATA_PERMISSION, type MetricQuery, metricData } from '../../estate/aws/metric-data.ts';
import { Decimal } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { MetricSource } from './model.ts';

const DAY_SECONDS = 86_400;

/** One metric of CloudWatch, a point a day. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: MetricQuery['stat'];
}

/**
 * A metric of CloudWatch a day. Points a day are of UTC days, for the span begins at midnight UTC (CloudWatch API
 * Reference, GetMetricData, StartTime); they are kept for 455 days (CloudWatch User Guide, "Metrics retention"). A day
 * without a point is a gap: many metrics are silent where nothing happens, and CloudWatch does not say so. A value is
 * the shortest decimal that reads as the number that came.
 */
export function cloudWatchMetric(
  cloudwatch: CloudWatchClient,
  { namespace, metric, dimensions, stat }: CloudWatchMetric,
): MetricSource {
  const shownAs = `${namespace} ${metric}`;
  const where = `cloudwatch ${shownAs}`;
  return {
    shownAs,
    permissions: [METRIC_DATA_PERMISSION],
    async read({ start, end }, meter) {
      const [answer] = await metricData(
        { cloudwatch },
        [
          {
            namespace,
            metricName: metric,
            stat,
            dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
        ],
        {
          start: new Date(`${start}T00:00:00Z`),
          end: new Date(`${end}T00:00:00Z`),
          period: DAY_SECONDS,
        },
        where,
        meter,
      );
      if (answer?.ok !== true)
        throw new BursarError('unavailable', `no whole answer: ${answer?.fault ?? 'none came'}`, { where });
      if (answer.points.length === 0)
        throw new BursarError('input', `no point from ${start} to ${end}`, {
          where,
          hint: 'Check namespace, metric, every dimension and the region: CloudWatch answers with nothing to any name.',
        });
      return {
        values: new Map(
          answer.points.map(({ at, value }) => [
            new Date(at).toISOString().slice(0, 10),
            new Decimal(String(value)),
          ]),
        ),
        zone: 'Days are of UTC, as those of the bill.',
        notes: [],
      };
    },
  };
}
