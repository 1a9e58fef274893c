import { ListTagsForResourceCommand } from '@aws-sdk/client-bedrock';
import { ListTagsForResourceCommand as ListAgentTagsCommand } from '@aws-sdk/client-bedrock-agent';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

/** The same action for what `bedrock` and what `bedrock-agent` answer for (Service Authorization Reference, "Amazon Bedrock"). */
export const BEDROCK_TAGS_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'bedrock:ListTagsForResource',
  why: 'reads the tags of what Bedrock holds',
};

/** Things whose tags are asked for at once: one call each of an API that throttles. */
export const BEDROCK_AT_ONCE = 4;

interface Call {
  readonly where: string;
  readonly meter: Meter;
}

/** Every tag of a model, a provisioned throughput or an inference profile. */
export async function bedrockTags(session: AwsSession, arn: string, call: Call): Promise<PartedTags> {
  const { tags } = await awsCall({ action: BEDROCK_TAGS_PERMISSION.action, ...call }, () =>
    session.bedrock.send(new ListTagsForResourceCommand({ resourceARN: arn })),
  );
  return partTags((tags ?? []).map(({ key, value }) => ({ Key: key, Value: value })));
}

/** Every tag of a knowledge base. */
export async function bedrockAgentTags(session: AwsSession, arn: string, call: Call): Promise<PartedTags> {
  const { tags } = await awsCall({ action: BEDROCK_TAGS_PERMISSION.action, ...call }, () =>
    session.bedrockAgent.send(new ListAgentTagsCommand({ resourceArn: arn })),
  );
  return partTags(Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value })));
}

/** Every page of a call of the services that spell their token `nextToken`. */
export async function* lowerPages<Page extends { nextToken?: string | undefined }>(
  call: Call & { action: string },
  send: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  const pages = awsPages(call, async (token) => {
    const page = await send(token);
    return { page, NextToken: page.nextToken };
  });
  for await (const { page } of pages) yield page;
}

/** What `work` gives; null where the thing was deleted between being listed and being described. */
export async function unlessNotFound<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof BursarError ? error.cause : error;
    if (cause instanceof Error && cause.name === 'ResourceNotFoundException') return null;
    throw error;
  }
}
