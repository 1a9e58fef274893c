import { assembleDigest } from '../lib/run/assemble/digest.ts';
import type { Published } from '../lib/run/publish.ts';

/** On a schedule: writes the report and posts the digest, once a period. */
export async function handler(): Promise<Published> {
  return (await assembleDigest()).run();
}
