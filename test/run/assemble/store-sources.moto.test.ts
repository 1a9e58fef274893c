import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storeNetworks } from '../../../lib/run/assemble/store-networks.ts';
import { sourceLister } from '../../../lib/run/assemble/store-sources.ts';
import { taskSender } from '../../../lib/run/assemble/task-sender.ts';
import type { Task } from '../../../lib/run/tasks.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const NOW = new Date('2026-11-22T10:00:00Z');
const s3 = new S3Client({ ...base(moto), region: 'us-east-1', forcePathStyle: true });

beforeEach(async () => {
  await resetMoto(moto);
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: moto,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  }))
    vi.stubEnv(name, value);
  await s3.send(new CreateBucketCommand({ Bucket: 'docs' }));
  await s3.send(new PutObjectCommand({ Bucket: 'docs', Key: 'manuals/a.md', Body: 'a' }));
  await s3.send(new PutObjectCommand({ Bucket: 'docs', Key: 'list.jsonl', Body: '{"key":"b.md"}\n' }));
});
afterEach(() => vi.unstubAllEnvs());

const stores = (given: object) =>
  configSchema.parse({ schemaVersion: 1, estate: { stores: given } }).estate.stores;

async function list(source: object) {
  const { docs } = stores({
    docs: { type: 'pgvector', url: { env: 'X' }, documents: [{ key: 'k', source }] },
  });
  const meant = docs?.documents[0]?.source;
  if (meant === undefined) throw new Error('no source');
  const meter = new Meter();
  const listed = await sourceLister('docs', NOW, meter)(meant);
  return { ...listed, calls: meter.total().calls.map(({ api }) => api) };
}

test.each([
  ['with the own credentials', {}, ['s3:ListBucket']],
  [
    'by a role',
    { roleArn: 'arn:aws:iam::210987654321:role/Docs', region: 'us-east-1' },
    ['s3:ListBucket', 'sts:AssumeRole'],
  ],
])('objects of a bucket, %s', async (_what, more, calls) => {
  const listed = await list({ type: 's3', bucket: 'docs', prefix: 'manuals/', ...more });
  expect(listed.told).toMatchObject({ keys: 1, complete: true });
  expect(listed.sources.find('s3://docs/manuals/a.md')).not.toBeNull();
  expect(listed.calls).toEqual(calls);
});

test('a manifest in a bucket', async () => {
  const listed = await list({ type: 'manifest', path: 's3://docs/list.jsonl' });
  expect(listed.sources.find('b.md')).not.toBeNull();
  await expect(list({ type: 'manifest', path: 's3://docs/nothing.jsonl' })).rejects.toMatchObject({
    where: 's3://docs/nothing.jsonl',
  });
});

const task = (accountId: string): Task => ({
  schemaVersion: 1,
  runId: 'r',
  kind: 'estate',
  scope: { provider: 'postgres', accountId, region: 'global' },
});

test('each task goes to the queue of the function that reaches what it is about', async () => {
  const sqs = new SQSClient({ ...base(moto), region: 'us-east-1' });
  const queue = async (QueueName: string) =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  const [open, inside] = [await queue('open'), await queue('inside')];
  const network = {
    vpcId: 'vpc-0123456789abcdef0',
    subnets: ['subnet-0123456789abcdef0'],
    securityGroups: ['sg-0123456789abcdef0'],
  };
  const given = stores({
    docs: { type: 'pgvector', url: { env: 'X' }, network },
    wiki: { type: 'pgvector', url: { env: 'X' } },
  });
  const [place] = storeNetworks(given);
  const bill: Task = { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'docs' };
  const send = taskSender(given, sqs, open, { [place?.id ?? '']: inside });
  await send([task('docs'), bill, task('wiki')]);
  const bodies = async (QueueUrl: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body = '' }) => JSON.parse(Body));
  };
  expect(await bodies(inside)).toEqual([task('docs')]);
  expect(await bodies(open)).toEqual(expect.arrayContaining([bill, task('wiki')]));
  await expect(taskSender(given, sqs, open, {})([task('docs')])).rejects.toMatchObject({
    code: 'config',
    hint: expect.stringContaining('cdk deploy'),
  });
});
