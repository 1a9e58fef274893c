/**
 * A project of an AI company: what no recording holds, in the shape of the discovery documents (every one is
 * checked against them when the server starts). Path -> whole answer.
 */
const V1 = '/v1/projects/ml-prod';
const COMPUTE = 'https://www.googleapis.com/compute/v1/projects/ml-prod';
const ZONE = `${COMPUTE}/zones/us-central1-a`;
const HERE = 'projects/123456789012/locations/us-central1';

/** `trainer-1` of the world is the machine under the Workbench instance; `trainer-2` has an agent. */
export const AI_WORLD: Readonly<Record<string, unknown>> = {
  '/v3/projects/ml-prod': {
    name: 'projects/123456789012',
    projectId: 'ml-prod',
    parent: 'folders/876',
    state: 'ACTIVE',
    displayName: 'ML production',
    labels: { team: 'ml-platform' },
    createTime: '2025-01-02T03:04:05.678Z',
  },
  '/v3/projects:search': {
    projects: [
      { name: 'projects/1', projectId: 'ml-prod', state: 'ACTIVE' },
      { name: 'projects/2', projectId: 'closing-down', state: 'DELETE_REQUESTED' },
    ],
  },
  '/v3/projects/ml-prod/timeSeries': { timeSeries: [] },
  '/compute/v1/projects/ml-prod/aggregated/disks': {
    items: {
      'zones/us-central1-a': {
        disks: [
          disk('boot', '501', { users: [`${ZONE}/instances/trainer-1`] }),
          disk('forgotten', '502', {
            sizeGb: '2000',
            type: `${ZONE}/diskTypes/pd-ssd`,
            labels: { team: 'vision' },
            lastAttachTimestamp: '2026-02-01T00:00:00.000-08:00',
            lastDetachTimestamp: '2026-09-01T00:00:00.000-07:00',
          }),
          disk('pvc-1', '503', {
            description: '{"kubernetes.io/created-for/pv/name":"pvc-1"}',
            labels: { 'goog-gke-volume': '' },
          }),
        ],
      },
      'regions/us-central1': { disks: [disk('mirrored', '504', { users: [] })] },
    },
  },
  '/compute/v1/projects/ml-prod/aggregated/commitments': {
    items: {
      'regions/us-central1': {
        commitments: [
          {
            kind: 'compute#commitment',
            id: '7700000000000000001',
            name: 'n2-cores',
            status: 'ACTIVE',
            plan: 'TWELVE_MONTH',
            type: 'GENERAL_PURPOSE_N2',
            category: 'MACHINE',
            creationTimestamp: '2026-01-31T10:00:00.000-08:00',
            startTimestamp: '2026-02-01T00:00:00.000-08:00',
            endTimestamp: '2027-02-01T00:00:00.000-08:00',
          },
        ],
      },
      'regions/europe-west4': {
        warning: { code: 'NO_RESULTS_ON_PAGE', message: 'There are no results for scope.' },
      },
    },
  },
  '/compute/v1/projects/ml-prod/aggregated/reservations': {
    items: {
      'zones/us-central1-a': {
        reservations: [
          {
            kind: 'compute#reservation',
            id: '8800000000000000001',
            name: 'held-a2',
            status: 'READY',
            creationTimestamp: '2026-03-01T00:00:00.000-08:00',
            specificReservationRequired: false,
            shareSettings: { shareType: 'LOCAL' },
            specificReservation: {
              count: '2',
              inUseCount: '2',
              assuredCount: '2',
              instanceProperties: { machineType: 'a2-highgpu-1g' },
            },
          },
        ],
      },
    },
  },
  '/compute/v1/projects/ml-prod/aggregated/addresses': {
    items: {
      'regions/us-central1': {
        addresses: [
          {
            id: '601',
            name: 'spare',
            address: '203.0.113.7',
            addressType: 'EXTERNAL',
            status: 'RESERVED',
            networkTier: 'PREMIUM',
            region: `${COMPUTE}/regions/us-central1`,
            creationTimestamp: '2026-03-01T00:00:00.000-08:00',
          },
        ],
      },
      global: {
        addresses: [
          {
            id: '602',
            name: 'front',
            address: '203.0.113.8',
            status: 'IN_USE',
            users: [`${COMPUTE}/global/forwardingRules/front`],
          },
        ],
      },
    },
  },
  '/compute/v1/projects/ml-prod/global/snapshots': {
    items: [
      {
        id: '701',
        name: 'old',
        status: 'READY',
        creationTimestamp: '2024-01-01T00:00:00.000-08:00',
        diskSizeGb: '500',
        storageBytes: '123456789012',
        storageLocations: ['us'],
        sourceDisk: `${ZONE}/disks/gone`,
        sourceDiskId: '599',
        autoCreated: false,
        snapshotType: 'STANDARD',
        labels: { team: 'vision' },
      },
    ],
  },
  '/compute/v1/projects/ml-prod/regions': {
    items: [
      { name: 'us-central1', status: 'UP' },
      { name: 'europe-west4', status: 'UP' },
    ],
  },
  '/compute/v1/projects/ml-prod/regions/us-central1/snapshots': {},
  '/compute/v1/projects/ml-prod/regions/europe-west4/snapshots': {
    items: [
      {
        id: '702',
        name: 'kept',
        status: 'READY',
        creationTimestamp: '2025-02-01T00:00:00.000-08:00',
        diskSizeGb: '100',
        storageBytes: '9000000000',
        storageLocations: ['europe-west4'],
        region: `${COMPUTE}/regions/europe-west4`,
        sourceDisk: `${ZONE}/disks/gone`,
        sourceDiskId: '599',
        autoCreated: false,
        snapshotType: 'ARCHIVE',
      },
    ],
  },
  '/compute/v1/projects/ml-prod/global/images': {
    items: [
      {
        id: '801',
        name: 'trainer-v1',
        status: 'READY',
        family: 'trainer',
        creationTimestamp: '2025-05-01T00:00:00.000-07:00',
        archiveSizeBytes: '40000000000',
        diskSizeGb: '200',
        storageLocations: ['us'],
        deprecated: { state: 'OBSOLETE' },
      },
    ],
  },
  [`${V1}/locations`]: {
    locations: ['europe-west4', 'global', 'us', 'us-central1'].map((locationId) => ({
      name: `projects/ml-prod/locations/${locationId}`,
      locationId,
    })),
  },
  [`${V1}/locations/europe-west4/endpoints`]: {},
  [`${V1}/locations/europe-west4/deploymentResourcePools`]: {},
  [`${V1}/locations/europe-west4/persistentResources`]: {},
  [`${V1}/locations/europe-west4/customJobs`]: {},
  [`${V1}/locations/europe-west4/indexEndpoints`]: {},
  [`${V1}/locations/europe-west4/indexes`]: {},
  [`${V1}/locations/us-central1/endpoints`]: {
    endpoints: [
      {
        name: `${HERE}/endpoints/42`,
        displayName: 'chat',
        createTime: '2026-01-01T00:00:00.123456Z',
        updateTime: '2026-06-01T00:00:00.123456Z',
        labels: { team: 'llm' },
        trafficSplit: { '7': 100 },
        deployedModels: [
          {
            id: '7',
            model: `${HERE}/models/m@2`,
            displayName: 'chat-v2',
            createTime: '2026-05-01T00:00:00Z',
            dedicatedResources: {
              machineSpec: {
                machineType: 'g2-standard-48',
                acceleratorType: 'NVIDIA_L4',
                acceleratorCount: 4,
              },
              minReplicaCount: 2,
              maxReplicaCount: 5,
            },
          },
          {
            id: '8',
            model: `${HERE}/models/small`,
            createTime: '2026-04-01T00:00:00Z',
            dedicatedResources: {
              machineSpec: { machineType: 'n1-standard-4' },
              minReplicaCount: 1,
              maxReplicaCount: 1,
            },
          },
        ],
      },
      { name: `${HERE}/endpoints/43`, displayName: 'empty', createTime: '2026-01-01T00:00:00Z' },
    ],
  },
  [`${V1}/locations/us-central1/deploymentResourcePools`]: {
    deploymentResourcePools: [
      {
        name: `${HERE}/deploymentResourcePools/shared`,
        createTime: '2026-05-01T00:00:00Z',
        dedicatedResources: {
          machineSpec: { machineType: 'g2-standard-24', acceleratorType: 'NVIDIA_L4', acceleratorCount: 2 },
          minReplicaCount: 1,
          maxReplicaCount: 3,
        },
      },
    ],
  },
  [`${V1}/locations/us-central1/persistentResources`]: {
    persistentResources: [
      {
        name: `${HERE}/persistentResources/ray-1`,
        displayName: 'ray of research',
        state: 'RUNNING',
        createTime: '2026-10-01T08:00:00.123456Z',
        startTime: '2026-10-01T08:09:00.123456Z',
        labels: { team: 'research' },
        resourcePools: [
          { id: 'head-node', machineSpec: { machineType: 'n1-standard-16' }, replicaCount: '1' },
          {
            id: 'workers',
            machineSpec: {
              machineType: 'a2-highgpu-2g',
              acceleratorType: 'NVIDIA_TESLA_A100',
              acceleratorCount: 2,
            },
            replicaCount: '3',
            usedReplicaCount: '1',
          },
        ],
        resourceRuntimeSpec: { raySpec: { headNodeResourcePoolId: 'head-node' } },
      },
    ],
  },
  [`${V1}/locations/us-central1/customJobs`]: {
    customJobs: [
      {
        name: `${HERE}/customJobs/900`,
        displayName: 'finetune',
        state: 'JOB_STATE_FAILED',
        createTime: '2026-11-20T00:00:00Z',
        startTime: '2026-11-20T00:20:00Z',
        endTime: '2026-11-20T09:00:00Z',
        labels: { team: 'llm' },
        error: { code: 8, message: 'out of memory' },
        jobSpec: {
          scheduling: { timeout: '86400s' },
          workerPoolSpecs: [
            {
              machineSpec: {
                machineType: 'a3-highgpu-8g',
                acceleratorType: 'NVIDIA_H100_80GB',
                acceleratorCount: 8,
              },
              replicaCount: '1',
            },
            {
              machineSpec: {
                machineType: 'a3-highgpu-8g',
                acceleratorType: 'NVIDIA_H100_80GB',
                acceleratorCount: 8,
              },
              replicaCount: '3',
            },
          ],
        },
      },
    ],
  },
  [`${V1}/locations/us-central1/indexEndpoints`]: {
    indexEndpoints: [
      {
        name: `${HERE}/indexEndpoints/55`,
        displayName: 'docs',
        createTime: '2026-01-01T00:00:00Z',
        deployedIndexes: [
          {
            id: 'docs_v1',
            index: `${HERE}/indexes/66`,
            createTime: '2026-02-01T00:00:00Z',
            dedicatedResources: {
              machineSpec: { machineType: 'e2-standard-16' },
              minReplicaCount: 2,
              maxReplicaCount: 2,
            },
          },
        ],
      },
    ],
  },
  [`${V1}/locations/us-central1/indexes`]: {
    indexes: [
      {
        name: `${HERE}/indexes/66`,
        displayName: 'docs-index',
        updateTime: '2026-03-01T00:00:00Z',
        indexStats: { vectorsCount: '1500000', shardsCount: 1 },
      },
    ],
  },
  '/v2/projects/ml-prod/locations/-/instances': {
    instances: [
      {
        name: 'projects/ml-prod/locations/us-central1-a/instances/trainer-1',
        state: 'ACTIVE',
        creator: 'vera@acme.example',
        createTime: '2026-05-01T00:00:00Z',
        updateTime: '2026-11-20T00:00:00Z',
        labels: { team: 'vision' },
        gceSetup: {
          instanceId: '1001',
          machineType: 'n1-standard-8',
          acceleratorConfigs: [{ type: 'NVIDIA_TESLA_T4', coreCount: '2' }],
          metadata: { 'idle-timeout-seconds': '10800', 'startup-script': 'export TOKEN=secret' },
        },
      },
      {
        name: 'projects/ml-prod/locations/us-central1-b/instances/scratch',
        state: 'STOPPED',
        gceSetup: { machineType: 'e2-standard-4' },
      },
    ],
  },
  '/v2/projects/ml-prod/locations/-/nodes': {
    nodes: [
      {
        name: 'projects/ml-prod/locations/us-central2-b/nodes/slice-1',
        id: '77',
        state: 'READY',
        acceleratorType: 'v5litepod-8',
        acceleratorConfig: { type: 'V5LITE_POD', topology: '2x4' },
        createTime: '2026-04-01T00:00:00Z',
        runtimeVersion: 'v2-alpha-tpuv5-lite',
        schedulingConfig: { spot: true },
        queuedResource: 'projects/ml-prod/locations/us-central2-b/queuedResources/ask-1',
        networkEndpoints: [{ ipAddress: '10.0.0.2' }],
        labels: { team: 'llm' },
      },
    ],
  },
  '/v2/projects/ml-prod/locations/-/queuedResources': {
    queuedResources: [
      {
        name: 'projects/ml-prod/locations/us-central2-b/queuedResources/ask-1',
        createTime: '2026-03-31T00:00:00Z',
        state: { state: 'ACTIVE' },
      },
    ],
  },
  '/v1/projects/ml-prod/instances': {
    items: [
      {
        name: 'vectors',
        region: 'us-central1',
        state: 'RUNNABLE',
        instanceType: 'CLOUD_SQL_INSTANCE',
        databaseVersion: 'POSTGRES_16',
        createTime: '2026-01-01T00:00:00.000Z',
        settings: {
          tier: 'db-custom-8-32768',
          activationPolicy: 'NEVER',
          availabilityType: 'REGIONAL',
          edition: 'ENTERPRISE',
          dataDiskSizeGb: '500',
          dataDiskType: 'PD_SSD',
          userLabels: { team: 'search' },
        },
      },
    ],
  },
  '/v1/projects/ml-prod/locations/-/clusters': {
    clusters: [
      {
        name: 'train',
        location: 'us-central1',
        createTime: '2026-01-01T00:00:00+00:00',
        resourceLabels: { team: 'ml-platform' },
        nodePools: [
          {
            name: 'h100',
            status: 'RUNNING',
            initialNodeCount: 0,
            locations: ['us-central1-a'],
            instanceGroupUrls: [`${ZONE}/instanceGroupManagers/gke-train-h100-grp`],
            autoscaling: { enabled: true, minNodeCount: 1, maxNodeCount: 4 },
            config: {
              machineType: 'a3-highgpu-8g',
              spot: true,
              accelerators: [{ acceleratorType: 'nvidia-h100-80gb', acceleratorCount: '8' }],
            },
          },
          { name: 'default', status: 'RUNNING', config: { machineType: 'e2-medium' } },
        ],
      },
    ],
  },
};

function disk(name: string, id: string, more: object) {
  return {
    id,
    name,
    status: 'READY',
    sizeGb: '100',
    type: `${ZONE}/diskTypes/pd-balanced`,
    creationTimestamp: '2026-01-01T00:00:00.000-08:00',
    ...more,
  };
}
