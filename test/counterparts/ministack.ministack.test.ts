import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, inject, test } from 'vitest';

const client = {
  endpoint: inject('ministackUrl'),
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

test('MiniStack answers the SDK as account 000000000000', async () => {
  const identity = await new STSClient(client).send(new GetCallerIdentityCommand({}));
  expect(identity.Account).toBe('000000000000');
  const { Buckets = [] } = await new S3Client({ ...client, forcePathStyle: true }).send(
    new ListBucketsCommand({}),
  );
  expect(Buckets.every(({ Name }) => Name !== undefined)).toBe(true);
});
