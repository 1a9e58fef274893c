import { STSClient } from '@aws-sdk/client-sts';
import { Signer } from '@aws-sdk/rds-signer';
import type { StoreConfig } from '../../config/schema.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { assumedRole, rolePermissions } from '../../platform/aws-sessions.ts';
import { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { awsBase, roleOf } from './aws-base.ts';
import type { PostgresLogin } from './postgres-client.ts';

export type RdsIam = NonNullable<(StoreConfig & { type: 'pgvector' })['auth']>;

const CONNECT = 'rds-db:connect';

/**
 * A login with a token in the place of a password, signed here and good for 15 minutes, in which it must have been
 * used to connect (Amazon RDS User Guide, "IAM database authentication for MariaDB, MySQL, and PostgreSQL"). Nothing
 * is sent for it but AssumeRole where a role is configured.
 */
export async function rdsLogin(auth: RdsIam, id: string): Promise<PostgresLogin> {
  const { host, port, database, user, region, roleArn } = auth;
  const sts = new STSClient({ ...awsBase(), region });
  const role = roleOf(roleArn);
  const credentials =
    role === null
      ? async () => await sts.config.credentials()
      : assumedRole(sts, { ...role, sessionName: `bursar-${id}` }, new Meter());
  const signer = new Signer({ hostname: host, port, username: user, region, credentials });
  try {
    return { host, port, database, user, password: await signer.getAuthToken() };
  } catch (error) {
    throw awsError(error, { action: CONNECT, where: `store:${id}` }) ?? error;
  } finally {
    sts.destroy();
  }
}

/**
 * `arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER`, where the resource id is that of the instance (db-),
 * the cluster (cluster-) or the proxy (prx-), not its name (Amazon RDS User Guide, "Creating and using an IAM policy
 * for IAM database access"). A user and the database are always of one account, which needs not be named.
 */
export function rdsPermissions({ region, user, resourceId = '*', roleArn }: RdsIam): readonly Permission[] {
  if (roleArn !== undefined)
    return rolePermissions([roleArn], 'enters the role that may connect to a database');
  return [
    {
      cloud: 'aws',
      action: CONNECT,
      resources: [`arn:*:rds-db:${region}:*:dbuser:${resourceId}/${user}`],
      why: 'connects to a database of vectors with a token of IAM',
    },
  ];
}
