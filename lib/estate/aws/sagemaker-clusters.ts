import {
  type ClusterSummary,
  DescribeClusterCommand,
  type DescribeClusterResponse,
  ListClustersCommand,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { summed, type TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
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
  action: 'sagemaker:ListClusters',
  why: 'lists HyperPod clusters',
};
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeCluster',
  why: 'tells how many instances of which type a HyperPod cluster runs',
};

interface Cluster {
  readonly arn: string;
  readonly told: DescribeClusterResponse;
  readonly parted: PartedTags;
}

/**
 * HyperPod clusters with their instance groups and the accelerators under all of them. It does not see the
 * instances one by one; how busy they are, `aws.sagemaker.cluster-telemetry` reads.
 */
export const awsSagemakerClusters: Dataset<AwsSession> = {
  id: 'aws.sagemaker.clusters',
  permissions: [LIST, DESCRIBE, SAGEMAKER_TAGS_PERMISSION, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListClustersCommand({ MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) }),
      ),
    );
    const listed = new Map<string, ClusterSummary>();
    for await (const { ClusterSummaries } of pages)
      for (const cluster of ClusterSummaries ?? []) listed.set(cluster.ClusterArn ?? '', cluster);
    const limit = pLimit(AT_ONCE);
    const described = await Promise.all(
      [...listed.keys()].map((arn) =>
        limit(() =>
          unlessGone(async (): Promise<Cluster> => {
            const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
              session.sagemaker.send(new DescribeClusterCommand({ ClusterName: arn })),
            );
            return { arn, told, parted: await sagemakerTags(session, arn, where, meter) };
          }),
        ),
      ),
    );
    const clusters = described.filter((one) => one !== null);
    const types = clusters.flatMap(({ told }) => groupsOf(told).flatMap(({ type }) => type ?? []));
    return await withAccelerators(session, types, where, meter, (known) =>
      clusters.map((cluster) => resourceOf(cluster, session, known)),
    );
  },
};

/** Restricted groups hold machines as the others do; they only may not be entered. */
function groupsOf({ InstanceGroups, RestrictedInstanceGroups }: DescribeClusterResponse) {
  return [...(InstanceGroups ?? []), ...(RestrictedInstanceGroups ?? [])].map(
    ({ InstanceGroupName, InstanceType, CurrentCount, TargetCount }) => ({
      name: InstanceGroupName ?? '',
      type: InstanceType ?? null,
      instances: CurrentCount ?? 0,
      wanted: TargetCount ?? null,
    }),
  );
}

function resourceOf(
  { arn, told, parted }: Cluster,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const groups = groupsOf(told);
  const running = groups.filter(({ instances }) => instances > 0);
  const types = [...new Set(running.flatMap(({ type }) => type ?? []))].toSorted();
  return awsResource(session, {
    type: 'aws:sagemaker:cluster',
    id: arn,
    name: told.ClusterName ?? null,
    state: told.ClusterStatus ?? 'unknown',
    created: isoTime(told.CreationTime),
    tags: parted.tags,
    sku: types.length === 0 ? null : types.join(', '),
    accelerators: summed(running.map(({ type, instances }) => ({ of: known.get(type ?? ''), instances }))),
    attributes: {
      groups,
      // Capacity of training plans, which are paid for upfront (SageMaker API Reference, CreateTrainingPlan).
      mlReservations: [
        ...new Set(
          [...(told.InstanceGroups ?? []), ...(told.RestrictedInstanceGroups ?? [])].flatMap(
            ({ TrainingPlanArn }) => TrainingPlanArn ?? [],
          ),
        ),
      ].toSorted(),
      acceleratorsUnknown: running.some(({ type }) => type === null || !known.has(type)),
      acceleratorDevices: running.reduce(
        (sum, { type, instances }) => sum + instances * (known.get(type ?? '')?.devices ?? 0),
        0,
      ),
      systemTags: parted.systemTags,
    },
  });
}
