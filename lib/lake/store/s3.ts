import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { awsError } from '../../platform/aws-errors.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Listed, Store } from './model.ts';
import { partCache } from './part-cache.ts';

/** DeleteObjects takes at most 1,000 keys a request (Amazon S3 API reference, DeleteObjects). */
const DELETE_BATCH = 1000;
/** One PutObject holds at most 5 GB (Amazon S3 user guide, "Uploading objects"); a part stays far below. */
const PUT_LIMIT = 5_000_000_000;

export interface S3StoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Without a leading slash; empty for the whole bucket. */
  readonly prefix: string;
  /** Local folder in which fetched parts stay for the next query: parts never change. */
  readonly cacheDir: string;
  /** Bytes of parts that may stay there; left out: `MOST_CACHED_BYTES`. */
  readonly mostCachedBytes?: number;
  /** How long ago a part must have been asked for last to be removed, ms; left out: an hour. */
  readonly restMs?: number;
}

/**
 * A lake in an S3 prefix. Replacement is a conditional PutObject (`If-Match`, `If-None-Match: *`), which S3 decides
 * by itself: a lost race is answered with 412, a race under way with 409 (Amazon S3 user guide, "Conditional
 * writes").
 */
export function s3Store(options: S3StoreOptions): Store {
  const { client, bucket, prefix, cacheDir } = options;
  const cache = partCache(cacheDir, options.mostCachedBytes, options.restMs);
  const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const shownAs = `s3://${bucket}/${root}`;

  async function send<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw told(error, what, shownAs);
    }
  }

  async function* pages(under: string, delimiter?: string) {
    let token: string | undefined;
    do {
      const page = await send(`list ${under}`, () =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: root + under,
            Delimiter: delimiter,
            ContinuationToken: token,
          }),
        ),
      );
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  return {
    shownAs,
    permissions: s3StorePermissions(bucket, root),
    async get(key) {
      try {
        const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: root + key }));
        return {
          body: (await got.Body?.transformToByteArray()) ?? new Uint8Array(),
          version: got.ETag ?? '',
        };
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return null;
        throw told(error, `read ${key}`, shownAs);
      }
    },
    async put(key, body) {
      await send(`write ${key}`, () =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: root + key, Body: body })),
      );
    },
    async putIf(key, body, version) {
      const condition = version === null ? { IfNoneMatch: '*' } : { IfMatch: version };
      const put = await send(`replace ${key}`, () =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: root + key, Body: body, ...condition })),
      );
      return put.ETag ?? '';
    },
    async list(under) {
      const found: Listed[] = [];
      for await (const page of pages(under))
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key !== undefined)
            found.push({
              key: Key.slice(root.length),
              bytes: Size ?? 0,
              modified: LastModified ?? new Date(0),
            });
      return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
    async folders(under) {
      const found: string[] = [];
      for await (const page of pages(under, '/'))
        for (const { Prefix } of page.CommonPrefixes ?? [])
          if (Prefix !== undefined) found.push(Prefix.slice(root.length + under.length, -1));
      return found.toSorted();
    },
    async delete(keys) {
      for (let from = 0; from < keys.length; from += DELETE_BATCH) {
        const Objects = keys.slice(from, from + DELETE_BATCH).map((key) => ({ Key: root + key }));
        const deleted = await send('delete objects', () =>
          client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
        );
        const failed = deleted.Errors?.[0];
        if (failed !== undefined)
          throw new BursarError(
            failed.Code === 'AccessDenied' ? 'denied' : 'unavailable',
            `cannot delete ${failed.Key}: ${failed.Message ?? failed.Code}`,
            { where: shownAs },
          );
      }
    },
    async toLocal(key, bytes) {
      const path = join(cacheDir, ...key.split('/'));
      if (await cache.has(path, bytes)) return path;
      await cache.makeRoom(bytes);
      const near = join(cacheDir, `.${randomUUID()}`);
      await mkdir(dirname(path), { recursive: true });
      try {
        const got = await send(`read ${key}`, () =>
          client.send(new GetObjectCommand({ Bucket: bucket, Key: root + key })),
        );
        if (!(got.Body instanceof Readable))
          throw new BursarError('unavailable', `no content of ${key}`, { where: shownAs });
        await pipeline(got.Body, createWriteStream(near));
        const { size } = await stat(near);
        if (size !== bytes)
          throw new BursarError('unavailable', `${key} has ${size} bytes, expected ${bytes}`, {
            where: shownAs,
          });
        await rename(near, path);
      } finally {
        await rm(near, { force: true });
      }
      return path;
    },
    async fromLocal(path, key) {
      const { size } = await stat(path);
      if (size > PUT_LIMIT)
        throw new BursarError('input', `${key} has ${size} bytes, more than one PutObject takes`, {
          where: shownAs,
        });
      await send(`write ${key}`, () =>
        client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: root + key,
            Body: createReadStream(path),
            ContentLength: size,
          }),
        ),
      );
    },
  };
}

/** What a lake under `s3://bucket/prefix` needs; `prefix` is empty or ends with `/`. */
export function s3StorePermissions(bucket: string, prefix: string): Permission[] {
  const resources = [`arn:aws:s3:::${bucket}/${prefix}*`];
  return [
    ...s3StoreReadPermissions(bucket, prefix),
    { cloud: 'aws', action: 's3:PutObject', resources, why: 'writes bills and snapshots' },
    { cloud: 'aws', action: 's3:DeleteObject', resources, why: 'removes what was replaced' },
  ];
}

/** What asking such a lake needs, without changing it. */
export function s3StoreReadPermissions(bucket: string, prefix: string): Permission[] {
  const resources = [`arn:aws:s3:::${bucket}/${prefix}*`];
  return [
    { cloud: 'aws', action: 's3:GetObject', resources, why: 'reads the lake' },
    {
      cloud: 'aws',
      action: 's3:ListBucket',
      resources: [`arn:aws:s3:::${bucket}`],
      why: 'finds sources, snapshots and what was replaced',
    },
  ];
}

function told(error: unknown, what: string, where: string): unknown {
  // No answer at all, or no credentials to ask with.
  if (!(error instanceof S3ServiceException))
    return awsError(error, { action: `s3: ${what}`, where }) ?? error;
  const status = error.$metadata.httpStatusCode;
  if (status === 412 || status === 409)
    return new BursarError('conflict', `cannot ${what}: changed by another process`, {
      where,
      hint: 'Run the command again.',
      cause: error,
    });
  const message = `cannot ${what}: ${error.name}: ${error.message}`;
  if (status === 403)
    return new BursarError('denied', message, {
      where,
      hint: 'The lake needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket.',
      cause: error,
    });
  if (status === 503 || error.name === 'SlowDown')
    return new BursarError('throttled', message, { where, hint: 'Try again later.', cause: error });
  return new BursarError('unavailable', message, { where, cause: error });
}
