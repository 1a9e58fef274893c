import { sku } from '../estate/gcp/catalogue.ts';
import { AI_WORLD } from './gcp.world-ai.ts';

/**
 * What no recording holds: machines with accelerators and links of projects to billing accounts, in the shape of
 * the discovery documents (every one is checked against them when the server starts). Path -> whole answer.
 */
const PROJECT = 'https://www.googleapis.com/compute/v1/projects/ml-prod';
const ZONE = `${PROJECT}/zones/us-central1-a`;
const ACCOUNT = 'billingAccounts/CU570D-1A4CU5-70D1A4';

export const GCP_WORLD: Readonly<Record<string, unknown>> = {
  ...AI_WORLD,
  [`/v1/${ACCOUNT}/projects`]: {
    projectBillingInfo: [
      billing('cloud-custodian', true),
      billing('ml-prod', true),
      {
        name: 'projects/sandbox/billingInfo',
        projectId: 'sandbox',
        billingAccountName: '',
        billingEnabled: false,
      },
    ],
  },
  '/v1/projects/cloud-custodian/billingInfo': billing('cloud-custodian', true),
  '/v1/projects/ml-prod/billingInfo': billing('ml-prod', true),
  '/v1/projects/sandbox/billingInfo': {
    name: 'projects/sandbox/billingInfo',
    projectId: 'sandbox',
    billingAccountName: '',
    billingEnabled: false,
  },
  '/v1/services/6F81-5844-456A/skus': {
    skus: [
      sku('88B8-C3ED-03F0', 'Nvidia Tesla T4 GPU running in Americas', { regions: ['us-central1'] }),
      sku('D041-B8A1-6E0B', 'Storage PD Capacity', { nanos: 40_000_000, usageUnit: 'GiBy.mo' }),
    ],
  },
  '/compute/v1/projects/ml-prod/aggregated/instances': {
    kind: 'compute#instanceAggregatedList',
    id: 'projects/ml-prod/aggregated/instances',
    items: {
      'zones/us-central1-a': {
        instances: [
          instance('trainer-1', '1001', 'n1-standard-8', 'RUNNING', {
            labels: { team: 'vision', env: 'prod' },
            guestAccelerators: [
              { acceleratorType: `${ZONE}/acceleratorTypes/nvidia-tesla-t4`, acceleratorCount: 2 },
            ],
          }),
          // An accelerator-optimised type brings its GPUs along.
          instance('trainer-2', '1002', 'a2-highgpu-1g', 'RUNNING', { labels: { team: 'llm' } }),
          instance('web-1', '1003', 'e2-medium', 'TERMINATED', {}),
        ],
      },
      'zones/europe-west4-a': {
        warning: {
          code: 'NO_RESULTS_ON_PAGE',
          message: "There are no results for scope 'zones/europe-west4-a' on this page.",
          data: [{ key: 'scope', value: 'zones/europe-west4-a' }],
        },
      },
    },
    selfLink: `${PROJECT}/aggregated/instances`,
  },
  '/compute/v1/projects/ml-prod/zones/us-central1-a/machineTypes/a2-highgpu-1g': {
    kind: 'compute#machineType',
    id: '1000012',
    name: 'a2-highgpu-1g',
    guestCpus: 12,
    memoryMb: 87_040,
    zone: 'us-central1-a',
    accelerators: [{ guestAcceleratorType: 'nvidia-tesla-a100', guestAcceleratorCount: 1 }],
  },
  '/compute/v1/projects/ml-prod/zones/us-central1-a/machineTypes/n1-standard-8': {
    kind: 'compute#machineType',
    name: 'n1-standard-8',
    guestCpus: 8,
    memoryMb: 30_720,
    zone: 'us-central1-a',
  },
  '/compute/v1/projects/ml-prod/zones/us-central1-a/machineTypes/e2-medium': {
    kind: 'compute#machineType',
    name: 'e2-medium',
    guestCpus: 2,
    memoryMb: 4096,
    zone: 'us-central1-a',
  },
};

function billing(projectId: string, billingEnabled: boolean) {
  return {
    name: `projects/${projectId}/billingInfo`,
    projectId,
    billingAccountName: ACCOUNT,
    billingEnabled,
  };
}

function instance(name: string, id: string, machineType: string, status: string, more: object) {
  return {
    kind: 'compute#instance',
    id,
    name,
    status,
    machineType: `${ZONE}/machineTypes/${machineType}`,
    zone: ZONE,
    creationTimestamp: '2026-06-01T08:00:00.000-07:00',
    lastStartTimestamp: '2026-06-01T08:00:10.000-07:00',
    selfLink: `${ZONE}/instances/${name}`,
    scheduling: { automaticRestart: true, preemptible: false, provisioningModel: 'STANDARD' },
    deletionProtection: false,
    ...more,
  };
}
