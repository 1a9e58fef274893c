import { beforeEach, expect, inject, test } from 'vitest';
import { gcpWorkbenchStop as stop } from '../../lib/actions/gcp-workbench-stop.ts';
import type { Target } from '../../lib/actions/model.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../counterparts/gcp.control.ts';
import { planned, readLive, refusal } from './aws.ts';
import { type Acting, acting, machine, PROJECT, ZONE } from './gcp.ts';
import { notMissed, wholeJob } from './rights.ts';

const endpoint = inject('gcpUrl');
const PATH = `/v2/projects/${PROJECT}/locations/${ZONE}/instances/lab`;
const MACHINE = `/compute/v1/projects/${PROJECT}/zones/${ZONE}/instances/9001`;
const target: Target = {
  provider: 'gcp',
  accountId: PROJECT,
  region: ZONE,
  resourceType: 'gcp:notebooks:instance',
  resourceId: `//notebooks.googleapis.com/projects/${PROJECT}/locations/${ZONE}/instances/lab`,
  evidence: {},
};

beforeEach(() => resetGcp(endpoint));

async function lab(state: string, more: object = {}): Promise<void> {
  await answerGcp(endpoint, PATH, {
    name: `projects/${PROJECT}/locations/${ZONE}/instances/lab`,
    state,
    createTime: '2026-05-01T00:00:00Z',
    labels: { team: 'vision' },
    gceSetup: {
      instanceId: '9001',
      machineType: 'n1-standard-8',
      metadata: { 'startup-script': 'export TOKEN=secret' },
    },
    ...more,
  });
}

async function under(more: object = {}): Promise<void> {
  await answerGcp(endpoint, MACHINE, machine({ name: 'lab', ...more }));
}

/** Workbench with one instance that does as it is told. */
async function workbench(
  options: Parameters<typeof acting>[2] = {},
  after: Readonly<Record<'stop' | 'start', string>> = { stop: 'STOPPED', start: 'ACTIVE' },
): Promise<Acting> {
  await lab('ACTIVE');
  await under();
  return await acting(
    endpoint,
    async (verb) => {
      await lab(after[verb]);
      return { name: 'projects/ml-prod/locations/us-central1-a/operations/1', done: false };
    },
    options,
  );
}

test('an instance is stopped, twice with the result of once, and started again', async () => {
  await using api = await workbench();
  const session = api.session();
  const live = await readLive(stop, target, session);
  expect(live).toMatchObject({
    resource: {
      id: target.resourceId,
      state: 'ACTIVE',
      sku: 'n1-standard-8',
      tags: { team: 'vision' },
      accelerators: [{ kind: 'nvidia-tesla-t4', count: 1 }],
    },
    fingerprint: { launch: '2026-11-01T15:00:10.000Z', parent: null },
    done: false,
    staysBilled: ['Persistent disk trainer-9', 'Static addresses, and reservations that it uses'],
  });
  expect(JSON.stringify(live)).not.toContain('TOKEN');
  const { plan, undoPlan, summary } = await planned(stop, target, session);
  expect(summary).toContain('Stop the Workbench instance lab');
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
  await using api = await workbench({ lose: 1 });
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(api.posts).toHaveLength(1);
});

test('what is on its way is waited for, and not told again', async () => {
  await using api = await workbench({}, { stop: 'STOPPING', start: 'STARTING' });
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toMatchObject({ state: 'pending' });
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await lab('STOPPED');
  await stop.undo(undoPlan, session);
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toMatchObject({ state: 'pending' });
  expect(api.posts).toEqual([`POST ${PATH}:stop`, `POST ${PATH}:start`]);
});

test.each(['STARTING', 'SUSPENDED', 'UPGRADING', 'DELETED'])('one that is %s is refused', async (state) => {
  await using api = await workbench();
  await lab(state);
  expect(await refusal(stop, target, api.session())).toContain(`It is ${state}`);
});

test('one whose machine cannot be found is refused', async () => {
  await using api = await workbench();
  await lab('ACTIVE', { gceSetup: {} });
  expect(await refusal(stop, target, api.session())).toContain('machine under it could not be found');
});

test('another run, another instance of the same name, and none at all', async () => {
  await using api = await workbench();
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await under({ lastStartTimestamp: '2026-11-20T08:00:10.000-07:00' });
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await stop.verify(plan, session)).state).toBe('failed');
  await lab('ACTIVE', { gceSetup: { instanceId: '9002' } });
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
  await using api = await workbench({ status });
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code });
  expect((await stop.verify(plan, session)).state).toBe('pending');
});

test('what cannot be read is unknown, not gone', async () => {
  await using api = await workbench();
  for (const path of ['instances/lab', 'instances/9001']) {
    await disturbGcp(endpoint, { path, status: 403 }, 1);
    await expect(stop.read(target, api.session(1))).rejects.toMatchObject({ code: 'denied' });
  }
  const elsewhere = { ...target, resourceId: target.resourceId.replace(PROJECT, 'other-project') };
  await expect(stop.read(elsewhere, api.session())).rejects.toMatchObject({ code: 'input' });
});

test('it does its job with the permissions that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(stop, async (rights) => {
    await resetGcp(endpoint);
    await using api = await workbench({ rights });
    await wholeJob(stop, target, api.session());
  });
  expect(spare).toEqual([]);
});
