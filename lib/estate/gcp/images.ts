import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { computeName, globalList } from './compute.ts';
import { integer, labels, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.images.list',
  why: "lists the project's own images with their size",
};

/** What is read of an image (compute v1, schema Image). */
const image = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  creationTimestamp: z.string().optional(),
  family: z.string().optional(),
  archiveSizeBytes: z.string().optional(),
  diskSizeGb: z.string().optional(),
  storageLocations: z.array(z.string()).optional(),
  sourceDisk: z.string().optional(),
  sourceSnapshotId: z.string().optional(),
  deprecated: z.object({ state: z.string().optional() }).optional(),
  labels,
});

/** The project's own images; public ones are not in its list. It does not see what is started from one. */
export const gcpImages: Dataset<GcpSession> = {
  id: 'gcp.compute.images',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await globalList(session, meter, 'images', image, LIST);
    return whole(
      { resources: placed.map(({ item }) => toResource(session, item)) },
      missing,
      'images',
      scope,
    );
  },
};

function toResource(session: GcpSession, item: z.output<typeof image>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: item.storageLocations?.[0] ?? 'global',
    type: 'gcp:compute:image',
    id: computeName(session, 'global', 'images', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: item.labels ?? {},
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {
      numericId: item.id,
      family: item.family ?? null,
      archiveSizeBytes: integer(item.archiveSizeBytes),
      diskSizeGb: integer(item.diskSizeGb),
      sourceDisk: item.sourceDisk === undefined ? null : lastPart(item.sourceDisk),
      sourceSnapshotId: item.sourceSnapshotId ?? null,
      deprecated: item.deprecated?.state ?? null,
    },
  };
}
