/**
 * Room that a period takes while it is ingested, by the bytes of its files: the files themselves, what they are
 * staged as, and the parts that are written of them.
 */
export const DISK_FACTOR = 3;

/**
 * Why a period is not read here, as a clause for a person; null: it fits.
 * @param bytes of its files
 * @param most bytes of files up to which a period is read where it could be asked elsewhere; null: any that fit
 * @param what else is said of it: ` in 3 files`
 */
export function tooLarge(bytes: number, free: number, most: bigint | null, what = ''): string | null {
  const it = `it is ${size(bytes)}${what}`;
  const needed = bytes * DISK_FACTOR;
  if (needed > free)
    return `${it} and needs ${size(needed)} of disk while it is read; ${size(free)} are free`;
  if (most !== null && bytes > most) return `${it}, more than the ${size(Number(most))} of lake.mostLocal`;
  return null;
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
