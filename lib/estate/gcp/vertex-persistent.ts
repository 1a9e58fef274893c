import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { integer, labels, lastPart, locationOf, ownName, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { acceleratorsOf, everyRegion, machineSpec, together, VERTEX, VERTEX_LOCATIONS } from './vertex.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.persistentResources.list',
  why: 'lists clusters for training and Ray, which are billed whether a job runs or not',
};

/** What is read of a cluster (aiplatform v1, schemas PersistentResource, ResourcePool, ResourceRuntimeSpec). */
const cluster = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  state: z.string().optional(),
  createTime: z.string().optional(),
  startTime: z.string().optional(),
  labels,
  resourcePools: z
    .array(
      z.object({
        machineSpec: machineSpec.optional(),
        replicaCount: z.string().optional(),
        usedReplicaCount: z.string().optional(),
      }),
    )
    .optional(),
  resourceRuntimeSpec: z.object({ raySpec: z.object({}).optional() }).optional(),
});

/**
 * Persistent resources of Vertex AI, clusters of Ray among them, with the accelerators of all their machines: "You are
 * billed for the entire duration that a persistent resource is in a running state, regardless of whether there is a
 * training job running" (Vertex AI documentation, "Overview of persistent resources", read November 2026).
 *
 * It does not see: how busy the machines are; work that a cluster of Ray does, which no job of Vertex AI is.
 */
export const gcpVertexPersistent: Dataset<GcpSession> = {
  id: 'gcp.aiplatform.persistent-resources',
  permissions: [VERTEX_LOCATIONS, LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { found, missing } = await everyRegion(session, meter, 'persistentResources', cluster, LIST);
    const resources = found.map((one) => toResource(session, one));
    return whole({ resources }, missing, 'Vertex persistent resources', scope);
  },
};

function toResource(session: GcpSession, item: z.output<typeof cluster>): Resource {
  const pools = (item.resourcePools ?? []).map(({ machineSpec: spec, replicaCount, usedReplicaCount }) => ({
    spec,
    // A number that is nothing is left out.
    machines: integer(replicaCount ?? '0') ?? 0,
    used: integer(usedReplicaCount ?? '0') ?? 0,
  }));
  const types = new Set(pools.flatMap(({ spec }) => spec?.machineType ?? []));
  const sum = (of: 'machines' | 'used') => pools.reduce((all, pool) => all + pool[of], 0);
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:aiplatform:persistent-resource',
    id: ownName(session, VERTEX, item.name),
    name: item.displayName ?? lastPart(item.name),
    state: item.state ?? 'unknown',
    created: utc(item.startTime) ?? utc(item.createTime),
    tags: item.labels ?? {},
    sku: types.size === 1 ? ([...types][0] ?? null) : null,
    accelerators: together(pools.flatMap(({ spec, machines }) => acceleratorsOf(spec, machines))),
    parent: null,
    attributes: {
      machines: sum('machines'),
      // Those that training jobs use now (ResourcePool.usedReplicaCount).
      machinesInUse: sum('used'),
      ray: item.resourceRuntimeSpec?.raySpec !== undefined,
    },
  };
}
