import {
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  type LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, type Scope, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'logs:DescribeLogGroups',
  why: 'lists log groups with how long they keep their events and how much they hold',
};
const TAGS: Permission = {
  cloud: 'aws',
  action: 'logs:ListTagsForResource',
  why: 'reads the tags of log groups',
};

/** Tags are read one log group a call: so many at once. */
const AT_ONCE = 4;

/**
 * Log groups of one account and region whose tags are read. AWS takes five ListTagsForResource a second there, which
 * nobody can have raised (CloudWatch Logs User Guide, "CloudWatch Logs quotas", read November 2026), so that a
 * thousand take three minutes and twenty seconds.
 */
const MOST_TAGGED = 1000;

export const awsLogGroups: Dataset<AwsSession> = logGroups(MOST_TAGGED);

/**
 * CloudWatch log groups. `retentionDays` null: events are kept for ever. The id is the ARN without `:*`, as tags and
 * bills name a log group. What is deleted between being listed and being asked for its tags is left out.
 *
 * It does not see: who reads them; export tasks; what was ingested lately (storedBytes is compressed and counted daily);
 * the tags of more than `most` log groups, which then say `tagsUnknown`. Those that keep their events for ever come
 * first, the largest before the others, since only of them is anything said that may be acted on.
 */
export function logGroups(most: number): Dataset<AwsSession> {
  return {
    id: 'aws.logs.log-groups',
    permissions: [LIST, TAGS],
    collect: (scope, session, _now, _earlier, meter) => read(scope, session, meter, most),
  };
}

async function read(
  scope: Scope,
  session: AwsSession,
  meter: Meter,
  most: number,
): Promise<{ resources: Resource[] }> {
  const where = scopeName(scope);
  const pages = awsPages({ action: LIST.action, where, meter }, async (token) => {
    const page = await session.logs.send(
      new DescribeLogGroupsCommand({ limit: 50, ...(token === undefined ? {} : { nextToken: token }) }),
    );
    return { ...page, NextToken: page.nextToken };
  });
  const byArn = new Map<string, LogGroup>();
  for await (const { logGroups: groups } of pages)
    for (const group of groups ?? []) {
      const arn = group.logGroupArn ?? group.arn?.replace(/:\*$/, '');
      if (arn !== undefined) byArn.set(arn, group);
    }
  const wanted = new Set(
    [...byArn]
      .toSorted(([, a], [, b]) => byWeight(a, b))
      .slice(0, most)
      .map(([arn]) => arn),
  );
  const limit = pLimit(AT_ONCE);
  const resources = await Promise.all(
    [...byArn].map(async ([arn, group]) => {
      if (!wanted.has(arn)) return toResource(arn, group, null, session);
      return await limit(async () => {
        const answer = await unlessNamed(/^ResourceNotFoundException$/, () =>
          awsCall({ action: TAGS.action, where, meter }, () =>
            session.logs.send(new ListTagsForResourceCommand({ resourceArn: arn })),
          ),
        );
        return answer === null ? null : toResource(arn, group, answer.tags ?? {}, session);
      });
    }),
  );
  return { resources: resources.filter((one) => one !== null) };
}

/** Without a retention first, then by how much they hold. */
function byWeight(a: LogGroup, b: LogGroup): number {
  const kept = Number(a.retentionInDays !== undefined) - Number(b.retentionInDays !== undefined);
  return kept === 0 ? (b.storedBytes ?? 0) - (a.storedBytes ?? 0) : kept;
}

function toResource(
  arn: string,
  group: LogGroup,
  tagged: Readonly<Record<string, string>> | null,
  session: AwsPlace,
): Resource {
  const { tags, systemTags } = partTags(Object.entries(tagged ?? {}).map(([Key, Value]) => ({ Key, Value })));
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:logs:log-group',
    id: arn,
    name: group.logGroupName ?? null,
    // A log group has no state of its own.
    state: 'active',
    created: group.creationTime === undefined ? null : new Date(group.creationTime).toISOString(),
    tags,
    sku: group.logGroupClass ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      retentionDays: group.retentionInDays ?? null,
      storedBytes: group.storedBytes ?? null,
      systemTags,
      ...(tagged === null ? { tagsUnknown: true } : {}),
    },
  };
}
