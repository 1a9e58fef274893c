import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { awsPages } from '../../../platform/aws-call.ts';
import type { Meter } from '../../../platform/meter.ts';
import type { Permission } from '../../../platform/permissions.ts';
import type { Listed } from '../documents.ts';
import { Listing, type ListingLimits } from './limits.ts';
import { listingName } from './name.ts';
import { keyNamer } from './template.ts';

export interface S3Documents {
  readonly bucket: string;
  /** What the keys begin with, as S3 compares it. */
  readonly prefix: string;
  /** How vectors name a document. */
  readonly as: string;
}

const ACTION = 's3:ListBucket';
/** $0.005 per 1,000 LIST requests of S3 Standard in US East (Amazon S3 pricing, "Requests & data retrievals"; November 2026). */
const USD = '0.000005';

export function s3DocumentsPermissions(
  { bucket }: Pick<S3Documents, 'bucket'>,
  partition: string,
): Permission[] {
  return [
    {
      cloud: 'aws',
      action: ACTION,
      resources: [`arn:${partition}:s3:::${bucket}`],
      why: 'lists the documents that vectors were made of',
      price: '0.005 USD per 1,000 requests',
    },
  ];
}

/**
 * Objects of a bucket: current versions alone, so that what a delete marker hides is gone; no object is read. The
 * time is that of the object's last writing, which a copy onto itself moves too. The ETag is what metadata of the
 * vectors may hold as content: for a plain upload it is the MD5 of the content, else (in parts, with SSE-KMS or SSE-C)
 * it only tells one writing from another (Amazon S3 API Reference, Object, `ETag`).
 * @throws BursarError denied, credentials, throttled, unavailable, input (no such bucket)
 */
export async function listS3(
  client: S3Client,
  source: S3Documents,
  { now, meter, limits }: { readonly now: Date; readonly meter: Meter; readonly limits: ListingLimits },
): Promise<Listed> {
  const listing = new Listing('s3', listingName({ type: 's3', ...source }), limits);
  const name = keyNamer(source.as, source);
  const where = `s3://${source.bucket}`;
  const pages = awsPages({ action: ACTION, where, meter, usd: USD }, async (token) => {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: source.bucket,
        Prefix: source.prefix,
        // Keys may hold characters that XML 1.0 has not (ListObjectsV2, `encoding-type`).
        EncodingType: 'url',
        ContinuationToken: token,
      }),
    );
    return { ...page, NextToken: page.IsTruncated === true ? page.NextContinuationToken : undefined };
  });
  for await (const page of pages) {
    for (const { Key: told, LastModified: modified, ETag: tag, Size: size } of page.Contents ?? []) {
      if (told === undefined) continue;
      const key = page.EncodingType === 'url' ? decoded(told) : told;
      // The console's folders are empty objects, of which no vector is made.
      if (key.endsWith('/') && size === 0) continue;
      if (!listing.add(name(key), modified?.getTime() ?? null, tag ?? null)) return listing.result(now);
    }
    if (page.NextToken !== undefined && !listing.hasTime()) break;
  }
  return listing.result(now);
}

/** As `encoding-type=url` writes keys: form encoding, a space as a plus. */
function decoded(told: string): string {
  return decodeURIComponent(told.replaceAll('+', ' '));
}
