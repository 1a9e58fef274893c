import { beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { gcpVertexUndeploy as stop } from '../../lib/actions/gcp-vertex-undeploy.ts';
import type { Target } from '../../lib/actions/model.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../counterparts/gcp.control.ts';
import { problemsAgainst, readDiscovery } from '../counterparts/gcp.discovery.ts';
import { planned, readLive, refusal } from './aws.ts';
import { type Acting, acting, PROJECT } from './gcp.ts';
import { notMissed, wholeJob } from './rights.ts';

const endpoint = inject('gcpUrl');
const HERE = `projects/${PROJECT}/locations/us-central1`;
const PATH = `/v1/${HERE}/endpoints/77`;
const MODEL = `${HERE}/models/m`;
const target: Target = {
  provider: 'gcp',
  accountId: PROJECT,
  region: 'us-central1',
  resourceType: 'gcp:aiplatform:endpoint',
  resourceId: `//aiplatform.googleapis.com/${HERE}/endpoints/77`,
  evidence: {},
};
const MACHINES = {
  machineSpec: { machineType: 'g2-standard-12', acceleratorType: 'NVIDIA_L4', acceleratorCount: 1 },
  minReplicaCount: 1,
  maxReplicaCount: 3,
  autoscalingMetricSpecs: [
    { metricName: 'aiplatform.googleapis.com/prediction/online/cpu/utilization', target: 50 },
  ],
};

beforeEach(() => resetGcp(endpoint));

function deployed(more: object = {}): object {
  return {
    id: '1234567890123456789',
    model: MODEL,
    modelVersionId: '3',
    displayName: 'chat',
    createTime: '2026-10-05T00:00:00Z',
    dedicatedResources: MACHINES,
    enableAccessLogging: true,
    ...more,
  };
}

async function holds(deployedModels: readonly object[], more: object = {}): Promise<void> {
  await answerGcp(endpoint, PATH, {
    name: `${HERE}/endpoints/77`,
    displayName: 'chat',
    createTime: '2026-05-01T00:00:00Z',
    labels: { team: 'llm' },
    trafficSplit: deployedModels.length === 0 ? {} : { '1234567890123456789': 100 },
    deployedModels,
    ...more,
  });
}

interface Operation {
  readonly kind: 'Deploy' | 'Undeploy' | 'MutateDeployed';
  readonly at: string;
  readonly done: boolean;
  readonly error?: string;
}

async function under(...operations: readonly Operation[]): Promise<void> {
  await answerGcp(endpoint, `${PATH}/operations`, {
    operations: operations.map(({ kind, at, done, error }, index) => ({
      name: `${HERE}/endpoints/77/operations/${index}`,
      done,
      ...(error === undefined ? {} : { error: { code: 8, message: error } }),
      metadata: {
        '@type': `type.googleapis.com/google.cloud.aiplatform.v1.${kind}ModelOperationMetadata`,
        genericMetadata: { createTime: at },
      },
    })),
  });
}

const given = z.looseObject({
  deployedModelId: z.string().optional(),
  deployedModel: z.looseObject({ id: z.string() }).optional(),
});

interface Vertex extends Acting {
  /** Bodies of the calls that changed something, each as the discovery document allows it. */
  readonly asked: z.output<typeof given>[];
}

/** Vertex AI with one endpoint: what it is told to do goes on as an operation until `settle`. */
async function vertex(
  options: Parameters<typeof acting>[2] & { readonly slow?: boolean } = {},
): Promise<Vertex> {
  await holds([deployed()]);
  await answerGcp(endpoint, `/v1/${MODEL}@3`, { name: MODEL, displayName: 'chat' });
  const schemas = (await readDiscovery()).find(({ id }) => id === 'aiplatform:v1')?.schemas;
  if (schemas === undefined) throw new Error('no discovery document of aiplatform');
  const asked: z.output<typeof given>[] = [];
  const api = await acting(
    endpoint,
    async (verb, body) => {
      const read = given.parse(JSON.parse(body));
      asked.push(read);
      const name = `GoogleCloudAiplatformV1${verb === 'stop' ? 'Undeploy' : 'Deploy'}ModelRequest`;
      expect(problemsAgainst(schemas, { $ref: name }, read)).toEqual([]);
      if (options.slow === true)
        await under({
          kind: verb === 'stop' ? 'Undeploy' : 'Deploy',
          at: `2026-11-01T00:0${asked.length}:00Z`,
          done: false,
        });
      else await holds(verb === 'stop' ? [] : [deployed({ id: read.deployedModel?.id })]);
      return { name: `${HERE}/endpoints/77/operations/9`, done: false };
    },
    options,
  );
  return { ...api, asked };
}

test('a model is taken off and deployed again as it was, each once', async () => {
  await using api = await vertex();
  const session = api.session();
  const live = await readLive(stop, target, session);
  expect(live).toMatchObject({
    resource: { name: 'chat', state: 'DEPLOYED', tags: { team: 'llm' }, region: 'us-central1' },
    fingerprint: { launch: '2026-10-05T00:00:00.000Z', parent: null },
    done: false,
  });
  const { plan, undoPlan, summary } = await planned(stop, target, session);
  expect(summary).toContain('Take the model off the endpoint chat');
  expect((await stop.verify(plan, session)).state).toBe('pending');
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(stop, target, session)).toContain('No model is deployed');
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('pending');
  await stop.undo(undoPlan, session);
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({
    state: 'done',
    note: expect.stringMatching(/deployed model \d{10}\.$/),
  });
  expect(api.posts).toEqual([`POST ${PATH}:undeployModel`, `POST ${PATH}:deployModel`]);
  expect(api.asked).toMatchObject([
    { deployedModelId: '1234567890123456789' },
    {
      deployedModel: {
        id: expect.stringMatching(/^[1-9]\d{9}$/),
        model: `${MODEL}@3`,
        displayName: 'chat',
        dedicatedResources: MACHINES,
        enableAccessLogging: true,
      },
      trafficSplit: { 0: 100 },
    },
  ]);
  expect(Object.keys(api.asked[1]?.deployedModel ?? {}).toSorted()).toEqual([
    'dedicatedResources',
    'displayName',
    'enableAccessLogging',
    'id',
    'model',
  ]);
  expect((await gcpCalls(endpoint)).filter(({ status }) => status === 400)).toEqual([]);
});

test('what is under way is waited for, and not asked for again', async () => {
  await using api = await vertex({ slow: true });
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toMatchObject({ state: 'pending' });
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await holds([]);
  await under({ kind: 'Undeploy', at: '2026-11-01T00:01:00Z', done: true });
  await stop.undo(undoPlan, session);
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({ state: 'pending' });
  expect(api.posts).toEqual([`POST ${PATH}:undeployModel`, `POST ${PATH}:deployModel`]);
});

test('a deployment that failed is told with its reason, and one of long ago is not taken for it', async () => {
  await using api = await vertex();
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await stop.apply(plan, session);
  const old = { kind: 'Deploy', at: '2026-09-01T00:00:00Z', done: true, error: 'quota of long ago' } as const;
  const ours = { kind: 'Undeploy', at: '2026-11-01T00:01:00Z', done: true } as const;
  await under(old, ours);
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({ state: 'pending' });
  await under(old, ours, { kind: 'Deploy', at: '2026-11-02T00:00:00Z', done: true, error: 'no NVIDIA_L4' });
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('no NVIDIA_L4'),
  });
});

describe('an endpoint is refused', () => {
  test.each([
    ['of two models', [deployed(), deployed({ id: '2' })], {}, 'it has 2 models'],
    ['that is peered', [deployed()], { network: 'projects/1/global/networks/n' }, 'it is private'],
    [
      'of private service connect',
      [deployed()],
      { privateServiceConnectConfig: { enablePrivateServiceConnect: true } },
      'it is private',
    ],
    [
      'that is watched',
      [deployed()],
      { modelDeploymentMonitoringJob: `${HERE}/modelDeploymentMonitoringJobs/1` },
      'monitoring job',
    ],
    ['with a service account', [deployed({ serviceAccount: 'a@b.c' })], {}, 'service account of its own'],
    [
      'of a pool',
      [{ id: '1', model: MODEL, sharedResources: `${HERE}/deploymentResourcePools/p` }],
      {},
      'no machines',
    ],
    ['with a setting of tomorrow', [deployed({ checkpointId: '7' })], {}, 'checkpointId'],
    ['whose model is gone', [deployed({ modelVersionId: '4' })], {}, 'gone from the registry'],
  ])('%s', async (_name, models, more, reason) => {
    await using api = await vertex();
    await holds(models, more);
    expect(await refusal(stop, target, api.session())).toContain(reason);
    expect(api.posts).toEqual([]);
  });
});

test('one that was deployed to since, and one that is gone, are left alone', async () => {
  await using api = await vertex();
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await under({ kind: 'MutateDeployed', at: '2026-11-01T00:00:00Z', done: false });
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await under();
  for (const models of [[deployed({ id: '9' })], [deployed(), deployed({ id: '9' })]]) {
    await holds(models);
    await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  }
  await holds([deployed({ id: '9', model: `${HERE}/models/other`, modelVersionId: '1' })]);
  expect((await stop.verify(plan, session)).state).toBe('failed');
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  await resetGcp(endpoint);
  expect(await stop.read(target, session)).toBeNull();
  expect((await stop.verify(plan, session)).state).toBe('failed');
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('failed');
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(api.posts).toEqual([]);
});

test.each([
  [403, 'denied'],
  [429, 'throttled'],
  [503, 'unavailable'],
  [400, 'conflict'],
])('HTTP %i of an undeployment is %s, never done', async (status, code) => {
  await using api = await vertex({ status });
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code });
  expect((await stop.verify(plan, session)).state).toBe('pending');
});

test('what cannot be read is unknown, not gone', async () => {
  await using api = await vertex();
  for (const path of ['endpoints/77$', 'models/m@3']) {
    await disturbGcp(endpoint, { path, status: 403 }, 1);
    await expect(stop.read(target, api.session(1))).rejects.toMatchObject({ code: 'denied' });
  }
  const { plan } = await planned(stop, target, api.session());
  await disturbGcp(endpoint, { path: 'operations', status: 403 }, 1);
  await expect(stop.apply(plan, api.session(1))).rejects.toMatchObject({ code: 'denied' });
  const elsewhere = { ...target, resourceId: target.resourceId.replace(PROJECT, 'other-project') };
  await expect(stop.read(elsewhere, api.session())).rejects.toMatchObject({ code: 'input' });
  expect(api.posts).toEqual([]);
});

test('it does its job with the permissions that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(stop, async (rights) => {
    await resetGcp(endpoint);
    await using api = await vertex({ rights });
    await wholeJob(stop, target, api.session());
  });
  expect(spare).toEqual([]);
});
