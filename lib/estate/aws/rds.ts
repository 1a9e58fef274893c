import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { serviceTelemetry } from './service-telemetry.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const INSTANCES: Permission = {
  cloud: 'aws',
  action: 'rds:DescribeDBInstances',
  why: 'lists database instances with their class, state and tags',
};
const CLUSTERS: Permission = {
  cloud: 'aws',
  action: 'rds:DescribeDBClusters',
  why: 'lists database clusters with their members and tags',
};

/**
 * Engines of other services that answer in the API of RDS: their own calls and bills speak of them (Amazon Neptune
 * and Amazon DocumentDB API references, "DescribeDBInstances").
 */
const OF_OTHERS: ReadonlySet<string> = new Set(['neptune', 'docdb']);

/** Database instances of RDS and Aurora. It does not see: their storage apart from them, snapshots, proxies. */
export const awsDatabases: Dataset<AwsSession> = {
  id: 'aws.rds.instances',
  permissions: [INSTANCES],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: INSTANCES.action, where: scopeName(scope), meter }, async (token) => {
      const page = await session.rds.send(
        new DescribeDBInstancesCommand({
          MaxRecords: 100,
          ...(token === undefined ? {} : { Marker: token }),
        }),
      );
      return { ...page, NextToken: page.Marker };
    });
    const byArn = new Map<string, Resource>();
    for await (const { DBInstances } of pages)
      for (const instance of DBInstances ?? []) {
        const { DBInstanceArn: arn, Engine } = instance;
        if (arn !== undefined && !OF_OTHERS.has(Engine ?? ''))
          byArn.set(arn, ofInstance(arn, instance, session));
      }
    return { resources: [...byArn.values()] };
  },
};

/** Database clusters (Aurora, and RDS with several readable standbys). It does not see: a global database's others. */
export const awsDatabaseClusters: Dataset<AwsSession> = {
  id: 'aws.rds.clusters',
  permissions: [CLUSTERS],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: CLUSTERS.action, where: scopeName(scope), meter }, async (token) => {
      const page = await session.rds.send(
        new DescribeDBClustersCommand({
          MaxRecords: 100,
          ...(token === undefined ? {} : { Marker: token }),
        }),
      );
      return { ...page, NextToken: page.Marker };
    });
    const byArn = new Map<string, Resource>();
    for await (const { DBClusters } of pages)
      for (const cluster of DBClusters ?? []) {
        const { DBClusterArn: arn, Engine } = cluster;
        if (arn !== undefined && !OF_OTHERS.has(Engine ?? ''))
          byArn.set(arn, ofCluster(arn, cluster, session));
      }
    return { resources: [...byArn.values()] };
  },
};

function ofInstance(arn: string, instance: DBInstance, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(instance.TagList);
  const { DBClusterIdentifier: cluster } = instance;
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:rds:db',
    id: arn,
    name: instance.DBInstanceIdentifier ?? null,
    state: instance.DBInstanceStatus ?? 'unknown',
    created: instance.InstanceCreateTime?.toISOString() ?? null,
    tags,
    sku: instance.DBInstanceClass ?? null,
    accelerators: [],
    parent: cluster === undefined ? null : { type: 'aws:rds:cluster', id: clusterArn(session, cluster) },
    attributes: {
      identifier: instance.DBInstanceIdentifier ?? null,
      engine: instance.Engine ?? null,
      engineVersion: instance.EngineVersion ?? null,
      multiAz: instance.MultiAZ ?? null,
      allocatedGiB: instance.AllocatedStorage ?? null,
      storageType: instance.StorageType ?? null,
      replicaOf:
        instance.ReadReplicaSourceDBInstanceIdentifier ??
        instance.ReadReplicaSourceDBClusterIdentifier ??
        null,
      replicas: [
        ...(instance.ReadReplicaDBInstanceIdentifiers ?? []),
        ...(instance.ReadReplicaDBClusterIdentifiers ?? []),
      ],
      deletionProtection: instance.DeletionProtection ?? null,
      systemTags,
    },
  };
}

function ofCluster(arn: string, cluster: DBCluster, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(cluster.TagList);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:rds:cluster',
    id: arn,
    name: cluster.DBClusterIdentifier ?? null,
    state: cluster.Status ?? 'unknown',
    created: cluster.ClusterCreateTime?.toISOString() ?? null,
    tags,
    sku: cluster.DBClusterInstanceClass ?? cluster.EngineMode ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      identifier: cluster.DBClusterIdentifier ?? null,
      engine: cluster.Engine ?? null,
      engineVersion: cluster.EngineVersion ?? null,
      engineMode: cluster.EngineMode ?? null,
      members: (cluster.DBClusterMembers ?? []).flatMap(
        ({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? [],
      ),
      replicaOf: cluster.ReplicationSourceIdentifier ?? null,
      replicas: cluster.ReadReplicaIdentifiers ?? [],
      globalCluster: cluster.GlobalClusterIdentifier ?? null,
      // The Data API speaks to a cluster over HTTP.
      httpEndpoint: cluster.HttpEndpointEnabled ?? null,
      // Capacity units below which its serverless instances never go; at 0 they pause by themselves.
      minCapacity: cluster.ServerlessV2ScalingConfiguration?.MinCapacity ?? null,
      deletionProtection: cluster.DeletionProtection ?? null,
      systemTags,
    },
  };
}

function clusterArn({ partition, region, accountId }: AwsPlace, identifier: string): string {
  return `arn:${partition}:rds:${region}:${accountId}:cluster:${identifier}`;
}

/**
 * Client connections of every database instance, which RDS sends each minute (RDS User Guide, "Overview of Amazon RDS
 * and Amazon CloudWatch"; "Amazon CloudWatch metrics for Amazon RDS", DatabaseConnections: client network connections,
 * not the sessions of the engine itself).
 */
export const awsDatabaseTelemetry = serviceTelemetry({
  id: 'aws.rds.telemetry',
  needs: [awsDatabases.id],
  metrics: [
    {
      resourceType: 'aws:rds:db',
      states: ['available'],
      namespace: 'AWS/RDS',
      metricName: 'DatabaseConnections',
      metric: 'connections',
      unit: 'count',
      statistics: ['maximum', 'sample-count'],
      dimensions: ({ name }) => (name === null ? null : [{ Name: 'DBInstanceIdentifier', Value: name }]),
    },
  ],
});
