import { expect, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { gcpInstances } from '../../../lib/estate/gcp/instances.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { gcpAsks } from '../../../lib/focus/prices/gcp.ts';
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
async function look(
  pages: readonly LoopbackAnswer[],
  types: Record<string, LoopbackAnswer> = {},
  listed: LoopbackAnswer = { body: {} },
) {
  await using server = await loopback((path, { pageToken }) => {
    if (path.endsWith('/machineTypes')) return listed;
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
        smallerTypes: [{ type: 'n1-standard-8 with 1 x nvidia-tesla-t4', devices: 1, memoryMiB: null }],
        cores: 8,
        memoryMiB: 30_720,
        creationTimestamp: '2026-05-01T19:34:32.859Z',
        lastStopTimestamp: null,
        lastSuspendedTimestamp: null,
        capacityReservation: null,
        deletionProtection: true,
        endsAt: null,
        soleTenant: false,
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
  expect(resources).toMatchObject([
    { attributes: { acceleratorDevices: 2, smallerTypes: [], cores: null, memoryMiB: null } },
  ]);
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
    { api: 'compute.machineTypes.list', count: 1 },
  ]);
});

const G2 = `${COMPUTE}/zones/us-east1-b/machineTypes/g2-standard-24`;
const l4 = (name: string, count: number, guestCpus: number, memoryMb = guestCpus * 4096) => ({
  name,
  guestCpus,
  memoryMb,
  accelerators: [{ guestAcceleratorType: 'nvidia-l4', guestAcceleratorCount: count }],
});

test('types of the family with fewer devices of the same kind are told, with as much beside each', async () => {
  const { resources, coverage } = await look(
    [
      {
        body: {
          items: zone(
            machine('two', { machineType: G2 }),
            machine('listed', {
              machineType: G2,
              guestAccelerators: [{ acceleratorType: 'nvidia-l4', acceleratorCount: 2 }],
            }),
            machine('off', { machineType: G2, status: 'TERMINATED' }),
          ),
        },
      },
    ],
    { 'g2-standard-24': { body: l4('g2-standard-24', 2, 24) } },
    {
      body: {
        items: [
          l4('g2-standard-24', 2, 24),
          l4('g2-standard-48', 4, 48),
          l4('g2-standard-12', 1, 12),
          // Fewer cores or less memory for its device than this one has for each.
          l4('g2-standard-4', 1, 4),
          l4('g2-lowmem-16', 1, 16, 16_384),
          { ...l4('a2-highgpu-1g', 1, 12), name: 'a2-highgpu-1g' },
          {
            ...l4('g2-other-12', 1, 12),
            accelerators: [{ guestAcceleratorType: 'nvidia-l4-part', guestAcceleratorCount: 1 }],
          },
          { name: 'g2-none-12', guestCpus: 12, memoryMb: 49_152 },
        ],
      },
    },
  );
  expect(coverage[0]?.status).toBe('complete');
  const smaller = [{ type: 'g2-standard-12', devices: 1, memoryMiB: null }];
  expect(resources[0]?.attributes['smallerTypes']).toEqual(smaller);
  // What its type brings along may be listed as attached, and cannot be made fewer all the same.
  expect(resources[1]?.attributes['smallerTypes']).toEqual(smaller);
});

const h100 = (devices: number) => ({
  name: `a3-highgpu-${devices}g`,
  guestCpus: 26 * devices,
  memoryMb: 239_616 * devices,
  accelerators: [{ guestAcceleratorType: 'nvidia-h100-80gb', guestAcceleratorCount: devices }],
});
const SMALL_H100 = [1, 2, 4].map((devices) => ({ type: `a3-highgpu-${devices}g`, devices, memoryMiB: null }));

test.each<[string, object, object[]]>([
  ['on demand', { provisioningModel: 'STANDARD' }, []],
  ['bound to a reservation', { provisioningModel: 'RESERVATION_BOUND' }, []],
  ['as nobody tells', {}, []],
  ['as spot', { provisioningModel: 'SPOT' }, SMALL_H100],
  ['as preemptible', { preemptible: true }, SMALL_H100],
  ['by flex start', { provisioningModel: 'FLEX_START' }, SMALL_H100],
])(
  'types that are sold as spot and flex start alone are no smaller ones of a machine bought %s',
  async (_, scheduling, smaller) => {
    const machineType = `${COMPUTE}/zones/us-east1-b/machineTypes/a3-highgpu-8g`;
    const { resources } = await look(
      [{ body: { items: zone(machine('big', { machineType, scheduling })) } }],
      { 'a3-highgpu-8g': { body: h100(8) } },
      { body: { items: [1, 2, 4, 8].map(h100) } },
    );
    expect(resources[0]?.attributes['smallerTypes']).toEqual(smaller);
  },
);

test.each<[string, Record<string, unknown>, object]>([
  [
    'a time that was set',
    { scheduling: { terminationTime: '2026-11-30T12:00:00-08:00' } },
    { endsAt: '2026-11-30T20:00:00.000Z', soleTenant: false },
  ],
  [
    'as long as it may run',
    {
      scheduling: { provisioningModel: 'FLEX_START', maxRunDuration: { seconds: '604800' } },
      resourceStatus: { scheduling: { terminationTimestamp: '2026-11-25T00:00:00Z' } },
    },
    { endsAt: '2026-11-25T00:00:00.000Z', provisioningModel: 'FLEX_START' },
  ],
  [
    'a node of its own',
    {
      scheduling: {
        nodeAffinities: [{ key: 'compute.googleapis.com/node-group-name', operator: 'IN', values: ['g'] }],
      },
    },
    { endsAt: null, soleTenant: true },
  ],
])('a machine with %s says so, and has no list price of a month', async (_, more, attributes) => {
  const { resources } = await look([{ body: { items: zone(machine('one', more)) } }], {
    'n1-standard-8': { body: { name: 'n1-standard-8', guestCpus: 8, memoryMb: 30_720 } },
  });
  expect(resources).toMatchObject([{ attributes }]);
  expect(resources.map(gcpAsks)).toMatchObject([
    { unpriced: expect.stringMatching(/node of its own|ends by itself|spot/) },
  ]);
});

test('a plain machine has a list price', async () => {
  const { resources } = await look([{ body: { items: zone(machine('one')) } }], {
    'n1-standard-8': { body: { name: 'n1-standard-8', guestCpus: 8, memoryMb: 30_720 } },
  });
  expect(resources.map(gcpAsks)).toMatchObject([{ asks: [{ usage: 'n1 core' }, { usage: 'n1 ram' }] }]);
});

test('a zone whose types cannot be listed leaves the list incomplete, and nothing smaller is told', async () => {
  const { resources, coverage } = await look(
    [{ body: { items: zone(machine('two', { machineType: G2 })) } }],
    { 'g2-standard-24': { body: l4('g2-standard-24', 2, 24) } },
    refusal(403, 'forbidden'),
  );
  expect(resources[0]?.attributes['smallerTypes']).toEqual([]);
  expect(coverage).toMatchObject([
    {
      status: 'partial',
      reason: expect.stringMatching(
        /machine types of us-east1-b are unknown: compute\.machineTypes\.list was denied/,
      ),
    },
  ]);
});

const NAMED = 'projects/acme-prod/zones/us-east1-b/reservations/launch';

test.each([
  [
    'the one that it consumes',
    { resourceStatus: { reservationConsumptionInfo: { consumedReservation: NAMED } } },
    'launch',
  ],
  [
    'the one that it must run in',
    { reservationAffinity: { consumeReservationType: 'SPECIFIC_RESERVATION', values: ['launch'] } },
    'launch',
  ],
  [
    'one of another project that it must run in',
    {
      reservationAffinity: {
        consumeReservationType: 'SPECIFIC_RESERVATION',
        values: ['projects/shared-prod/reservations/launch'],
      },
    },
    'launch',
  ],
  ['none, since any would do', { reservationAffinity: { consumeReservationType: 'ANY_RESERVATION' } }, null],
  [
    'none while it is off',
    {
      status: 'TERMINATED',
      reservationAffinity: { consumeReservationType: 'SPECIFIC_RESERVATION', values: ['launch'] },
    },
    null,
  ],
])('its reservation is %s', async (_, more, expected) => {
  const { resources } = await look([{ body: { items: zone(machine('a', more)) } }]);
  expect(resources[0]?.attributes['capacityReservation']).toBe(expected);
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
