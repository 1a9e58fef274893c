import { describe, expect, test } from 'vitest';
import * as expired from '../../lib/checks/expired-experiment.ts';
import * as address from '../../lib/checks/idle-address.ts';
import * as idle from '../../lib/checks/idle-gpu.ts';
import * as quiet from '../../lib/checks/idle-notebook.ts';
import type { Facts, Judgement } from '../../lib/checks/model.ts';
import * as shutdown from '../../lib/checks/no-idle-shutdown.ts';
import * as snapshots from '../../lib/checks/old-snapshot.ts';
import * as volumes from '../../lib/checks/unattached-volume.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';
import { cost, facts, machine, NOW, series } from './facts.ts';

const PROJECT = 'acme-prod';
const SCOPE = `gcp:${PROJECT}`;
const COMPLETE: Coverage = {
  scope: SCOPE,
  status: 'complete',
  reason: null,
  asOf: NOW.toISOString(),
};
const without = (...incomplete: string[]): Coverage => ({
  ...COMPLETE,
  status: 'partial',
  reason: 'refused',
  incomplete,
});

function thing(kind: string, name: string, given: Partial<Resource> = {}): Resource {
  return machine({
    provider: 'gcp',
    accountId: PROJECT,
    region: 'us-central1-a',
    id: `//compute.googleapis.com/projects/${PROJECT}/zones/us-central1-a/${kind}/${name}`,
    name,
    accelerators: [],
    sku: null,
    ...given,
  });
}

function see(resources: readonly Resource[], given: Partial<Facts> = {}): Facts {
  return facts({ resources, coverage: [COMPLETE], ...given });
}

const told = (judgements: readonly Judgement[]) =>
  judgements.map(({ resourceName, verdict }) => `${resourceName} ${verdict}`);

function disk(attributes: Resource['attributes'] = {}, given: Partial<Resource> = {}): Resource {
  return thing('disks', 'scratch', {
    type: 'gcp:compute:disk',
    state: 'READY',
    sku: 'pd-ssd',
    created: '2026-01-01T00:00:00.000Z',
    dataset: 'gcp.compute.disks',
    attributes: {
      numericId: '502',
      users: [],
      claimed: false,
      sizeGb: 500,
      lastAttached: '2026-01-02T00:00:00.000Z',
      lastDetached: '2026-10-01T00:00:00.000Z',
      ...attributes,
    },
    ...given,
  });
}

const judgeDisk = (one: Resource, given: Partial<Facts> = {}) =>
  volumes.unattachedVolume.judge(see([one], given), volumes.settings.parse({}), NOW);

describe('a disk of Google Cloud', () => {
  test('that was let go is UNUSED, for as long as Google says', () => {
    expect(
      judgeDisk(disk(), {
        costs: [{ ...cost(), provider: 'gcp', accountId: PROJECT, resourceId: disk().id }],
      }),
    ).toMatchObject([
      {
        verdict: 'UNUSED',
        reason: 'It has been attached to nothing for 50 days.',
        monthlySaving: null,
        costBasis: 'billed',
        scopes: [`${SCOPE}#gcp.compute.disks`],
        blindSpots: [expect.stringContaining('snapshot')],
      },
    ]);
  });

  test('that was never attached counts from when it was made', () => {
    expect(judgeDisk(disk({ lastAttached: null, lastDetached: null }))[0]?.reason).toContain('323 days');
  });

  test.each<[string, Resource]>([
    ['that a machine uses, even one that is off', disk({ users: ['trainer-1'] })],
    ['whose users nobody told', disk({ users: null })],
    ['that Kubernetes claims', disk({ claimed: true })],
    ['that was let go lately', disk({ lastDetached: '2026-11-19T00:00:00.000Z' })],
    ['that was attached and of which no detaching is told', disk({ lastDetached: null })],
    [
      'that is made just now',
      disk({ lastAttached: null, lastDetached: null }, { created: '2026-11-19T00:00:00Z' }),
    ],
    ['that is being deleted', disk({}, { state: 'DELETING' })],
    ['without a date', disk({ lastAttached: null, lastDetached: null }, { created: null })],
  ])('says nothing of one %s', (_, one) => {
    expect(judgeDisk(one)).toEqual([]);
  });

  test('says nothing where the disks were not read whole', () => {
    expect(judgeDisk(disk(), { coverage: [without('gcp.compute.disks')] })).toEqual([]);
    expect(judgeDisk(disk(), { coverage: [without('gcp.tpu.nodes')] })).toHaveLength(1);
  });
});

const spare = (attributes: Resource['attributes'] = {}, state = 'RESERVED') =>
  thing('addresses', 'spare', {
    type: 'gcp:compute:address',
    state,
    dataset: 'gcp.compute.addresses',
    attributes: {
      address: '203.0.113.7',
      addressType: 'EXTERNAL',
      purpose: null,
      ipVersion: null,
      ownRange: false,
      users: [],
      ...attributes,
    },
  });
const judgeAddress = (one: Resource, given: Partial<Facts> = {}) =>
  address.idleAddress.judge(see([one], given), address.settings.parse({}), NOW);

describe('an address of Google Cloud', () => {
  test('that is reserved and used by nothing costs all that it costs', () => {
    const billed = { ...cost(), provider: 'gcp' as const, accountId: PROJECT, resourceId: spare().id };
    expect(judgeAddress(spare(), { costs: [{ ...billed, effective: '7.3', committed: '0' }] })).toMatchObject(
      [
        {
          verdict: 'UNUSED',
          monthlySaving: { amount: '7.3' },
          reason: 'It is reserved, and nothing uses it.',
          evidence: [
            { name: 'association', source: 'compute.addresses.aggregatedList' },
            { name: 'address', value: '203.0.113.7' },
            {},
          ],
        },
      ],
    );
  });

  test.each<[string, Resource]>([
    ['in use', spare({}, 'IN_USE')],
    ['being reserved', spare({}, 'RESERVING')],
    ['with users', spare({ users: ['router'] })],
    ['of which nobody told the users', spare({ users: null })],
    ['that is internal', spare({ addressType: 'INTERNAL' })],
    ['for a service', spare({ purpose: 'NAT_AUTO' })],
    ['of IPv6', spare({ ipVersion: 'IPV6' })],
    ['of a range of one’s own', spare({ ownRange: true })],
  ])('says nothing of one %s', (_, one) => {
    expect(judgeAddress(one)).toEqual([]);
  });
});

const old = (attributes: Resource['attributes'] = {}, given: Partial<Resource> = {}) =>
  thing('snapshots', 'old', {
    id: `//compute.googleapis.com/projects/${PROJECT}/global/snapshots/${given.name ?? 'old'}`,
    type: 'gcp:compute:snapshot',
    region: 'us',
    state: 'READY',
    created: '2026-01-01T00:00:00.000Z',
    dataset: 'gcp.compute.snapshots',
    attributes: {
      numericId: '701',
      sourceDisk: 'scratch',
      sourceDiskId: '502',
      schedule: null,
      autoCreated: false,
      storageBytes: 1_000_000,
      ...attributes,
    },
    ...given,
  });
const image = thing('images', 'base', {
  type: 'gcp:compute:image',
  attributes: { numericId: '801', sourceSnapshotId: '701' },
});
const judgeSnapshots = (all: readonly Resource[], given: Partial<Facts> = {}) =>
  snapshots.oldSnapshot.judge(see(all, given), snapshots.settings.parse({}), NOW);

describe('a snapshot of Google Cloud', () => {
  test('whose disk is gone is UNUSED; a new disk of the same name is another', () => {
    const [one] = judgeSnapshots([old(), disk({ numericId: '999' })], {
      costs: [
        {
          ...cost(),
          provider: 'gcp',
          accountId: PROJECT,
          resourceId: old().id,
          effective: '3',
          committed: '0',
        },
      ],
    });
    expect(one).toMatchObject({ verdict: 'UNUSED', monthlySaving: { amount: '3' }, confidence: 'medium' });
    expect(one?.scopes).toEqual(
      ['snapshots', 'images', 'disks'].map((kind) => `${SCOPE}#gcp.compute.${kind}`),
    );
  });

  test('of several of one disk nobody can say what one saves', () => {
    const both = judgeSnapshots([old(), old({ numericId: '702' }, { name: 'older' })]);
    expect(both.map(({ monthlySaving }) => monthlySaving)).toEqual([null, null]);
  });

  test.each<[string, Resource[]]>([
    ['whose disk exists', [old(), disk()]],
    ['that an image is made of', [old(), image]],
    ['that a schedule made', [old({ schedule: 'daily' })]],
    ['that was made by itself', [old({ autoCreated: true })]],
    ['that a service labels', [old({}, { tags: { 'goog-gke-volume': '' } })]],
    ['that is young', [old({}, { created: '2026-11-01T00:00:00Z' })]],
    ['that is not ready', [old({}, { state: 'UPLOADING' })]],
    ['whose disk nobody told', [old({ sourceDiskId: null })]],
  ])('says nothing of one %s', (_, all) => {
    expect(judgeSnapshots(all).filter(({ resourceType }) => resourceType === 'gcp:compute:snapshot')).toEqual(
      [],
    );
  });

  test.each(['gcp.compute.snapshots', 'gcp.compute.images', 'gcp.compute.disks'])(
    'says nothing where %s was not read whole',
    (dataset) => {
      expect(judgeSnapshots([old()], { coverage: [without(dataset)] })).toEqual([]);
    },
  );
});

const WORKBENCH = `//notebooks.googleapis.com/projects/${PROJECT}/locations/us-central1-a/instances/trainer`;
const UNDER = thing('instances', 'trainer').id;
const T4 = [{ kind: 'nvidia-tesla-t4', count: 1, memoryMiB: null }];

function notebook(given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return thing('instances', 'trainer', {
    id: WORKBENCH,
    type: 'gcp:notebooks:instance',
    state: 'ACTIVE',
    accelerators: T4,
    dataset: 'gcp.notebooks.instances',
    attributes: {
      numericId: '1001',
      machine: UNDER,
      idleTimeoutSeconds: 10_800,
      acceleratorDevices: 1,
      ...attributes,
    },
    ...given,
  });
}

function vm(given: Partial<Resource> = {}): Resource {
  return thing('instances', 'trainer', {
    type: 'gcp:compute:instance',
    state: 'RUNNING',
    accelerators: T4,
    dataset: 'gcp.compute.instances',
    attributes: { instanceId: '1001', acceleratorDevices: 1 },
    ...given,
  });
}

function rest(resourceId: string, value = 1): Telemetry[] {
  return [
    series('gpu-utilization', '0', value, { resourceId, source: 'Ops Agent gpu/utilization' }),
    series('gpu-memory-used', '0', 1, { resourceId, unit: 'percent', source: 'Ops Agent' }),
  ];
}

const judgeNotebook = (given: Partial<Facts> = {}) =>
  idle.idleGpu.judge(
    see([notebook(), vm()], { telemetry: [...rest(WORKBENCH), ...rest(UNDER)], ...given }),
    idle.settings.parse({}),
    NOW,
  );
const checkShutdown = (one: Resource, given: Partial<Facts> = {}) =>
  shutdown.noIdleShutdown.judge(see([one], given), shutdown.settings.parse({}), NOW);

describe('a Workbench instance', () => {
  test('is judged once, and costs what its machine costs', () => {
    const billed = `//compute.googleapis.com/projects/${PROJECT}/zones/us-central1-a/instances/1001`;
    const billedVm = {
      ...cost(),
      provider: 'gcp' as const,
      accountId: PROJECT,
      resourceId: billed,
      effective: '250',
      committed: '0',
    };
    const boot = disk({ users: [UNDER] }, { name: 'trainer', id: thing('disks', 'trainer').id });
    const kept = { ...billedVm, resourceId: boot.id, effective: '17' };
    const found = judgeNotebook({ resources: [notebook(), vm(), boot], costs: [billedVm, kept] });
    expect(found).toMatchObject([
      {
        resourceId: WORKBENCH,
        verdict: 'SUSPECTED',
        monthlyCost: { amount: '250' },
        monthlySaving: null,
        scopes: [`${SCOPE}#gcp.notebooks.instances`, `${SCOPE}#gcp.notebooks.telemetry`],
      },
    ]);
    expect(found[0]?.evidence.filter(({ name }) => name.startsWith('billed on'))).toMatchObject([
      { name: 'billed on after a stop: 1 volume or address', value: '17' },
    ]);
  });

  test('without its metrics is not told as unobserved where it is the looking that failed', () => {
    expect(told(judgeNotebook({ telemetry: [] }))).toEqual(['trainer UNOBSERVED']);
    expect(judgeNotebook({ telemetry: [], coverage: [without('gcp.notebooks.telemetry')] })).toEqual([]);
  });

  test('without idle shutdown is told; with it, or where nobody could look, it is not', () => {
    expect(checkShutdown(notebook({}, { idleTimeoutSeconds: null }))).toMatchObject([
      { verdict: 'NONCOMPLIANT', monthlySaving: null, confidence: 'medium' },
    ]);
    expect(checkShutdown(notebook())).toEqual([]);
    expect(checkShutdown(notebook({ state: 'DELETED' }, { idleTimeoutSeconds: null }))).toEqual([]);
    expect(
      checkShutdown(notebook({}, { idleTimeoutSeconds: null }), {
        coverage: [without('gcp.notebooks.instances')],
      }),
    ).toEqual([]);
  });
});

const plain = (given: Partial<Resource> = {}) =>
  notebook({ accelerators: [], ...given }, { acceleratorDevices: 0 });
const cpu = (value: Parameters<typeof series>[2], hours = 168) => [
  series('cpu-utilization', null, value, { resourceId: WORKBENCH, hours, source: 'Compute Engine' }),
];
const judgeQuiet = (one: Resource, telemetry: readonly Telemetry[], given: Partial<Facts> = {}) =>
  quiet.idleNotebook.judge(see([one, vm()], { telemetry, ...given }), quiet.settings.parse({}), NOW);

describe('a Workbench instance without accelerators', () => {
  test('whose processor rests is suspected, and never more', () => {
    expect(judgeQuiet(plain(), cpu(2))).toMatchObject([
      {
        verdict: 'SUSPECTED',
        confidence: 'low',
        monthlySaving: null,
        reason: 'Its processor never passed 2% within 3d.',
        scopes: [`${SCOPE}#gcp.notebooks.instances`, `${SCOPE}#gcp.notebooks.telemetry`],
      },
    ]);
  });

  test.each<[string, Resource, Telemetry[], Partial<Facts>?]>([
    ['that worked for one hour', plain(), cpu((hour) => (hour === 150 ? 40 : 1))],
    ['of which a tenth of the samples is missing', plain(), cpu((hour) => (hour % 5 === 0 ? Number.NaN : 1))],
    ['that nothing measures', plain(), []],
    ['that began yesterday', plain({ created: '2026-11-19T00:00:00Z' }), cpu(1)],
    ['that is off', plain({ state: 'STOPPED' }), cpu(1)],
    ['with a GPU, which idle-gpu tells of', notebook(), cpu(1)],
    ['whose machine was not found', notebook({ accelerators: [] }, { acceleratorDevices: null }), cpu(1)],
    [
      'whose metrics were not read whole',
      plain(),
      cpu(1),
      { coverage: [without('gcp.notebooks.telemetry')] },
    ],
  ])('says nothing of one %s', (_, one, telemetry, given) => {
    expect(judgeQuiet(one, telemetry, given)).toEqual([]);
  });
});

test('a node pool is not a machine: its nodes are', () => {
  const pool = thing('nodePools', 'h100', {
    type: 'gcp:container:node-pool',
    state: 'RUNNING',
    accelerators: T4,
  });
  expect(idle.idleGpu.judge(see([pool]), idle.settings.parse({}), NOW)).toEqual([]);
});

test.each([
  [
    {
      type: 'gcp:tpu:node',
      state: 'READY',
      accelerators: [{ kind: 'TPU v5litepod-8', count: 1, memoryMiB: null }],
    },
    'ask the owner',
  ],
  [{ type: 'gcp:aiplatform:endpoint', state: 'DEPLOYED', accelerators: T4 }, 'duty_cycle'],
  [{ type: 'gcp:compute:instance', state: 'RUNNING', accelerators: T4 }, 'Install the Ops Agent'],
  [
    {
      type: 'gcp:compute:instance',
      state: 'RUNNING',
      accelerators: T4,
      tags: { 'goog-k8s-cluster-name': 'train' },
    },
    'GKE tells of accelerators that a container holds',
  ],
])('what nothing measures is money with advice: %j', (given, advice) => {
  const [one] = idle.idleGpu.judge(see([thing('x', 'x', given)]), idle.settings.parse({}), NOW);
  expect(one).toMatchObject({
    verdict: 'UNOBSERVED',
    monthlySaving: null,
    reason: expect.stringContaining(advice),
  });
});

const tags = { 'expires-on': '2026-11-01' };
const judgeExpired = (
  all: readonly Resource[],
  telemetry: readonly Telemetry[],
  given: Partial<Facts> = {},
) =>
  expired.expiredExperiment.judge(
    see(all, { telemetry, ...given }),
    expired.settings.parse({ tags: ['expires-on'] }),
    NOW,
  );

describe('an experiment of Google Cloud past its date', () => {
  test('is EXPIRED at rest, HELD at work, and of a Workbench instance told once', () => {
    expect(told(judgeExpired([vm({ tags })], rest(UNDER)))).toEqual(['trainer EXPIRED']);
    expect(told(judgeExpired([vm({ tags })], rest(UNDER, 50)))).toEqual(['trainer HELD']);
    expect(
      judgeExpired([notebook({ tags }), vm({ tags })], [...rest(WORKBENCH), ...rest(UNDER)]).map(
        ({ resourceId, verdict }) => [resourceId, verdict],
      ),
    ).toEqual([[WORKBENCH, 'EXPIRED']]);
  });

  test('is HELD where its metrics are missing or were not read whole', () => {
    expect(told(judgeExpired([vm({ tags })], []))).toEqual(['trainer HELD']);
    expect(
      told(judgeExpired([vm({ tags })], rest(UNDER), { coverage: [without('gcp.compute.gpu-telemetry')] })),
    ).toEqual(['trainer HELD']);
  });
});

const accelerated = (kind: string, attributes: Resource['attributes'] = {}, given: Partial<Resource> = {}) =>
  thing('instances', 'trainer', {
    type: 'gcp:compute:instance',
    state: 'RUNNING',
    dataset: 'gcp.compute.instances',
    accelerators: [{ kind, count: 4, memoryMiB: null }],
    attributes: { acceleratorDevices: 4, ...attributes },
    ...given,
  });
const judgeGpu = (one: Resource, telemetry: readonly Telemetry[] = []) =>
  idle.idleGpu.judge(see([one], { telemetry }), idle.settings.parse({}), NOW)[0];

describe('a machine of Google Cloud whose accelerators nothing measures', () => {
  test.each([
    ['nvidia-tesla-a100', /Install the Ops Agent/, 1],
    ['nvidia-l4', /Install the Ops Agent/, 1],
    ['ct5lp', /no telemetry of such chips/, 0],
    ['ct6e', /no telemetry of such chips/, 0],
    ['TPU v5litepod-8', /no telemetry of such chips/, 0],
  ])('%s is told what helps, and nothing that does not', (kind, advice, setUps) => {
    const found = judgeGpu(accelerated(kind));
    expect(found).toMatchObject({ verdict: 'UNOBSERVED', monthlySaving: null });
    expect(found?.reason).toMatch(advice);
    expect(found?.evidence.filter(({ name }) => name === 'set-up to copy')).toHaveLength(setUps);
  });

  const resting = ['0', '1', '2', '3'].map((device) =>
    series('gpu-utilization', device, 1, { resourceId: accelerated('x').id, source: 'Ops Agent' }),
  );

  test('that ends by itself says until when a stop saves anything', () => {
    const at = '2026-11-25T00:00:00.000Z';
    const found = judgeGpu(
      accelerated('nvidia-l4', { endsAt: at, provisioningModel: 'FLEX_START' }),
      resting,
    );
    expect(found).toMatchObject({ verdict: 'SUSPECTED', monthlySaving: null });
    expect(found?.blindSpots).toContain(
      `Compute Engine ends it by itself at ${at}: from then on a stop saves nothing.`,
    );
    const lasting = judgeGpu(accelerated('nvidia-l4', { endsAt: null }), resting);
    expect(lasting?.blindSpots.join(' ')).not.toContain('ends it by itself');
  });

  test.each([
    { type: 'slurm:cluster', id: 'hpc' },
    { type: 'gcp:batch:job', id: 'j-1' },
    { type: 'gcp:compute:instance-group-manager', id: 'workers' },
  ])('that belongs to %j says that it comes back', (parent) => {
    const found = judgeGpu(accelerated('nvidia-l4', {}, { parent }), resting);
    expect(found?.blindSpots).toContain(
      `It belongs to ${parent.type} ${parent.id}: scale that instead, or it comes back.`,
    );
  });

  test.each([
    'TERMINATED',
    'STOPPING',
    'SUSPENDED',
    'STAGING',
    'REPAIRING',
    'DEPROVISIONING',
    'PENDING_STOP',
  ])('that is %s is not judged', (state) =>
    expect(judgeGpu(accelerated('nvidia-l4', {}, { state }), resting)).toBeUndefined(),
  );
});
