import { S3Client } from '@aws-sdk/client-s3';
import {
  AWS_RETRY,
  type AwsAccount,
  type AwsClientConfig,
  type AwsCredentialProvider,
} from '../../platform/aws-sessions.ts';

/** What every AWS client is built with besides its region. */
export function awsBase(endpoint?: string): Omit<AwsClientConfig, 'region'> {
  return { ...AWS_RETRY, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** A client of S3; a stand-in on this machine knows no buckets as host names. */
export function s3Client(
  region: string | undefined,
  endpoint?: string,
  credentials?: AwsCredentialProvider,
): S3Client {
  const elsewhere = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  return new S3Client({
    ...awsBase(endpoint),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(elsewhere === undefined ? {} : { forcePathStyle: true }),
    followRegionRedirects: true,
  });
}

/** Account, partition and name (with its path) of a role by its ARN; null where there is none. */
export function roleOf(roleArn: string | undefined): (AwsAccount & { readonly roleName: string }) | null {
  if (roleArn === undefined) return null;
  const [, partition = 'aws', , , accountId = '', role = ''] = roleArn.split(':');
  return { accountId, partition, roleName: role.replace(/^role\//, '') };
}

/** The partition that a source lies in, by the ARNs that the config gives of it. */
export function partitionOf({
  roleArn,
  kmsKeyArn,
}: {
  roleArn?: string | undefined;
  kmsKeyArn?: string | undefined;
}) {
  return (roleArn ?? kmsKeyArn)?.split(':')[1] ?? 'aws';
}

/**
 * Region of Cost Explorer, which has one endpoint a partition (Cost Explorer API Reference, "Service endpoint"; of
 * Amazon Web Services in China, ce.cn-northwest-1). GovCloud has none: its bill is that of a commercial account.
 * @param partition of the account that is asked; left out: that of the region of the environment
 */
export function costExplorerRegion(
  partition = process.env.AWS_REGION?.startsWith('cn-') === true ? 'aws-cn' : 'aws',
): string {
  return partition === 'aws-cn' ? 'cn-northwest-1' : 'us-east-1';
}
