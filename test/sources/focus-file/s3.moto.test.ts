import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { focusFileSource } from '../../../lib/sources/focus-file/source.ts';
import type { Delivery } from '../../../lib/sources/model.ts';
import { S3_PAGE } from '../../counterparts/moto.ts';

const FOCUS = 'BilledCost,EffectiveCost,ChargePeriodStart,BillingCurrency\n1,1,2026-05-01T00:00:00Z,USD\n';
const BUCKET = 'acme-billing-focus-file';
let s3: S3Client;
let at = '';

beforeAll(async () => {
  at = await mkdtemp(join(tmpdir(), 'bursar-s3-'));
  s3 = new S3Client({
    endpoint: inject('motoUrl'),
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const put = async (Key: string, Body: string | Uint8Array): Promise<void> => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  };
  await put('focus/', '');
  await put('focus/2026-05/data.csv', FOCUS);
  await put('focus/2026-05/data.csv.gz', gzipSync(FOCUS));
  await put('focus/2026-05/prices.csv', 'sku,price\n1,2\n');
  await put('focus/2026-05/Manifest.json', '{}');
  await put('focus-old/data.csv', FOCUS);
  // More keys than a page of ListObjectsV2 holds.
  await Promise.all(Array.from({ length: S3_PAGE + 5 }, (_, index) => put(`many/${index}.txt`, 'x')));
  await put('many/zz.csv', FOCUS);
}, 120_000);

afterAll(async () => {
  s3.destroy();
  await rm(at, { recursive: true, force: true });
});

async function deliver(path: string, meter = new Meter()): Promise<Delivery> {
  const workDir = await mkdtemp(join(at, 'work-'));
  return await focusFileSource({ id: 's3', paths: [path], s3 }).deliver({
    workDir,
    now: new Date('2026-06-01T00:00:00Z'),
    meter,
    progress: silent,
  });
}

describe('bills on S3', () => {
  test('a prefix is a folder: fetched, sorted out, counted, and not what lies beside it', async () => {
    const meter = new Meter();
    const { files, skipped } = await deliver(`s3://${BUCKET}/focus`, meter);
    expect(files.map(({ shownAs, format }) => [shownAs, format])).toEqual([
      [`s3://${BUCKET}/focus/2026-05/data.csv`, 'csv'],
      [`s3://${BUCKET}/focus/2026-05/data.csv.gz`, 'csv'],
    ]);
    expect(await readFile(files[0]?.path ?? '', 'utf8')).toBe(FOCUS);
    expect(skipped.map(({ path }) => path.split('/').at(-1))).toEqual(['Manifest.json', 'prices.csv']);
    expect(meter.total().calls).toEqual([
      { api: 's3:GetObject', count: 3 },
      { api: 's3:ListBucket', count: 1 },
    ]);
  });

  test('one object by its key', async () => {
    const { files } = await deliver(`s3://${BUCKET}/focus-old/data.csv`);
    expect(files.map(({ shownAs }) => shownAs)).toEqual([`s3://${BUCKET}/focus-old/data.csv`]);
  });

  test('all pages of a listing', async () => {
    const { files, skipped } = await deliver(`s3://${BUCKET}/many/`);
    expect([files.length, skipped.length]).toEqual([1, S3_PAGE + 5]);
  });

  test('nothing at an address, and a bucket that is not there, are told', async () => {
    await expect(deliver(`s3://${BUCKET}/none/`)).rejects.toMatchObject({
      code: 'input',
      message: 'no object lies here',
    });
    await expect(deliver('s3://acme-no-such-bucket/x')).rejects.toMatchObject({
      code: 'unavailable',
      where: 's3://acme-no-such-bucket',
      message: expect.stringMatching(/NoSuchBucket/),
    });
  });

  test('the rights that it declares are those it uses', () => {
    const { permissions } = focusFileSource({ id: 's3', paths: [`s3://${BUCKET}/focus/`] });
    expect(permissions.map(({ action, resources }) => [action, resources])).toEqual([
      ['s3:ListBucket', [`arn:aws:s3:::${BUCKET}`]],
      ['s3:GetObject', [`arn:aws:s3:::${BUCKET}/focus`, `arn:aws:s3:::${BUCKET}/focus/*`]],
    ]);
  });
});
