import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateImageCommand,
  CreateSnapshotCommand,
  DeleteVolumeCommand,
  ModifySnapshotTierCommand,
  RegisterImageCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { awsBuckets } from '../../../lib/estate/aws/buckets.ts';
import { awsImages } from '../../../lib/estate/aws/images.ts';
import { awsLogGroups, logGroups } from '../../../lib/estate/aws/log-groups.ts';
import type { AwsSession } from '../../../lib/estate/aws/session.ts';
import { awsSnapshots } from '../../../lib/estate/aws/snapshots.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Dataset, Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { type Answer, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { launch, volume } from './fleet.ts';

const moto = inject('motoUrl');
const scope = (region = 'us-east-1'): Scope => ({ provider: 'aws', accountId: OWN, region });
const now = new Date('2026-11-20T10:30:00Z');
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function behind(
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<Proxy> {
  const made = await proxy(moto, meddle);
  open.push(made);
  return made;
}

async function look(datasets: readonly Dataset<AwsSession>[], endpoint = moto, region = 'us-east-1') {
  return await collectScope(scope(region), session(endpoint, region), datasets, now, new Meter());
}

test('snapshots of the account, with their volume even when that is gone, and the AMIs made of them', async () => {
  const { ec2 } = session(moto);
  const id = await volume(ec2, 'us-east-1a');
  const made = await ec2.send(
    new CreateSnapshotCommand({
      VolumeId: id,
      Description: 'nightly',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'owner', Value: 'ana' }] }],
    }),
  );
  await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
  const image = await ec2.send(
    new RegisterImageCommand({
      Name: 'base',
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: made.SnapshotId } }],
    }),
  );
  const { resources, coverage } = await look([awsSnapshots, awsImages]);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  // The emulator makes a snapshot more of what an AMI is registered with.
  const own = resources.filter(({ tags }) => tags['owner'] === 'ana');
  expect(own).toMatchObject([
    {
      id: `arn:aws:ec2:us-east-1:${OWN}:snapshot/${made.SnapshotId ?? ''}`,
      state: 'completed',
      tags: { owner: 'ana' },
      attributes: {
        snapshotId: made.SnapshotId,
        volumeId: id,
        sizeGiB: 40,
        description: 'nightly',
        transferType: null,
      },
    },
  ]);
  expect(own[0]?.created).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(resources.filter(({ type }) => type === 'aws:ec2:image')).toMatchObject([
    { id: `arn:aws:ec2:us-east-1:${OWN}:image/${image.ImageId ?? ''}`, name: 'base' },
  ]);
});

test('since when a snapshot is archived is asked of archived ones alone', async () => {
  const { ec2 } = session(moto);
  const VolumeId = await volume(ec2, 'us-east-1a');
  const made = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  const kept = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  const watching = await behind(async () => null);
  await look([awsSnapshots], watching.url);
  expect(watching.calls).not.toContain('DescribeSnapshotTierStatus');

  const before = Date.now();
  await ec2.send(new ModifySnapshotTierCommand({ SnapshotId: made.SnapshotId, StorageTier: 'archive' }));
  const { resources } = await look([awsSnapshots], watching.url);
  const of = (id = '') => resources.find(({ attributes }) => attributes['snapshotId'] === id);
  expect(of(made.SnapshotId)).toMatchObject({ sku: 'archive', attributes: { restoredUntil: null } });
  const since = of(made.SnapshotId)?.attributes['archivedAt'];
  expect(Date.parse(typeof since === 'string' ? since : '')).toBeGreaterThanOrEqual(before - 1000);
  expect(of(kept.SnapshotId)?.attributes).toMatchObject({ archivedAt: null });
  expect(watching.calls.filter((call) => call === 'DescribeSnapshotTierStatus')).toHaveLength(1);
});

test('an AMI names the snapshots that it is made of', async () => {
  const { ec2 } = session(moto);
  const [machine] = await launch(ec2, 't3.micro');
  await ec2.send(new CreateImageCommand({ InstanceId: machine?.id ?? '', Name: 'golden' }));
  const { resources } = await look([awsSnapshots, awsImages]);
  const snapshots = new Set(resources.map(({ attributes }) => attributes['snapshotId']));
  const used = resources.find(({ name }) => name === 'golden')?.attributes['snapshotIds'];
  expect(used).toHaveLength(1);
  expect(snapshots).toContain(Array.isArray(used) ? used[0] : null);
});

test('disabled AMIs are asked for, since they keep their snapshots; snapshots of others are not', async () => {
  const bodies: URLSearchParams[] = [];
  const watching = await behind(async ({ body }) => {
    bodies.push(new URLSearchParams(body));
    return null;
  });
  await look([awsImages, awsSnapshots], watching.url);
  expect(bodies.map((body) => Object.fromEntries(body))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ Action: 'DescribeImages', 'Owner.1': 'self', IncludeDisabled: 'true' }),
      expect.objectContaining({ Action: 'DescribeSnapshots', 'Owner.1': 'self' }),
    ]),
  );
});

async function bucket(name: string, region = 'us-east-1') {
  const { s3 } = session(moto, region);
  await s3.send(
    new CreateBucketCommand({
      Bucket: name,
      ...(region === 'eu-west-1' ? { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } } : {}),
    }),
  );
  return s3;
}

test('a rule that takes away delete markers alone lets no object expire', async () => {
  const s3 = await bucket('versioned');
  const rule = { Status: 'Enabled', Filter: { Prefix: '' } } as const;
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: 'versioned',
      LifecycleConfiguration: {
        Rules: [
          { ...rule, ID: 'markers', Expiration: { ExpiredObjectDeleteMarker: true } },
          { ...rule, ID: 'day', Expiration: { Date: new Date('2027-01-01T00:00:00Z') } },
          { ...rule, ID: 'former', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
        ],
      },
    }),
  );
  const { resources } = await look([awsBuckets]);
  expect(resources[0]?.attributes['lifecycleRules']).toMatchObject([
    { id: 'markers', expires: false },
    { id: 'day', expires: true },
    { id: 'former', expires: true },
  ]);
});

test('a bucket is seen in its own region alone, with its tags, rules and unfinished uploads', async () => {
  const s3 = await bucket('models');
  await bucket('plain');
  await bucket('abroad', 'eu-west-1');
  await s3.send(
    new PutBucketTaggingCommand({ Bucket: 'models', Tagging: { TagSet: [{ Key: 'owner', Value: 'ana' }] } }),
  );
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: 'models',
      LifecycleConfiguration: {
        Rules: [
          { ID: 'tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } },
          {
            ID: 'all',
            Status: 'Disabled',
            Filter: { Prefix: '' },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
          },
        ],
      },
    }),
  );
  for (const Key of ['a', 'b']) await s3.send(new CreateMultipartUploadCommand({ Bucket: 'models', Key }));

  const { resources, coverage } = await look([awsBuckets]);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(new Set(resources.map(({ name }) => name))).toEqual(new Set(['models', 'plain']));
  const models = resources.find(({ name }) => name === 'models');
  const plain = resources.find(({ name }) => name === 'plain');
  expect(models).toMatchObject({
    id: 'arn:aws:s3:::models',
    tags: { owner: 'ana' },
    attributes: {
      tagsUnknown: false,
      lifecycleRules: [
        {
          id: 'tmp',
          enabled: true,
          wholeBucket: false,
          expires: true,
          moves: false,
          abortsUploadsAfterDays: null,
        },
        {
          id: 'all',
          enabled: false,
          wholeBucket: true,
          expires: false,
          moves: false,
          abortsUploadsAfterDays: 3,
        },
      ],
      incompleteUploads: 2,
      uploadsCounted: true,
    },
  });
  expect(models?.attributes['oldestUpload']).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(plain).toMatchObject({
    tags: {},
    attributes: { lifecycleRules: [], incompleteUploads: 0, oldestUpload: null },
  });
  expect((await look([awsBuckets], moto, 'eu-west-1')).resources.map(({ name }) => name)).toEqual(['abroad']);
});

const refusal = (code: string, status: number): Answer => ({
  status,
  type: 'application/xml',
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

test('what one bucket refuses is unknown of it alone, and coverage says so', async () => {
  await bucket('open');
  await bucket('closed');
  const refusing = await behind(async ({ path, query }) =>
    path.startsWith('GET /closed') && /lifecycle|tagging/.test(query) ? refusal('AccessDenied', 403) : null,
  );
  const { resources, coverage } = await look([awsBuckets], refusing.url);
  expect(coverage[0]).toMatchObject({ status: 'partial', incomplete: ['aws.s3.buckets'] });
  expect(coverage[0]?.reason).toContain('not all is known of 1 of 2 buckets');
  expect(coverage[0]?.reason).toContain('closed');
  const of = (name: string) => resources.find((one) => one.name === name)?.attributes;
  expect(of('open')).toMatchObject({ lifecycleRules: [], tagsUnknown: false, incompleteUploads: 0 });
  expect(of('closed')).toMatchObject({ lifecycleRules: null, tagsUnknown: true, incompleteUploads: 0 });
});

test('a bucket that is deleted during the walk is left out', async () => {
  await bucket('kept');
  await bucket('gone');
  const shifting = await behind(async ({ path }) =>
    path.startsWith('GET /gone') ? refusal('NoSuchBucket', 404) : null,
  );
  const { resources, coverage } = await look([awsBuckets], shifting.url);
  expect(coverage[0]?.status).toBe('complete');
  expect(resources.map(({ name }) => name)).toEqual(['kept']);
});

test('more uploads than are counted are told as such', async () => {
  await bucket('full');
  let pages = 0;
  const endless = await behind(async ({ query }) => {
    if (!query.includes('uploads')) return null;
    pages += 1;
    const Upload = `<Upload><Key>k${pages}</Key><UploadId>u</UploadId><Initiated>2026-0${pages}-01T00:00:00.000Z</Initiated></Upload>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult><Bucket>full</Bucket><NextKeyMarker>k${pages}</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker><IsTruncated>true</IsTruncated>${Upload}</ListMultipartUploadsResult>`;
    return { status: 200, type: 'application/xml', body };
  });
  const { resources } = await look([awsBuckets], endless.url);
  expect(pages).toBe(5);
  expect(resources[0]?.attributes).toMatchObject({
    incompleteUploads: 5,
    oldestUpload: '2026-01-01T00:00:00.000Z',
    uploadsCounted: false,
  });
});

test('log groups over several pages, each with how long it keeps and its tags', async () => {
  const { logs } = session(moto);
  for (let n = 0; n < 53; n++)
    await logs.send(new CreateLogGroupCommand({ logGroupName: `/app/${n}`, tags: { n: String(n) } }));
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app/7', retentionInDays: 30 }));
  const shifting = await behind(async ({ action }, pass) => {
    const answer = await pass();
    if (action === 'DescribeLogGroups' && gone > 0) {
      gone -= 1;
      await logs.send(new DeleteLogGroupCommand({ logGroupName: '/app/9' }));
    }
    return answer;
  });
  let gone = 1;
  const { resources, coverage } = await look([awsLogGroups], shifting.url);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(resources).toHaveLength(52);
  const seventh = resources.find(({ name }) => name === '/app/7');
  expect(seventh).toMatchObject({
    id: `arn:aws:logs:us-east-1:${OWN}:log-group:/app/7`,
    tags: { n: '7' },
    attributes: { retentionDays: 30, storedBytes: 0 },
  });
  expect(resources.filter(({ attributes }) => attributes['retentionDays'] === null)).toHaveLength(51);
});

test('of more log groups than may be asked for tags, those that keep their events for ever come first', async () => {
  const { logs } = session(moto);
  for (const name of ['a', 'b', 'c', 'd'])
    await logs.send(new CreateLogGroupCommand({ logGroupName: `/${name}`, tags: { owner: name } }));
  for (const name of ['a', 'b'])
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: `/${name}`, retentionInDays: 30 }));
  const watched = await behind(async () => null);
  const { resources, coverage } = await look([logGroups(3)], watched.url);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(watched.calls.filter((action) => action === 'ListTagsForResource')).toHaveLength(3);
  const told = resources.map(({ name, tags, attributes }) => [
    name,
    tags,
    attributes['tagsUnknown'] ?? false,
  ]);
  expect(told).toEqual([
    ['/a', { owner: 'a' }, false],
    ['/b', {}, true],
    ['/c', { owner: 'c' }, false],
    ['/d', { owner: 'd' }, false],
  ]);
});
