import { expect, test } from 'vitest';
import { parentOf } from '../../../lib/estate/gcp/parent.ts';

const GROUP = 'projects/123/zones/us-central1-a/instanceGroupManagers/workers';
const madeBy = (value: string) => ({ metadata: { items: [{ value }] } });

test.each([
  [{}, null],
  [{ labels: { team: 'vision', 'goog-terraform-provisioned': 'true' } }, null],
  [madeBy(GROUP), 'gcp:compute:instance-group-manager workers'],
  [
    { ...madeBy(GROUP), labels: { 'goog-k8s-cluster-name': 'train' } },
    'gcp:compute:instance-group-manager workers',
  ],
  [
    madeBy('projects/123/regions/us-central1/instanceGroupManagers/resized'),
    'gcp:compute:instance-group-manager resized',
  ],
  [
    madeBy('projects/123/locations/us-central1/thingMakers/m'),
    'gcp:service projects/123/locations/us-central1/thingMakers/m',
  ],
  [{ labels: { 'goog-k8s-cluster-name': 'train', 'goog-gke-node': '' } }, 'gcp:container:cluster train'],
  [{ labels: { 'goog-gke-node': '' } }, 'gcp:container:cluster goog-gke-node'],
  [{ labels: { 'goog-dataflow-job-id': '2026-11-20_1' } }, 'gcp:dataflow:job 2026-11-20_1'],
  [{ labels: { 'batch-job-uid': 'j-1', 'batch-node': 'v1' } }, 'gcp:batch:job j-1'],
  [{ labels: { 'goog-batch-worker': 'true' } }, 'gcp:batch:job true'],
  [{ labels: { slurm_cluster_name: 'hpc', slurm_instance_role: 'compute' } }, 'slurm:cluster hpc'],
  [{ labels: { slurm_cluster_name: 'hpc', slurm_instance_role: 'controller' } }, 'slurm:cluster hpc'],
])('%j belongs to %s', (machine, parent) => {
  const found = parentOf(machine);
  expect(found === null ? null : `${found.type} ${found.id}`).toBe(parent);
});
