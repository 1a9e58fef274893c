import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { computeName, globalList } from './compute.ts';
import { integer, labels, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.snapshots.list',
  why: 'lists snapshots with the storage that each holds',
};

/** What is read of a snapshot (compute v1, schema Snapshot). */
const snapshot = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  creationTimestamp: z.string().optional(),
  diskSizeGb: z.string().optional(),
  storageBytes: z.string().optional(),
  storageLocations: z.array(z.string()).optional(),
  sourceDisk: z.string().optional(),
  sourceDiskId: z.string().optional(),
  autoCreated: z.boolean().optional(),
  sourceSnapshotSchedulePolicy: z.string().optional(),
  snapshotType: z.string().optional(),
  labels,
});

/**
 * Snapshots of disks. What one holds is told without what it shares with others, so that deleting it may save less
 * (Snapshot.storageBytes: "As snapshots share storage, this number is expected to change").
 *
 * It does not see: whether anyone still wants to restore from one.
 */
export const gcpSnapshots: Dataset<GcpSession> = {
  id: 'gcp.compute.snapshots',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await globalList(session, meter, 'snapshots', snapshot, LIST);
    return whole(
      { resources: placed.map(({ item }) => toResource(session, item)) },
      missing,
      'snapshots',
      scope,
    );
  },
};

function toResource(session: GcpSession, item: z.output<typeof snapshot>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: item.storageLocations?.[0] ?? 'global',
    type: 'gcp:compute:snapshot',
    id: computeName(session, 'global', 'snapshots', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: item.labels ?? {},
    sku: item.snapshotType ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      numericId: item.id,
      diskSizeGb: integer(item.diskSizeGb),
      storageBytes: integer(item.storageBytes),
      sourceDisk: item.sourceDisk === undefined ? null : lastPart(item.sourceDisk),
      // A name can be used again for another disk; the number cannot.
      sourceDiskId: item.sourceDiskId ?? null,
      // A schedule made it and deletes it when its retention is over.
      schedule:
        item.sourceSnapshotSchedulePolicy === undefined ? null : lastPart(item.sourceSnapshotSchedulePolicy),
      autoCreated: item.autoCreated ?? false,
    },
  };
}
