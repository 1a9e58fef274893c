import { beforeEach, expect, inject, test } from 'vitest';
import { gcpTpuStop as stop } from '../../lib/actions/gcp-tpu-stop.ts';
import type { Target } from '../../lib/actions/model.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../counterparts/gcp.control.ts';
import { planned, readLive, refusal } from './aws.ts';
import { type Acting, acting, PROJECT, ZONE } from './gcp.ts';
import { notMissed, wholeJob } from './rights.ts';

const endpoint = inject('gcpUrl');
const PATH = `/v2/projects/${PROJECT}/locations/${ZONE}/nodes/tpu-1`;
const target: Target = {
  provider: 'gcp',
  accountId: PROJECT,
  region: ZONE,
  resourceType: 'gcp:tpu:node',
  resourceId: `//tpu.googleapis.com/projects/${PROJECT}/locations/${ZONE}/nodes/tpu-1`,
  evidence: {},
};

beforeEach(() => resetGcp(endpoint));

async function node(state: string, more: object = {}): Promise<void> {
  await answerGcp(endpoint, PATH, {
    name: `projects/${PROJECT}/locations/${ZONE}/nodes/tpu-1`,
    id: '4711',
    state,
    createTime: '2026-10-01T00:00:00Z',
    acceleratorType: 'v5litepod-8',
    labels: { team: 'vision' },
    networkEndpoints: [{ ipAddress: '10.0.0.2' }],
    dataDisks: [{ sourceDisk: `projects/${PROJECT}/zones/${ZONE}/disks/sets` }],
    metadata: { 'startup-script': 'export TOKEN=secret' },
    ...more,
  });
}

/** Cloud TPU with one node that does as it is told. */
async function tpu(
  options: Parameters<typeof acting>[2] = {},
  after: Readonly<Record<'stop' | 'start', string>> = { stop: 'STOPPED', start: 'READY' },
): Promise<Acting> {
  await node('READY');
  return await acting(
    endpoint,
    async (verb) => {
      await node(after[verb]);
      return { name: `projects/${PROJECT}/locations/${ZONE}/operations/1`, done: false };
    },
    options,
  );
}

test('a node is stopped, twice with the result of once, and started again', async () => {
  await using api = await tpu();
  const session = api.session();
  const live = await readLive(stop, target, session);
  expect(live).toMatchObject({
    resource: { state: 'READY', sku: 'v5litepod-8', tags: { team: 'vision' }, region: ZONE },
    fingerprint: { launch: '2026-10-01T00:00:00.000Z', parent: null },
    done: false,
    staysBilled: ['Disk sets'],
  });
  expect(JSON.stringify(live)).not.toContain('TOKEN');
  const { plan, undoPlan, summary } = await planned(stop, target, session);
  expect(summary).toContain('Stop the TPU node tpu-1');
  expect((await stop.verify(plan, session)).state).toBe('pending');
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(stop, target, session)).toContain('stopped already');
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('pending');
  await stop.undo(undoPlan, session);
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  expect(api.posts).toEqual([`POST ${PATH}:stop`, `POST ${PATH}:start`]);
  expect((await gcpCalls(endpoint)).filter(({ status }) => status === 400)).toEqual([]);
});

test('a lost answer is made up for by what is seen', async () => {
  await using api = await tpu({ lose: 1 });
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(api.posts).toHaveLength(1);
});

test('what is on its way is waited for; what others start is not stopped again', async () => {
  await using api = await tpu({}, { stop: 'STOPPING', start: 'STARTING' });
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toMatchObject({ state: 'pending' });
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await node('STARTING');
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await stop.verify(plan, session)).state).toBe('failed');
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({ state: 'pending' });
  await node('TERMINATED');
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('failed');
  await node('REPAIRING');
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  expect(api.posts).toEqual([`POST ${PATH}:stop`]);
});

test.each([
  ['REPAIRING', {}, 'It is REPAIRING'],
  ['PREEMPTED', {}, 'It is PREEMPTED'],
  ['READY', { schedulingConfig: { spot: true } }, 'spot or preemptible'],
  ['READY', { schedulingConfig: { preemptible: true } }, 'spot or preemptible'],
  ['READY', { networkEndpoints: [{}, {}] }, 'several workers'],
  ['READY', { networkEndpoints: [] }, 'several workers'],
  ['READY', { multisliceNode: true }, 'several workers'],
  ['READY', { queuedResource: `projects/1/locations/${ZONE}/queuedResources/run-7` }, 'run-7 asked for it'],
])('one that is %s with %j is refused', async (state, more, reason) => {
  await using api = await tpu();
  await node(state, more);
  expect(await refusal(stop, target, api.session())).toContain(reason);
});

test('a reservation goes on billing', async () => {
  await using api = await tpu();
  await node('READY', { schedulingConfig: { reserved: true }, dataDisks: [] });
  expect((await readLive(stop, target, api.session())).staysBilled).toEqual(['Its reservation']);
});

test('another node of the same name, and none at all', async () => {
  await using api = await tpu();
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await node('READY', { id: '4712' });
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('failed');
  await resetGcp(endpoint);
  expect(await stop.read(target, session)).toBeNull();
  expect((await stop.verify(plan, session)).state).toBe('failed');
  expect(api.posts).toEqual([]);
});

test.each([
  [403, 'denied'],
  [429, 'throttled'],
  [503, 'unavailable'],
  [400, 'conflict'],
])('HTTP %i of a stop is %s, never done', async (status, code) => {
  await using api = await tpu({ status });
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code });
  expect((await stop.verify(plan, session)).state).toBe('pending');
});

test('what cannot be read is unknown, not gone', async () => {
  await using api = await tpu();
  await disturbGcp(endpoint, { path: 'nodes/tpu-1', status: 403 }, 1);
  await expect(stop.read(target, api.session(1))).rejects.toMatchObject({ code: 'denied' });
  const elsewhere = { ...target, resourceId: target.resourceId.replace(PROJECT, 'other-project') };
  await expect(stop.read(elsewhere, api.session())).rejects.toMatchObject({ code: 'input' });
});

test('it does its job with the permissions that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(stop, async (rights) => {
    await resetGcp(endpoint);
    await using api = await tpu({ rights });
    await wholeJob(stop, target, api.session());
  });
  expect(spare).toEqual([]);
});
