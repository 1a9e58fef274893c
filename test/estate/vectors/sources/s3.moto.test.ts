import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { Sources } from '../../../../lib/estate/vectors/compare.ts';
import { contentTag } from '../../../../lib/estate/vectors/contents.ts';
import { LISTING_LIMITS } from '../../../../lib/estate/vectors/sources/limits.ts';
import { listManifest } from '../../../../lib/estate/vectors/sources/manifest.ts';
import { listS3 } from '../../../../lib/estate/vectors/sources/s3.ts';
import { s3Bytes } from '../../../../lib/estate/vectors/sources/s3-object.ts';
import { Meter } from '../../../../lib/platform/meter.ts';
import { resetMoto, S3_PAGE } from '../../../counterparts/moto.ts';
import { fastClock, shortWaits } from '../../../platform/short-waits.ts';
import { base, type Proxy, proxy } from '../../aws/emulated.ts';

const moto = inject('motoUrl');
const NOW = new Date('2026-11-22T10:00:00Z');
const open: Proxy[] = [];
const s3 = clientOf(moto);

beforeEach(async () => {
  await resetMoto(moto);
  await s3.send(new CreateBucketCommand({ Bucket: 'docs' }));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function clientOf(endpoint: string): S3Client {
  return new S3Client({ ...base(endpoint), region: 'us-east-1', forcePathStyle: true });
}

async function put(...keys: string[]): Promise<void> {
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: 'docs', Key, Body: `of ${Key}` }));
}

async function list({
  prefix = '',
  as = '{key}',
  limits = LISTING_LIMITS,
  client = s3,
  bucket = 'docs',
  meter = new Meter(),
} = {}) {
  return await listS3(client, { bucket, prefix, as }, { now: NOW, meter, limits });
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const known = (sources: Sources, keys: readonly string[]) =>
  keys.map((key) => {
    const found = sources.find(key);
    return found === 'respelled' ? found : found !== null;
  });

/** More than a page. */
const ALL = (S3_PAGE / 10) * 11;

test('every page of a bucket with times and ETags, or as many as there is room and time for', async () => {
  await Promise.all(
    Array.from({ length: 11 }, (_, part) =>
      put(...Array.from({ length: S3_PAGE / 10 }, (__, i) => `p${part}/${i}.md`)),
    ),
  );
  const meter = new Meter();
  const { sources, told, why } = await list({ meter });
  expect(told).toMatchObject({ kind: 's3', name: 's3://docs/', keys: ALL, complete: true, hashed: true });
  expect(told.listedAt).toBe(NOW.toISOString());
  expect(why).toBeUndefined();
  expect(meter.total()).toMatchObject({ amount: '0.00001', calls: [{ api: 's3:ListBucket', count: 2 }] });
  const found = sources.find('p7/4.md');
  if (found === null || found === 'respelled') throw new Error('not listed');
  expect(found.content).toBe(contentTag(md5('of p7/4.md')));
  expect(Math.abs((found.time ?? 0) - Date.now())).toBeLessThan(600_000);
  expect(known(sources, ['p7/10.md'])).toEqual([false]);

  const few = await list({ limits: { ...LISTING_LIMITS, keys: ALL - 1 } });
  expect(few).toMatchObject({
    told: { keys: ALL - 1, complete: false },
    why: `it holds more than ${ALL - 1} keys`,
  });
  const exact = await list({ limits: { ...LISTING_LIMITS, keys: ALL } });
  expect(exact.told).toMatchObject({ keys: ALL, complete: true });
  let at = 0;
  const slow = await list({ limits: { ...LISTING_LIMITS, clock: () => (at += 9 * 60_000) } });
  expect(slow).toMatchObject({ told: { keys: S3_PAGE, complete: false }, why: '8 minutes were not enough' });
});

test.each([
  ['spaces and pluses', 'a b+c.md'],
  ['percent signs', '100%25 %.md'],
  ['what XML lacks', 'bell\u0007.md'],
  ['marks of XML', '<a&b>"\'.md'],
  ['other scripts and emoji', 'Übersicht/中文/🚀.md'],
  ['a decomposed letter', 'cafe\u0301.md'],
  ['points and slashes', 'a//b/./c'],
])('keys with %s are as they are', async (_what, key) => {
  await put(key, 'other.md');
  const { sources, told } = await list();
  expect(told.keys).toBe(2);
  expect(known(sources, [key])).toEqual([true]);
});

test('a prefix is what keys begin with, whatever characters it has', async () => {
  await put('a+b (1)/ä/x.md', 'a+b (1)/y.md', 'a b (1)/z.md');
  const { sources, told } = await list({ prefix: 'a+b (1)/', as: 's3://{bucket}/{path}' });
  expect(told).toMatchObject({ keys: 2, name: 's3://docs/a+b (1)/' });
  expect(known(sources, ['s3://docs/ä/x.md', 's3://docs/y.md', 's3://docs/z.md'])).toEqual([
    true,
    true,
    false,
  ]);
});

test('keys that differ in case alone are two, and another spelling of one is no key that is gone', async () => {
  await put('Manual.md', 'manual.md', 'Other.md');
  const { sources, told } = await list();
  expect(told.keys).toBe(3);
  expect(known(sources, ['Manual.md', 'manual.md', 'MANUAL.md', 'other.md', 'gone.md'])).toEqual([
    true,
    true,
    'respelled',
    'respelled',
    false,
  ]);
});

test('what a delete marker hides is gone, and of versions the last one counts', async () => {
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: 'docs', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await put('kept.md', 'hidden.md');
  await s3.send(new PutObjectCommand({ Bucket: 'docs', Key: 'kept.md', Body: 'second' }));
  await s3.send(new DeleteObjectCommand({ Bucket: 'docs', Key: 'hidden.md' }));
  const { sources, told } = await list();
  expect(told.keys).toBe(1);
  expect(known(sources, ['kept.md', 'hidden.md'])).toEqual([true, false]);
  expect(sources.find('kept.md')).toMatchObject({ content: contentTag(md5('second')) });
});

test('folders that the console makes are no documents', async () => {
  await s3.send(new PutObjectCommand({ Bucket: 'docs', Key: 'manuals/', Body: '' }));
  await put('manuals/a.md');
  expect((await list()).told.keys).toBe(1);
});

test('the ETag of an upload in parts is no content to compare with that of a single piece', async () => {
  const at = { Bucket: 'docs', Key: 'large.pdf' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'of parts' }));
  await s3.send(
    new CompleteMultipartUploadCommand({
      ...at,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    }),
  );
  const found = (await list()).sources.find('large.pdf');
  if (found === null || found === 'respelled') throw new Error('not listed');
  expect(found.content?.slice(12)).not.toBe(contentTag(md5('of parts')).slice(12));
});

test('an empty bucket is a whole listing of nothing', async () => {
  expect((await list()).told).toMatchObject({ keys: 0, complete: true, newest: null });
});

test('a bucket that is not there, or denied, is an error that names it', async () => {
  await expect(list({ bucket: 'nothing-here' })).rejects.toMatchObject({ where: 's3://nothing-here' });
  const denying = await proxy(moto, async ({ query }) =>
    query.includes('list-type=2')
      ? {
          status: 403,
          type: 'application/xml',
          body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
        }
      : null,
  );
  open.push(denying);
  await expect(list({ client: clientOf(denying.url) })).rejects.toMatchObject({
    code: 'denied',
    where: 's3://docs',
  });
});

test('a page that is throttled is asked again', async () => {
  shortWaits();
  fastClock();
  await put('a.md');
  let refused = 0;
  const busy = await proxy(moto, async ({ query }) => {
    if (!query.includes('list-type=2') || refused >= 2) return null;
    refused += 1;
    return {
      status: 503,
      type: 'application/xml',
      body: '<Error><Code>SlowDown</Code><Message>wait</Message></Error>',
    };
  });
  open.push(busy);
  expect((await list({ client: clientOf(busy.url) })).told).toMatchObject({ keys: 1, complete: true });
  expect(refused).toBe(2);
});

test('a manifest in a bucket, packed as its name says', async () => {
  const Body = gzipSync('key,modified,content\na.md,2026-10-01T00:00:00Z,abc\n');
  await s3.send(new PutObjectCommand({ Bucket: 'docs', Key: 'lists/a b.csv.gz', Body }));
  const source = {
    path: 's3://docs/lists/a b.csv.gz',
    key: 'key',
    modified: null,
    content: null,
    as: '{key}',
  };
  const bytes = () => s3Bytes(s3, { bucket: 'docs', key: 'lists/a b.csv.gz' }, new Meter());
  const { sources, told } = await listManifest(bytes(), source, { now: NOW, limits: LISTING_LIMITS });
  expect(told).toMatchObject({ kind: 'manifest', name: source.path, keys: 1, complete: true });
  expect(sources.find('a.md')).toEqual({
    time: Date.parse('2026-10-01T00:00:00Z'),
    content: contentTag('abc'),
  });
  await s3.send(
    new PutObjectCommand({ Bucket: 'docs', Key: 'lists/a b.csv.gz', Body: Body.subarray(0, 40) }),
  );
  await expect(listManifest(bytes(), source, { now: NOW, limits: LISTING_LIMITS })).rejects.toMatchObject({
    code: 'input',
    where: source.path,
  });
});
