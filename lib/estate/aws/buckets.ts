import {
  type Bucket,
  GetBucketLifecycleConfigurationCommand,
  GetBucketTaggingCommand,
  type LifecycleRule,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Json, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

/**
 * $0.005 per 1,000 LIST requests of S3 Standard in US East (N. Virginia) (Amazon S3 pricing, "Requests & data
 * retrievals"; read November 2026). The others cost less, and are counted as these: never below what is charged there.
 */
const USD = '0.000005';
const permission = (action: string, why: string): Permission => ({
  cloud: 'aws',
  action,
  why,
  price: '0.005 USD per 1,000 requests',
});
const LIST = permission('s3:ListAllMyBuckets', 'lists buckets');
const LIFECYCLE = permission('s3:GetLifecycleConfiguration', 'reads the lifecycle rules of buckets');
const TAGGING = permission('s3:GetBucketTagging', 'reads the tags of buckets');
const UPLOADS = permission('s3:ListBucketMultipartUploads', 'counts uploads that were never completed');

/** Buckets asked at once. */
const AT_ONCE = 4;
/** Pages of a thousand uploads that are counted of one bucket; more are told as `uploadsCounted: false`. */
const UPLOAD_PAGES = 5;

/**
 * S3 buckets of one region, which is how ListBuckets can be asked (Amazon S3 API Reference, ListBuckets,
 * `bucket-region`), so that each bucket is seen in one scope alone: with its tags, its lifecycle rules and its
 * uploads in parts that were never completed. A bucket that refuses one of these is kept, what it refused is null,
 * and the dataset is incomplete.
 *
 * It does not see: objects, how large they are or who reads them; directory buckets; the size of uploaded parts.
 */
export const awsBuckets: Dataset<AwsSession> = {
  id: 'aws.s3.buckets',
  permissions: [LIST, LIFECYCLE, TAGGING, UPLOADS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter, usd: USD }, async (token) => {
      const page = await session.s3.send(
        new ListBucketsCommand({
          BucketRegion: session.region,
          MaxBuckets: 1000,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      return { ...page, NextToken: page.ContinuationToken };
    });
    const byName = new Map<string, Bucket>();
    // What does not know the filter gives the buckets of every region.
    for await (const { Buckets } of pages)
      for (const bucket of Buckets ?? [])
        if (bucket.Name !== undefined && (bucket.BucketRegion ?? session.region) === session.region)
          byName.set(bucket.Name, bucket);
    const limit = pLimit(AT_ONCE);
    const faults: BursarError[] = [];
    const resources = await Promise.all(
      [...byName].map(([name, bucket]) =>
        limit(() => describe({ session, where, meter, faults }, name, bucket)),
      ),
    );
    const found = resources.filter((one) => one !== null);
    const [first] = faults;
    if (first !== undefined)
      throw new IncompleteError(
        first.code,
        `not all is known of ${new Set(faults.map((fault) => fault.where)).size} of ${byName.size} buckets (${first.where ?? ''}: ${first.message})`,
        { resources: found },
        { where, ...(first.hint === null ? {} : { hint: first.hint }), cause: first },
      );
    return { resources: found };
  },
};

interface Asking {
  readonly session: AwsSession;
  readonly where: string;
  readonly meter: Meter;
  readonly faults: BursarError[];
}

/** Null where the bucket was deleted since it was listed. */
async function describe(asking: Asking, name: string, bucket: Bucket): Promise<Resource | null> {
  const { session, faults, meter, where } = asking;
  /** What `work` gives; undefined where the bucket refuses it, which is kept as a fault. */
  const told = async <T>(work: (where: string) => Promise<T>): Promise<T | undefined> => {
    try {
      return await work(`${where} ${name}`);
    } catch (error) {
      if (!(error instanceof BursarError) || isGone(error)) throw error;
      faults.push(error);
      return undefined;
    }
  };
  const Bucket = name;
  return await unlessNamed(/^NoSuchBucket$/, async () => {
    const tagging = await told((at) =>
      unlessNamed(/^NoSuchTagSet$/, () =>
        awsCall({ action: TAGGING.action, where: at, meter, usd: USD }, () =>
          session.s3.send(new GetBucketTaggingCommand({ Bucket })),
        ),
      ),
    );
    const lifecycle = await told((at) =>
      unlessNamed(/^NoSuchLifecycleConfiguration$/, () =>
        awsCall({ action: LIFECYCLE.action, where: at, meter, usd: USD }, () =>
          session.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
        ),
      ),
    );
    const uploads = await told((at) => uploadsOf(asking, name, at));
    return toResource(name, bucket, session, partTags(tagging?.TagSet), {
      tagsUnknown: tagging === undefined,
      lifecycleRules: lifecycle === undefined ? null : (lifecycle?.Rules ?? []).map(ruleOf),
      incompleteUploads: uploads?.count ?? null,
      oldestUpload: uploads?.oldest ?? null,
      uploadsCounted: uploads?.whole ?? false,
    });
  });
}

function isGone({ cause }: BursarError): boolean {
  return cause instanceof Error && cause.name === 'NoSuchBucket';
}

async function uploadsOf({ session, meter }: Asking, Bucket: string, where: string) {
  let key: string | undefined;
  let id: string | undefined;
  let count = 0;
  let oldest: string | null = null;
  for (let page = 0; page < UPLOAD_PAGES; page++) {
    const markers = { KeyMarker: key, UploadIdMarker: id };
    const answer = await awsCall({ action: UPLOADS.action, where, meter, usd: USD }, () =>
      session.s3.send(
        new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1000, ...(key === undefined ? {} : markers) }),
      ),
    );
    for (const { Initiated } of answer.Uploads ?? []) {
      count += 1;
      const at = Initiated?.toISOString() ?? null;
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    }
    if (answer.IsTruncated !== true) return { count, oldest, whole: true };
    key = answer.NextKeyMarker;
    id = answer.NextUploadIdMarker;
  }
  return { count, oldest, whole: false };
}

/** What a lifecycle rule does, as far as the checks ask. */
function ruleOf(rule: LifecycleRule): Json {
  const { Prefix, Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan } = rule.Filter ?? {};
  return {
    id: rule.ID ?? null,
    enabled: rule.Status === 'Enabled',
    // A rule without a filter, or with an empty prefix, is for every object.
    wholeBucket:
      (rule.Prefix ?? '') === '' &&
      (Prefix ?? '') === '' &&
      [Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan].every((filter) => filter === undefined),
    // One that only takes away delete markers with nothing behind them lets no object expire.
    expires:
      rule.Expiration?.Days !== undefined ||
      rule.Expiration?.Date !== undefined ||
      rule.NoncurrentVersionExpiration !== undefined,
    moves: (rule.Transitions ?? []).length > 0 || (rule.NoncurrentVersionTransitions ?? []).length > 0,
    abortsUploadsAfterDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? null,
  };
}

function toResource(
  name: string,
  bucket: Bucket,
  { accountId, region, partition }: AwsPlace,
  { tags, systemTags }: ReturnType<typeof partTags>,
  attributes: Readonly<Record<string, Json>>,
): Resource {
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:s3:bucket',
    id: `arn:${partition}:s3:::${name}`,
    name,
    // A bucket has no state of its own.
    state: 'active',
    created: bucket.CreationDate?.toISOString() ?? null,
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: { ...attributes, systemTags },
  };
}
