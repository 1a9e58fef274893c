import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { partTags } from '../estate/aws/tags.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';

/** Which of the two calls of RDS a database is stopped by. */
export type DatabaseKind = 'db' | 'cluster';

/** A database instance or cluster, as far as a stop needs to know it. */
export interface Database {
  readonly kind: DatabaseKind;
  readonly name: string;
  /** DbiResourceId or DbClusterResourceId: what no other database of the same name ever has. */
  readonly identity: string;
  readonly state: string;
  readonly created: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly sku: string | null;
  /** Why RDS stops nothing of the kind, in words; null where it does. */
  readonly unstoppable: string | null;
  readonly lost: readonly string[];
  readonly staysBilled: readonly string[];
}

/** The database as RDS describes it; null where there is none of that name. */
export async function describeDatabase(
  session: AwsActSession,
  kind: DatabaseKind,
  name: string,
): Promise<Database | null> {
  return kind === 'db' ? await instanceOf(session, name) : await clusterOf(session, name);
}

async function instanceOf(session: AwsActSession, name: string): Promise<Database | null> {
  const answer = await unless(['DBInstanceNotFoundFault', 'DBInstanceNotFound'], () =>
    act(session, 'rds:DescribeDBInstances', () =>
      session.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name })),
    ),
  );
  const found = answer?.DBInstances?.[0];
  if (found === undefined) return null;
  const size = found.AllocatedStorage;
  const volume = [size === undefined ? '' : `${size} GiB`, found.StorageType ?? ''].filter(Boolean).join(' ');
  return {
    kind: 'db',
    name,
    ...identityOf(session, name, found.DbiResourceId, found.InstanceCreateTime),
    state: found.DBInstanceStatus ?? 'unknown',
    tags: partTags(found.TagList).tags,
    sku: found.DBInstanceClass ?? null,
    unstoppable: whyNoInstance(found),
    lost: MEMORY,
    staysBilled: [`Its storage${volume === '' ? '' : ` (${volume})`} with its provisioned IOPS`, BACKUPS],
  };
}

async function clusterOf(session: AwsActSession, name: string): Promise<Database | null> {
  const answer = await unless(['DBClusterNotFoundFault'], () =>
    act(session, 'rds:DescribeDBClusters', () =>
      session.rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: name })),
    ),
  );
  const found = answer?.DBClusters?.[0];
  if (found === undefined) return null;
  const members = found.DBClusterMembers?.length ?? 0;
  return {
    kind: 'cluster',
    name,
    ...identityOf(session, name, found.DbClusterResourceId, found.ClusterCreateTime),
    state: found.Status ?? 'unknown',
    tags: partTags(found.TagList).tags,
    sku: members === 1 ? '1 instance' : `${members} instances`,
    unstoppable: whyNoCluster(found),
    // Aurora User Guide, "Possible operations while an Aurora DB cluster is stopped" (read November 2026).
    lost: [...MEMORY, 'Changes that wait for its next maintenance, but for those of parameter groups.'],
    staysBilled: ['The storage of the cluster', BACKUPS],
  };
}

const MEMORY = ['What it holds in memory, and every open connection.'];
const BACKUPS = 'Snapshots, and automated backups within their retention';

function identityOf(
  session: AwsActSession,
  name: string,
  identity: string | undefined,
  created: Date | undefined,
): Pick<Database, 'identity' | 'created'> {
  if (identity === undefined || created === undefined)
    throw new BursarError('unavailable', `RDS did not describe ${name} whole`, {
      where: placeName(session),
      hint: 'Nothing was done; it is read again later.',
    });
  return { identity, created: created.toISOString() };
}

/**
 * RDS User Guide, "Limitations of stopping your DB instance"; of clusters and RDS Custom, RDS API Reference,
 * StopDBInstance: "This command doesn't apply to RDS Custom, Aurora MySQL, and Aurora PostgreSQL" (both read November
 * 2026). Instances of a Multi-AZ DB cluster belong to one, too.
 */
function whyNoInstance(found: DBInstance): string | null {
  const engine = found.Engine ?? '';
  if (found.DBClusterIdentifier !== undefined) return `belongs to the cluster ${found.DBClusterIdentifier}`;
  if (found.ReadReplicaSourceDBInstanceIdentifier ?? found.ReadReplicaSourceDBClusterIdentifier)
    return 'is a read replica';
  if (
    (found.ReadReplicaDBInstanceIdentifiers?.length ?? 0) > 0 ||
    (found.ReadReplicaDBClusterIdentifiers?.length ?? 0) > 0
  )
    return 'has a read replica';
  if (found.MultiAZ === true && engine.startsWith('sqlserver')) return 'is SQL Server in several zones';
  return engine.startsWith('custom-') ? 'is of RDS Custom' : null;
}

/**
 * Aurora User Guide, "Limitations for stopping and starting Aurora DB clusters"; of Multi-AZ DB clusters, RDS API
 * Reference, StopDBCluster: "This operation only applies to Aurora DB clusters" (both read November 2026). A replica
 * in the same region could be stopped, and one that is alone in its global database: neither is told apart here. Modes
 * other than `provisioned` are the first serverless version and old ones that are no longer made.
 */
function whyNoCluster(found: DBCluster): string | null {
  if (found.Engine?.startsWith('aurora') !== true) return 'is no cluster of Aurora';
  if (found.EngineMode !== undefined && found.EngineMode !== 'provisioned')
    return `is of engine mode ${found.EngineMode}`;
  if (found.GlobalClusterIdentifier) return `is part of the global database ${found.GlobalClusterIdentifier}`;
  if (found.ReplicationSourceIdentifier) return 'is a read replica';
  return (found.ReadReplicaIdentifiers?.length ?? 0) > 0 ? 'has a read replica' : null;
}
