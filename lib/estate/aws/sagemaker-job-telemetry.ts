import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { GPU_WINDOW_HOURS, lastHours, readSeries, type WantedSeries } from './gpu-telemetry.ts';
import { METRIC_DATA_PERMISSION } from './metric-data.ts';
import { awsSagemakerProcessingJobs } from './sagemaker-processing-jobs.ts';
import { awsSagemakerTrainingJobs } from './sagemaker-training-jobs.ts';
import type { ServiceTelemetry } from './service-telemetry.ts';
import type { AwsSession } from './session.ts';

const HOUR_MS = 3_600_000;
/** Each is three metrics: 0.30 USD a run at the most. The newest jobs come first. */
const MOST_HOSTS = 10_000;

const METRICS = [
  { metricName: 'GPUUtilization', metric: 'gpu-utilization', stat: 'Maximum', statistic: 'maximum' },
  { metricName: 'GPUUtilization', metric: 'gpu-utilization', stat: 'SampleCount', statistic: 'sample-count' },
  { metricName: 'GPUMemoryUtilization', metric: 'gpu-memory-used', stat: 'Maximum', statistic: 'maximum' },
] as const;

/** How busy the accelerators of training jobs were. */
export const awsTrainingJobTelemetry = jobTelemetry(
  'aws.sagemaker.training-job-telemetry',
  awsSagemakerTrainingJobs.id,
  'aws:sagemaker:training-job',
  '/aws/sagemaker/TrainingJobs',
);

/** The same of processing jobs. */
export const awsProcessingJobTelemetry = jobTelemetry(
  'aws.sagemaker.processing-job-telemetry',
  awsSagemakerProcessingJobs.id,
  'aws:sagemaker:processing-job',
  '/aws/sagemaker/ProcessingJobs',
);

/**
 * How busy the accelerators of jobs were that run or ended within the last 168 full hours, an hour a point and a series
 * an instance (Amazon SageMaker AI Developer Guide, "Amazon SageMaker AI metrics in Amazon CloudWatch", job metrics:
 * dimension Host, `[job name]/algo-[instance number in cluster]`). GPUUtilization and GPUMemoryUtilization are sums
 * over the GPUs of an instance, 0 to 100 times their number: their unit is `device-percent`, 100 for one whole device.
 *
 * It does not see: single GPUs; Neuron devices; what a job did in the hour that is not over yet, or more than a week
 * ago; jobs of mixed instance groups, of which nobody tells which host has GPUs. Of more than ten thousand instances
 * the newest jobs' are read, and coverage says so.
 */
function jobTelemetry(id: string, needs: string, type: string, namespace: string): ServiceTelemetry {
  return {
    id,
    of: (only): Dataset<AwsSession> => ({
      id,
      needs: [needs],
      permissions: [METRIC_DATA_PERMISSION],
      async collect(scope, session, now, earlier, meter) {
        const window = lastHours(now, GPU_WINDOW_HOURS);
        const jobs = earlier.resources
          .filter((job) => job.type === type && only?.has(job.id) !== false)
          .flatMap((job) => within(job, window.start.getTime(), window.end.getTime()))
          .toSorted((a, b) => b.from - a.from || (a.job.id < b.job.id ? -1 : 1));
        let hosts = 0;
        const read = jobs.filter((one) => {
          hosts += one.hosts;
          return hosts <= MOST_HOSTS;
        });
        if (read.length === 0) return {};
        const found = await readSeries(
          read.flatMap((one) => wantedOf(one, namespace)),
          read.map(({ job, from }) => ({ ...job, created: new Date(from).toISOString() })),
          scope,
          session,
          now,
          meter,
          new Map(read.map(({ job, expected }) => [job.id, expected])),
        );
        if (read.length < jobs.length)
          throw new IncompleteError(
            'unavailable',
            `only the newest ${read.length} of ${jobs.length} jobs with accelerators were asked how busy they were`,
            found,
            { where: scopeName(scope) },
          );
        return found;
      },
    }),
  };
}

interface Busy {
  readonly job: Resource;
  readonly hosts: number;
  /** The hour in which it began, or the window, milliseconds since 1970. */
  readonly from: number;
  /** Hours of the window in which it ran. */
  readonly expected: number;
}

/** The job, where it has accelerators and ran in a full hour of the window. */
function within(job: Resource, start: number, end: number): Busy[] {
  const { startedAt, endedAt, instanceCount } = job.attributes;
  const began = typeof startedAt === 'string' ? Date.parse(startedAt) : Number.NaN;
  const over = typeof endedAt === 'string' ? Date.parse(endedAt) : end;
  const mixed = job.sku?.includes(',') === true;
  if (job.accelerators.length === 0 || mixed || typeof instanceCount !== 'number' || !(began < end))
    return [];
  const from = Math.max(start, Math.floor(began / HOUR_MS) * HOUR_MS);
  const expected = Math.ceil((Math.min(over, end) - from) / HOUR_MS);
  return expected > 0 && instanceCount > 0 ? [{ job, hosts: instanceCount, from, expected }] : [];
}

function wantedOf({ job, hosts }: Busy, namespace: string): WantedSeries[] {
  return Array.from({ length: hosts }, (_, at) => `algo-${at + 1}`).flatMap((host) =>
    METRICS.map(({ metricName, metric, stat, statistic }) => ({
      query: {
        namespace,
        metricName,
        stat,
        dimensions: [{ Name: 'Host', Value: `${job.name ?? ''}/${host}` }],
      },
      series: {
        resourceId: job.id,
        metric,
        statistic,
        unit: statistic === 'sample-count' ? 'count' : 'device-percent',
        device: host,
        bounds: 'every-device' as const,
        source: `${namespace} ${metricName}`,
      },
      scale: 1,
    })),
  );
}
