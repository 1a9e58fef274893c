import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Dataset, Resource } from '../model.ts';
import { ask, integer, labels, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { acceleratorOf } from './vertex.ts';

const GKE = 'container.googleapis.com';
const LIST: Permission = {
  cloud: 'gcp',
  action: 'container.clusters.list',
  why: 'lists clusters with their node pools and accelerators',
};

/** What is read of a cluster (container v1, schemas Cluster, NodePool, NodeConfig, AcceleratorConfig). */
const cluster = z.object({
  name: z.string(),
  location: z.string(),
  createTime: z.string().optional(),
  resourceLabels: labels,
  autopilot: z.object({ enabled: z.boolean().optional() }).optional(),
  nodePools: z
    .array(
      z.object({
        name: z.string(),
        status: z.string().optional(),
        initialNodeCount: z.number().optional(),
        locations: z.array(z.string()).optional(),
        instanceGroupUrls: z.array(z.string()).optional(),
        placementPolicy: z.object({ tpuTopology: z.string().optional() }).optional(),
        autoscaling: z
          .object({
            enabled: z.boolean().optional(),
            minNodeCount: z.number().optional(),
            maxNodeCount: z.number().optional(),
            totalMinNodeCount: z.number().optional(),
            totalMaxNodeCount: z.number().optional(),
          })
          .optional(),
        config: z
          .object({
            machineType: z.string().optional(),
            spot: z.boolean().optional(),
            preemptible: z.boolean().optional(),
            resourceLabels: labels,
            accelerators: z
              .array(
                z.object({
                  acceleratorType: z.string().optional(),
                  acceleratorCount: z.string().optional(),
                  gpuPartitionSize: z.string().optional(),
                }),
              )
              .optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
type Cluster = z.output<typeof cluster>;
type NodePool = NonNullable<Cluster['nodePools']>[number];

const answer = z.object({
  clusters: z.array(cluster).optional(),
  missingZones: z.array(z.string()).optional(),
});

/**
 * Node pools of GKE, with the accelerators of one node each. The nodes themselves are instances in the list of
 * Compute Engine and are judged there: a pool is what is to be scaled. `created` is its cluster's.
 *
 * It does not see: how many nodes run now, pods, Autopilot's machines.
 */
export const gcpNodePools: Dataset<GcpSession> = {
  id: 'gcp.container.node-pools',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { clusters = [], missingZones = [] } = await ask(session, meter, answer, {
      call: 'container.projects.locations.clusters.list',
      service: `https://${GKE}`,
      // "Location "-" matches all zones and all regions" (container v1, clusters.list); the answer has no pages.
      path: `/v1/projects/${encodeURIComponent(session.projectId)}/locations/-/clusters`,
      permission: LIST,
    });
    const resources = clusters.flatMap((one) =>
      (one.nodePools ?? []).map((pool) => toResource(session, one, pool)),
    );
    const missing = missingZones.map((zone) => `${zone}: missing`);
    return whole({ resources }, missing, 'node pools', scope);
  },
};

function toResource(session: GcpSession, { name, location, ...of }: Cluster, pool: NodePool): Resource {
  const { config, autoscaling } = pool;
  const place = `${/-[a-z]$/.test(location) ? 'zones' : 'locations'}/${location}`;
  const path = `//${GKE}/projects/${session.projectId}/${place}/clusters/${name}`;
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:container:node-pool',
    id: `${path}/nodePools/${pool.name}`,
    name: `${name}/${pool.name}`,
    state: pool.status ?? 'unknown',
    created: utc(of.createTime),
    tags: { ...of.resourceLabels, ...config?.resourceLabels },
    sku: config?.machineType ?? null,
    accelerators: acceleratorsIn(config),
    parent: { type: 'gcp:container:cluster', id: name },
    attributes: {
      nodesAtFirst: pool.initialNodeCount ?? null,
      zones: pool.locations ?? [],
      groups: (pool.instanceGroupUrls ?? []).map(lastPart),
      autoscaled: autoscaling?.enabled ?? false,
      minNodes: autoscaling?.totalMinNodeCount ?? autoscaling?.minNodeCount ?? null,
      maxNodes: autoscaling?.totalMaxNodeCount ?? autoscaling?.maxNodeCount ?? null,
      spot: (config?.spot ?? false) || (config?.preemptible ?? false),
      tpuTopology: pool.placementPolicy?.tpuTopology ?? null,
      autopilot: of.autopilot?.enabled ?? false,
    },
  };
}

/** GPUs are named; TPUs are told by the type of the machine alone ("Plan TPUs in GKE", read November 2026). */
function acceleratorsIn(config: NodePool['config']): Accelerator[] {
  const named = (config?.accelerators ?? []).flatMap(({ acceleratorType: kind, acceleratorCount }) =>
    kind === undefined ? [] : [{ kind, count: integer(acceleratorCount) ?? 1, memoryMiB: null }],
  );
  const chips = named.length > 0 ? null : acceleratorOf({ machineType: config?.machineType });
  return chips === null ? named : [{ ...chips, memoryMiB: null }];
}
