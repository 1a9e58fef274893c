import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsError } from './aws-errors.ts';
import type { Permission } from './permissions.ts';

/** Where reports are kept for people to open. */
export interface Archive {
  /** Stores a text or bytes under a key and says where it now lies. A later one under the same key replaces it. */
  put(key: string, body: string | Uint8Array, contentType: string): Promise<string>;
}

/** Reports under `s3://bucket/prefix`; `prefix` ends with `/`. */
export function s3Archive(client: S3Client, bucket: string, prefix: string): Archive {
  return {
    async put(key, body, contentType) {
      const where = `s3://${bucket}/${prefix}${key}`;
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${prefix}${key}`,
            Body: body,
            ContentType: contentType,
          }),
        );
      } catch (error) {
        throw awsError(error, { action: 's3:PutObject', where }) ?? error;
      }
      return where;
    },
  };
}

export function archivePermissions(bucket: string, prefix: string): Permission[] {
  return [
    {
      cloud: 'aws',
      action: 's3:PutObject',
      resources: [`arn:aws:s3:::${bucket}/${prefix}*`],
      why: 'keeps the reports',
    },
  ];
}
