import { z } from 'zod';
import type { Resource } from '../model.ts';
import { labels } from './read.ts';

/**
 * What tells who runs an instance: of its metadata the one item that names its maker and no other, since metadata
 * hold secrets, and its labels (compute v1, schema Instance).
 */
export const makerShape = {
  labels,
  metadata: z
    .object({
      items: z
        .array(z.object({ key: z.string(), value: z.string().optional() }))
        .transform((items) => items.filter(({ key }) => key === 'created-by'))
        .optional(),
    })
    .optional(),
};

/**
 * Who runs an instance: the managed group that made it (Compute Engine documentation, "Creating managed instance
 * groups": metadata `created-by`), else the service by its labels (GKE, Dataproc and Dataflow documentation; Batch,
 * "Organize resources using labels"; nodes of Slurm by those of Google's Cluster Toolkit, cleanup_compute.sh; both read
 * November 2026).
 */
export function parentOf(machine: {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly metadata?:
    | { readonly items?: readonly { readonly value?: string | undefined }[] | undefined }
    | undefined;
}): Resource['parent'] {
  const maker = machine.metadata?.items?.[0]?.value;
  const group = /instanceGroupManagers\/([^/]+)$/.exec(maker ?? '')?.[1];
  if (group !== undefined) return { type: 'gcp:compute:instance-group-manager', id: group };
  for (const [key, type] of LABELS) {
    const id = machine.labels?.[key];
    if (id !== undefined) return { type, id: id === '' ? key : id };
  }
  return maker === undefined || maker === '' ? null : { type: 'gcp:service', id: maker };
}

const LABELS = [
  ['goog-k8s-cluster-name', 'gcp:container:cluster'],
  ['goog-gke-node', 'gcp:container:cluster'],
  ['goog-dataproc-cluster-name', 'gcp:dataproc:cluster'],
  ['goog-dataflow-job-id', 'gcp:dataflow:job'],
  ['batch-job-uid', 'gcp:batch:job'],
  ['goog-batch-worker', 'gcp:batch:job'],
  ['slurm_cluster_name', 'slurm:cluster'],
] as const;
