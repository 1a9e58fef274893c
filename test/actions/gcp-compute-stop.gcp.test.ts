import { beforeEach, expect, inject, test } from 'vitest';
import { gcpComputeStop as stop } from '../../lib/actions/gcp-compute-stop.ts';
import type { Target } from '../../lib/actions/model.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../counterparts/gcp.control.ts';
import { planned, readLive, refusal } from './aws.ts';
import { compute, PATH, PROJECT, ZONE } from './gcp.ts';
import { notMissed, wholeJob } from './rights.ts';

const endpoint = inject('gcpUrl');
const OPERATIONS = `/compute/v1/projects/${PROJECT}/zones/${ZONE}/operations`;
const target: Target = {
  provider: 'gcp',
  accountId: PROJECT,
  region: ZONE,
  resourceType: 'gcp:compute:instance',
  resourceId: `//compute.googleapis.com/projects/${PROJECT}/zones/${ZONE}/instances/trainer-9`,
  evidence: {},
};

beforeEach(() => resetGcp(endpoint));

test('a machine is stopped, twice with the result of once, and started again', async () => {
  await using api = await compute(endpoint);
  await api.set({});
  const session = api.session();
  const live = await readLive(stop, target, session);
  expect(live).toMatchObject({
    resource: { id: target.resourceId, state: 'RUNNING', sku: 'n1-standard-8', tags: { team: 'vision' } },
    fingerprint: { launch: '2026-11-01T15:00:10.000Z', parent: null },
    done: false,
    staysBilled: ['Persistent disk trainer-9', 'Static addresses, and reservations that it uses'],
  });
  expect(live.lost.join(' ')).toMatch(/1 Local SSD disk.*memory.*203\.0\.113\.9/);
  const { plan, undoPlan } = await planned(stop, target, session);
  expect((await stop.verify(plan, session)).state).toBe('pending');
  await stop.apply(plan, session);
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(stop, target, session)).toContain('stopped already');
  await answerGcp(endpoint, OPERATIONS, { kind: 'compute#operationList', items: [] });
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('pending');
  await stop.undo(undoPlan, session);
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  expect(api.posts).toEqual([`POST ${PATH}/stop?discardLocalSsd=true`, `POST ${PATH}/start`]);
  expect((await gcpCalls(endpoint)).filter(({ status }) => status === 400)).toEqual([]);
});

test('a lost answer is made up for by what is seen', async () => {
  await using api = await compute(endpoint, { lose: 1 });
  await api.set({});
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await stop.apply(plan, session);
  expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(api.posts).toHaveLength(1);
});

test.each([
  [
    {
      metadata: {
        items: [
          { key: 'secret', value: 's' },
          { key: 'created-by', value: 'projects/1/zones/z/instanceGroupManagers/pool' },
        ],
      },
    },
    'gcp:compute:instance-group-manager pool',
  ],
  [{ labels: { 'goog-k8s-cluster-name': 'ml', 'goog-gke-node': '' } }, 'gcp:container:cluster ml'],
  [{ labels: { 'goog-dataproc-cluster-name': 'spark' } }, 'gcp:dataproc:cluster spark'],
  [{ scheduling: { provisioningModel: 'FLEX_START' } }, 'Flex Start'],
  [{ scheduling: { provisioningModel: 'RESERVATION_BOUND' } }, 'bound to a reservation'],
  [{ status: 'SUSPENDED' }, 'It is SUSPENDED'],
  [{ status: 'STAGING' }, 'It is STAGING'],
])('%o is refused: %s', async (more, reason) => {
  await using api = await compute(endpoint);
  await api.set(more);
  expect(await refusal(stop, target, api.session())).toContain(reason);
  expect(JSON.stringify(await stop.read(target, api.session()))).not.toContain('secret');
});

test('another run, another machine of the same name, and none at all', async () => {
  await using api = await compute(endpoint);
  await api.set({});
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await api.set({ lastStartTimestamp: '2026-11-20T08:00:10.000-07:00' });
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await stop.verify(plan, session)).state).toBe('failed');
  await api.set({ id: '9002' });
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await stop.verifyUndo(undoPlan, session)).state).toBe('failed');
  await resetGcp(endpoint);
  expect(await stop.read(target, session)).toBeNull();
  expect((await stop.verify(plan, session)).state).toBe('failed');
  expect(api.posts).toEqual([]);
});

const operation = (insertTime: string, more: object) => ({
  operationType: 'start',
  targetId: '9001',
  insertTime,
  status: 'DONE',
  ...more,
});

test('a start that found no machine is told with its reason', async () => {
  await using api = await compute(endpoint, { start: { status: 'TERMINATED' } });
  await api.set({});
  const session = api.session();
  const { plan, undoPlan } = await planned(stop, target, session);
  await stop.apply(plan, session);
  await answerGcp(endpoint, OPERATIONS, {
    kind: 'compute#operationList',
    items: [
      operation('2026-11-01T08:00:00.000-07:00', {}),
      operation('2026-11-22T08:00:00.000-08:00', {
        error: { errors: [{ code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'no n1-standard-8 here' }] },
      }),
    ],
  });
  await stop.undo(undoPlan, session);
  expect(await stop.verifyUndo(undoPlan, session)).toEqual({
    state: 'failed',
    reason: 'trainer-9 did not start: ZONE_RESOURCE_POOL_EXHAUSTED: no n1-standard-8 here',
  });
});

test.each([
  [403, 'denied'],
  [429, 'throttled'],
  [503, 'unavailable'],
  [400, 'conflict'],
  [412, 'conflict'],
])('HTTP %i of a stop is %s, never done', async (status, code) => {
  await using api = await compute(endpoint, { status });
  await api.set({});
  const session = api.session();
  const { plan } = await planned(stop, target, session);
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code });
  expect((await stop.verify(plan, session)).state).toBe('pending');
});

test('what cannot be read is unknown, not gone', async () => {
  await using api = await compute(endpoint);
  await api.set({});
  for (const [status, code] of [
    [403, 'denied'],
    [500, 'unavailable'],
  ] as const) {
    await disturbGcp(endpoint, { path: 'instances/trainer-9', status }, 1);
    await expect(stop.read(target, api.session(1))).rejects.toMatchObject({ code });
  }
  const elsewhere = { ...target, resourceId: target.resourceId.replace(PROJECT, 'other-project') };
  await expect(stop.read(elsewhere, api.session())).rejects.toMatchObject({ code: 'input' });
});

test('it does its job with the permissions that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(stop, async (rights) => {
    await resetGcp(endpoint);
    await using api = await compute(endpoint, { rights });
    await api.set({});
    await answerGcp(endpoint, OPERATIONS, { kind: 'compute#operationList', items: [] });
    await wholeJob(stop, target, api.session());
  });
  // Operations are looked at where a machine does not start.
  expect(spare).toEqual(['compute.zoneOperations.list']);
});
