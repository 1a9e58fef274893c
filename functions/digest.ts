import { assembleDigest } from '../lib/run/assemble/digest.ts';

/** On a schedule: writes the report and posts the digest, once a period. */
export async function handler(): Promise<{ id: string; posted: string }> {
  return (await assembleDigest()).run();
}
