import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { aggregated, computeName, type Placed } from './compute.ts';
import { utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.commitments.list',
  why: 'lists committed use of machines and when it ends',
};

/** What is read of a commitment (compute v1, schema Commitment). */
const commitment = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  plan: z.string().optional(),
  type: z.string().optional(),
  category: z.string().optional(),
  autoRenew: z.boolean().optional(),
  creationTimestamp: z.string().optional(),
  startTimestamp: z.string().optional(),
  endTimestamp: z.string().optional(),
});

/**
 * Commitments for machines that were bought in the project (resource-based). It does not see those of a billing
 * account (spend-based, flexible), nor how far each is used: the bill tells that. Commitments carry no labels.
 */
export const gcpCommitments: Dataset<GcpSession> = {
  id: 'gcp.compute.commitments',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'commitments', commitment, LIST);
    return whole({ resources: placed.map((one) => toResource(session, one)) }, missing, 'commitments', scope);
  },
};

function toResource(session: GcpSession, { location, item }: Placed<z.output<typeof commitment>>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:compute:commitment',
    id: computeName(session, location, 'commitments', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: {},
    sku: item.type ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      numericId: item.id,
      plan: item.plan ?? null,
      category: item.category ?? null,
      starts: utc(item.startTimestamp),
      ends: utc(item.endTimestamp),
      // "The default value is false" (Commitment.autoRenew).
      autoRenew: item.autoRenew ?? false,
      tagsUnknown: true,
    },
  };
}
