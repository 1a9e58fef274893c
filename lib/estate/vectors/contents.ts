import { hashOf } from './keys.ts';

/** Digits of the hash, and after them those that tell its form. */
const HASH = 12;
/** Hexadecimal digits of MD5, SHA-1, SHA-256 and SHA-512. */
const CHECKSUMS = [32, 40, 64, 128];
const HEX = /^[0-9a-f]+$/;

/**
 * What tells contents apart, as 16 hexadecimal digits: 12 of the hash of what is told (an ETag, a checksum), 4 of the
 * form that it has. Quotes and the mark of a weak ETag (RFC 9110, 8.8.3) do not count, nor does the case of
 * hexadecimal digits; an MD5 in base64, as Cloud Storage tells it, is the same as in hexadecimal digits.
 * @param hashed `hashOf` what is told, where it is known already
 */
export function contentTag(told: string, hashed?: string): string {
  // As most stores and sources write them: nothing to be taken off, and the form is the length.
  if (CHECKSUMS.includes(told.length) && HEX.test(told)) return tag(hashed ?? hashOf(told), told.length);
  const plain = plainTag(told);
  return tag(plain === told && hashed !== undefined ? hashed : hashOf(plain), formOf(plain));
}

function tag(hashed: string, form: number): string {
  return hashed.slice(0, HASH) + form.toString(16).padStart(16 - HASH, '0');
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
  return HEX.test(plain) && CHECKSUMS.includes(plain.length) ? plain.length : 0;
}
