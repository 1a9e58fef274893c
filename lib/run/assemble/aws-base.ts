import { S3Client } from '@aws-sdk/client-s3';
import { AWS_RETRY, type AwsClientConfig } from '../../platform/aws-sessions.ts';

/** What every AWS client is built with besides its region. */
export function awsBase(endpoint?: string): Omit<AwsClientConfig, 'region'> {
  return { ...AWS_RETRY, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** A client of S3; a stand-in on this machine knows no buckets as host names. */
export function s3Client(region: string | undefined, endpoint?: string): S3Client {
  const elsewhere = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  return new S3Client({
    ...awsBase(endpoint),
    ...(region === undefined ? {} : { region }),
    ...(elsewhere === undefined ? {} : { forcePathStyle: true }),
    followRegionRedirects: true,
  });
}
