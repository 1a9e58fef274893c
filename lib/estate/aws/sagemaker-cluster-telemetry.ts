import { ListClusterNodesCommand } from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { publishedSeries, readSeries, type WantedSeries } from './gpu-telemetry.ts';
import { METRIC_DATA_PERMISSION } from './metric-data.ts';
import { LIST_METRICS_PERMISSION } from './observability.ts';
import { AT_ONCE, unlessGone } from './sagemaker.ts';
import { awsSagemakerClusters } from './sagemaker-clusters.ts';
import type { AwsSession } from './session.ts';

const NODES: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListClusterNodes',
  why: 'names the instances of a HyperPod cluster, which their GPU metrics bear',
};

/**
 * How busy the accelerators of HyperPod clusters were over the last 168 full hours: GPU metrics that somebody publishes
 * by the ids of their instances, which are not in the list of EC2. Container Insights of EKS does (CloudWatch User
 * Guide, "Container Insights with enhanced observability for Amazon EKS": ClusterName, InstanceId, NodeName), where a
 * node's name is its instance's with `hyperpod-` before it (CloudWatch agent, its receiver for HyperPod). Each device
 * of each instance is one of the cluster's.
 *
 * It does not see: clusters of Slurm where no agent runs (no telemetry is not idle); metrics that HyperPod's own
 * observability sends to Managed Prometheus; instances that were replaced within the window.
 */
export const awsSagemakerClusterTelemetry: Dataset<AwsSession> = clusterTelemetryOf(null);

/** The same for these clusters alone. */
export function clusterTelemetryOf(only: ReadonlySet<string> | null): Dataset<AwsSession> {
  return {
    id: 'aws.sagemaker.cluster-telemetry',
    needs: [awsSagemakerClusters.id],
    permissions: [NODES, LIST_METRICS_PERMISSION, METRIC_DATA_PERMISSION],
    async collect(scope, session, now, earlier, meter) {
      const clusters = earlier.resources.filter(
        ({ id, type, state, accelerators }) =>
          type === 'aws:sagemaker:cluster' &&
          state === 'InService' &&
          accelerators.length > 0 &&
          only?.has(id) !== false,
      );
      if (clusters.length === 0) return {};
      const where = scopeName(scope);
      const limit = pLimit(AT_ONCE);
      const nodes = (
        await limit.map(clusters, async (cluster) => {
          const ids = await nodesOf(cluster, session, where, meter);
          return ids.map((instanceId) => ({ cluster, instanceId }));
        })
      ).flat();
      const byInstance = new Map(nodes.map((node) => [node.instanceId, node.cluster.id]));
      const published = await publishedSeries(
        session,
        // While it is joined, an instance stands for itself: its devices are told apart by it afterwards.
        nodes.map(({ instanceId }) => ({
          id: instanceId,
          attributes: { instanceId, privateDnsName: `hyperpod-${instanceId}` },
        })),
        new Set(byInstance.keys()),
        where,
        meter,
      );
      // What speaks for an instance as a whole is no device of it beside its devices.
      const detailed = new Set(
        published.flatMap(({ series }) => (series.device === null ? [] : keyOf(series))),
      );
      const wanted = published.flatMap(({ series, ...one }) => {
        const { resourceId: instanceId, device } = series;
        const resourceId = byInstance.get(instanceId);
        if (resourceId === undefined || (device === null && detailed.has(keyOf(series)))) return [];
        const name = device === null ? instanceId : `${instanceId}/${device}`;
        return [{ ...one, series: { ...series, resourceId, device: name } }];
      });
      return await readSeries(wanted, clusters, scope, session, now, meter);
    },
  };
}

function keyOf({ resourceId, source }: WantedSeries['series']): string {
  return `${resourceId} ${source}`;
}

/** Ids of a cluster's instances; none where it is gone meanwhile. */
async function nodesOf(
  { id }: Resource,
  session: AwsSession,
  where: string,
  meter: Meter,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const pages = awsPages({ action: NODES.action, where, meter }, (token) =>
    session.sagemaker.send(
      new ListClusterNodesCommand({
        ClusterName: id,
        MaxResults: 100,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  const read = await unlessGone(async () => {
    for await (const { ClusterNodeSummaries } of pages)
      for (const { InstanceId } of ClusterNodeSummaries ?? [])
        if (InstanceId !== undefined) ids.push(InstanceId);
    return ids;
  });
  return read ?? [];
}
