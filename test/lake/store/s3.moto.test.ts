import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openLake } from '../../../lib/lake/lake.ts';
import { s3Store } from '../../../lib/lake/store/s3.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { S3_PAGE } from '../../counterparts/moto.ts';
import { bench, delivery, inMonth, row } from '../bills.ts';
import { storeContract } from './contract.ts';

const client = new S3Client({
  endpoint: inject('motoUrl'),
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const bucket = `lake-${randomUUID()}`;
let cache = '';
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'bursar-cache-'));
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  await rm(cache, { recursive: true, force: true });
  client.destroy();
});

const open = (prefix: string) => {
  const cacheDir = join(cache, randomUUID());
  return { store: s3Store({ client, bucket, prefix, cacheDir }), cacheDir };
};

storeContract('an S3 prefix', async () => {
  const prefix = `contract/${randomUUID()}`;
  return { store: open(prefix).store, again: () => open(prefix).store };
});

test('lists beyond one page, and deletes beyond the 1,000 keys of a request', async () => {
  const prefix = `many/${randomUUID()}/`;
  const keys = Array.from({ length: 1005 }, (_, at) => `p/${String(at).padStart(4, '0')}`);
  // Of those that are deleted these are there: more than a page, in both requests.
  const there = [...keys.slice(0, S3_PAGE), ...keys.slice(1000)];
  await Promise.all(
    there.map((key) => client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: 'x' }))),
  );
  const { store } = open(prefix);
  expect((await store.list('p/')).map(({ key }) => key)).toEqual(there);
  await store.delete(keys);
  expect(await store.list('p/')).toEqual([]);
});

test('a bucket that is not there is told, with its address', async () => {
  const store = s3Store({ client, bucket: 'no-such-bucket-here', prefix: 'x', cacheDir: cache });
  await expect(store.list('a/')).rejects.toMatchObject({
    code: 'unavailable',
    where: 's3://no-such-bucket-here/x/',
    message: expect.stringContaining('NoSuchBucket'),
  });
});

test('declares rights on its own prefix alone', () => {
  const { store } = open('lake');
  const granted = new Map(store.permissions.map(({ action, resources }) => [action, resources]));
  expect(granted).toEqual(
    new Map([
      ['s3:GetObject', [`arn:aws:s3:::${bucket}/lake/*`]],
      ['s3:PutObject', [`arn:aws:s3:::${bucket}/lake/*`]],
      ['s3:DeleteObject', [`arn:aws:s3:::${bucket}/lake/*`]],
      ['s3:ListBucket', [`arn:aws:s3:::${bucket}`]],
    ]),
  );
});

test('a whole lake in S3: ingest here, ask there, two writers at once', async () => {
  await using bills = await bench();
  const prefix = `lake/${randomUUID()}`;
  const lakeAt = (name: string) =>
    openLake({ store: open(prefix).store, workDir: join(bills.folder, name), memoryMiB: 256 });
  await using here = await lakeAt('here');
  await using there = await lakeAt('there');
  const october = await bills.file([inMonth('2026-10', { BilledCost: '3', EffectiveCost: '2' })]);
  const november = await bills.file([row()]);
  const now = new Date('2026-11-22T00:00:00Z');
  await Promise.all([
    here.ingest(delivery('s', [october]), now, silent),
    there.ingest(delivery('s', [november]), now, silent),
  ]);
  await using third = await lakeAt('third');
  expect(await third.ask('spend-total', {}, null)).toEqual([
    {
      currency: 'USD',
      billed: '4.5',
      effective: '3.25',
      start: '2026-10-05T00:00:00.000Z',
      end: '2026-11-06T00:00:00.000Z',
      asOf: '2026-11-06T00:00:00.000Z',
    },
  ]);
  expect((await third.query('SELECT SUM(BilledCost) AS s FROM costs', ['s'])).rows).toEqual([{ s: '4.5' }]);
});

test('parts on local disk stay within their bound: those that were not asked for longest go, and are fetched again', async () => {
  const prefix = `bounded/${randomUUID()}/`;
  const cacheDir = join(cache, randomUUID());
  const store = s3Store({ client, bucket, prefix, cacheDir, mostCachedBytes: 250, restMs: 0 });
  const keys = ['a', 'b', 'c', 'd'].map((name) => `p/${name}.parquet`);
  for (const [at, key] of keys.entries()) await store.put(key, new Uint8Array(100).fill(at));
  const [a = '', b = '', c = '', d = ''] = keys;
  const here = async () => (await readdir(join(cacheDir, 'p'))).toSorted();
  const ago = async (key: string, seconds: number) => {
    const then = new Date(Date.now() - seconds * 1000);
    await utimes(join(cacheDir, key), then, then);
  };
  await store.toLocal(a, 100);
  await store.toLocal(b, 100);
  await ago(a, 200);
  await ago(b, 100);
  // Asked for again: now b was used before a.
  await store.toLocal(a, 100);
  await store.toLocal(c, 100);
  expect(await here()).toEqual(['a.parquet', 'c.parquet']);
  const again = await store.toLocal(b, 100);
  expect([...(await readFile(again))]).toEqual(Array.from({ length: 100 }, () => 1));

  // Those of a query that may be running stay, whatever the bound.
  const busy = s3Store({ client, bucket, prefix, cacheDir, mostCachedBytes: 250, restMs: 3_600_000 });
  await Promise.all(keys.map((key) => busy.toLocal(key, 100)));
  expect(await here()).toEqual(['a.parquet', 'b.parquet', 'c.parquet', 'd.parquet']);
  for (const key of [a, b, c]) await ago(key, 7200);
  await busy.toLocal(d, 100);
  await store.put('p/e.parquet', new Uint8Array(100));
  await busy.toLocal('p/e.parquet', 100);
  expect(await here()).toEqual(['d.parquet', 'e.parquet']);
});
