import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Json, Resource } from '../model.ts';
import { integer, labels, lastPart, locationOf, ownName, toldFault, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { everyRegion, machineSpec, VERTEX, VERTEX_LOCATIONS } from './vertex.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.indexEndpoints.list',
  why: 'lists Vector Search endpoints with the indexes deployed to them',
};
const INDEXES: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.indexes.list',
  why: 'lists Vector Search indexes with their number of vectors',
};

const replicas = {
  minReplicaCount: z.number().optional(),
  maxReplicaCount: z.number().optional(),
};
/** What is read of a Vector Search endpoint (aiplatform v1, schemas IndexEndpoint, DeployedIndex). */
const indexEndpoint = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  labels,
  deployedIndexes: z
    .array(
      z.object({
        id: z.string(),
        index: z.string(),
        createTime: z.string().optional(),
        automaticResources: z.object(replicas).optional(),
        dedicatedResources: z.object({ ...replicas, machineSpec: machineSpec.optional() }).optional(),
      }),
    )
    .optional(),
});
/** What is read of an index (aiplatform v1, schemas Index, IndexStats). */
const index = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  updateTime: z.string().optional(),
  indexUpdateMethod: z.string().optional(),
  indexStats: z
    .object({ vectorsCount: z.string().optional(), shardsCount: z.number().optional() })
    .optional(),
  labels,
});

/**
 * Vector Search of Vertex AI: endpoints, each with its deployed indexes, how many replicas run at least and how many
 * vectors an index holds. A deployed index is billed by its machines for as long as it is deployed; an endpoint
 * without one has the state EMPTY.
 *
 * It does not see: queries, and how many replicas run now.
 */
export const gcpVertexIndexEndpoints: Dataset<GcpSession> = {
  id: 'gcp.aiplatform.index-endpoints',
  permissions: [VERTEX_LOCATIONS, LIST, INDEXES],
  async collect(scope, session, _now, _earlier, meter) {
    const endpoints = await everyRegion(session, meter, 'indexEndpoints', indexEndpoint, LIST);
    const byName = new Map<string, z.output<typeof index>>();
    const missing = [...endpoints.missing];
    try {
      const indexes = await everyRegion(session, meter, 'indexes', index, INDEXES);
      for (const one of indexes.found) byName.set(one.name, one);
      missing.push(...indexes.missing);
    } catch (error) {
      missing.push(toldFault('indexes', error));
    }
    const resources = endpoints.found.map((one) => toResource(session, one, byName));
    return whole({ resources }, missing, 'Vector Search endpoints', scope);
  },
};

function toResource(
  session: GcpSession,
  item: z.output<typeof indexEndpoint>,
  indexes: ReadonlyMap<string, z.output<typeof index>>,
): Resource {
  const deployed = item.deployedIndexes ?? [];
  const types = new Set(
    deployed.flatMap(({ dedicatedResources }) => dedicatedResources?.machineSpec?.machineType ?? []),
  );
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:aiplatform:index-endpoint',
    id: ownName(session, VERTEX, item.name),
    name: item.displayName ?? null,
    state: deployed.length === 0 ? 'EMPTY' : 'DEPLOYED',
    created: utc(item.createTime),
    tags: item.labels ?? {},
    sku: types.size === 1 ? ([...types][0] ?? null) : null,
    accelerators: [],
    parent: null,
    attributes: {
      indexEndpointId: lastPart(item.name),
      deployedIndexes: deployed.map((one): Json => {
        const held = indexes.get(one.index);
        const machines = one.dedicatedResources ?? one.automaticResources;
        return {
          id: one.id,
          index: one.index,
          name: held?.displayName ?? null,
          deployedAt: utc(one.createTime),
          updatedAt: utc(held?.updateTime),
          // Text of 64 bits; null where the index or its number could not be read, which is not zero.
          vectors: integer(held?.indexStats?.vectorsCount),
          shards: held?.indexStats?.shardsCount ?? null,
          machineType: one.dedicatedResources?.machineSpec?.machineType ?? null,
          minReplicas: machines?.minReplicaCount ?? null,
          maxReplicas: machines?.maxReplicaCount ?? null,
        };
      }),
    },
  };
}
