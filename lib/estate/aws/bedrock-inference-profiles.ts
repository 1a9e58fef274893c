import { type InferenceProfileSummary, ListInferenceProfilesCommand } from '@aws-sdk/client-bedrock';
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
  action: 'bedrock:ListInferenceProfiles',
  why: 'lists application inference profiles, which give calls of models an owner',
};

/**
 * Application inference profiles of Bedrock with their tags and models. It does not see the profiles that AWS
 * itself defines (`SYSTEM_DEFINED`): they belong to nobody and cost nothing.
 */
export const awsBedrockInferenceProfiles: Dataset<AwsSession> = {
  id: 'aws.bedrock.inference-profiles',
  permissions: [LIST, BEDROCK_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
      session.bedrock.send(
        new ListInferenceProfilesCommand({
          typeEquals: 'APPLICATION',
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    const listed = new Map<string, InferenceProfileSummary>();
    for await (const { inferenceProfileSummaries } of pages)
      for (const profile of inferenceProfileSummaries ?? [])
        listed.set(profile.inferenceProfileArn ?? '', profile);
    const limit = pLimit(BEDROCK_AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, profile]) =>
        limit(() =>
          unlessNotFound(async () => {
            const { tags, systemTags } = await bedrockTags(session, arn, call);
            const models = (profile.models ?? []).flatMap(({ modelArn }) => modelArn ?? []);
            return awsResource(session, {
              type: 'aws:bedrock:inference-profile',
              id: arn,
              name: profile.inferenceProfileName ?? null,
              state: profile.status ?? 'unknown',
              created: isoTime(profile.createdAt),
              tags,
              sku: models[0]?.split('/').at(-1) ?? null,
              attributes: { models, systemTags },
            });
          }),
        ),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};
