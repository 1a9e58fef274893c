import { hashOf } from './keys.ts';

/** Digits of the hash, and after them those that tell its form. */
const HASH = 12;

/**
 * What tells contents apart, as 16 hexadecimal digits: 12 of the hash of what is told (an ETag, a checksum), 4 of the
 * form that it has. Quotes and the mark of a weak ETag (RFC 9110, 8.8.3) do not count, nor does the case of
 * hexadecimal digits; an MD5 in base64, as Cloud Storage tells it, is the same as in hexadecimal digits.
 */
export function contentTag(told: string): string {
  const plain = plainTag(told);
  return (
    hashOf(plain).slice(0, HASH) +
    formOf(plain)
      .toString(16)
      .padStart(16 - HASH, '0')
  );
}

/**
 * Can these two tell of different contents? A SHA-256 says nothing beside an MD5, nor an ETag of an upload in parts
 * beside one in a single piece or in another number of parts: the same content has both (Amazon S3 User Guide,
 * "Checking object integrity", on ETags of multipart uploads).
 */
export function areComparable(one: string, other: string): boolean {
  return one.slice(HASH) === other.slice(HASH);
}

/** Without quotes and `W/`; a checksum in lower-case hexadecimal digits. */
function plainTag(told: string): string {
  const bare = told.trim().replace(/^(?:W\/)?"(.*)"$/s, '$1');
  if (/^[A-Za-z0-9+/]{22}==$/.test(bare)) return Buffer.from(bare, 'base64').toString('hex');
  return /^[0-9a-f]{32,}(?:-\d+)?$/i.test(bare) ? bare.toLowerCase() : bare;
}

/** The most parts of an upload: 10,000 (Amazon S3 User Guide, "Amazon S3 multipart upload limits"). */
const PARTS = 0x8000;

function formOf(plain: string): number {
  const [, parts] = /^[0-9a-f]{32}-(\d{1,5})$/.exec(plain) ?? [];
  if (parts !== undefined) return PARTS | (Number(parts) % PARTS);
  return /^[0-9a-f]+$/.test(plain) && [32, 40, 64, 128].includes(plain.length) ? plain.length : 0;
}
