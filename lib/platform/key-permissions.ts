import type { Permission } from './permissions.ts';

/**
 * What using a table, bucket, queue or topic takes that is encrypted with a key of the customer's own: each of these
 * services asks KMS in the name of who calls (Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest usage
 * notes"; Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys"; Amazon SQS Developer Guide, "Key
 * management"). The actions are those that the CDK grants for a table, written out.
 */
export function keyPermissions(keyArn: string): Permission[] {
  const why = 'reads and writes what is encrypted with the key of deploy.kmsKeyArn';
  return [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ].map((action) => ({ cloud: 'aws', action, resources: [keyArn], why }));
}
