import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Bucket, ObjectFacts } from './bucket.ts';
import type { FoundManifest } from './discover.ts';

/** What a manifest says of one billing period. */
export interface ExportManifest {
  /** `YYYY-MM`. */
  readonly period: string;
  readonly object: ObjectFacts;
  /** Of AWS Data Exports, or of the legacy Cost and Usage Report. */
  readonly made: 'data-exports' | 'legacy';
  /** AWS's own name of this version: execution or assembly id. */
  readonly version: string;
  /** Keys of the data files in the bucket. */
  readonly files: readonly string[];
  /** Changes whenever what the period is made of changes. */
  readonly fingerprint: string;
}

/** Grows where this code makes something else of the same files, so that kept periods are read again. */
const READER = 1;

/** A data file as a URI or a key; some write an object around it. */
const dataFile = z.union([
  z.string(),
  z.object({ s3Uri: z.string() }).transform(({ s3Uri }) => s3Uri),
  z.object({ key: z.string() }).transform(({ key }) => key),
]);
const dataExports = z.object({ executionId: z.string().optional(), dataFiles: z.array(dataFile) });
const legacy = z.object({
  assemblyId: z.string(),
  reportKeys: z.array(z.string()),
  compression: z.string().optional(),
  billingPeriod: z.object({ start: z.string() }).optional(),
});

/** Reads a manifest. @throws BursarError `input` where it is none, or names what cannot be read. */
export async function readManifest(
  bucket: Bucket,
  { period, object }: FoundManifest,
): Promise<ExportManifest> {
  const { text, facts } = await bucket.text(object.key);
  const where = bucket.shown(object.key);
  const value = jsonOf(text, where);
  const modern = dataExports.safeParse(value);
  if (modern.success) {
    const files = modern.data.dataFiles.map((file) => keyOf(file, where));
    return made('data-exports', period, facts, modern.data.executionId ?? '', files, where);
  }
  const old = legacy.safeParse(value);
  if (!old.success)
    throw new BursarError('input', 'this manifest has neither dataFiles nor reportKeys', {
      where,
      hint: 'Deliver the export again, or see that it is one of AWS Billing.',
    });
  const { assemblyId, reportKeys, compression, billingPeriod } = old.data;
  if (compression?.toUpperCase() === 'ZIP')
    throw new BursarError('input', 'the report is compressed as ZIP, which is not read', {
      where,
      hint: 'Set its compression to GZIP or Parquet.',
    });
  // `20260701T000000.000Z`
  const [, year, month] = /^(\d{4})-?(\d{2})/.exec(billingPeriod?.start ?? '') ?? [];
  if (year !== undefined && `${year}-${month}` !== period)
    throw new BursarError(
      'input',
      `the manifest speaks of ${year}-${month} and lies in the folder of ${period}`,
      {
        where,
      },
    );
  return made('legacy', period, facts, assemblyId, reportKeys, where);
}

function made(
  kind: ExportManifest['made'],
  period: string,
  object: ObjectFacts,
  version: string,
  files: readonly string[],
  where: string,
): ExportManifest {
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw new BursarError('input', `the manifest names ${twice} twice, which would count it double`, {
      where,
    });
  const parts = JSON.stringify([READER, object.key, object.etag, version, files]);
  const fingerprint = createHash('sha256').update(parts).digest('hex');
  return { period, object, made: kind, version, files, fingerprint };
}

/**
 * The key of a data file. A manifest in a replica names the bucket that it was copied from: the file lies under
 * the same key here.
 */
function keyOf(file: string, where: string): string {
  const [, key] = /^s3:\/\/[^/]+\/(.+)$/i.exec(file) ?? [];
  if (key !== undefined) return key;
  if (file !== '' && !/^[a-z0-9]+:\/\//i.test(file)) return file;
  throw new BursarError('input', `the manifest names a data file that is no address in S3: ${file}`, {
    where,
  });
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BursarError('input', 'this manifest is no JSON: it is damaged or cut off', { where, cause });
  }
}
