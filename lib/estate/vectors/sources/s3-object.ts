import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsCall } from '../../../platform/aws-call.ts';
import { type Compression, unpacked } from '../../../platform/byte-stream.ts';
import { BursarError } from '../../../platform/errors.ts';
import type { Meter } from '../../../platform/meter.ts';
import type { Permission } from '../../../platform/permissions.ts';

const ACTION = 's3:GetObject';

/** An object by its address. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** Reads `s3://bucket/key`; null where the text is another kind of path. */
export function s3Object(path: string): S3Object | null {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(path) ?? [];
  return bucket === undefined || key === undefined ? null : { bucket, key };
}

/** `*` and `?` are no wildcards in a key, and `${` is none of a policy's variables (IAM User Guide, "Policy variables"). */
export function s3ObjectPermissions({ bucket, key }: S3Object, partition: string): Permission[] {
  return [
    {
      cloud: 'aws',
      action: ACTION,
      resources: [`arn:${partition}:s3:::${bucket}/${key.replaceAll(/[*?$]/g, (mark) => `\${${mark}}`)}`],
      why: 'reads the list of documents that vectors were made of',
    },
  ];
}

/**
 * The plain bytes of an object, packed as its name says (.gz, .zst).
 * @throws BursarError by the call; unavailable where it comes in part
 */
export async function* s3Bytes(
  client: S3Client,
  { bucket, key }: S3Object,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  const where = `s3://${bucket}/${key}`;
  const { Body: body, ContentLength: length } = await awsCall({ action: ACTION, where, meter }, () =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
  );
  if (!(body instanceof Readable))
    throw new BursarError('unavailable', 'the object came without a body', { where });
  const whole = Readable.from(counted(body, length, where), { objectMode: false });
  yield* unpacked(whole, compressionOfName(key), where);
}

async function* counted(
  body: Readable,
  length: number | undefined,
  where: string,
): AsyncGenerator<Uint8Array> {
  let came = 0;
  const cut = (cause?: unknown) =>
    new BursarError('unavailable', `${came} of ${length ?? '?'} bytes came`, {
      where,
      hint: 'The connection was cut. Look again.',
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      came += piece.length;
      yield piece;
    }
  } catch (error) {
    throw cut(error);
  }
  if (length !== undefined && came !== length) throw cut();
}

function compressionOfName(key: string): Compression {
  if (/\.(gz|gzip)$/i.test(key)) return 'gzip';
  return /\.(zst|zstd)$/i.test(key) ? 'zstd' : 'none';
}
