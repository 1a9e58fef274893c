import {
  ListProvisionedModelThroughputsCommand,
  type ProvisionedModelSummary,
} from '@aws-sdk/client-bedrock';
import pLimit from 'p-limit';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import {
  BEDROCK_AT_ONCE,
  BEDROCK_TAGS_PERMISSION,
  bedrockTags,
  lowerPages,
  unlessNotFound,
} from './bedrock.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListProvisionedModelThroughputs',
  why: 'lists provisioned throughputs with their model units and commitment',
};

/**
 * Provisioned throughputs of Bedrock with their model units and the end of their commitment, before which one cannot
 * be deleted (Amazon Bedrock User Guide, "Delete a Provisioned Throughput").
 *
 * It does not see: whether anyone calls them.
 */
export const awsBedrockProvisioned: Dataset<AwsSession> = {
  id: 'aws.bedrock.provisioned-throughputs',
  permissions: [LIST, BEDROCK_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const pages = lowerPages({ action: LIST.action, ...call }, (nextToken) =>
      session.bedrock.send(
        new ListProvisionedModelThroughputsCommand({
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    const listed = new Map<string, ProvisionedModelSummary>();
    for await (const { provisionedModelSummaries } of pages)
      for (const one of provisionedModelSummaries ?? []) listed.set(one.provisionedModelArn ?? '', one);
    const limit = pLimit(BEDROCK_AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, one]) =>
        limit(() =>
          unlessNotFound(async () => resourceOf(arn, one, await bedrockTags(session, arn, call), session)),
        ),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};

function resourceOf(
  arn: string,
  one: ProvisionedModelSummary,
  { tags, systemTags }: PartedTags,
  session: AwsPlace,
): Resource {
  return awsResource(session, {
    type: 'aws:bedrock:provisioned-model-throughput',
    id: arn,
    name: one.provisionedModelName ?? null,
    state: one.status ?? 'unknown',
    created: isoTime(one.creationTime),
    tags,
    sku: one.foundationModelArn?.split('/').at(-1) ?? null,
    attributes: {
      modelArn: one.modelArn ?? null,
      modelUnits: one.modelUnits ?? null,
      commitmentDuration: one.commitmentDuration ?? null,
      commitmentEnds: isoTime(one.commitmentExpirationTime),
      modifiedAt: isoTime(one.lastModifiedTime),
      systemTags,
    },
  });
}
