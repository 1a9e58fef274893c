import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Progress } from '../../platform/progress.ts';
import type { FoundFile } from './find-files.ts';

export interface S3Address {
  readonly bucket: string;
  /** The key of one object, or what the keys of all below it begin with before a slash; empty: the bucket. */
  readonly prefix: string;
}

/** Reads `s3://bucket/prefix`; null where the text is another kind of path. */
export function s3Address(path: string): S3Address | null {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(path) ?? [];
  return bucket === undefined ? null : { bucket, prefix: (prefix ?? '').replace(/\/+$/, '') };
}

export function s3Permissions({ bucket, prefix }: S3Address): Permission[] {
  const keys = prefix === '' ? ['*'] : [prefix, `${prefix}/*`];
  return [
    {
      cloud: 'aws',
      action: 's3:ListBucket',
      resources: [`arn:aws:s3:::${bucket}`],
      why: 'finds the FOCUS files of a bill',
    },
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: keys.map((key) => `arn:aws:s3:::${bucket}/${key}`),
      why: 'reads the FOCUS files of a bill',
    },
  ];
}

const DATA = /\.(csv|tsv|parquet)(\.(gz|gzip|zst|zstd))?$/i;

/**
 * Fetches every object of the address that may be a bill into `folder`, one after the other as streams. Objects
 * of other names are answered in `skipped` and not fetched.
 * @throws BursarError `input` where there is nothing; denied, credentials, throttled, unavailable by the call.
 */
export async function fetchS3(
  client: S3Client,
  address: S3Address,
  folder: string,
  { meter, progress }: { meter: Meter; progress: Progress },
): Promise<{ files: FoundFile[]; skipped: { path: string; reason: string }[] }> {
  await mkdir(folder, { recursive: true });
  const shown = (key: string): string => `s3://${address.bucket}/${key}`;
  const keys = await listKeys(client, address, meter);
  if (keys.length === 0)
    throw new BursarError('input', 'no object lies here', {
      where: shown(address.prefix),
      hint: 'Check bucket and prefix; an export may not have been written yet.',
    });
  const skipped = keys
    .filter((key) => !DATA.test(key))
    .map((key) => ({ path: shown(key), reason: 'its name is neither CSV nor Parquet' }));
  const wanted = keys.filter((key) => DATA.test(key));
  const files: FoundFile[] = [];
  for (const [index, key] of wanted.entries()) {
    progress.step(`fetching ${shown(key)}`, index, wanted.length);
    const path = join(folder, `${index}-${(key.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9._-]/g, '_')}`);
    await download(client, address.bucket, key, path, meter);
    files.push({ path, shownAs: shown(key) });
  }
  return { files, skipped };
}

async function listKeys(client: S3Client, { bucket, prefix }: S3Address, meter: Meter): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await awsCall({ action: 's3:ListBucket', where: `s3://${bucket}`, meter }, () =>
      client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })),
    );
    for (const { Key: key } of page.Contents ?? []) {
      if (key === undefined || key.endsWith('/')) continue;
      // `focus` means the folder and not `focus-old/` beside it.
      if (prefix === '' || key === prefix || key.startsWith(`${prefix}/`)) keys.push(key);
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return keys;
}

async function download(
  client: S3Client,
  bucket: string,
  key: string,
  to: string,
  meter: Meter,
): Promise<void> {
  const call = { action: 's3:GetObject', where: `s3://${bucket}/${key}`, meter };
  await awsCall(call, async () => {
    const { Body: body, ContentLength: length } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
    );
    if (!(body instanceof Readable))
      throw new BursarError('unavailable', 'the object came without a body', { where: call.where });
    const out = createWriteStream(to);
    await pipeline(body, out);
    if (length !== undefined && out.bytesWritten !== length)
      throw new BursarError('unavailable', `${out.bytesWritten} of ${length} bytes came`, {
        where: call.where,
        hint: 'The connection was cut. Run it again.',
      });
  });
}
