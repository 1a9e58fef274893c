import { createHash } from 'node:crypto';

/** Of an object's key S3 takes 1,024 bytes (Amazon S3 user guide, "Naming Amazon S3 objects"); this is a part of one. */
const MOST = 120;

/**
 * A name as one part of an address: letters, digits, `-`, `_` and `%XX`, or `hash.` and 32 digits where it cannot be
 * written so or is too long. No name ends its part or is read as `.` or `..`, and no two share one.
 */
export function addressPart(name: string): string {
  // What UTF-8 cannot write (lone halves of surrogate pairs) is told apart by the hash alone.
  const written = encodeURIComponent(name.toWellFormed()).replaceAll(/[.!~*'()]/g, (mark) => percent(mark));
  // Readers of addresses take `%2E%2E` for `..` (WHATWG URL, double-dot URL path segment).
  const isSteps = /^(?:%2E)*$/.test(written);
  if (name.isWellFormed() && !isSteps && written.length <= MOST) return written;
  const digest = createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 32);
  // A full stop is in no part that is written out.
  return `hash.${digest}`;
}

function percent(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
