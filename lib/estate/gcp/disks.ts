import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { aggregated, computeName, fullName, type Placed } from './compute.ts';
import { integer, labels, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.disks.list',
  why: 'lists disks with their size, users and labels',
};

/** What is read of a disk (compute v1, schema Disk). */
const disk = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  type: z.string().optional(),
  sizeGb: z.string().optional(),
  description: z.string().optional(),
  creationTimestamp: z.string().optional(),
  lastAttachTimestamp: z.string().optional(),
  lastDetachTimestamp: z.string().optional(),
  users: z.array(z.string()).optional(),
  asyncPrimaryDisk: z.object({ disk: z.string().optional() }).optional(),
  storagePool: z.string().optional(),
  labels,
});

/**
 * What the disk driver of Kubernetes (pd.csi.storage.gke.io) writes into the description of a disk that it makes for
 * a claim, and the label that GKE gives such a disk.
 */
const CLAIMED = /kubernetes\.io\/created-for|storage\.gke\.io\/created-by/;
const CLAIMED_LABEL = 'goog-gke-volume';

/** Persistent disks and Hyperdisks, zonal and regional, attached or not. It does not see how busy they are. */
export const gcpDisks: Dataset<GcpSession> = {
  id: 'gcp.compute.disks',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'disks', disk, LIST);
    return whole({ resources: placed.map((one) => toResource(session, one)) }, missing, 'disks', scope);
  },
};

function toResource(session: GcpSession, { location, item }: Placed<z.output<typeof disk>>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:compute:disk',
    id: computeName(session, location, 'disks', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: item.labels ?? {},
    sku: item.type === undefined ? null : lastPart(item.type),
    accelerators: [],
    parent: null,
    attributes: {
      numericId: item.id,
      sizeGb: integer(item.sizeGb),
      // The instances that have it attached, running or not, by their full resource names.
      users: (item.users ?? []).map(fullName),
      lastAttached: utc(item.lastAttachTimestamp),
      lastDetached: utc(item.lastDetachTimestamp),
      // The disk of which it is kept as a copy, elsewhere and attached to nothing (Disk.asyncPrimaryDisk).
      copyOf:
        item.asyncPrimaryDisk === undefined ? null : lastPart(item.asyncPrimaryDisk.disk ?? 'another disk'),
      // What is provisioned in a pool is billed for the pool (Disk.storagePool).
      storagePool: item.storagePool === undefined ? null : lastPart(item.storagePool),
      claimed: CLAIMED.test(item.description ?? '') || item.labels?.[CLAIMED_LABEL] !== undefined,
    },
  };
}
