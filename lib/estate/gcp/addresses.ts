import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { aggregated, computeName, fullName, type Placed } from './compute.ts';
import { labels, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.addresses.list',
  why: 'lists reserved addresses and what uses them',
};

/** What is read of an address (compute v1, schema Address). */
const address = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string().optional(),
  addressType: z.string().optional(),
  status: z.string().optional(),
  purpose: z.string().optional(),
  networkTier: z.string().optional(),
  ipVersion: z.string().optional(),
  ipCollection: z.string().optional(),
  users: z.array(z.string()).optional(),
  creationTimestamp: z.string().optional(),
  labels,
});

/**
 * Static addresses, regional and global, external and internal, in use or not. It does not see ephemeral ones, nor
 * whether a name in DNS points at one that nothing uses.
 */
export const gcpAddresses: Dataset<GcpSession> = {
  id: 'gcp.compute.addresses',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'addresses', address, LIST);
    return whole({ resources: placed.map((one) => toResource(session, one)) }, missing, 'addresses', scope);
  },
};

function toResource(session: GcpSession, { location, item }: Placed<z.output<typeof address>>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:compute:address',
    id: computeName(session, location, 'addresses', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: item.labels ?? {},
    sku: item.networkTier ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      numericId: item.id,
      address: item.address ?? null,
      // "If unspecified, defaults to EXTERNAL" (Address.addressType).
      addressType: item.addressType ?? 'EXTERNAL',
      purpose: item.purpose ?? null,
      ipVersion: item.ipVersion ?? null,
      // From a range of one's own (bring your own IP).
      ownRange: item.ipCollection !== undefined,
      users: (item.users ?? []).map(lastPart),
      // The instances among them, running or not, by their full resource names.
      machines: (item.users ?? []).filter((user) => user.includes('/instances/')).map(fullName),
    },
  };
}
