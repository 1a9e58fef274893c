import {
  DescribeProcessingJobCommand,
  type DescribeProcessingJobResponse,
  ListProcessingJobsCommand,
  type ProcessingJobSummary,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { summed, type TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import { type JobAttributes, jobsSince } from './jobs.ts';
import { awsResource, isoTime } from './resource.ts';
import {
  AT_ONCE,
  SAGEMAKER_TAGS_PERMISSION,
  sagemakerTags,
  unlessGone,
  withAccelerators,
} from './sagemaker.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListProcessingJobs',
  why: 'lists processing jobs of the last 30 days',
};
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeProcessingJob',
  why: 'tells the machines, times and limits of a processing job',
};

/** Each takes two calls of an API that throttles: this many are described, the newest. */
const MOST = 500;

interface Job {
  readonly arn: string;
  readonly told: DescribeProcessingJobResponse;
  readonly parted: PartedTags;
}

/**
 * SageMaker processing jobs that were created within the last 30 days, newest first. The API tells no billable time
 * of them: `billableSeconds` is from start to end.
 *
 * It does not see: jobs beyond the newest 500 (coverage tells). How busy their machines were tells
 * sagemaker-job-telemetry.ts.
 */
export const awsSagemakerProcessingJobs: Dataset<AwsSession> = {
  id: 'aws.sagemaker.processing-jobs',
  permissions: [LIST, DESCRIBE, SAGEMAKER_TAGS_PERMISSION, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListProcessingJobsCommand({
          CreationTimeAfter: jobsSince(now),
          SortBy: 'CreationTime',
          SortOrder: 'Descending',
          MaxResults: 100,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const listed = new Map<string, ProcessingJobSummary>();
    let cut = false;
    for await (const { ProcessingJobSummaries } of pages) {
      for (const job of ProcessingJobSummaries ?? [])
        if (listed.size < MOST) listed.set(job.ProcessingJobArn ?? '', job);
        else cut = true;
      if (cut) break;
    }
    const limit = pLimit(AT_ONCE);
    const described = await Promise.all(
      [...listed].map(([arn, { ProcessingJobName }]) =>
        limit(() =>
          unlessGone(async (): Promise<Job> => {
            const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
              session.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName })),
            );
            return { arn, told, parted: await sagemakerTags(session, arn, where, meter) };
          }),
        ),
      ),
    );
    const jobs = described.filter((one) => one !== null);
    const types = jobs.flatMap(({ told }) => told.ProcessingResources?.ClusterConfig?.InstanceType ?? []);
    const collected = await withAccelerators(session, types, where, meter, (known) =>
      jobs.map((job) => resourceOf(job, session, known)),
    );
    if (cut)
      throw new IncompleteError(
        'unavailable',
        `only the newest ${MOST} processing jobs were read`,
        collected,
        {
          where,
        },
      );
    return collected;
  },
};

function resourceOf(
  { arn, told, parted }: Job,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const { InstanceType: type, InstanceCount: count } = told.ProcessingResources?.ClusterConfig ?? {};
  const [start, end] = [told.ProcessingStartTime, told.ProcessingEndTime];
  const attributes: JobAttributes = {
    jobName: told.ProcessingJobName ?? '',
    createdAt: isoTime(told.CreationTime),
    startedAt: isoTime(start),
    endedAt: isoTime(end),
    billableSeconds:
      start === undefined || end === undefined
        ? null
        : Math.max(0, Math.round((end.getTime() - start.getTime()) / 1000)),
    instanceCount: count ?? null,
    maxRuntimeSeconds: told.StoppingCondition?.MaxRuntimeInSeconds ?? null,
    endReason: null,
    failureReason: told.FailureReason ?? null,
    acceleratorsUnknown: type === undefined || !known.has(type),
    systemTags: parted.systemTags,
  };
  return awsResource(session, {
    type: 'aws:sagemaker:processing-job',
    id: arn,
    name: told.ProcessingJobName ?? null,
    state: told.ProcessingJobStatus ?? 'unknown',
    created: attributes.createdAt,
    tags: parted.tags,
    sku: type ?? null,
    accelerators: summed([{ of: known.get(type ?? ''), instances: count ?? 0 }]),
    attributes,
  });
}
