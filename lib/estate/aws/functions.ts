import { type FunctionConfiguration, ListFunctionsCommand, ListTagsCommand } from '@aws-sdk/client-lambda';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'lambda:ListFunctions',
  why: 'lists functions with their memory, architecture and last change',
};
const TAGS: Permission = { cloud: 'aws', action: 'lambda:ListTags', why: 'reads the tags of functions' };

/** Tags are read one function a call: so many at once. */
const AT_ONCE = 4;

/**
 * Lambda functions in their newest version. The list names no state of them: `Active` is said where it names none.
 * What is deleted between being listed and being asked for its tags is left out.
 *
 * It does not see: how often they run; older versions; provisioned concurrency.
 */
export const awsFunctions: Dataset<AwsSession> = {
  id: 'aws.lambda.functions',
  permissions: [LIST, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const listed = new Map<string, FunctionConfiguration>();
    const pages = awsPages({ action: LIST.action, where, meter }, async (token) => {
      const page = await session.lambda.send(
        new ListFunctionsCommand({ MaxItems: 50, ...(token === undefined ? {} : { Marker: token }) }),
      );
      return { ...page, NextToken: page.NextMarker };
    });
    for await (const { Functions } of pages)
      for (const one of Functions ?? []) if (one.FunctionArn !== undefined) listed.set(one.FunctionArn, one);
    const limit = pLimit(AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, one]) =>
        limit(async () => {
          const answer = await unlessNamed(/^ResourceNotFoundException$/, () =>
            awsCall({ action: TAGS.action, where, meter }, () =>
              session.lambda.send(new ListTagsCommand({ Resource: arn })),
            ),
          );
          return answer === null ? null : toResource(arn, one, answer.Tags ?? {}, session);
        }),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};

function toResource(
  arn: string,
  one: FunctionConfiguration,
  tagged: Readonly<Record<string, string>>,
  { accountId, region }: AwsPlace,
): Resource {
  const { tags, systemTags } = partTags(Object.entries(tagged).map(([Key, Value]) => ({ Key, Value })));
  const modified = Date.parse(one.LastModified ?? '');
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:lambda:function',
    id: arn,
    name: one.FunctionName ?? null,
    state: one.State ?? 'Active',
    // When it was made is not told: `lastModified` is when it was changed last.
    created: null,
    tags,
    sku: one.Architectures?.[0] ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      memoryMiB: one.MemorySize ?? null,
      runtime: one.Runtime ?? null,
      packageType: one.PackageType ?? null,
      codeBytes: one.CodeSize ?? null,
      lastModified: Number.isNaN(modified) ? null : new Date(modified).toISOString(),
      systemTags,
    },
  };
}
