import {
  DescribeServerlessCachesCommand,
  ListTagsForResourceCommand,
  type ServerlessCache,
} from '@aws-sdk/client-elasticache';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import { awsResource, isoTime } from './resource.ts';
import type { AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'elasticache:DescribeServerlessCaches',
  why: 'lists serverless caches with their limits and state',
};
const TAGS: Permission = {
  cloud: 'aws',
  action: 'elasticache:ListTagsForResource',
  why: 'reads the tags of caches',
};

/** Tags are read one thing a call: so many at once. */
const AT_ONCE = 4;

/**
 * Serverless caches of ElastiCache with their engine and the limits of data and processing units. They have no node
 * type: what is stored and what is asked is billed, and a least amount of data whatever is stored. What is deleted
 * between being listed and being asked for its tags is left out.
 *
 * It does not see: backups; how much is stored, and how many commands they answer: no document names the dimension of
 * their metrics or says that they are published where there is nothing to count, so that nothing is judged by them.
 */
export const awsServerlessCaches: Dataset<AwsSession> = {
  id: 'aws.elasticache.serverless-caches',
  permissions: [LIST, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const { elasticache } = session;
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      elasticache.send(
        new DescribeServerlessCachesCommand({
          MaxResults: 50,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const caches = new Map<string, ServerlessCache>();
    for await (const { ServerlessCaches } of pages)
      for (const cache of ServerlessCaches ?? []) if (cache.ARN !== undefined) caches.set(cache.ARN, cache);
    const limit = pLimit(AT_ONCE);
    const resources = await limit.map([...caches], async ([arn, cache]) => {
      const answer = await unlessNamed(/^ServerlessCacheNotFound(Fault)?$/, () =>
        awsCall({ action: TAGS.action, where, meter }, () =>
          elasticache.send(new ListTagsForResourceCommand({ ResourceName: arn })),
        ),
      );
      if (answer === null) return null;
      const { tags, systemTags } = partTags(answer.TagList);
      const { DataStorage, ECPUPerSecond } = cache.CacheUsageLimits ?? {};
      return awsResource(session, {
        type: 'aws:elasticache:serverlesscache',
        id: arn,
        name: cache.ServerlessCacheName ?? null,
        // ElastiCache API Reference, ServerlessCache: in capitals there, in small letters of clusters.
        state: cache.Status?.toLowerCase() ?? 'unknown',
        created: isoTime(cache.CreateTime),
        tags,
        attributes: {
          engine: cache.Engine ?? null,
          engineVersion: cache.FullEngineVersion ?? null,
          mostGigabytes: DataStorage?.Maximum ?? null,
          leastGigabytes: DataStorage?.Minimum ?? null,
          mostUnitsPerSecond: ECPUPerSecond?.Maximum ?? null,
          leastUnitsPerSecond: ECPUPerSecond?.Minimum ?? null,
          systemTags,
        },
      });
    });
    return { resources: resources.filter((one) => one !== null) };
  },
};
