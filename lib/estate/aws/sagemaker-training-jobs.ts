import { SearchCommand, type SearchRecord, type TrainingJob } from '@aws-sdk/client-sagemaker';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { summed, type TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import { type JobAttributes, jobsSince } from './jobs.ts';
import { awsResource, isoTime } from './resource.ts';
import { withAccelerators } from './sagemaker.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const SEARCH: Permission = {
  cloud: 'aws',
  action: 'sagemaker:Search',
  why: 'reads training jobs of the last 30 days with their tags, a hundred a call',
};

/** No more jobs of one account and region are kept: more would make every later look slow. */
const MOST = 5_000;

/**
 * SageMaker training jobs that were created within the last 30 days, newest first: status, times, what is billed,
 * machines, limits and reasons. Search gives a hundred whole jobs a call; listing and describing would take a
 * hundred and one and as many again for the tags.
 *
 * It does not see: jobs beyond the newest 5,000 (coverage tells). How busy their machines were tells
 * sagemaker-job-telemetry.ts.
 */
export const awsSagemakerTrainingJobs: Dataset<AwsSession> = {
  id: 'aws.sagemaker.training-jobs',
  permissions: [SEARCH, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: SEARCH.action, where, meter }, (token) =>
      session.sagemaker.send(
        new SearchCommand({
          Resource: 'TrainingJob',
          SearchExpression: {
            Filters: [
              {
                Name: 'CreationTime',
                Operator: 'GreaterThanOrEqualTo',
                // `YYYY-mm-dd'T'HH:MM:SS` (SageMaker API Reference, Filter, Value).
                Value: jobsSince(now).toISOString().slice(0, 19),
              },
            ],
          },
          SortBy: 'CreationTime',
          SortOrder: 'Descending',
          MaxResults: 100,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byArn = new Map<string, TrainingJob>();
    let cut = false;
    for await (const { Results } of pages) {
      for (const job of (Results ?? []).flatMap(({ TrainingJob: one }: SearchRecord) => one ?? []))
        if (byArn.size < MOST) byArn.set(job.TrainingJobArn ?? '', job);
        else cut = true;
      if (cut) break;
    }
    const types = [...byArn.values()].flatMap((job) => groupsOf(job).flatMap(({ type }) => type ?? []));
    const collected = await withAccelerators(session, types, where, meter, (known) =>
      [...byArn].map(([arn, job]) => resourceOf(arn, job, session, known)),
    );
    if (cut)
      throw new IncompleteError('unavailable', `only the newest ${MOST} training jobs were read`, collected, {
        where,
      });
    return collected;
  },
};

/** One kind of machine for a job, or several in groups. */
function groupsOf({ ResourceConfig }: TrainingJob) {
  const { InstanceGroups, InstanceType, InstanceCount } = ResourceConfig ?? {};
  return InstanceGroups === undefined || InstanceGroups.length === 0
    ? [{ type: InstanceType ?? null, instances: InstanceCount ?? null }]
    : InstanceGroups.map((group) => ({
        type: group.InstanceType ?? null,
        instances: group.InstanceCount ?? null,
      }));
}

function resourceOf(
  arn: string,
  job: TrainingJob,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const groups = groupsOf(job);
  const counts = groups.map(({ instances }) => instances);
  const { tags, systemTags } = partTags(job.Tags);
  const ended = job.SecondaryStatus?.startsWith('Max') === true ? job.SecondaryStatus : null;
  const attributes: JobAttributes = {
    jobName: job.TrainingJobName ?? '',
    createdAt: isoTime(job.CreationTime),
    startedAt: isoTime(job.TrainingStartTime),
    endedAt: isoTime(job.TrainingEndTime),
    billableSeconds: job.BillableTimeInSeconds ?? null,
    instanceCount: counts.includes(null) ? null : counts.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    maxRuntimeSeconds: job.StoppingCondition?.MaxRuntimeInSeconds ?? null,
    endReason: ended,
    failureReason: job.FailureReason ?? null,
    tuningJob: job.TuningJobArn?.split('/').at(-1) ?? null,
    spot: job.EnableManagedSpotTraining ?? null,
    acceleratorsUnknown: groups.some(({ type }) => type === null || !known.has(type)),
    systemTags,
  };
  return awsResource(session, {
    type: 'aws:sagemaker:training-job',
    id: arn,
    name: job.TrainingJobName ?? null,
    state: job.TrainingJobStatus ?? 'unknown',
    created: attributes.createdAt,
    tags,
    sku: [...new Set(groups.flatMap(({ type }) => type ?? []))].toSorted().join(', ') || null,
    accelerators: summed(
      groups.map(({ type, instances }) => ({ of: known.get(type ?? ''), instances: instances ?? 0 })),
    ),
    attributes,
  });
}
