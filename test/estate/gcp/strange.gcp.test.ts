import { beforeEach, expect, inject, test } from 'vitest';
import { expiredExperiment, settings as expiredSettings } from '../../../lib/checks/expired-experiment.ts';
import { idleGpu, settings as idleSettings } from '../../../lib/checks/idle-gpu.ts';
import { unattachedVolume, settings as volumeSettings } from '../../../lib/checks/unattached-volume.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import { GCP_DATASETS } from '../../../lib/estate/gcp/datasets.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts } from '../../checks/facts.ts';
import { answerGcp, disturbGcp, resetGcp } from '../../counterparts/gcp.control.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T12:30:00Z');
const V1 = '/v1/projects/ml-prod/locations/us-central1';
const HERE = 'projects/123456789012/locations/us-central1';
const COMPUTE = '/compute/v1/projects/ml-prod';
const ZONE = 'https://www.googleapis.com/compute/v1/projects/ml-prod/zones/us-central1-a';

beforeEach(() => resetGcp(endpoint));

async function look(...ids: string[]) {
  const session = gcpSession({
    projectId: 'ml-prod',
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  return await collectScope(
    { provider: 'gcp', accountId: 'ml-prod', region: 'global' },
    session,
    GCP_DATASETS.filter(({ id }) => ids.includes(id)),
    NOW,
    new Meter(),
  );
}

const GPU = { machineType: 'g2-standard-24', acceleratorType: 'NVIDIA_L4', acceleratorCount: 2 };

test('machines of Vertex AI that stay for jobs and Ray are billed, told and judged', async () => {
  const { resources, coverage } = await look('gcp.aiplatform.persistent-resources');
  expect(resources).toMatchObject([
    {
      type: 'gcp:aiplatform:persistent-resource',
      id: '//aiplatform.googleapis.com/projects/ml-prod/locations/us-central1/persistentResources/ray-1',
      name: 'ray of research',
      state: 'RUNNING',
      created: '2026-10-01T08:09:00.123Z',
      tags: { team: 'research' },
      sku: null,
      accelerators: [{ kind: 'NVIDIA_TESLA_A100', count: 6, memoryMiB: null }],
      attributes: { machines: 4, machinesInUse: 1, ray: true },
    },
  ]);
  const [found] = idleGpu.judge(facts({ resources, coverage }), idleSettings.parse({}), NOW);
  expect(found).toMatchObject({ verdict: 'UNOBSERVED', monthlySaving: null });
  expect(found?.reason).toContain('Vertex AI tells of no accelerators of a persistent resource');
  const dated = resources.map((one) => ({ ...one, tags: { expires: '2026-11-01' } }));
  const [past] = expiredExperiment.judge(
    facts({ resources: dated, coverage }),
    expiredSettings.parse({}),
    NOW,
  );
  expect(past).toMatchObject({ verdict: 'HELD', monthlySaving: null });
});

test.each(['PROVISIONING', 'STOPPING', 'ERROR'])(
  'a persistent resource that is %s is not judged',
  async (state) => {
    await answerGcp(endpoint, `${V1}/persistentResources`, {
      persistentResources: [
        {
          name: `${HERE}/persistentResources/p`,
          state,
          resourcePools: [{ machineSpec: GPU, replicaCount: '1' }],
        },
      ],
    });
    const { resources, coverage } = await look('gcp.aiplatform.persistent-resources');
    expect(resources).toHaveLength(1);
    expect(idleGpu.judge(facts({ resources, coverage }), idleSettings.parse({}), NOW)).toEqual([]);
  },
);

const coverageOf = async (path: string, times: number, status: number) => {
  await resetGcp(endpoint);
  await disturbGcp(endpoint, { path, status }, times);
  const { coverage, resources } = await look('gcp.aiplatform.persistent-resources', 'gcp.compute.disks');
  const [{ status: read, incomplete = [], switchedOff = [] } = { status: 'none' }] = coverage;
  return [
    read,
    [...incomplete, ...switchedOff].join(),
    resources.some(({ name }) => name === 'ray of research'),
  ];
};

test('a region that does not serve a collection has nothing of it; where none does, it is not covered', async () => {
  expect(await coverageOf('europe-west4/persistentResources', 1, 501)).toEqual(['complete', '', true]);
  expect(await coverageOf('/persistentResources', 2, 501)).toEqual([
    'complete',
    'gcp.aiplatform.persistent-resources',
    false,
  ]);
  expect(await coverageOf('europe-west4/persistentResources', 9, 403)).toEqual([
    'partial',
    'gcp.aiplatform.persistent-resources',
    true,
  ]);
  expect(await coverageOf('/persistentResources', 9, 403)).toEqual([
    'partial',
    'gcp.aiplatform.persistent-resources',
    false,
  ]);
});

test('a pool that shrank to no machine has no accelerator', async () => {
  await answerGcp(endpoint, `${V1}/persistentResources`, {
    persistentResources: [
      { name: `${HERE}/persistentResources/p`, state: 'RUNNING', resourcePools: [{ machineSpec: GPU }] },
    ],
  });
  const { resources } = await look('gcp.aiplatform.persistent-resources');
  expect(resources).toMatchObject([{ name: 'p', accelerators: [], attributes: { machines: 0 } }]);
});

test('a job on a persistent resource has no machines of its own, and names it', async () => {
  await answerGcp(endpoint, `${V1}/customJobs`, {
    customJobs: [
      {
        name: `${HERE}/customJobs/901`,
        displayName: 'on-ray',
        state: 'JOB_STATE_RUNNING',
        createTime: '2026-11-22T00:00:00Z',
        startTime: '2026-11-22T00:00:05Z',
        jobSpec: {
          persistentResourceId: 'ray-1',
          workerPoolSpecs: [{ machineSpec: GPU, replicaCount: '2' }],
        },
      },
    ],
  });
  const { resources } = await look('gcp.aiplatform.custom-jobs');
  expect(resources).toMatchObject([
    {
      accelerators: [],
      parent: { type: 'gcp:aiplatform:persistent-resource', id: 'ray-1' },
      attributes: { machines: 2 },
    },
  ]);
});

test('an endpoint and a pool that may shrink to nothing have no replica that always runs', async () => {
  await answerGcp(endpoint, `${V1}/endpoints`, {
    endpoints: [
      {
        name: `${HERE}/endpoints/77`,
        displayName: 'shrinks',
        createTime: '2026-05-01T00:00:00Z',
        deployedModels: [
          {
            id: '1',
            createTime: '2026-05-01T00:00:00Z',
            dedicatedResources: { machineSpec: GPU, maxReplicaCount: 4 },
          },
          {
            id: '2',
            createTime: '2026-05-01T00:00:00Z',
            dedicatedResources: { machineSpec: GPU, minReplicaCount: 1, maxReplicaCount: 1 },
          },
        ],
      },
    ],
  });
  await answerGcp(endpoint, `${V1}/deploymentResourcePools`, {
    deploymentResourcePools: [
      {
        name: `${HERE}/deploymentResourcePools/p`,
        dedicatedResources: { machineSpec: GPU, maxReplicaCount: 2 },
      },
    ],
  });
  const { resources } = await look('gcp.aiplatform.endpoints', 'gcp.aiplatform.resource-pools');
  expect(resources).toMatchObject([
    { name: 'shrinks', accelerators: [{ kind: 'NVIDIA_L4', count: 2 }] },
    { name: 'p', accelerators: [], attributes: { minReplicas: 0, maxReplicas: 2 } },
  ]);
});

test.each([
  [
    'a slice of one host',
    { machineType: 'ct5lp-hightpu-4t' },
    [{ kind: 'TPU ct5lp-hightpu', count: 4, memoryMiB: null }],
  ],
  ['plain machines', { machineType: 'n2-standard-8' }, []],
  [
    'GPUs that share time',
    {
      machineType: 'g2-standard-24',
      accelerators: [
        {
          acceleratorType: 'nvidia-l4',
          acceleratorCount: '2',
          gpuSharingConfig: { gpuSharingStrategy: 'TIME_SHARING' },
        },
      ],
    },
    [{ kind: 'nvidia-l4', count: 2, memoryMiB: null }],
  ],
  [
    'parts of GPUs',
    {
      machineType: 'a2-highgpu-1g',
      accelerators: [
        { acceleratorType: 'nvidia-tesla-a100', acceleratorCount: '1', gpuPartitionSize: '1g.5gb' },
      ],
    },
    [{ kind: 'nvidia-tesla-a100', count: 1, memoryMiB: null }],
  ],
])(
  'a pool of nodes with %s tells what one node has, and is no machine',
  async (_what, config, accelerators) => {
    await answerGcp(endpoint, '/v1/projects/ml-prod/locations/-/clusters', {
      clusters: [
        { name: 'c', location: 'us-central1', nodePools: [{ name: 'p', status: 'RUNNING', config }] },
      ],
    });
    const { resources, coverage } = await look('gcp.container.node-pools');
    expect(resources).toMatchObject([{ name: 'c/p', accelerators }]);
    expect(idleGpu.judge(facts({ resources, coverage }), idleSettings.parse({}), NOW)).toEqual([]);
  },
);

const OLD = { status: 'READY', sizeGb: '500', creationTimestamp: '2026-01-01T00:00:00Z' };

test.each<[string, object, string[]]>([
  ['a disk that nothing uses', {}, ['d UNUSED']],
  [
    'the copy of a disk elsewhere',
    { asyncPrimaryDisk: { disk: `${ZONE.replace('us-central1', 'us-east1')}/disks/main` } },
    [],
  ],
  ['a disk in a pool', { storagePool: `${ZONE}/storagePools/fast` }, []],
  ['a disk that many read', { users: [`${ZONE}/instances/a`, `${ZONE}/instances/b`] }, []],
  ['a disk of a machine that is off', { users: [`${ZONE}/instances/off`] }, []],
  ['a disk that is being restored', { status: 'RESTORING' }, []],
  ['a disk of which no letting go is told', { lastAttachTimestamp: '2026-02-01T00:00:00Z' }, []],
])('%s', async (_what, more, expected) => {
  await answerGcp(endpoint, `${COMPUTE}/aggregated/disks`, {
    items: { 'zones/us-central1-a': { disks: [{ id: '1', name: 'd', ...OLD, ...more }] } },
  });
  const { resources, coverage } = await look('gcp.compute.disks');
  const judged = unattachedVolume.judge(facts({ resources, coverage }), volumeSettings.parse({}), NOW);
  expect(judged.map(({ resourceName, verdict }) => `${resourceName} ${verdict}`)).toEqual(expected);
});
