import { Sha256 } from '@aws-crypto/sha256-js';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import type { AwsCredentialProvider } from './aws-sessions.ts';
import type { Permission } from './permissions.ts';

/**
 * For how long a link opens its report. It ends earlier where the credentials that signed it do (Amazon S3 User
 * Guide, "Download and upload objects with presigned URLs", read November 2026).
 */
export const LINK_MINUTES = 10;

export interface ReportPlace {
  /** Where the bucket answers, `bucket.s3.eu-central-1.amazonaws.com`: of its region and partition. */
  readonly domain: string;
  readonly region: string;
  /** Ends with `/`. */
  readonly prefix: string;
  readonly credentials: AwsCredentialProvider;
  readonly clock: () => Date;
}

/**
 * Makes links to archived reports that whoever holds them may open for some minutes, without credentials. Nothing is
 * asked of S3: a link to what is not there is made as well, and opens nothing.
 * @returns a function of a report's key below the prefix
 */
export function reportLinks({
  domain,
  region,
  prefix,
  credentials,
  clock,
}: ReportPlace): (key: string) => Promise<string> {
  const presigner = new S3RequestPresigner({ region, credentials, sha256: Sha256 });
  return async (key) => {
    const signed = await presigner.presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: domain,
        path: `/${`${prefix}${key}`.split('/').map(encoded).join('/')}`,
        query: { 'response-cache-control': 'no-store', 'response-content-disposition': 'inline' },
        headers: { host: domain },
      },
      { expiresIn: LINK_MINUTES * 60, signingDate: clock() },
    );
    const query = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [`${encoded(name)}=${encoded(value)}`] : [],
    );
    return `https://${domain}${signed.path}?${query.join('&')}`;
  };
}

/** As a signature writes it (RFC 3986): `encodeURIComponent` leaves five characters more as they are. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function reportLinkPermissions(bucket: string, prefix: string): Permission[] {
  return [
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: [`arn:aws:s3:::${bucket}/${prefix}*`],
      why: 'opens reports to members of the channel that their digest was posted in',
    },
  ];
}
