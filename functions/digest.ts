import { assembleDigest } from '../lib/run/assemble/digest.ts';
import type { Published } from '../lib/run/publish.ts';

/**
 * On a schedule: writes the report and posts the digest, once a period. Schedules of `digest.also` send its id:
 * `{ "digest": "leads" }`.
 */
export async function handler(event?: { readonly digest?: unknown }): Promise<Published> {
  const id = event?.digest;
  return (await assembleDigest()).run(typeof id === 'string' ? id : undefined);
}
