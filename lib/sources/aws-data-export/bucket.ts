import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { awsCall } from '../../platform/aws-call.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';

/** What lies under a key, as a listing or a HEAD says. */
export interface ObjectFacts {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** A listing of one level: folders with their `/` at the end, and objects. */
export interface Level {
  readonly folders: readonly string[];
  readonly objects: readonly ObjectFacts[];
}

/** The object was another one when the next of its bytes were asked for. */
export class Replaced extends Error {
  override readonly name = 'Replaced';
}

/**
 * One bucket as the exports need it. Every call names the owner that the config expects, so that a bucket of
 * somebody else's under the same name is refused (S3 API Reference, GetObject, ExpectedBucketOwner: else 403).
 */
export interface Bucket {
  readonly name: string;
  /** `s3://bucket/key`. */
  shown(key: string): string;
  level(prefix: string): Promise<Level>;
  /** Every object whose key begins so. */
  below(prefix: string): Promise<ObjectFacts[]>;
  /** @throws BursarError `input` where there is no such object; denied and the rest with AWS's own reason. */
  facts(key: string): Promise<ObjectFacts>;
  /** The whole text of a small object, and its facts. */
  text(key: string): Promise<{ text: string; facts: ObjectFacts }>;
  /** Opens bytes `first` to `last` (inclusive) of the object with this ETag. @throws Replaced where it has another. */
  range(
    object: ObjectFacts,
    first: number,
    last: number,
    signal: AbortSignal,
  ): Promise<GetObjectCommandOutput>;
}

/** A manifest names its columns and files: some hundred kilobytes. What is larger is none. */
const MANIFEST_BYTES = 32 * 1024 * 1024;

export interface BucketSettings {
  readonly client: S3Client;
  readonly name: string;
  /** 12 digits of the account that owns it; left out: whoever owns it. */
  readonly owner?: string;
  /** What to do where a right is missing. */
  readonly hint: string;
}

export function bucket({ client, name, owner, hint }: BucketSettings, meter: Meter): Bucket {
  const shown = (key: string) => `s3://${name}/${key}`;
  const expected = owner === undefined ? {} : { ExpectedBucketOwner: owner };
  const call = async <T>(action: string, where: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await awsCall({ action, where, meter }, send);
    } catch (error) {
      throw withHint(error, hint);
    }
  };

  async function* pages(prefix: string, delimiter?: string) {
    let token: string | undefined;
    do {
      const asked = token;
      const page = await call('s3:ListBucket', `s3://${name}`, () =>
        client.send(
          new ListObjectsV2Command({
            Bucket: name,
            Prefix: prefix,
            ContinuationToken: asked,
            ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
            ...expected,
          }),
        ),
      );
      yield page;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      if (token !== undefined && token === asked)
        throw new BursarError('unavailable', 's3:ListBucket gave the same page twice and would never end', {
          where: shown(prefix),
        });
    } while (token !== undefined);
  }

  const get = (key: string, more: { Range?: string; IfMatch?: string }, signal?: AbortSignal) =>
    call('s3:GetObject', shown(key), async () => {
      try {
        const command = new GetObjectCommand({ Bucket: name, Key: key, ...more, ...expected });
        return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      } catch (error) {
        throw missing(error, shown(key)) ?? error;
      }
    });

  return {
    name,
    shown,
    async level(prefix) {
      const folders: string[] = [];
      const objects: ObjectFacts[] = [];
      for await (const page of pages(prefix, '/')) {
        folders.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []));
        objects.push(...(page.Contents ?? []).flatMap(listed));
      }
      return { folders, objects };
    },
    async below(prefix) {
      const objects: ObjectFacts[] = [];
      for await (const page of pages(prefix)) objects.push(...(page.Contents ?? []).flatMap(listed));
      return objects;
    },
    async facts(key) {
      try {
        const head = await awsCall({ action: 's3:GetObject', where: shown(key), meter }, () =>
          client.send(new HeadObjectCommand({ Bucket: name, Key: key, ...expected })),
        );
        return factsOf(key, head.ContentLength, head.ETag, head.LastModified, shown(key));
      } catch (error) {
        // An answer to HEAD has no body, and so no reason; GET of one byte says it.
        if (!(error instanceof BursarError) || error.cause === undefined) throw error;
        const opened = await get(key, { Range: 'bytes=0-0' });
        destroy(opened);
        throw error;
      }
    },
    async text(key) {
      const answer = await get(key, {});
      const facts = factsOf(key, answer.ContentLength, answer.ETag, answer.LastModified, shown(key));
      if (facts.bytes > MANIFEST_BYTES) {
        destroy(answer);
        throw new BursarError('input', `a manifest of ${facts.bytes} bytes is none`, { where: shown(key) });
      }
      const text = await answer.Body?.transformToString().catch((error: unknown) => {
        throw awsError(error, { action: 's3:GetObject', where: shown(key) }) ?? error;
      });
      return { text: text ?? '', facts };
    },
    async range({ key, etag }, first, last, signal) {
      const answer = await get(key, { Range: `bytes=${first}-${last}`, IfMatch: etag }, signal);
      if (answer.ETag === etag) return answer;
      destroy(answer);
      throw new Replaced(shown(key));
    },
  };
}

function listed(object: {
  Key?: string | undefined;
  Size?: number | undefined;
  ETag?: string | undefined;
  LastModified?: Date | undefined;
}): ObjectFacts[] {
  const { Key: key, Size: bytes = 0, ETag: etag = '', LastModified: modified = new Date(0) } = object;
  return key === undefined || key.endsWith('/') ? [] : [{ key, bytes, etag, modified }];
}

function factsOf(
  key: string,
  bytes: number | undefined,
  etag: string | undefined,
  modified: Date | undefined,
  where: string,
): ObjectFacts {
  if (bytes === undefined || etag === undefined || modified === undefined)
    throw new BursarError('unavailable', 'S3 told neither length nor ETag of this object', { where });
  return { key, bytes, etag, modified };
}

function missing(error: unknown, where: string): Error | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'NoSuchKey')
    return new BursarError('input', 'there is no such object', { where, cause: error });
  return error.name === 'PreconditionFailed' ? new Replaced(where) : null;
}

/** Closes an answer whose body nobody reads, so that its connection is free again. */
function destroy({ Body: body }: GetObjectCommandOutput): void {
  if (body !== undefined && 'destroy' in body && typeof body.destroy === 'function') body.destroy();
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof BursarError) || error.code !== 'denied') return error;
  return new BursarError('denied', error.message, {
    ...(error.where === null ? {} : { where: error.where }),
    hint,
    cause: error.cause,
  });
}
