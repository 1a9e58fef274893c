import { type CustomModelSummary, ListCustomModelsCommand } from '@aws-sdk/client-bedrock';
import pLimit from 'p-limit';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, scopeName } from '../model.ts';
import {
  BEDROCK_AT_ONCE,
  BEDROCK_TAGS_PERMISSION,
  bedrockTags,
  lowerPages,
  unlessNotFound,
} from './bedrock.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsSession } from './session.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListCustomModels',
  why: 'lists custom models',
};

/**
 * Custom models of Bedrock that the account owns. It does not see models that were only imported
 * (ListImportedModels), nor how often one is called.
 */
export const awsBedrockCustomModels: Dataset<AwsSession> = {
  id: 'aws.bedrock.custom-models',
  permissions: [LIST, BEDROCK_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
      session.bedrock.send(
        new ListCustomModelsCommand({
          isOwned: true,
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    const listed = new Map<string, CustomModelSummary>();
    for await (const { modelSummaries } of pages)
      for (const model of modelSummaries ?? []) listed.set(model.modelArn ?? '', model);
    const limit = pLimit(BEDROCK_AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, model]) =>
        limit(() =>
          unlessNotFound(async () => {
            const { tags, systemTags } = await bedrockTags(session, arn, call);
            return awsResource(session, {
              type: 'aws:bedrock:custom-model',
              id: arn,
              name: model.modelName ?? null,
              state: model.modelStatus ?? 'unknown',
              created: isoTime(model.creationTime),
              tags,
              sku: model.baseModelName ?? null,
              attributes: {
                baseModelArn: model.baseModelArn ?? null,
                customizationType: model.customizationType ?? null,
                systemTags,
              },
            });
          }),
        ),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};
