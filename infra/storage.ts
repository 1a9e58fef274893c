import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { LEDGER_TABLE } from '../lib/ledger/dynamodb-table.ts';
import { acknowledge } from './acknowledge.ts';

/** Days that a replaced object of the lake can still be brought back. */
const KEEP_REPLACED_DAYS = 30;
/** Days that an answer of Athena is kept: it is read at once, and once. */
const KEEP_ANSWERS_DAYS = 7;

export interface StorageProps {
  /** Folder of answers of Athena, with `/`. */
  readonly answersPrefix: string;
  /** Null: keys of AWS. */
  readonly key: IKey | null;
}

/** What outlives a deployment: the bucket of the lake and of the digests, and the ledger's table. */
export class Storage extends Construct {
  readonly bucket: Bucket;
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { answersPrefix, key }: StorageProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      ...(key === null
        ? { encryption: BucketEncryption.S3_MANAGED }
        : // One data key for many objects: fewer requests of KMS, which are paid for.
          { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(KEEP_REPLACED_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        { prefix: answersPrefix, expiration: Duration.days(KEEP_ANSWERS_DAYS) },
      ],
    });
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'It holds what Bursar itself made; who must know who read it turns on CloudTrail data events for it.',
    );
    const [due] = LEDGER_TABLE.indexes;
    this.table = new TableV2(this, 'Ledger', {
      partitionKey: { name: LEDGER_TABLE.partitionKey.name, type: AttributeType.STRING },
      sortKey: { name: LEDGER_TABLE.sortKey.name, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption:
        key === null ? TableEncryptionV2.awsManagedKey() : TableEncryptionV2.customerManagedKey(key),
      timeToLiveAttribute: LEDGER_TABLE.timeToLive,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: [
        {
          indexName: due.name,
          partitionKey: { name: due.partitionKey.name, type: AttributeType.STRING },
          sortKey: { name: due.sortKey.name, type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }
}
