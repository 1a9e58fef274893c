import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { textOf } from '../checks/attributes.ts';
import { utc } from '../estate/gcp/read.ts';
import type { Json } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { GcpActSession } from './gcp-session.ts';
import {
  type DeployedModel,
  deploy,
  describeEndpoint,
  endpointOf,
  modelExists,
  operationsOf,
  undeploy,
  type VertexEndpoint,
} from './gcp-vertex-endpoint.ts';
import type { Action } from './model.ts';
import { googleRight } from './permission.ts';
import { planOf } from './target.ts';

const ID = 'gcp.aiplatform.undeploy';

const planShape = z.strictObject({ region: z.string(), endpoint: z.string(), deployed: z.string() });
type Plan = z.output<typeof planShape>;
const undoShape = z.strictObject({
  ...planShape.shape,
  /** Id under which it comes back; Vertex AI takes one of at most ten digits. */
  next: z.string(),
  traffic: z.boolean(),
  spec: z.record(z.string(), z.json()),
});
type Undo = z.output<typeof undoShape>;

/** What of a deployed model is given to deploy it again (aiplatform v1, schema DeployedModel). */
const KEPT: ReadonlySet<string> = new Set([
  'model',
  'displayName',
  'dedicatedResources',
  'disableContainerLogging',
  'disableExplanations',
  'enableAccessLogging',
  'explanationSpec',
  'fasterDeploymentConfig',
  'speculativeDecodingSpec',
]);
/** What Vertex AI says of it by itself ("Output only"; of systemLabels, "managed by Google for internal use only"). */
const TOLD: ReadonlySet<string> = new Set([
  'id',
  'createTime',
  'modelVersionId',
  'privateEndpoints',
  'status',
  'systemLabels',
]);

/**
 * Takes the model off a Vertex AI endpoint, which so keeps its address and costs nothing; undo deploys the same version
 * of the model on the same machines, with the same settings and traffic, under a new id of the deployed model.
 *
 * Never: an endpoint of several models; a private one, whose callers name what has another address or id afterwards;
 * one that a monitoring job watches; a model that is gone from its registry; one that shares machines or runs on what
 * Vertex AI chose; one that runs as a service account: deploying it again would need the right to act as it, which is
 * never asked for; one with a setting that this version cannot give back.
 */
export const gcpVertexUndeploy: Action<GcpActSession> = {
  id: ID,
  provider: 'gcp',
  resourceTypes: ['gcp:aiplatform:endpoint'],
  checks: ['idle-gpu', 'idle-endpoint', 'expired-experiment'],
  reversible: true,
  permissions: [
    googleRight('aiplatform.endpoints.get', 'reads an endpoint just before its model is taken off'),
    googleRight('aiplatform.models.get', 'tells whether its model could be deployed again'),
    googleRight('aiplatform.operations.list', 'tells how a deployment stands, and why one failed'),
    googleRight(
      'aiplatform.endpoints.undeploy',
      'takes the model off an endpoint that its owner wants stopped',
    ),
    googleRight('aiplatform.endpoints.deploy', 'deploys again what was taken off'),
  ],

  async read(target, session) {
    const place = endpointOf(target.resourceId, session);
    const endpoint = await describeEndpoint(session, place);
    if (endpoint === null) return null;
    const models = endpoint.deployedModels ?? [];
    const [only] = models;
    const deployed = models.flatMap(({ createTime }) => utc(createTime) ?? []).toSorted();
    const created = (deployed.length === models.length ? deployed.at(-1) : undefined) ?? null;
    return {
      resource: {
        provider: 'gcp',
        accountId: session.projectId,
        region: place.region,
        type: 'gcp:aiplatform:endpoint',
        id: target.resourceId,
        name: endpoint.displayName ?? null,
        // The states of the inventory: Vertex AI has none.
        state: models.length === 0 ? 'EMPTY' : 'DEPLOYED',
        created: created ?? utc(endpoint.createTime),
        tags: endpoint.labels ?? {},
        sku: null,
        accelerators: [],
        parent: null,
        attributes: {
          place: { ...place },
          unfit: whyNot(endpoint) ?? (only === undefined ? null : await whyNotAgain(session, only)),
          deployed: only?.id ?? null,
          next: String(randomInt(1_000_000_000, 10_000_000_000)),
          traffic: Object.values(endpoint.trafficSplit ?? {}).some((share) => share > 0),
          spec: only === undefined ? null : specOf(only),
        },
      },
      fingerprint: { launch: created ?? utc(endpoint.createTime), parent: null },
      done: models.length === 0,
      protection: null,
      lost: [
        'It answers no request until its model is deployed again, which takes minutes.',
        'The id of its deployed model: it has another afterwards.',
      ],
      staysBilled: ['What its model and its logs take up in storage'],
      risks: ['Machines for it may not be had again while their type is scarce.'],
    };
  },

  plan(_target, { resource, done }) {
    const { attributes, name } = resource;
    if (done) return { ok: false, reason: 'No model is deployed to it.' };
    const unfit = textOf(resource, 'unfit');
    if (unfit !== null) return { ok: false, reason: `Its model is not taken off: ${unfit}.` };
    const place = z.object({ region: z.string(), endpoint: z.string() }).safeParse(attributes['place']);
    const undo = undoShape.safeParse({
      ...place.data,
      deployed: attributes['deployed'],
      next: attributes['next'],
      traffic: attributes['traffic'],
      spec: attributes['spec'],
    });
    if (!undo.success) return { ok: false, reason: 'Vertex AI did not describe it whole.' };
    const { region, endpoint, deployed } = undo.data;
    return {
      ok: true,
      plan: { region, endpoint, deployed },
      undoPlan: undo.data,
      summary: `Take the model off the endpoint ${name ?? endpoint} in ${region} and keep both; undo deploys it again on the same machines.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const [only, ...others] = (await mustExist(session, plan)).deployedModels ?? [];
    if (only === undefined) return;
    if (only.id !== plan.deployed || others.length > 0)
      throw new BursarError('conflict', `the endpoint ${plan.endpoint} was deployed to since it was judged`, {
        where: `gcp:${session.projectId}`,
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    const under = (await operationsOf(session, plan)).find(({ done }) => !done);
    if (under?.kind === 'undeploy') return;
    if (under !== undefined) throw busy(session, plan);
    await undeploy(session, plan, plan.deployed);
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const endpoint = await describeEndpoint(session, plan);
    if (endpoint === null) return { state: 'failed', reason: `${plan.endpoint} was deleted meanwhile.` };
    const models = endpoint.deployedModels ?? [];
    if (models.length === 0) return { state: 'done' };
    return models.some(({ id }) => id === plan.deployed)
      ? { state: 'pending', reason: `${plan.endpoint} still has its model.` }
      : { state: 'failed', reason: `${plan.endpoint} was deployed to by someone else.` };
  },

  async undo(stored, session) {
    const undo = planOf(undoShape, stored, ID);
    const models = (await mustExist(session, undo)).deployedModels ?? [];
    const [latest] = await operationsOf(session, undo);
    if (latest?.done === false) {
      if (latest.kind === 'deploy') return;
      throw busy(session, undo);
    }
    if (models.some((one) => isBack(one, undo))) return;
    if (models.length > 0)
      throw new BursarError('conflict', `someone deployed another model to the endpoint ${undo.endpoint}`, {
        where: `gcp:${session.projectId}`,
        hint: 'It is left as it is.',
      });
    await deploy(session, undo, { ...undo.spec, id: undo.next }, undo.traffic);
  },

  async verifyUndo(stored, session) {
    const undo = planOf(undoShape, stored, ID);
    const { endpoint } = undo;
    const told = await describeEndpoint(session, undo);
    if (told === null) return { state: 'failed', reason: `${endpoint} was deleted: it cannot come back.` };
    const back = (told.deployedModels ?? []).find((one) => isBack(one, undo));
    if (back !== undefined)
      return back.id === undo.deployed
        ? { state: 'done' }
        : { state: 'done', note: `The model is back as deployed model ${back.id}.` };
    const [latest] = await operationsOf(session, undo);
    return latest?.kind === 'deploy' && latest.fault !== null
      ? { state: 'failed', reason: `${endpoint} was not deployed to again: ${latest.fault}` }
      : { state: 'pending', reason: `${endpoint} has no model yet.` };
  },
};

/** The model that was taken off, by whomever it was deployed again. */
function isBack(one: DeployedModel, { deployed, next, spec }: Undo): boolean {
  return one.id === deployed || one.id === next || versioned(one) === spec['model'];
}

function whyNot(endpoint: VertexEndpoint): string | null {
  const { deployedModels = [], network, modelDeploymentMonitoringJob } = endpoint;
  if (deployedModels.length > 1) return `it has ${deployedModels.length} models`;
  if (
    (network ?? '') !== '' ||
    endpoint.enablePrivateServiceConnect === true ||
    endpoint.privateServiceConnectConfig?.enablePrivateServiceConnect === true
  )
    return 'it is private, and its callers would have to learn a new address';
  return (modelDeploymentMonitoringJob ?? '') === '' ? null : 'a monitoring job watches it';
}

/** Why it could not be deployed again as it is; null where it could. */
async function whyNotAgain(session: GcpActSession, one: DeployedModel): Promise<string | null> {
  if ('serviceAccount' in one && one['serviceAccount'] !== '')
    return 'it runs as a service account of its own';
  if (!('dedicatedResources' in one)) return 'it runs on no machines of its own';
  const other = Object.keys(one).find((key) => !KEPT.has(key) && !TOLD.has(key));
  if (other !== undefined && other !== 'serviceAccount')
    return `its setting ${other} could not be given back`;
  return (await modelExists(session, versioned(one) ?? '')) ? null : 'its model is gone from the registry';
}

/** The model with the version that runs: without one, the default version of that day would be deployed. */
function versioned({ model, modelVersionId }: DeployedModel): string | null {
  if (model === undefined || model.includes('@') || typeof modelVersionId !== 'string') return model ?? null;
  return `${model}@${modelVersionId}`;
}

function specOf(one: DeployedModel): { readonly [key: string]: Json } {
  const kept = Object.entries(one).flatMap(([key, value]) =>
    KEPT.has(key) && value !== undefined ? [[key, value] as const] : [],
  );
  return { ...Object.fromEntries(kept), model: versioned(one) };
}

async function mustExist(session: GcpActSession, plan: Plan): Promise<VertexEndpoint> {
  const endpoint = await describeEndpoint(session, plan);
  if (endpoint !== null) return endpoint;
  throw new BursarError('conflict', `the endpoint ${plan.endpoint} is gone`, {
    where: `gcp:${session.projectId}`,
    hint: 'It was deleted by someone else: there is nothing to stop or to start.',
  });
}

function busy(session: GcpActSession, { endpoint }: Plan): BursarError {
  return new BursarError('unavailable', `the endpoint ${endpoint} is being changed`, {
    where: `gcp:${session.projectId}`,
    hint: 'It is tried again when that is done.',
  });
}
