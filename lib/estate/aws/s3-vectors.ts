import { GetIndexCommand, ListIndexesCommand, ListVectorBucketsCommand } from '@aws-sdk/client-s3vectors';
import pLimit from 'p-limit';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, scopeName, type VectorGap, type VectorIndex } from '../model.ts';
import { vectorIndex } from '../vector-index.ts';
import { lowerPages } from './bedrock.ts';
import { isoTime } from './resource.ts';
import type { AwsSession } from './session.ts';

const BUCKETS: Permission = {
  cloud: 'aws',
  action: 's3vectors:ListVectorBuckets',
  why: 'lists buckets of vectors',
};
const INDEXES: Permission = {
  cloud: 'aws',
  action: 's3vectors:ListIndexes',
  why: 'lists the indexes of buckets of vectors',
};
const GET: Permission = {
  cloud: 'aws',
  action: 's3vectors:GetIndex',
  why: 'tells the dimension and metric of an index of vectors',
};

/** Indexes asked about at once: one call each of an API that throttles. */
const AT_ONCE = 4;

const ID = 'aws.s3vectors.indexes';

/** What GetIndex does not answer (S3 Vectors API Reference, Index). */
const GAPS: readonly VectorGap[] = [
  { of: 'queries', why: 'S3 Vectors tells neither how often an index is queried nor when it was last.' },
  { of: 'writes', why: 'S3 Vectors does not tell when an index was last written.' },
  { of: 'vectors', why: 'S3 Vectors does not tell how many vectors an index holds.' },
  { of: 'bytes', why: 'S3 Vectors does not tell how many bytes an index holds.' },
  { of: 'model', why: 'S3 Vectors does not know which model made the vectors.' },
];

/**
 * Indexes of S3 Vectors: when they were made, dimension and metric. No vector and no metadata is read. It does not
 * see how many vectors an index holds, when it was last written, and whether anyone asks it.
 */
export const awsS3Vectors: Dataset<AwsSession> = {
  id: ID,
  permissions: [BUCKETS, INDEXES, GET],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const buckets = new Set<string>();
    const pages = lowerPages({ action: BUCKETS.action, ...call }, (nextToken) =>
      session.s3vectors.send(new ListVectorBucketsCommand(nextToken === undefined ? {} : { nextToken })),
    );
    for await (const { vectorBuckets } of pages)
      for (const { vectorBucketName } of vectorBuckets ?? [])
        if (vectorBucketName !== undefined) buckets.add(vectorBucketName);
    const limit = pLimit(AT_ONCE);
    const listed = await Promise.all(
      [...buckets].map((bucket) => limit(() => unlessGone(() => indexesOf(session, bucket, call)))),
    );
    const indexes = await Promise.all(
      listed
        .flatMap((some) => some ?? [])
        .map((arn) => limit(() => unlessGone(() => describe(session, arn, call)))),
    );
    return { vectorIndexes: indexes.filter((one) => one !== null) };
  },
};

type Call = Pick<Parameters<typeof awsCall>[0], 'where' | 'meter'>;

async function indexesOf(session: AwsSession, vectorBucketName: string, call: Call): Promise<string[]> {
  const pages = lowerPages({ action: INDEXES.action, ...call }, (nextToken) =>
    session.s3vectors.send(
      new ListIndexesCommand({ vectorBucketName, ...(nextToken === undefined ? {} : { nextToken }) }),
    ),
  );
  const arns = new Set<string>();
  for await (const { indexes } of pages)
    for (const { indexArn } of indexes ?? []) if (indexArn !== undefined) arns.add(indexArn);
  return [...arns];
}

async function describe(session: AwsSession, indexArn: string, call: Call): Promise<VectorIndex> {
  const { index } = await awsCall({ action: GET.action, ...call }, () =>
    session.s3vectors.send(new GetIndexCommand({ indexArn })),
  );
  const bucket = index?.vectorBucketName ?? '';
  return vectorIndex({
    store: bucket,
    storeType: 's3-vectors',
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    dataset: ID,
    id: indexArn,
    table: bucket,
    index: index?.indexName ?? indexArn,
    dimension: index?.dimension ?? null,
    metric: index?.distanceMetric ?? null,
    created: isoTime(index?.creationTime),
    // Logical gigabytes stored, uploaded and queried (Amazon S3 pricing, "S3 Vectors"): no machine of its own.
    capacity: { kind: 'by-bytes', billed: [], bytes: null, sharedBy: null },
    gaps: GAPS,
  });
}

/** What `work` gives; null where the bucket or index was deleted since it was listed (S3 Vectors: NotFoundException). */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof BursarError ? error.cause : error;
    if (cause instanceof Error && cause.name === 'NotFoundException') return null;
    throw error;
  }
}
