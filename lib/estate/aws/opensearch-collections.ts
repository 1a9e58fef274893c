import {
  BatchGetCollectionCommand,
  type CollectionDetail,
  ListCollectionsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-opensearchserverless';
import pLimit from 'p-limit';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { lowerPages } from './bedrock.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'aoss:ListCollections',
  why: 'lists OpenSearch Serverless collections',
};
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'aoss:BatchGetCollection',
  why: 'tells which collections hold vectors',
};
const TAGS: Permission = {
  cloud: 'aws',
  action: 'aoss:ListTagsForResource',
  why: 'reads the tags of collections',
};

/** Ids a call of BatchGetCollection: as many as a page of ListCollections gives. */
const AT_A_TIME = 100;

/**
 * OpenSearch Serverless collections with their kind. It does not see what one costs: capacity is shared by the
 * collections of an account and key, and billed for the account.
 */
export const awsOpensearchCollections: Dataset<AwsSession> = {
  id: 'aws.opensearchserverless.collections',
  permissions: [LIST, DESCRIBE, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
      session.opensearchServerless.send(
        new ListCollectionsCommand({ maxResults: 100, ...(nextToken === undefined ? {} : { nextToken }) }),
      ),
    );
    const found = new Set<string>();
    for await (const { collectionSummaries } of pages)
      for (const { id } of collectionSummaries ?? []) if (id !== undefined) found.add(id);
    const ids = [...found];
    const collections: CollectionDetail[] = [];
    for (let from = 0; from < ids.length; from += AT_A_TIME) {
      const { collectionDetails, collectionErrorDetails } = await awsCall(
        { action: DESCRIBE.action, ...call },
        () =>
          session.opensearchServerless.send(
            new BatchGetCollectionCommand({ ids: ids.slice(from, from + AT_A_TIME) }),
          ),
      );
      collections.push(...(collectionDetails ?? []));
      // NOT_FOUND is one that was deleted meanwhile; anything else is a hole in the list.
      const fault = (collectionErrorDetails ?? []).find(({ errorCode }) => errorCode !== 'NOT_FOUND');
      if (fault !== undefined)
        throw new BursarError(
          'unavailable',
          `${DESCRIBE.action} could not tell ${fault.id ?? 'a collection'}: ${fault.errorMessage ?? fault.errorCode ?? ''}`,
          { where: call.where },
        );
    }
    const limit = pLimit(4);
    const resources = await Promise.all(
      collections.map((one) =>
        limit(async () => {
          const { tags } = await awsCall({ action: TAGS.action, ...call }, () =>
            session.opensearchServerless.send(new ListTagsForResourceCommand({ resourceArn: one.arn })),
          );
          const parted = partTags((tags ?? []).map(({ key, value }) => ({ Key: key, Value: value })));
          return resourceOf(one, parted, session);
        }),
      ),
    );
    return { resources };
  },
};

function resourceOf(one: CollectionDetail, { tags, systemTags }: PartedTags, session: AwsPlace): Resource {
  return awsResource(session, {
    type: 'aws:opensearchserverless:collection',
    id: one.arn ?? '',
    name: one.name ?? null,
    state: one.status ?? 'unknown',
    // Milliseconds since 1970 (OpenSearch Serverless API Reference, CollectionDetail).
    created: isoTime(one.createdDate),
    tags,
    sku: one.type ?? null,
    attributes: {
      collectionId: one.id ?? null,
      standbyReplicas: one.standbyReplicas ?? null,
      // Capacity is shared by the collections of a group, else of a key.
      collectionGroup: one.collectionGroupName ?? null,
      kmsKeyArn: one.kmsKeyArn ?? null,
      systemTags,
    },
  });
}
