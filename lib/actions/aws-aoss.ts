import {
  type AccessPolicySummary,
  BatchGetCollectionCommand,
  BatchGetCollectionGroupCommand,
  type CollectionDetail,
  type CollectionGroupDetail,
  ListAccessPoliciesCommand,
  ListCollectionsCommand,
  ListSecurityPoliciesCommand,
  ListTagsForResourceCommand,
  type SecurityPolicySummary,
} from '@aws-sdk/client-opensearchserverless';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';

/** A collection by its id; null where it is gone. */
export async function collectionById(session: AwsActSession, id: string): Promise<CollectionDetail | null> {
  return await collectionBy(session, { ids: [id] });
}

/** The collection of that name, of which an account and region has one at most; null where there is none. */
export async function collectionByName(
  session: AwsActSession,
  name: string,
): Promise<CollectionDetail | null> {
  return await collectionBy(session, { names: [name] });
}

async function collectionBy(
  session: AwsActSession,
  which: { ids: string[] } | { names: string[] },
): Promise<CollectionDetail | null> {
  const { collectionDetails, collectionErrorDetails } = await act(session, 'aoss:BatchGetCollection', () =>
    session.openSearchServerless.send(new BatchGetCollectionCommand(which)),
  );
  const [found] = collectionDetails ?? [];
  if (found !== undefined) return found;
  const fault = (collectionErrorDetails ?? []).find(({ errorCode }) => errorCode !== 'NOT_FOUND');
  if (fault === undefined) return null;
  throw new BursarError('unavailable', `the collection was not told of: ${fault.errorMessage ?? ''}`, {
    where: placeName(session),
  });
}

export async function tagsOfCollection(session: AwsActSession, arn: string): Promise<Record<string, string>> {
  const { tags } = await act(session, 'aoss:ListTagsForResource', () =>
    session.openSearchServerless.send(new ListTagsForResourceCommand({ resourceArn: arn })),
  );
  return Object.fromEntries(
    (tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? '']])),
  );
}

/** The group that a collection is in; null where it is in none. */
export async function groupOf(
  session: AwsActSession,
  { collectionGroupName: name }: CollectionDetail,
): Promise<CollectionGroupDetail | null> {
  if (name === undefined) return null;
  const { collectionGroupDetails } = await act(session, 'aoss:BatchGetCollectionGroup', () =>
    session.openSearchServerless.send(new BatchGetCollectionGroupCommand({ names: [name] })),
  );
  const [group] = collectionGroupDetails ?? [];
  if (group !== undefined) return group;
  throw new BursarError('unavailable', `the collection group ${name} was not told of`, {
    where: placeName(session),
  });
}

const POLICIES = ['encryption', 'network', 'data'] as const;

/** Names of the policies that hold for a collection, by kind. */
export async function policiesOf(session: AwsActSession, name: string): Promise<Record<string, string[]>> {
  const resource = [`collection/${name}`];
  const found: Record<string, string[]> = {};
  for (const type of POLICIES) {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const more = nextToken === undefined ? {} : { nextToken };
      const page: {
        summaries: readonly (AccessPolicySummary | SecurityPolicySummary)[];
        nextToken?: string | undefined;
      } =
        type === 'data'
          ? await act(session, 'aoss:ListAccessPolicies', async () => {
              const answer = await session.openSearchServerless.send(
                new ListAccessPoliciesCommand({ type, resource, ...more }),
              );
              return { summaries: answer.accessPolicySummaries ?? [], nextToken: answer.nextToken };
            })
          : await act(session, 'aoss:ListSecurityPolicies', async () => {
              const answer = await session.openSearchServerless.send(
                new ListSecurityPoliciesCommand({ type, resource, ...more }),
              );
              return { summaries: answer.securityPolicySummaries ?? [], nextToken: answer.nextToken };
            });
      names.push(...page.summaries.flatMap((policy) => policy.name ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    found[type] = names.toSorted((a, b) => (a < b ? -1 : 1));
  }
  return found;
}

/**
 * How many other collections share the capacity of one that is in no group: of its key and, as it holds vectors, those
 * that hold vectors (OpenSearch Service Developer Guide, "Managing capacity limits for Amazon OpenSearch Serverless").
 * Null where that is not known.
 */
export async function sharers(
  session: AwsActSession,
  { id, kmsKeyArn }: CollectionDetail,
): Promise<number | null> {
  const { collectionSummaries, nextToken } = await act(session, 'aoss:ListCollections', () =>
    session.openSearchServerless.send(new ListCollectionsCommand({ maxResults: 100 })),
  );
  if (nextToken !== undefined) return null;
  const ids = (collectionSummaries ?? []).flatMap((one) =>
    one.id === undefined || one.id === id ? [] : [one.id],
  );
  if (ids.length === 0) return 0;
  const { collectionDetails, collectionErrorDetails } = await act(session, 'aoss:BatchGetCollection', () =>
    session.openSearchServerless.send(new BatchGetCollectionCommand({ ids })),
  );
  if ((collectionErrorDetails ?? []).some(({ errorCode }) => errorCode !== 'NOT_FOUND')) return null;
  return (collectionDetails ?? []).filter(
    (one) =>
      one.type === 'VECTORSEARCH' && one.kmsKeyArn === kmsKeyArn && one.collectionGroupName === undefined,
  ).length;
}

const capacity = z.number().nonnegative();
/** Capacity limits of a group, in OCUs; what is left out is not set. */
export const limitsShape = z.object({
  maxIndexingCapacityInOCU: capacity.optional(),
  maxSearchCapacityInOCU: capacity.optional(),
  minIndexingCapacityInOCU: capacity.optional(),
  minSearchCapacityInOCU: capacity.optional(),
});
export type Limits = z.output<typeof limitsShape>;

/** The least that a minimum may be set to (Developer Guide, "Collection group capacity limits", read November 2026). */
const LEAST = 1;

/** The limits with the least minimum that can be set; null where it is no lower than what is set. */
export function lowered(limits: Limits): Limits | null {
  const { minIndexingCapacityInOCU: indexing = 0, minSearchCapacityInOCU: search = 0 } = limits;
  if (indexing <= LEAST && search <= LEAST) return null;
  return {
    ...limits,
    ...(indexing > LEAST ? { minIndexingCapacityInOCU: LEAST } : {}),
    ...(search > LEAST ? { minSearchCapacityInOCU: LEAST } : {}),
  };
}

export function sameLimits(a: Limits, b: Limits): boolean {
  return limitsShape.keyof().options.every((name) => a[name] === b[name]);
}
