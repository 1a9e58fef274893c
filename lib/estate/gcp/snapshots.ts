import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import {
  computeName,
  everyRegion,
  globalList,
  type Listed,
  type Placed,
  REGIONS_PERMISSION,
} from './compute.ts';
import { integer, labels, lastPart, toldFault, utc, whole } from './read.ts';
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
 * Most stand in the project as a whole, some in a region (compute v1, regionSnapshots), which has a list of its own; both
 * may be of type STANDARD or ARCHIVE.
 *
 * It does not see: whether anyone still wants to restore from one; instant snapshots, which end with their disk.
 */
export const gcpSnapshots: Dataset<GcpSession> = {
  id: 'gcp.compute.snapshots',
  permissions: [LIST, REGIONS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await globalList(session, meter, 'snapshots', snapshot, LIST);
    const inRegions = await regional(session, meter);
    return whole(
      { resources: [...placed, ...inRegions.placed].map((one) => toResource(session, one)) },
      [...missing, ...inRegions.missing],
      'snapshots',
      scope,
    );
  },
};

/** What stands in the project as a whole was found: where the regions cannot be listed, that alone is missing. */
async function regional(session: GcpSession, meter: Meter): Promise<Listed<z.output<typeof snapshot>>> {
  try {
    return await everyRegion(session, meter, 'snapshots', 'compute.regionSnapshots.list', snapshot, LIST);
  } catch (error) {
    return { placed: [], missing: [toldFault('regional snapshots', error)] };
  }
}

function toResource(session: GcpSession, { location, item }: Placed<z.output<typeof snapshot>>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location === 'global' ? (item.storageLocations?.[0] ?? 'global') : location,
    type: 'gcp:compute:snapshot',
    id: computeName(session, location, 'snapshots', item.name),
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
