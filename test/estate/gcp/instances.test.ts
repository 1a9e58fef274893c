import { expect, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { gcpInstances } from '../../../lib/estate/gcp/instances.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const COMPUTE = 'https://www.googleapis.com/compute/v1/projects/acme-prod';

function machine(name: string, more: Record<string, unknown> = {}) {
  return {
    kind: 'compute#instance',
    id: '4158127351007949610',
    name,
    status: 'RUNNING',
    machineType: `${COMPUTE}/zones/us-east1-b/machineTypes/n1-standard-8`,
    creationTimestamp: '2026-05-01T12:34:32.859-07:00',
    ...more,
  };
}

function zone(...instances: unknown[]) {
  return { 'zones/us-east1-b': { instances } };
}

/** What `collectScope` makes of a project whose list is `pages`; machine types as `types` says, else plain. */
async function look(pages: readonly LoopbackAnswer[], types: Record<string, LoopbackAnswer> = {}) {
  await using server = await loopback((path, { pageToken }) => {
    const type = /\/machineTypes\/([^/]+)$/.exec(path)?.[1];
    if (type !== undefined) return types[type] ?? { body: { name: type } };
    return pages[Number(pageToken ?? '0')] ?? { status: 404 };
  });
  const meter = new Meter();
  const session = gcpSession({
    projectId: 'acme-prod',
    auth: signedIn(),
    endpoint: server.url,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: 'acme-prod', region: 'global' };
  const snapshot = await collectScope(scope, session, [gcpInstances], NOW, meter);
  return { ...snapshot, requests: server.requests, calls: meter.total().calls };
}

test('an instance with attached accelerators is told whole', async () => {
  const { resources, coverage, requests } = await look(
    [
      {
        body: {
          items: zone(
            machine('trainer', {
              labels: { team: 'research', 'goog-x': '' },
              lastStartTimestamp: '2026-11-02T08:00:00.000-08:00',
              deletionProtection: true,
              scheduling: { preemptible: false, provisioningModel: 'STANDARD' },
              guestAccelerators: [
                {
                  acceleratorType: `${COMPUTE}/zones/us-east1-b/acceleratorTypes/nvidia-tesla-t4`,
                  acceleratorCount: 2,
                },
              ],
              metadata: { items: [{ key: 'startup-script', value: 'export TOKEN=secret' }] },
            }),
          ),
        },
      },
    ],
    { 'n1-standard-8': { body: { name: 'n1-standard-8', guestCpus: 8, memoryMb: 30_720 } } },
  );
  expect(resources).toEqual([
    {
      dataset: 'gcp.compute.instances',
      provider: 'gcp',
      accountId: 'acme-prod',
      region: 'us-east1-b',
      type: 'gcp:compute:instance',
      id: '//compute.googleapis.com/projects/acme-prod/zones/us-east1-b/instances/trainer',
      name: 'trainer',
      state: 'RUNNING',
      created: '2026-11-02T16:00:00.000Z',
      tags: { team: 'research', 'goog-x': '' },
      sku: 'n1-standard-8',
      accelerators: [{ kind: 'nvidia-tesla-t4', count: 2, memoryMiB: null }],
      parent: null,
      attributes: {
        instanceId: '4158127351007949610',
        acceleratorDevices: 2,
        cores: 8,
        memoryMiB: 30_720,
        creationTimestamp: '2026-05-01T19:34:32.859Z',
        lastStopTimestamp: null,
        deletionProtection: true,
        provisioningModel: 'STANDARD',
        preemptible: false,
      },
    },
  ]);
  expect(coverage).toEqual([
    { scope: 'gcp:acme-prod', status: 'complete', reason: null, asOf: '2026-11-22T12:00:00.000Z' },
  ]);
  // What is attached tells of its accelerators; the type is asked for its cores and memory.
  expect(requests).toHaveLength(2);
  expect(requests[0]?.params).toEqual({ maxResults: '500', returnPartialSuccess: 'true' });
});

test('a type that cannot be described hides nothing of an instance whose accelerators are attached', async () => {
  const { resources, coverage } = await look(
    [
      {
        body: {
          items: zone(
            machine('trainer', {
              guestAccelerators: [
                {
                  acceleratorType: `${COMPUTE}/zones/us-east1-b/acceleratorTypes/nvidia-tesla-t4`,
                  acceleratorCount: 2,
                },
              ],
            }),
          ),
        },
      },
    ],
    { 'n1-standard-8': refusal(403, 'forbidden') },
  );
  expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
  expect(resources).toMatchObject([{ attributes: { acceleratorDevices: 2, cores: null, memoryMiB: null } }]);
});

test('a page token that expires on the way leaves the list incomplete: what is behind it is not taken for gone', async () => {
  const { resources, coverage } = await look([
    { body: { items: zone(machine('trainer')), nextPageToken: '1' } },
    refusal(400, 'invalid', 'Invalid value for field pageToken'),
  ]);
  expect(resources).toEqual([]);
  expect(coverage).toMatchObject([
    {
      status: 'failed',
      reason: expect.stringContaining('Invalid value for field pageToken'),
    },
  ]);
});

test('accelerators that a machine type brings along are read from the type, once a type', async () => {
  const a3 = `${COMPUTE}/zones/us-east1-b/machineTypes/a3-highgpu-8g`;
  const { resources, calls } = await look(
    [
      {
        body: {
          items: zone(
            machine('one', { machineType: a3 }),
            machine('two', { machineType: a3 }),
            machine('plain'),
          ),
        },
      },
    ],
    {
      'a3-highgpu-8g': {
        body: {
          name: 'a3-highgpu-8g',
          accelerators: [{ guestAcceleratorType: 'nvidia-h100-80gb', guestAcceleratorCount: 8 }],
        },
      },
    },
  );
  const h100 = [{ kind: 'nvidia-h100-80gb', count: 8, memoryMiB: null }];
  expect(resources.map((one) => [one.name, one.accelerators])).toEqual([
    ['one', h100],
    ['two', h100],
    ['plain', []],
  ]);
  expect(calls).toEqual([
    { api: 'compute.instances.aggregatedList', count: 1 },
    { api: 'compute.machineTypes.get', count: 2 },
  ]);
});

test('every page is read, empty ones too', async () => {
  const none = { 'zones/us-west1-a': { warning: { code: 'NO_RESULTS_ON_PAGE', message: 'nothing here' } } };
  const { resources, coverage } = await look([
    { body: { items: zone(machine('a')), nextPageToken: '1' } },
    { body: { items: none, nextPageToken: '2' } },
    { body: { items: zone(machine('b')) } },
  ]);
  expect(resources.map((one) => one.name)).toEqual(['a', 'b']);
  expect(coverage[0]?.status).toBe('complete');
});

const SILENT: readonly [string, Record<string, unknown>, RegExp][] = [
  [
    'a zone that is unreachable',
    {
      items: {
        ...zone(machine('a')),
        'zones/us-west1-a': { warning: { code: 'UNREACHABLE', message: 'zone is down' } },
      },
    },
    /us-west1-a: UNREACHABLE zone is down/,
  ],
  [
    'a list of unreachable zones',
    { items: zone(machine('a')), unreachables: ['projects/acme-prod/zones/us-west1-a'] },
    /us-west1-a: unreachable/,
  ],
  [
    'a warning about the whole list',
    { items: zone(machine('a')), warning: { code: 'PARTIAL_SUCCESS', message: 'some failed' } },
    /PARTIAL_SUCCESS some failed/,
  ],
];

test.each(SILENT)('%s makes the scope partial and keeps the rest', async (_what, body, reason) => {
  const { resources, coverage } = await look([{ body }]);
  expect(resources.map((one) => one.name)).toEqual(['a']);
  expect(coverage).toMatchObject([{ status: 'partial', reason: expect.stringMatching(reason) }]);
});

test('a machine type that cannot be described makes its accelerators unknown, not none', async () => {
  const { resources, coverage } = await look([{ body: { items: zone(machine('a')) } }], {
    'n1-standard-8': refusal(403, 'forbidden'),
  });
  expect(resources).toHaveLength(1);
  expect(coverage).toMatchObject([
    {
      status: 'partial',
      reason: expect.stringMatching(/accelerators of n1-standard-8 in us-east1-b are unknown/),
    },
  ]);
});

const FAILED: readonly [string, LoopbackAnswer, RegExp][] = [
  ['a missing right', refusal(403, 'forbidden'), /Grant compute\.instances\.list/],
  ['a project that is not there', refusal(404, 'notFound'), /Check the id/],
  ['an answer that is something else', { body: { items: [] } }, /something else than documented/],
  ['a page token that comes back', { body: { nextPageToken: '0' } }, /same page token/],
];

test.each(FAILED)('%s fails the scope with a reason', async (_what, answer, reason) => {
  const { resources, coverage } = await look([answer]);
  expect(resources).toEqual([]);
  expect(coverage).toMatchObject([{ status: 'failed', asOf: null, reason: expect.stringMatching(reason) }]);
});

test('a project without instances is complete', async () => {
  const { resources, coverage } = await look([{ body: { kind: 'compute#instanceAggregatedList' } }]);
  expect(resources).toEqual([]);
  expect(coverage[0]?.status).toBe('complete');
});
