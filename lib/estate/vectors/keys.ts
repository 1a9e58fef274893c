import { hash } from 'node:crypto';

/** First 64 bits of SHA-256 of a text in UTF-8, as 16 hexadecimal digits. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/**
 * What two spellings of one key have in common: the Unicode form (NFC), what percent-encoding stands for, a plus for a
 * space (so S3 writes keys into its event notifications), and the case. Keys that differ in nothing else may be the
 * same document, and are never told as gone. Composed before it is decoded, too: a decomposed `%1é` begins like an encoding.
 */
export function spelledAlike(key: string): string {
  return decoded(key.normalize('NFC')).replaceAll('+', ' ').normalize('NFC').toLowerCase();
}

/** As it stands where it is no valid percent-encoding of UTF-8. */
export function decoded(key: string): string {
  if (!key.includes('%')) return key;
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
