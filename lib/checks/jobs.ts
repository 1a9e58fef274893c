import type { Resource } from '../estate/model.ts';
import { numberOf, textOf, timeOf } from './attributes.ts';

/** How a run of a job stands or ended. `timed-out`: its own limit ended it. */
export type Outcome = 'waiting' | 'running' | 'succeeded' | 'failed' | 'timed-out' | 'stopped';

/** One run of a job, whoever ran it. */
export interface Run {
  readonly resource: Resource;
  /** Its name without what tells one run from the next. */
  readonly family: string;
  readonly outcome: Outcome;
  /** Milliseconds since 1970. */
  readonly created: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  /** Seconds of each instance that are billed, or those between its start and end; null where neither is told. */
  readonly seconds: number | null;
  readonly instances: number | null;
  /** After how many seconds it is stopped; null without a limit. */
  readonly limit: number | null;
  /** The provider's own words for what went wrong. */
  readonly failure: string | null;
}

/**
 * The providers' own states (SageMaker API Reference, TrainingJobStatus and ProcessingJobStatus; Batch API
 * Reference, JobDetail status; Vertex AI, JobState).
 */
const OUTCOMES: ReadonlyMap<string, ReadonlyMap<string, Outcome>> = new Map([
  ...['aws:sagemaker:training-job', 'aws:sagemaker:processing-job'].map(
    (type) =>
      [
        type,
        new Map<string, Outcome>([
          ['InProgress', 'running'],
          ['Stopping', 'running'],
          ['Completed', 'succeeded'],
          ['Failed', 'failed'],
          ['Stopped', 'stopped'],
        ]),
      ] as const,
  ),
  [
    'aws:batch:job',
    new Map<string, Outcome>([
      ['SUBMITTED', 'waiting'],
      ['PENDING', 'waiting'],
      ['RUNNABLE', 'waiting'],
      ['STARTING', 'waiting'],
      ['RUNNING', 'running'],
      ['SUCCEEDED', 'succeeded'],
      ['FAILED', 'failed'],
    ]),
  ],
  [
    'gcp:aiplatform:custom-job',
    new Map<string, Outcome>([
      ['JOB_STATE_QUEUED', 'waiting'],
      ['JOB_STATE_PENDING', 'waiting'],
      ['JOB_STATE_PAUSED', 'waiting'],
      ['JOB_STATE_RUNNING', 'running'],
      ['JOB_STATE_UPDATING', 'running'],
      ['JOB_STATE_CANCELLING', 'running'],
      ['JOB_STATE_SUCCEEDED', 'succeeded'],
      ['JOB_STATE_PARTIALLY_SUCCEEDED', 'succeeded'],
      ['JOB_STATE_FAILED', 'failed'],
      ['JOB_STATE_CANCELLED', 'stopped'],
      ['JOB_STATE_EXPIRED', 'timed-out'],
    ]),
  ],
]);

/** Datasets that hold jobs. */
export const JOB_DATASETS = [
  'aws.sagemaker.training-jobs',
  'aws.sagemaker.processing-jobs',
  'aws.batch.jobs',
  'gcp.aiplatform.custom-jobs',
] as const;

/** Is it a run of a job, which ends by itself? */
export function isJob({ type }: Pick<Resource, 'type'>): boolean {
  return OUTCOMES.has(type);
}

/** Is it a run of a job that is over? */
export function hasEnded(resource: Resource): boolean {
  const outcome = runOf(resource)?.outcome;
  return outcome !== undefined && outcome !== 'waiting' && outcome !== 'running';
}

/** A resource as a run; null where it is no job, or in a state that says nothing of how it goes. */
export function runOf(resource: Resource): Run | null {
  const known = OUTCOMES.get(resource.type)?.get(resource.state);
  if (known === undefined) return null;
  const started = timeOf(resource, 'startedAt');
  const ended = timeOf(resource, 'endedAt');
  const between = started === null || ended === null || ended < started ? null : (ended - started) / 1000;
  const billed = numberOf(resource, 'billableSeconds');
  return {
    resource,
    family: familyOf(textOf(resource, 'jobName') ?? resource.name ?? resource.id),
    outcome: outcomeOf(resource, known, started),
    created: Number.isNaN(Date.parse(resource.created ?? '')) ? null : Date.parse(resource.created ?? ''),
    started,
    ended,
    seconds: billed !== null && billed >= 0 ? billed : between,
    instances: numberOf(resource, 'instanceCount') ?? numberOf(resource, 'machines'),
    limit: numberOf(resource, 'maxRuntimeSeconds') ?? numberOf(resource, 'timeoutSeconds'),
    failure: textOf(resource, 'failureReason') ?? textOf(resource, 'error'),
  };
}

function outcomeOf(resource: Resource, known: Outcome, started: number | null): Outcome {
  const reason = textOf(resource, 'endReason');
  if (known === 'running' && started === null) return 'waiting';
  // `MaxRuntimeExceeded`, `MaxWaitTimeExceeded` (SageMaker API Reference, SecondaryStatus).
  if (known === 'stopped' && reason?.startsWith('Max') === true) return 'timed-out';
  // Batch calls a job that somebody ended a failed one, too (JobDetail, isTerminated).
  return known === 'failed' && reason === 'terminated' ? 'stopped' : known;
}

/**
 * A step of SageMaker Pipelines, between the number of its execution and one of its own:
 * `pipelines-kytlemm1lvpq-PreprocessingStep-cIpzShs3Qp` (aws/amazon-sagemaker-examples, issue 3106).
 */
const PIPELINE_STEP = /^(pipelines)-[a-z0-9]{12}-(.+)-[A-Za-z0-9]{10}$/;

/**
 * The name that the runs of one job share: parts that are numbers, times, UUIDs or long hexadecimal numbers are left
 * out (`train-2026-11-20-08-15-00-123` and `tuner-261120-0815-012-0a1b2c3d`, as SageMaker's own tools name them).
 */
export function familyOf(name: string): string {
  const parts = name
    .replace(PIPELINE_STEP, '$1-$2')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '')
    .split(/[-_./:+#,()[\]\s]+/)
    .filter((part) => part !== '' && !isTime(part) && !isHash(part));
  return parts.length === 0 ? name : parts.join('-');
}

/** A number, alone or within a time: `20T08`, `00Z`, `08h15`, `8pm`, `20Nov2026`; a month alone is a word like others. */
function isTime(part: string): boolean {
  return (
    /^\d+[tTzZ]?\d*[zZ]?$/.test(part) ||
    /^\d{1,2}(h\d{2}(m(\d{2}s?)?)?|[ap]m)$/i.test(part) ||
    /^(?=.*\d)\d{0,4}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\d{0,4}$/i.test(part)
  );
}

function isHash(part: string): boolean {
  return /^[0-9a-f]{8,}$/i.test(part) && /\d/.test(part);
}

/** Seconds of all its instances; null where either is not told. */
export function instanceSeconds({ seconds, instances }: Run): number | null {
  return seconds === null || instances === null ? null : seconds * instances;
}

/** Runs of one kind, account, region and family, oldest first. */
export function families(runs: readonly Run[]): Run[][] {
  const groups = Map.groupBy(runs, ({ resource, family }) =>
    [resource.type, resource.accountId, resource.region, family].join('\n'),
  );
  return [...groups.values()].map((all) =>
    all.toSorted((a, b) => (a.created ?? 0) - (b.created ?? 0) || (a.resource.id < b.resource.id ? -1 : 1)),
  );
}

/** The middle of some values, the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** `2.5` hours of that many seconds, to two places. */
export function hoursText(seconds: number): string {
  return String(Math.round(seconds / 36) / 100);
}

/** The job behind its runs: it has no id of its own. */
export function familyId({ resource, family }: Run): string {
  return `job/${resource.accountId}/${resource.region}/${resource.type}/${family}`;
}
