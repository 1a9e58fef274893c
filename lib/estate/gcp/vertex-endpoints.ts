import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Json, Resource } from '../model.ts';
import { labels, lastPart, locationOf, ownName, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import {
  acceleratorOf,
  acceleratorsOf,
  everyRegion,
  machineSpec,
  reservationsOf,
  together,
  VERTEX,
  VERTEX_LOCATIONS,
} from './vertex.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.endpoints.list',
  why: 'lists endpoints with the models and machines deployed to them',
};

/** What is read of an endpoint (aiplatform v1, schemas Endpoint, DeployedModel, DedicatedResources). */
const endpoint = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  updateTime: z.string().optional(),
  labels,
  network: z.string().optional(),
  enablePrivateServiceConnect: z.boolean().optional(),
  privateServiceConnectConfig: z.object({ enablePrivateServiceConnect: z.boolean().optional() }).optional(),
  deployedModels: z
    .array(
      z.object({
        id: z.string(),
        model: z.string().optional(),
        displayName: z.string().optional(),
        createTime: z.string().optional(),
        sharedResources: z.string().optional(),
        automaticResources: z
          .object({ minReplicaCount: z.number().optional(), maxReplicaCount: z.number().optional() })
          .optional(),
        dedicatedResources: z
          .object({
            machineSpec: machineSpec.optional(),
            minReplicaCount: z.number().optional(),
            maxReplicaCount: z.number().optional(),
            spot: z.boolean().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
type Endpoint = z.output<typeof endpoint>;

/**
 * Endpoints of Vertex AI with what is deployed to them. Accelerators are those of the smallest number of replicas,
 * which always run and are billed with no request: one that may shrink to none is told without that number, as Google's
 * JSON leaves out a zero (aiplatform v1beta1, DedicatedResources.scaleToZeroSpec; what v1 takes is one or more).
 * `created` is when the last model was deployed, since what runs
 * began then. An endpoint without a deployed model costs nothing and has the state EMPTY; both states are ours.
 *
 * It does not see: how many replicas run now; machines of a pool that several endpoints share (`sharedResources`, a
 * resource of its own);
 * what Vertex AI chose by itself for a model with `automaticResources`.
 */
export const gcpVertexEndpoints: Dataset<GcpSession> = {
  id: 'gcp.aiplatform.endpoints',
  permissions: [VERTEX_LOCATIONS, LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { found, missing } = await everyRegion(session, meter, 'endpoints', endpoint, LIST);
    const resources = found.map((one) => toResource(session, one));
    return whole({ resources }, missing, 'Vertex endpoints', scope);
  },
};

function toResource(session: GcpSession, item: Endpoint): Resource {
  const models = item.deployedModels ?? [];
  const dedicated = models.flatMap(({ dedicatedResources }) => dedicatedResources ?? []);
  const types = new Set(dedicated.flatMap(({ machineSpec: spec }) => spec?.machineType ?? []));
  const deployed = models.flatMap(({ createTime }) => utc(createTime) ?? []).toSorted();
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:aiplatform:endpoint',
    id: ownName(session, VERTEX, item.name),
    name: item.displayName ?? null,
    state: models.length === 0 ? 'EMPTY' : 'DEPLOYED',
    created: (deployed.length === models.length ? deployed.at(-1) : undefined) ?? utc(item.createTime),
    tags: item.labels ?? {},
    sku: types.size === 1 ? ([...types][0] ?? null) : null,
    accelerators: together(
      dedicated.flatMap(({ machineSpec: spec, minReplicaCount = 0 }) =>
        acceleratorsOf(spec, minReplicaCount),
      ),
    ),
    parent: null,
    attributes: {
      endpointId: lastPart(item.name),
      createdAt: utc(item.createTime),
      updatedAt: utc(item.updateTime),
      reservations: reservationsOf(dedicated.map(({ machineSpec: spec }) => spec)),
      // Its requests are counted by another metric, for each response code.
      private:
        item.network !== undefined ||
        item.enablePrivateServiceConnect === true ||
        item.privateServiceConnectConfig?.enablePrivateServiceConnect === true,
      deployedModels: models.map(
        (model): Json => ({
          id: model.id,
          model: model.model ?? null,
          name: model.displayName ?? null,
          createdAt: utc(model.createTime),
          machineType: model.dedicatedResources?.machineSpec?.machineType ?? null,
          acceleratorType: acceleratorOf(model.dedicatedResources?.machineSpec)?.kind ?? null,
          acceleratorCount: acceleratorOf(model.dedicatedResources?.machineSpec)?.count ?? 0,
          minReplicas:
            model.dedicatedResources?.minReplicaCount ?? model.automaticResources?.minReplicaCount ?? null,
          maxReplicas:
            model.dedicatedResources?.maxReplicaCount ?? model.automaticResources?.maxReplicaCount ?? null,
          spot: model.dedicatedResources?.spot ?? false,
          pool: model.sharedResources ?? null,
        }),
      ),
    },
  };
}
