import type { Resource, Telemetry } from '../estate/model.ts';
import { type Reading, readings, type Span } from './gpu-readings.ts';

/** Datasets that tell how busy the accelerators of jobs were. */
export const JOB_TELEMETRY = [
  'aws.sagemaker.training-job-telemetry',
  'aws.sagemaker.processing-job-telemetry',
] as const;

/** The dataset that tells how busy a job of this type was; null where none does. */
export function jobTelemetryOf({ type }: Pick<Resource, 'type'>): (typeof JOB_TELEMETRY)[number] | null {
  if (type === 'aws:sagemaker:training-job') return JOB_TELEMETRY[0];
  return type === 'aws:sagemaker:processing-job' ? JOB_TELEMETRY[1] : null;
}

export interface JobUse {
  /** The highest of all instances over the span, in percent of one device: 100 for each whole device of an instance. */
  readonly maximum: number;
  readonly source: string;
  /** Does every instance have at least that share of its samples, all of them valid? */
  readonly whole: boolean;
}

/**
 * How busy a job's accelerators were over a span of full hours; null where nobody told anything.
 * @param sampleShare percent of the expected samples that each instance must have for `whole`
 */
export function jobUse(
  job: Resource,
  series: readonly Telemetry[],
  metric: 'gpu-utilization' | 'gpu-memory-used',
  span: Span,
  sampleShare: number,
): JobUse | null {
  const told = readings(series, metric, span).filter(({ unit }) => unit === 'device-percent');
  const [first] = told;
  const maxima = told.flatMap(({ maximum }) => maximum ?? []);
  if (first === undefined || maxima.length === 0) return null;
  const enough = ({ maximum, invalid, gaps, share }: Reading) =>
    maximum !== null && invalid === 0 && gaps === 0 && share * 100 >= sampleShare;
  const hosts = job.attributes['instanceCount'];
  return {
    maximum: Math.max(...maxima),
    source: first.source,
    whole: told.length === hosts && told.every(enough),
  };
}
