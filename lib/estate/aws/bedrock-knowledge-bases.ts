import {
  GetKnowledgeBaseCommand,
  type KnowledgeBase,
  ListKnowledgeBasesCommand,
  type StorageConfiguration,
} from '@aws-sdk/client-bedrock-agent';
import pLimit from 'p-limit';
import { awsCall } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import {
  BEDROCK_AT_ONCE,
  BEDROCK_TAGS_PERMISSION,
  bedrockAgentTags,
  lowerPages,
  unlessNotFound,
} from './bedrock.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListKnowledgeBases',
  why: 'lists knowledge bases',
};
const GET: Permission = {
  cloud: 'aws',
  action: 'bedrock:GetKnowledgeBase',
  why: 'tells which vector store and embedding model a knowledge base uses',
};

/**
 * Knowledge bases of Bedrock with their embedding model and vector store. It does not see what is in them, nor
 * how often they are asked.
 */
export const awsBedrockKnowledgeBases: Dataset<AwsSession> = {
  id: 'aws.bedrock.knowledge-bases',
  permissions: [LIST, GET, BEDROCK_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
      session.bedrockAgent.send(
        new ListKnowledgeBasesCommand({
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    const ids = new Set<string>();
    for await (const { knowledgeBaseSummaries } of pages)
      for (const { knowledgeBaseId } of knowledgeBaseSummaries ?? []) ids.add(knowledgeBaseId ?? '');
    const limit = pLimit(BEDROCK_AT_ONCE);
    const resources = await Promise.all(
      [...ids].map((knowledgeBaseId) =>
        limit(() =>
          unlessNotFound(async () => {
            const { knowledgeBase } = await awsCall({ action: GET.action, ...call }, () =>
              session.bedrockAgent.send(new GetKnowledgeBaseCommand({ knowledgeBaseId })),
            );
            if (knowledgeBase === undefined) return null;
            const arn = knowledgeBase.knowledgeBaseArn ?? '';
            return resourceOf(knowledgeBase, await bedrockAgentTags(session, arn, call), session);
          }),
        ),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};

function resourceOf(base: KnowledgeBase, { tags, systemTags }: PartedTags, session: AwsPlace): Resource {
  const embedding =
    base.knowledgeBaseConfiguration?.vectorKnowledgeBaseConfiguration?.embeddingModelArn ?? null;
  const storage = base.storageConfiguration;
  return awsResource(session, {
    type: 'aws:bedrock:knowledge-base',
    id: base.knowledgeBaseArn ?? '',
    name: base.name ?? null,
    state: base.status ?? 'unknown',
    created: isoTime(base.createdAt),
    tags,
    sku: embedding?.split('/').at(-1) ?? null,
    attributes: {
      knowledgeBaseId: base.knowledgeBaseId ?? null,
      kind: base.knowledgeBaseConfiguration?.type ?? null,
      embeddingModelArn: embedding,
      storageType: storage?.type ?? null,
      collectionArn: storage?.opensearchServerlessConfiguration?.collectionArn ?? null,
      ...placeOf(storage),
      updatedAt: isoTime(base.updatedAt),
      systemTags,
    },
  });
}

/** The index that the knowledge base fills, and what holds it; null where the storage has no ARN in AWS. */
function placeOf(storage: StorageConfiguration | undefined): {
  storeArn: string | null;
  indexName: string | null;
} {
  const {
    opensearchServerlessConfiguration: serverless,
    opensearchManagedClusterConfiguration: domain,
    s3VectorsConfiguration: vectors,
    rdsConfiguration: rds,
  } = storage ?? {};
  return {
    storeArn:
      serverless?.collectionArn ??
      domain?.domainArn ??
      vectors?.indexArn ??
      vectors?.vectorBucketArn ??
      rds?.resourceArn ??
      null,
    indexName:
      serverless?.vectorIndexName ??
      domain?.vectorIndexName ??
      vectors?.indexName ??
      vectors?.indexArn?.split('/').at(-1) ??
      rds?.tableName ??
      null,
  };
}
