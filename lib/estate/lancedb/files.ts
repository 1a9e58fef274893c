import { opendir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';

/** One file of the storage that a database lies in. */
export interface StoredFile {
  /** Below the database's folder, with `/`; null where it lies elsewhere in the storage. */
  readonly path: string | null;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number | null;
}

/** What the files of one table take. */
export interface TableFiles {
  readonly bytes: number;
  /** Manifests: one a version that is kept. */
  readonly versions: number;
  /** Milliseconds since 1970 of the newest manifest; null where there is none. */
  readonly written: number | null;
}

/** The files of a database, by table. */
export interface Files {
  /** By the name of the table's folder without `.lance`. */
  readonly tables: ReadonlyMap<string, TableFiles>;
  /** Of everything that the bill of the storage is for, this database or not. */
  readonly bytes: number;
}

/** Adds up files; null where there are more than `most`, so that nothing of it could be told for certain. */
export async function filesOf(files: AsyncIterable<StoredFile>, most: number): Promise<Files | null> {
  const tables = new Map<string, { bytes: number; versions: number; written: number | null }>();
  let bytes = 0;
  let seen = 0;
  for await (const { path, bytes: size, modified } of files) {
    seen += 1;
    if (seen > most) return null;
    bytes += size;
    const [folder = '', below] = path?.split('/') ?? [];
    if (!folder.endsWith('.lance')) continue;
    const name = folder.slice(0, -'.lance'.length);
    let table = tables.get(name);
    if (table === undefined) tables.set(name, (table = { bytes: 0, versions: 0, written: null }));
    table.bytes += size;
    if (below !== '_versions' || path?.endsWith('.manifest') !== true) continue;
    table.versions += 1;
    if (modified !== null) table.written = Math.max(table.written ?? modified, modified);
  }
  return { tables, bytes };
}

/** The files of a folder on this machine. */
export async function* localFiles(folder: string): AsyncGenerator<StoredFile> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const found = await stat(file).catch((error: unknown) => {
      // A file that was removed meanwhile takes nothing.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) continue;
    yield {
      path: relative(folder, file).split(sep).join('/'),
      bytes: found.size,
      modified: Math.round(found.mtimeMs),
    };
  }
}

/** $0.005 per 1,000 LIST requests (Amazon S3 pricing, US East (N. Virginia), "Requests & data retrievals"; read November 2026). */
const USD = '0.000005';

/**
 * The objects of a bucket, all of them: what the bill charges is the bucket, whatever lies in it beside the database.
 * It does not see former versions of objects and parts of uploads that were never completed, which are billed too.
 */
export async function* s3Files(
  client: S3Client,
  bucket: string,
  prefix: string,
  where: string,
  meter: Meter,
): AsyncGenerator<StoredFile> {
  const inside = prefix === '' ? '' : `${prefix}/`;
  const pages = awsPages({ action: 's3:ListBucket', where, meter, usd: USD }, async (token) => {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    return { objects: page.Contents ?? [], NextToken: page.NextContinuationToken };
  });
  for await (const { objects } of pages)
    for (const { Key: key = '', Size: bytes = 0, LastModified: modified } of objects)
      yield {
        path: key.startsWith(inside) ? key.slice(inside.length) : null,
        bytes,
        modified: modified?.getTime() ?? null,
      };
}
