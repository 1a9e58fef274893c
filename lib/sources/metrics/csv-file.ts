import { readFile } from 'node:fs/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type CsvColumns, dailyCsv } from './csv.ts';
import type { MetricSource } from './model.ts';

/** A file of this size has a row a day for tens of thousands of years. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A CSV file on this machine. @param path absolute */
export function csvFile(path: string, columns: CsvColumns): MetricSource {
  return {
    shownAs: columns.shownAs,
    permissions: [],
    async read() {
      try {
        return dailyCsv(textOf(await readFile(path), columns.shownAs), columns);
      } catch (cause) {
        if (cause instanceof BursarError) throw cause;
        throw new BursarError(
          'input',
          `cannot read it: ${cause instanceof Error ? cause.message : String(cause)}`,
          { where: columns.shownAs, cause },
        );
      }
    },
  };
}

/** What reading it needs. */
export function csvObjectPermissions({ bucket, key }: CsvAddress): Permission[] {
  return [
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: [`arn:aws:s3:::${bucket}/${key}`],
      why: 'reads the business metric of a unit',
    },
  ];
}

/** Where a file lies in S3. */
interface CsvAddress {
  readonly bucket: string;
  readonly key: string;
}

/** A CSV file in S3. */
export function csvObject(client: S3Client, { bucket, key }: CsvAddress, columns: CsvColumns): MetricSource {
  return {
    shownAs: columns.shownAs,
    permissions: csvObjectPermissions({ bucket, key }),
    async read(_span, meter) {
      const where = columns.shownAs;
      const bytes = await awsCall({ action: 's3:GetObject', where, meter }, async () => {
        const { Body: body, ContentLength: length = 0 } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key }),
        );
        if (length > MOST_BYTES)
          throw new BursarError('input', `${length} bytes are no file with a row a day`, { where });
        if (body === undefined)
          throw new BursarError('unavailable', 'the object came without a body', { where });
        return await body.transformToByteArray();
      });
      return dailyCsv(textOf(bytes, where), columns);
    },
  };
}

function textOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new BursarError('input', 'it is no UTF-8 text', { where, cause });
  }
}
