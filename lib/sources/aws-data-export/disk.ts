import { statfs } from 'node:fs/promises';
import { BursarError } from '../../platform/errors.ts';

/**
 * Room that a period takes while it is ingested, by the bytes of its files: the files themselves, what they are
 * staged as, and the parts that are written of them.
 */
export const DISK_FACTOR = 3;

/** Bytes that are free for us on the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws BursarError `config` where a period does not fit on the disk */
export function mustFit(
  period: string,
  files: { count: number; bytes: number },
  free: number,
  where: string,
): void {
  const needed = files.bytes * DISK_FACTOR;
  if (needed <= free) return;
  throw new BursarError(
    'config',
    `${period} is ${size(files.bytes)} in ${files.count} files and needs ${size(needed)} of disk while it is read; ${size(free)} are free`,
    {
      where,
      hint: 'Have it asked in place with Athena (lake.engine: athena), or give this machine or function a larger disk.',
    },
  );
}

/** `12.3 GiB` */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
