import type { SecretRef } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import { readSecret } from './secrets.ts';

/**
 * The API key of a store, without the blanks and the line's end that a file or a form may have added.
 * @throws BursarError (config) where it could not stand in a header; the key is never shown
 */
export async function readApiKey(reference: SecretRef, store: string): Promise<string> {
  const where = `estate.stores.${store}.auth`;
  const key = (await readSecret(reference, where)).trim();
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new BursarError('config', 'the API key is no text of visible ASCII characters', { where });
  return key;
}
