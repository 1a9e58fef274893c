import { gunzipSync, gzipSync } from 'node:zlib';
import { BursarError } from '../platform/errors.ts';

/** From here on a document is kept compressed, bytes of JSON. */
const PACK_FROM = 64_000;
/** An item holds at most 400 KB, its names included (Amazon DynamoDB Developer Guide, "Quotas"). */
const MOST_BYTES = 390_000;

/**
 * A document's value as attributes of an item: as text, or where it is large compressed. The plan and the
 * coverage of some thousand scopes are beyond what an item holds, and a twentieth of that compressed.
 */
export function packed(
  value: unknown,
  key: string,
  where: string,
): { value: string } | { packed: Uint8Array } {
  const text = JSON.stringify(value ?? null);
  if (Buffer.byteLength(text) < PACK_FROM) return { value: text };
  const bytes = gzipSync(text);
  if (bytes.length > MOST_BYTES)
    throw new BursarError('internal', `document ${key} has ${bytes.length} bytes, more than an item holds`, {
      where,
      hint: 'Look at fewer scopes with one deployment.',
    });
  return { packed: bytes };
}

/** The value that `packed` was given; undefined where the item holds neither form. */
export function unpacked(item: Readonly<Record<string, unknown>>): unknown {
  const { value, packed: bytes } = item;
  if (typeof value === 'string') return JSON.parse(value);
  return bytes instanceof Uint8Array ? JSON.parse(gunzipSync(bytes).toString('utf8')) : undefined;
}
