import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { awsError } from '../../lib/platform/aws-errors.ts';
import { AWS_RETRY } from '../../lib/platform/aws-sessions.ts';
import { awsBase } from '../../lib/run/assemble/aws-base.ts';
import { refusing, silent } from './outage.ts';

const client = (endpoint: string) =>
  new STSClient({
    ...awsBase(endpoint),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 2,
    // As awsBase bounds it, but sooner.
    requestHandler: { connectionTimeout: 500, socketTimeout: 200 },
  });

const told = (error: unknown) => awsError(error, { action: 'sts:GetCallerIdentity', where: 'aws' });

test('a service that never answers is given up and tried again, and is unavailable in the end', async () => {
  const outage = await silent();
  onTestFinished(() => outage.stop());
  const error: unknown = await client(outage.url)
    .send(new GetCallerIdentityCommand({}))
    .catch((caught: unknown) => caught);
  expect(told(error)).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('TimeoutError'),
  });
  expect(outage.connections()).toBe(2);
});

test('a service that refuses connections is unavailable', async () => {
  const error: unknown = await client(await refusing())
    .send(new GetCallerIdentityCommand({}))
    .catch((caught: unknown) => caught);
  expect(told(error)).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('every client gives up a silent service well within the time of the longest function', () => {
  const { requestHandler, maxAttempts } = awsBase();
  expect(requestHandler).toEqual(AWS_RETRY.requestHandler);
  const most =
    ((requestHandler?.connectionTimeout ?? Infinity) + (requestHandler?.socketTimeout ?? Infinity)) *
    maxAttempts;
  expect(most).toBeLessThan(900_000 * 0.7);
});
