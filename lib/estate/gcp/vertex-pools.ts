import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { lastPart, locationOf, ownName, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import {
  acceleratorOf,
  acceleratorsOf,
  everyRegion,
  machineSpec,
  reservationsOf,
  VERTEX,
  VERTEX_LOCATIONS,
} from './vertex.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.deploymentResourcePools.list',
  why: 'lists pools of machines that several deployed models share',
};

/** What is read of a pool (aiplatform v1, schemas DeploymentResourcePool, DedicatedResources). */
const pool = z.object({
  name: z.string(),
  createTime: z.string().optional(),
  dedicatedResources: z
    .object({
      machineSpec: machineSpec.optional(),
      minReplicaCount: z.number().optional(),
      maxReplicaCount: z.number().optional(),
      spot: z.boolean().optional(),
    })
    .optional(),
});

/**
 * Pools of Vertex AI whose machines several endpoints share, with the accelerators of the replicas that always run.
 * A pool bears no labels and has no state of its own: DEPLOYED is our word. It does not see: which endpoints use it,
 * and how many replicas run now.
 */
export const gcpVertexPools: Dataset<GcpSession> = {
  id: 'gcp.aiplatform.resource-pools',
  permissions: [VERTEX_LOCATIONS, LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { found, missing } = await everyRegion(session, meter, 'deploymentResourcePools', pool, LIST);
    const resources = found.map((one) => toResource(session, one));
    return whole({ resources }, missing, 'Vertex resource pools', scope);
  },
};

function toResource(session: GcpSession, item: z.output<typeof pool>): Resource {
  const { machineSpec: spec, minReplicaCount = 0, maxReplicaCount, spot } = item.dedicatedResources ?? {};
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:aiplatform:deployment-resource-pool',
    id: ownName(session, VERTEX, item.name),
    name: lastPart(item.name),
    state: 'DEPLOYED',
    created: utc(item.createTime),
    tags: {},
    sku: spec?.machineType ?? null,
    accelerators: acceleratorsOf(spec, minReplicaCount),
    parent: null,
    attributes: {
      acceleratorCount: acceleratorOf(spec)?.count ?? 0,
      minReplicas: minReplicaCount,
      maxReplicas: maxReplicaCount ?? null,
      spot: spot ?? false,
      reservations: reservationsOf([spec]),
      tagsUnknown: true,
    },
  };
}
