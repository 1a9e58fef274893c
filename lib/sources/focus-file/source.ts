import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { missingToRead } from '../../focus/versions.ts';
import { lookAtBillFile } from '../../platform/bill-file.ts';
import { plainBytes } from '../../platform/byte-stream.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Delivery, FocusFile, Source } from '../model.ts';
import { fetchS3, s3Address, s3Permissions } from './fetch-s3.ts';
import { type FoundFile, findFiles } from './find-files.ts';

export interface FocusFileOptions {
  readonly id: string;
  /** Files, folders (read recursively), globs and `s3://bucket/prefix`; relative ones to the current folder. */
  readonly paths: readonly string[];
  /** Needed where a path is on S3. */
  readonly s3?: S3Client;
}

/**
 * Bills that lie in FOCUS files, CSV or Parquet, plain or under gzip or Zstandard. What a file is, is told by
 * its content; one that is not FOCUS is named in `skipped`.
 */
export function focusFileSource({ id, paths, s3 }: FocusFileOptions): Source {
  const addresses = paths.map(s3Address).filter((address) => address !== null);
  return {
    id,
    type: 'focus-file',
    permissions: addresses.flatMap(s3Permissions),
    deliver: async ({ workDir, meter, progress }) => {
      const found: FoundFile[] = await findFiles(paths.filter((path) => s3Address(path) === null));
      const skipped: { path: string; reason: string }[] = [];
      for (const [index, address] of addresses.entries()) {
        if (s3 === undefined)
          throw new BursarError('internal', 'a source on S3 was built without an S3 client', {
            where: `s3://${address.bucket}/${address.prefix}`,
          });
        const fetched = await fetchS3(s3, address, join(workDir, `s3-${index}`), { meter, progress });
        found.push(...fetched.files);
        skipped.push(...fetched.skipped);
      }
      const files: FocusFile[] = [];
      for (const [index, file] of found.entries()) {
        progress.step(`looking at ${file.shownAs}`, index, found.length);
        const sorted = await sortOut(file, join(workDir, `unpacked-${index}.parquet`));
        if ('reason' in sorted) skipped.push({ path: file.shownAs, reason: sorted.reason });
        else files.push(sorted);
      }
      if (files.length === 0) throw nothingToRead(paths, skipped);
      return delivery(id, files, skipped);
    },
  };
}

/** A FOCUS file, or why it is none. Parquet under gzip or Zstandard as a whole is unpacked to `unpackTo`. */
async function sortOut(file: FoundFile, unpackTo: string): Promise<FocusFile | { reason: string }> {
  const look = await lookAtBillFile(file.path, file.shownAs);
  if (look.format === 'packed-parquet') {
    await mkdir(join(unpackTo, '..'), { recursive: true });
    await pipeline(Readable.from(plainBytes(file.path, file.shownAs)), createWriteStream(unpackTo));
    return await sortOut({ ...file, path: unpackTo }, unpackTo);
  }
  if (look.format === 'other') return { reason: `not FOCUS: ${look.reason}` };
  const missing = missingToRead(look.names);
  if (missing.length > 0) return { reason: `not FOCUS: it lacks ${missing.join(', ')}` };
  return { ...file, format: look.format };
}

function delivery(id: string, files: readonly FocusFile[], skipped: Delivery['skipped']): Delivery {
  return {
    sourceId: id,
    sourceType: 'focus-file',
    grain: 'resource',
    files,
    periods: [],
    skipped,
    asOf: null,
    coverage: [{ scope: `bill:${id}`, status: 'complete', reason: null, asOf: null }],
  };
}

function nothingToRead(paths: readonly string[], skipped: Delivery['skipped']): BursarError {
  const told = skipped.slice(0, 5).map(({ path, reason }) => `${path}: ${reason}`);
  const more = skipped.length > 5 ? ` and ${skipped.length - 5} more` : '';
  return new BursarError('input', `no FOCUS file is here (${told.join('; ')}${more})`, {
    where: paths.join(', '),
    hint: 'A FOCUS file is CSV or Parquet with BilledCost, EffectiveCost, ChargePeriodStart and BillingCurrency.',
  });
}
