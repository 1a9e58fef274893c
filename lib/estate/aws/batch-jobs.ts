import {
  type AttemptDetail,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  type EksAttemptDetail,
  type JobDetail,
  ListJobsCommand,
  type ResourceRequirement,
} from '@aws-sdk/client-batch';
import { awsCall } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { lowerPages } from './bedrock.ts';
import { type JobAttributes, jobsSince } from './jobs.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const QUEUES: Permission = {
  cloud: 'aws',
  action: 'batch:DescribeJobQueues',
  why: 'lists job queues of Batch',
};
const LIST: Permission = {
  cloud: 'aws',
  action: 'batch:ListJobs',
  why: 'lists jobs of Batch of the last 30 days',
};
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'batch:DescribeJobs',
  why: 'tells which jobs of Batch ask for GPUs, and how they ended',
};

/** DescribeJobs takes at most 100 ids (Batch API Reference). */
const AT_A_TIME = 100;
/** Jobs of one account and region that are described: which of them ask for a GPU is not known before. */
const MOST = 5_000;

/**
 * Jobs of Batch that ask for GPUs, created within the last 30 days. A filter by time lists jobs of every state (Batch
 * API Reference, ListJobs).
 *
 * It does not see: ended jobs that Batch no longer keeps; the children of array jobs one by one; queues for SageMaker (their jobs are training jobs); jobs
 * beyond the first 5,000 listed (coverage tells); on which instance a job ran, whose bill the instance has.
 */
export const awsBatchJobs: Dataset<AwsSession> = {
  id: 'aws.batch.jobs',
  permissions: [QUEUES, LIST, DESCRIBE],
  async collect(scope, session, now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const queues: string[] = [];
    const queuePages = lowerPages({ action: QUEUES.action, ...call }, (nextToken) =>
      session.batch.send(new DescribeJobQueuesCommand(nextToken === undefined ? {} : { nextToken })),
    );
    for await (const { jobQueues } of queuePages)
      for (const { jobQueueArn, jobQueueType } of jobQueues ?? [])
        if (jobQueueArn !== undefined && jobQueueType !== 'SAGEMAKER_TRAINING') queues.push(jobQueueArn);
    const ids = new Set<string>();
    let cut = false;
    for (const jobQueue of queues) {
      const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
        session.batch.send(
          new ListJobsCommand({
            jobQueue,
            maxResults: 100,
            filters: [{ name: 'AFTER_CREATED_AT', values: [String(jobsSince(now).getTime())] }],
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        ),
      );
      for await (const { jobSummaryList } of pages) {
        for (const { jobId } of jobSummaryList ?? [])
          if (jobId !== undefined && ids.size < MOST) ids.add(jobId);
          else cut = true;
        if (cut) break;
      }
      if (cut) break;
    }
    const wanted = [...ids];
    const resources: Resource[] = [];
    for (let from = 0; from < wanted.length; from += AT_A_TIME) {
      const { jobs } = await awsCall({ action: DESCRIBE.action, ...call }, () =>
        session.batch.send(new DescribeJobsCommand({ jobs: wanted.slice(from, from + AT_A_TIME) })),
      );
      for (const job of jobs ?? []) {
        const gpus = gpusOf(job);
        if (gpus > 0) resources.push(resourceOf(job, gpus, session));
      }
    }
    if (cut)
      throw new IncompleteError(
        'unavailable',
        `only ${MOST} jobs of Batch were read`,
        { resources },
        {
          where: call.where,
        },
      );
    return { resources };
  },
};

/** GPUs that a job asks for, of all its nodes; an array job's are of one child. */
function gpusOf({ container, nodeProperties, eksProperties, ecsProperties }: JobDetail): number {
  const pods = eksProperties?.podProperties?.containers ?? [];
  const tasks = ecsProperties?.taskProperties ?? [];
  return (
    asked(container?.resourceRequirements) +
    pods.reduce((sum, { resources }) => sum + gpuLimit(resources?.limits ?? resources?.requests), 0) +
    tasks.reduce(
      (sum, { containers }) =>
        sum + (containers ?? []).reduce((own, one) => own + asked(one.resourceRequirements), 0),
      0,
    ) +
    (nodeProperties?.nodeRangeProperties ?? []).reduce(
      (sum, range) =>
        sum +
        nodesIn(range.targetNodes ?? '', nodeProperties?.numNodes ?? 0) *
          asked(range.container?.resourceRequirements),
      0,
    )
  );
}

function asked(requirements: readonly ResourceRequirement[] | undefined): number {
  return (requirements ?? []).reduce((sum, { type, value }) => sum + (type === 'GPU' ? whole(value) : 0), 0);
}

/** Kubernetes names GPUs by their maker: `nvidia.com/gpu` (Batch API Reference, EksContainerResourceRequirements). */
function gpuLimit(limits: Readonly<Record<string, string>> | undefined): number {
  return whole(limits?.['nvidia.com/gpu']);
}

function whole(text: string | undefined): number {
  return /^\d{1,6}$/.test(text ?? '') ? Number(text) : 0;
}

/** Nodes of a range: `0:3` is four, `2:` all from the third (Batch API Reference, NodeRangeProperty). */
function nodesIn(range: string, all: number): number {
  const [from = '', to = ''] = range.split(':');
  const first = from === '' ? 0 : Number(from);
  const last = !range.includes(':') ? first : to === '' ? all - 1 : Number(to);
  return Math.max(0, Math.min(last, all - 1) - first + 1);
}

/**
 * Seconds that a job that is over ran, of all its attempts: `startedAt` of a job that was tried again is the last one's,
 * and what failed before it was billed, too (Batch API Reference, JobDetail, AttemptDetail, EksAttemptDetail).
 */
function secondsOf({ startedAt, stoppedAt, attempts, eksAttempts }: JobDetail): number | null {
  if (stoppedAt === undefined) return null;
  const ran = [...(attempts ?? []), ...(eksAttempts ?? [])].flatMap((one) => spanOf(one) ?? []);
  const last = spanOf({ startedAt, stoppedAt });
  const all = ran.length > 0 ? ran.reduce((sum, each) => sum + each, 0) : last;
  return all === null ? null : Math.round(all / 1000);
}

function spanOf({ startedAt, stoppedAt }: AttemptDetail | EksAttemptDetail): number | null {
  return startedAt === undefined || stoppedAt === undefined ? null : Math.max(0, stoppedAt - startedAt);
}

function resourceOf(job: JobDetail, gpus: number, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(
    Object.entries(job.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
  );
  const attributes: JobAttributes = {
    jobName: job.jobName ?? '',
    createdAt: isoTime(job.createdAt),
    startedAt: isoTime(job.startedAt),
    endedAt: isoTime(job.stoppedAt),
    billableSeconds: secondsOf(job),
    // Of an array job nobody knows how many children ran at once.
    instanceCount: job.arrayProperties?.size === undefined ? (job.nodeProperties?.numNodes ?? 1) : null,
    // The limit of one attempt (Batch API Reference, JobTimeout).
    maxRuntimeSeconds: job.timeout?.attemptDurationSeconds ?? null,
    endReason: job.isTerminated === true ? 'terminated' : null,
    failureReason: job.statusReason ?? null,
    attempts: (job.attempts ?? []).length,
    children: job.arrayProperties?.size ?? null,
    gpus,
    systemTags,
  };
  return awsResource(session, {
    type: 'aws:batch:job',
    id: job.jobArn ?? job.jobId ?? '',
    name: job.jobName ?? null,
    state: job.status ?? 'unknown',
    created: attributes.createdAt,
    tags,
    accelerators: [{ kind: 'GPU', count: gpus, memoryMiB: null }],
    parent: { type: 'aws:batch:job-queue', id: job.jobQueue ?? '' },
    attributes,
  });
}
