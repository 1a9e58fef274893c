import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

const permission = (action: string, why: string): Permission => ({ cloud: 'aws', action, why });
const GROUPS = permission('elasticache:DescribeReplicationGroups', 'lists replication groups of caches');
const CLUSTERS = permission(
  'elasticache:DescribeCacheClusters',
  'lists caches with their node type and state',
);
const TAGS = permission('elasticache:ListTagsForResource', 'reads the tags of caches');

/** Tags are read one thing a call: so many at once. */
const AT_ONCE = 4;

/**
 * ElastiCache clusters, and the replication groups that some belong to. What is deleted between being listed and being
 * asked for its tags is left out.
 *
 * It does not see: backups, how many commands they answer. Serverless caches: serverless-caches.ts.
 */
export const awsCaches: Dataset<AwsSession> = {
  id: 'aws.elasticache.clusters',
  permissions: [GROUPS, CLUSTERS, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const groups = new Map<string, ReplicationGroup>();
    const groupPages = awsPages({ action: GROUPS.action, where, meter }, async (token) => {
      const page = await session.elasticache.send(new DescribeReplicationGroupsCommand(from(token)));
      return { ...page, NextToken: page.Marker };
    });
    for await (const { ReplicationGroups } of groupPages)
      for (const group of ReplicationGroups ?? []) if (group.ARN !== undefined) groups.set(group.ARN, group);
    const clusters = new Map<string, CacheCluster>();
    const clusterPages = awsPages({ action: CLUSTERS.action, where, meter }, async (token) => {
      const page = await session.elasticache.send(new DescribeCacheClustersCommand(from(token)));
      return { ...page, NextToken: page.Marker };
    });
    for await (const { CacheClusters } of clusterPages)
      for (const cluster of CacheClusters ?? [])
        if (cluster.ARN !== undefined) clusters.set(cluster.ARN, cluster);

    const limit = pLimit(AT_ONCE);
    const tagged = (arn: string, make: (tags: PartedTags) => Resource) =>
      limit(async () => {
        const tags = await tagsOf(session, arn, where, meter);
        return tags === null ? null : make(tags);
      });
    const resources = await Promise.all([
      ...[...groups].map(([arn, group]) => tagged(arn, (tags) => ofGroup(arn, group, tags, session))),
      ...[...clusters].map(([arn, cluster]) => tagged(arn, (tags) => ofCluster(arn, cluster, tags, session))),
    ]);
    return { resources: resources.filter((one) => one !== null) };
  },
};

/** 20 to 100 a page (Amazon ElastiCache API Reference, MaxRecords). */
function from(token: string | undefined): { MaxRecords: number; Marker?: string } {
  return { MaxRecords: 100, ...(token === undefined ? {} : { Marker: token }) };
}

/** Null where the thing was deleted since it was listed. */
async function tagsOf(
  { elasticache }: AwsSession,
  arn: string,
  where: string,
  meter: Meter,
): Promise<PartedTags | null> {
  const answer = await unlessNamed(/^(CacheCluster|ReplicationGroup)NotFound(Fault)?$/, () =>
    awsCall({ action: TAGS.action, where, meter }, () =>
      elasticache.send(new ListTagsForResourceCommand({ ResourceName: arn })),
    ),
  );
  return answer === null ? null : partTags(answer.TagList);
}

function ofCluster(
  arn: string,
  cluster: CacheCluster,
  { tags, systemTags }: PartedTags,
  { accountId, region, partition }: AwsPlace,
): Resource {
  const { ReplicationGroupId: group } = cluster;
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:elasticache:cluster',
    id: arn,
    name: cluster.CacheClusterId ?? null,
    state: cluster.CacheClusterStatus ?? 'unknown',
    created: cluster.CacheClusterCreateTime?.toISOString() ?? null,
    tags,
    sku: cluster.CacheNodeType ?? null,
    accelerators: [],
    parent:
      group === undefined
        ? null
        : {
            type: 'aws:elasticache:replicationgroup',
            id: `arn:${partition}:elasticache:${region}:${accountId}:replicationgroup:${group}`,
          },
    attributes: {
      engine: cluster.Engine ?? null,
      engineVersion: cluster.EngineVersion ?? null,
      nodes: cluster.NumCacheNodes ?? null,
      systemTags,
    },
  };
}

function ofGroup(
  arn: string,
  group: ReplicationGroup,
  { tags, systemTags }: PartedTags,
  { accountId, region }: AwsPlace,
): Resource {
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:elasticache:replicationgroup',
    id: arn,
    name: group.ReplicationGroupId ?? null,
    state: group.Status ?? 'unknown',
    created: group.ReplicationGroupCreateTime?.toISOString() ?? null,
    tags,
    sku: group.CacheNodeType ?? null,
    accelerators: [],
    parent: null,
    attributes: { engine: group.Engine ?? null, members: group.MemberClusters ?? [], systemTags },
  };
}
