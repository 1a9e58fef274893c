import { beforeEach, expect, inject, test } from 'vitest';
import { collectScope } from '../../../lib/estate/collect.ts';
import { GCP_DATASETS, gcpDatasets } from '../../../lib/estate/gcp/datasets.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import type { Resource } from '../../../lib/estate/model.ts';
import { gapOf } from '../../../lib/platform/coverage.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../../counterparts/gcp.control.ts';
import { describeWithShared } from '../../shared.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T12:30:00Z');

beforeEach(() => resetGcp(endpoint));

async function look(projectId = 'ml-prod', datasets = GCP_DATASETS) {
  const session = gcpSession({
    projectId,
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  const scope = { provider: 'gcp' as const, accountId: projectId, region: 'global' };
  return await collectScope(scope, session, datasets, NOW, new Meter());
}

function only(...ids: string[]) {
  return GCP_DATASETS.filter(({ id }) => ids.includes(id));
}

function told({ id, state, region, sku, created, accelerators, parent }: Resource) {
  return { id, state, region, sku, created, accelerators, parent };
}

const ALL = [
  'gcp:cloudresourcemanager:project projects/ml-prod',
  'gcp:compute:instance trainer-1',
  'gcp:compute:instance trainer-2',
  'gcp:compute:instance web-1',
  'gcp:compute:disk boot',
  'gcp:compute:disk forgotten',
  'gcp:compute:disk pvc-1',
  'gcp:compute:disk mirrored',
  'gcp:compute:address spare',
  'gcp:compute:address front',
  'gcp:compute:commitment n2-cores',
  'gcp:compute:reservation held-a2',
  'gcp:compute:snapshot old',
  'gcp:compute:snapshot kept',
  'gcp:compute:image trainer-v1',
  'gcp:aiplatform:endpoint 42',
  'gcp:aiplatform:endpoint 43',
  'gcp:aiplatform:deployment-resource-pool shared',
  'gcp:aiplatform:persistent-resource ray-1',
  'gcp:aiplatform:custom-job 900',
  'gcp:aiplatform:index-endpoint 55',
  'gcp:notebooks:instance trainer-1',
  'gcp:notebooks:instance scratch',
  'gcp:tpu:node slice-1',
  'gcp:tpu:queued-resource ask-1',
  'gcp:sqladmin:instance vectors',
  'gcp:container:node-pool h100',
  'gcp:container:node-pool default',
];

test('a project is seen whole, and every call is one that Google knows', async () => {
  const { resources, coverage, telemetry } = await look();
  expect(coverage).toMatchObject([{ scope: 'gcp:ml-prod', status: 'complete', reason: null }]);
  expect(
    resources.map(
      ({ type, id }) =>
        `${type} ${type.endsWith(':project') ? id.slice(id.indexOf('projects')) : id.slice(id.lastIndexOf('/') + 1)}`,
    ),
  ).toEqual(ALL);
  expect(new Set(resources.map(({ id }) => id)).size).toBe(resources.length);
  expect(telemetry.filter(({ points }) => points.length > 0)).toEqual([]);
  const calls = await gcpCalls(endpoint);
  expect(calls.filter(({ status }) => status !== 200)).toEqual([]);
  expect(calls.filter(({ path }) => path.endsWith('/locations'))).toHaveLength(1);
});

test('metadata with secrets are dropped on arrival', async () => {
  expect(JSON.stringify(await look())).not.toContain('TOKEN');
});

test('an endpoint has the accelerators of the replicas that always run, since the last model was deployed', async () => {
  const { resources } = await look('ml-prod', only('gcp.aiplatform.endpoints'));
  expect(resources.map(told)).toEqual([
    {
      id: '//aiplatform.googleapis.com/projects/ml-prod/locations/us-central1/endpoints/42',
      state: 'DEPLOYED',
      region: 'us-central1',
      sku: null,
      created: '2026-05-01T00:00:00.000Z',
      accelerators: [{ kind: 'NVIDIA_L4', count: 8, memoryMiB: null }],
      parent: null,
    },
    expect.objectContaining({ state: 'EMPTY', accelerators: [] }),
  ]);
});

test('a training job has the accelerators of all its workers, and how it ended', async () => {
  const { resources } = await look('ml-prod', only('gcp.aiplatform.custom-jobs'));
  expect(resources).toMatchObject([
    {
      state: 'JOB_STATE_FAILED',
      accelerators: [{ kind: 'NVIDIA_H100_80GB', count: 32 }],
      attributes: {
        machines: 4,
        timeoutSeconds: 86_400,
        startedAt: '2026-11-20T00:20:00.000Z',
        endedAt: '2026-11-20T09:00:00.000Z',
        errorCode: 8,
        error: 'out of memory',
      },
    },
  ]);
  const asked = (await gcpCalls(endpoint)).find(({ path }) => path.endsWith('us-central1/customJobs'));
  expect(asked?.query['filter']).toContain(
    'create_time>"2026-09-23T12:30:00.000Z" OR state="JOB_STATE_QUEUED"',
  );
});

test('a Workbench instance is tied to its machine by number and has its accelerators and last start', async () => {
  const { resources } = await look('ml-prod', only('gcp.compute.instances', 'gcp.notebooks.instances'));
  const [trainer, scratch] = resources.filter(({ type }) => type === 'gcp:notebooks:instance');
  expect(trainer).toMatchObject({
    id: '//notebooks.googleapis.com/projects/ml-prod/locations/us-central1-a/instances/trainer-1',
    state: 'ACTIVE',
    created: '2026-06-01T15:00:10.000Z',
    accelerators: [{ kind: 'nvidia-tesla-t4', count: 2 }],
    attributes: {
      machine: '//compute.googleapis.com/projects/ml-prod/zones/us-central1-a/instances/trainer-1',
      idleTimeoutSeconds: 10_800,
    },
  });
  expect(scratch).toMatchObject({
    state: 'STOPPED',
    created: null,
    attributes: { machine: null, idleTimeoutSeconds: null },
  });
});

test('disks tell who uses them, when they were let go, and whether Kubernetes claims them', async () => {
  const { resources } = await look('ml-prod', only('gcp.compute.disks'));
  expect(resources.map(({ name, region, attributes }) => ({ name, region, ...attributes }))).toMatchObject([
    {
      name: 'boot',
      region: 'us-central1-a',
      users: ['//compute.googleapis.com/projects/ml-prod/zones/us-central1-a/instances/trainer-1'],
      claimed: false,
      lastDetached: null,
    },
    {
      name: 'forgotten',
      users: [],
      sizeGb: 2000,
      lastDetached: '2026-09-01T07:00:00.000Z',
      claimed: false,
    },
    { name: 'pvc-1', claimed: true },
    { name: 'mirrored', region: 'us-central1', users: [] },
  ]);
  expect(resources.at(-1)?.id).toBe(
    '//compute.googleapis.com/projects/ml-prod/regions/us-central1/disks/mirrored',
  );
});

test('TPU, Vector Search, Cloud SQL and node pools say what is billed of them', async () => {
  const { resources } = await look();
  const of = (type: string) => resources.filter((one) => one.type === type);
  expect(of('gcp:tpu:node')).toMatchObject([
    {
      accelerators: [{ kind: 'TPU v5litepod-8', count: 1 }],
      parent: { type: 'gcp:tpu:queued-resource', id: 'ask-1' },
      attributes: { spot: true, topology: '2x4', workers: 1 },
    },
  ]);
  expect(of('gcp:aiplatform:index-endpoint')).toMatchObject([
    { attributes: { deployedIndexes: [{ id: 'docs_v1', vectors: 1_500_000, minReplicas: 2 }] } },
  ]);
  expect(of('gcp:sqladmin:instance')).toMatchObject([
    { sku: 'db-custom-8-32768', attributes: { activationPolicy: 'NEVER', diskSizeGb: 500 } },
  ]);
  expect(of('gcp:container:node-pool')[0]).toMatchObject({
    name: 'train/h100',
    tags: { team: 'ml-platform' },
    accelerators: [{ kind: 'nvidia-h100-80gb', count: 8 }],
    attributes: { minNodes: 1, maxNodes: 4, spot: true },
  });
  expect(of('gcp:compute:address')).toMatchObject([
    { region: 'us-central1', state: 'RESERVED', attributes: { addressType: 'EXTERNAL', users: [] } },
    { region: 'global', state: 'IN_USE', attributes: { addressType: 'EXTERNAL', users: ['front'] } },
  ]);
  expect(of('gcp:compute:commitment')).toMatchObject([
    {
      id: '//compute.googleapis.com/projects/ml-prod/regions/us-central1/commitments/n2-cores',
      region: 'us-central1',
      state: 'ACTIVE',
      attributes: { ends: '2027-02-01T08:00:00.000Z', autoRenew: false, tagsUnknown: true },
    },
  ]);
  expect(of('gcp:compute:snapshot')).toMatchObject([
    { attributes: { storageBytes: 123_456_789_012, sourceDisk: 'gone', schedule: null } },
    {
      id: '//compute.googleapis.com/projects/ml-prod/regions/europe-west4/snapshots/kept',
      region: 'europe-west4',
      sku: 'ARCHIVE',
      attributes: { storageBytes: 9_000_000_000, sourceDisk: 'gone' },
    },
  ]);
  expect(of('gcp:cloudresourcemanager:project')).toMatchObject([
    { parent: { type: 'gcp:cloudresourcemanager:folder', id: '876' }, tags: { team: 'ml-platform' } },
  ]);
});

const REFUSED: readonly [path: string, dataset: string, permission: string][] = [
  ['aggregated/disks', 'gcp.compute.disks', 'compute.disks.list'],
  ['aggregated/addresses', 'gcp.compute.addresses', 'compute.addresses.list'],
  ['aggregated/commitments', 'gcp.compute.commitments', 'compute.commitments.list'],
  ['aggregated/reservations', 'gcp.compute.reservations', 'compute.reservations.list'],
  ['global/snapshots', 'gcp.compute.snapshots', 'compute.snapshots.list'],
  ['ml-prod/regions$', 'gcp.compute.snapshots', 'regional snapshots'],
  ['europe-west4/snapshots', 'gcp.compute.snapshots', 'europe-west4'],
  ['global/images', 'gcp.compute.images', 'compute.images.list'],
  ['us-central1/endpoints', 'gcp.aiplatform.endpoints', 'us-central1: aiplatform'],
  ['us-central1/deploymentResourcePools', 'gcp.aiplatform.resource-pools', 'us-central1: aiplatform'],
  ['us-central1/customJobs', 'gcp.aiplatform.custom-jobs', 'us-central1: aiplatform'],
  ['us-central1/indexes', 'gcp.aiplatform.index-endpoints', 'us-central1: aiplatform'],
  ['/locations/-/instances', 'gcp.notebooks.instances', 'notebooks.instances.list'],
  ['/locations/-/nodes', 'gcp.tpu.nodes', 'tpu.nodes.list'],
  ['/locations/-/queuedResources', 'gcp.tpu.nodes', 'queued resources'],
  ['/v1/projects/ml-prod/instances', 'gcp.sqladmin.instances', 'cloudsql.instances.list'],
  ['/locations/-/clusters', 'gcp.container.node-pools', 'container.clusters.list'],
  ['/v3/projects/ml-prod$', 'gcp.resourcemanager.project', 'resourcemanager.projects.get'],
  ['timeSeries', 'gcp.compute.gpu-telemetry', 'of 2 machines are left out'],
];

test.each(REFUSED)('a refusal of %s makes %s incomplete and no other', async (path, dataset, reason) => {
  await disturbGcp(endpoint, { path, status: 403 }, 99);
  const { coverage, resources } = await look();
  expect(coverage).toMatchObject([{ status: 'partial', reason: expect.stringContaining(reason) }]);
  const blind = coverage[0]?.incomplete ?? [];
  expect(blind).toContain(dataset);
  // Telemetry that needs what failed is not looked at, and two read the indexes; nothing else is lost.
  const shared = path.endsWith('/indexes') ? ['gcp.aiplatform.vector-search'] : [];
  expect(blind.filter((id) => id !== dataset && !id.endsWith('telemetry'))).toEqual(shared);
  expect(resources.length).toBeGreaterThan(15);
});

const held = (name: string, id: string, more: object) => ({ id, name, status: 'READY', ...more });

test('reservations tell how much they hold and how much of it runs, of machines and of chips of TPUs', async () => {
  const a2 = { machineType: 'a2-highgpu-1g' };
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/reservations', {
    items: {
      'zones/us-central1-a': {
        reservations: [
          held('empty', '1', {
            deleteAtTime: '2026-12-24T00:00:00-08:00',
            specificReservation: { count: '3', inUseCount: '0', instanceProperties: a2 },
          }),
          held('attached', '2', {
            commitment:
              'https://www.googleapis.com/compute/v1/projects/p/regions/us-central1/commitments/gpus',
            shareSettings: { shareType: 'SPECIFIC_PROJECTS' },
            specificReservation: {
              count: '2',
              inUseCount: '1',
              instanceProperties: {
                machineType: 'n1-standard-8',
                guestAccelerators: [{ acceleratorType: 'nvidia-tesla-t4', acceleratorCount: 4 }],
              },
            },
          }),
          held('chips', '3', {
            aggregateReservation: {
              vmFamily: 'VM_FAMILY_CLOUD_TPU_LITE_POD_SLICE_CT6E',
              reservedResources: [{ accelerator: { acceleratorType: 'ct6e', acceleratorCount: 256 } }],
              inUseResources: [{ accelerator: { acceleratorType: 'ct6e', acceleratorCount: 64 } }],
            },
          }),
          held('of-a-kind-to-come', '4', {}),
        ],
      },
      'zones/us-east1-b': { warning: { code: 'UNREACHABLE', message: 'zone is down' } },
    },
  });
  const { resources, coverage } = await look('ml-prod', only('gcp.compute.reservations'));
  expect(
    resources.map(({ name, sku, accelerators, attributes }) => [
      name,
      sku,
      accelerators.map(({ kind, count }) => `${count} x ${kind}`).join(),
      attributes['totalInstances'],
      attributes['availableInstances'],
      attributes['unit'],
      attributes['commitments'],
      attributes['shared'],
      attributes['endsAt'],
    ]),
  ).toEqual([
    [
      'empty',
      'a2-highgpu-1g',
      '3 x nvidia-tesla-a100',
      3,
      3,
      'instances',
      [],
      false,
      '2026-12-24T08:00:00.000Z',
    ],
    ['attached', 'n1-standard-8', '8 x nvidia-tesla-t4', 2, 1, 'instances', ['gpus'], true, null],
    ['chips', 'VM_FAMILY_CLOUD_TPU_LITE_POD_SLICE_CT6E', '256 x ct6e', 256, 192, 'chips', [], false, null],
    ['of-a-kind-to-come', null, '', null, null, 'chips', [], false, null],
  ]);
  expect(coverage).toMatchObject([
    { status: 'partial', reason: expect.stringContaining('us-east1-b: UNREACHABLE zone is down') },
  ]);
});

test('an API that is turned off is not covered, and is no gap', async () => {
  await disturbGcp(endpoint, { path: '/locations/-/nodes', status: 403, reason: 'SERVICE_DISABLED' }, 9);
  const { coverage } = await look('ml-prod', only('gcp.tpu.nodes', 'gcp.compute.disks'));
  expect(coverage).toMatchObject([{ status: 'complete', reason: null, switchedOff: ['gcp.tpu.nodes'] }]);
  expect(gapOf(coverage, 'gcp:ml-prod#gcp.compute.disks')).toBeNull();
  expect(gapOf(coverage, 'gcp:ml-prod#gcp.tpu.nodes')).toContain('not there to be asked');
});

test('a project in which no API is enabled could not be read', async () => {
  await disturbGcp(endpoint, { path: '/locations/-/nodes', status: 403, reason: 'SERVICE_DISABLED' }, 9);
  const { coverage } = await look('ml-prod', only('gcp.tpu.nodes'));
  expect(coverage).toMatchObject([
    { status: 'failed', reason: expect.stringContaining('the API is not enabled') },
  ]);
});

test('regions that no list of Vertex AI names are not asked for; without the list nothing is', async () => {
  await disturbGcp(endpoint, { path: '/v1/projects/ml-prod/locations$', status: 403 }, 9);
  const { coverage, resources } = await look('ml-prod', only('gcp.aiplatform.endpoints'));
  expect(resources).toEqual([]);
  expect(coverage).toMatchObject([
    { status: 'failed', reason: expect.stringContaining('aiplatform.locations.list') },
  ]);
});

test('zones of GKE and regions of Cloud SQL that did not answer are told', async () => {
  await answerGcp(endpoint, '/v1/projects/ml-prod/locations/-/clusters', { missingZones: ['us-east1-b'] });
  await answerGcp(endpoint, '/v1/projects/ml-prod/instances', {
    warnings: [{ code: 'REGION_UNREACHABLE', region: 'us-east1', message: 'down' }],
  });
  await answerGcp(endpoint, '/v2/projects/ml-prod/locations/-/instances', {
    unreachable: ['projects/ml-prod/locations/us-west1-a'],
  });
  const { coverage } = await look();
  expect(coverage[0]?.incomplete).toEqual([
    'gcp.notebooks.instances',
    'gcp.sqladmin.instances',
    'gcp.container.node-pools',
  ]);
  for (const reason of [
    'us-east1-b: missing',
    'us-east1: REGION_UNREACHABLE down',
    'us-west1-a: unreachable',
  ])
    expect(coverage[0]?.reason).toContain(reason);
});

test('501 disks and 101 endpoints are two pages each, none lost', async () => {
  const zone = 'https://www.googleapis.com/compute/v1/projects/ml-prod/zones/us-central1-a';
  await answerGcp(endpoint, '/compute/v1/projects/ml-prod/aggregated/disks', {
    items: {
      'zones/us-central1-a': {
        disks: Array.from({ length: 501 }, (_, at) => ({
          id: String(at + 1),
          name: `d${at}`,
          type: `${zone}/diskTypes/pd-ssd`,
        })),
      },
    },
  });
  await answerGcp(endpoint, '/v1/projects/ml-prod/locations/us-central1/endpoints', {
    endpoints: Array.from({ length: 101 }, (_, at) => ({
      name: `projects/1/locations/us-central1/endpoints/${at}`,
      displayName: `e${at}`,
    })),
  });
  const { resources } = await look('ml-prod', only('gcp.compute.disks', 'gcp.aiplatform.endpoints'));
  expect(new Set(resources.map(({ id }) => id)).size).toBe(602);
});

test('a second look asks for the telemetry of what is named alone', async () => {
  const { resources } = await look();
  const [machine] = resources.filter(({ name }) => name === 'trainer-2');
  await resetGcp(endpoint);
  await look('ml-prod', gcpDatasets(new Set([machine?.id ?? ''])));
  const asked = (await gcpCalls(endpoint)).filter(({ path }) => path.endsWith('/timeSeries'));
  expect(asked).toHaveLength(6);
  for (const { query } of asked) expect(query['filter']).toContain('instance_id = one_of("1002")');
});

describeWithShared('recorded projects', () => {
  test('disks, addresses and snapshots come out as they were recorded', async () => {
    await answerGcp(endpoint, '/compute/v1/projects/cloud-custodian/regions', { items: [] });
    const { resources, coverage } = await look(
      'cloud-custodian',
      only('gcp.compute.disks', 'gcp.compute.addresses', 'gcp.compute.snapshots'),
    );
    expect(coverage).toMatchObject([{ status: 'complete' }]);
    const count = (type: string) => resources.filter((one) => one.type === type).length;
    expect(count('gcp:compute:disk')).toBeGreaterThan(0);
    expect(count('gcp:compute:snapshot')).toBeGreaterThan(0);
    expect(count('gcp:compute:address')).toBeGreaterThan(0);
    for (const { created, id } of resources) {
      expect(created).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
      expect(id).toMatch(/^\/\/compute\.googleapis\.com\/projects\/cloud-custodian\/(zones|regions|global)/);
    }
  });

  test('endpoints of a recorded region keep their project id, whatever the API calls the project', async () => {
    await answerGcp(endpoint, '/v1/projects/cloud-custodian/locations', {
      locations: [
        { name: 'x', locationId: 'us-central1' },
        { name: 'y', locationId: 'us-east1' },
      ],
    });
    const { resources, coverage } = await look('cloud-custodian', only('gcp.aiplatform.endpoints'));
    expect(coverage).toMatchObject([{ status: 'complete' }]);
    expect(resources.length).toBeGreaterThan(0);
    for (const { id } of resources)
      expect(id).toMatch(
        /^\/\/aiplatform\.googleapis\.com\/projects\/cloud-custodian\/locations\/us-(central1|east1)\/endpoints\/[a-z0-9-]+$/,
      );
  });
});
