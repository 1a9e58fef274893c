import {
  type CollectionGroupDetail,
  UpdateCollectionGroupCommand,
} from '@aws-sdk/client-opensearchserverless';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { groupOf, type Limits, limitsShape, lowered, sameLimits } from './aws-aoss.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Live } from './model.ts';

/** The lowering of the minimum capacity of a collection group, and what it was. */
export const scale = z.strictObject({
  what: z.literal('scale'),
  group: z.string(),
  name: z.string(),
  had: limitsShape,
  to: limitsShape,
});
export type Scaling = z.output<typeof scale>;

/** The lowering of a group that holds nothing else; null where there is none to be had. */
export function scalingOf(group: CollectionGroupDetail | null): Scaling | null {
  if (group === null || group.numberOfCollections !== 1 || group.id === undefined) return null;
  const had = limitsShape.parse(group.capacityLimits ?? {});
  const to = lowered(had);
  return to === null ? null : { what: 'scale', group: group.id, name: group.name ?? group.id, had, to };
}

export const OF_SCALING: Pick<Live, 'lost' | 'staysBilled' | 'risks'> = {
  lost: [],
  staysBilled: ['The least capacity of the group, and what its indexes take in S3'],
  risks: ['Its first queries after that wait until capacity has grown again.'],
};

async function limitsNow(session: AwsActSession, { group, name }: Scaling): Promise<Limits> {
  const found = await groupOf(session, { collectionGroupName: name });
  if (found?.id === group) return limitsShape.parse(found.capacityLimits ?? {});
  throw new BursarError('conflict', `the collection group ${name} is another one now`, {
    where: placeName(session),
    hint: 'It is left as it is.',
  });
}

export async function setLimits(
  session: AwsActSession,
  plan: Scaling,
  from: Limits,
  to: Limits,
): Promise<void> {
  const now = await limitsNow(session, plan);
  if (sameLimits(now, to)) return;
  if (!sameLimits(now, from))
    throw new BursarError('conflict', `someone set the capacity of ${plan.name} to ${told(now)} meanwhile`, {
      where: placeName(session),
      hint: 'It is left as it is.',
    });
  await act(session, 'aoss:UpdateCollectionGroup', () =>
    session.openSearchServerless.send(
      new UpdateCollectionGroupCommand({ id: plan.group, capacityLimits: to }),
    ),
  );
}

export async function areLimits(session: AwsActSession, plan: Scaling, wanted: Limits) {
  const now = await limitsNow(session, plan);
  return sameLimits(now, wanted)
    ? ({ state: 'done' } as const)
    : ({ state: 'pending', reason: `${plan.name} is set to ${told(now)}.` } as const);
}

export function told({ minIndexingCapacityInOCU: indexing, minSearchCapacityInOCU: search }: Limits): string {
  return `${indexing ?? 'no'} OCUs for indexing and ${search ?? 'no'} for search`;
}
