import { createHmac, timingSafeEqual } from 'node:crypto';
import { BursarError } from '../platform/errors.ts';

/** Why a request is not believed. */
export type Refused = 'no-signature' | 'no-timestamp' | 'too-old' | 'in-future' | 'wrong-signature';

/** Seconds that a request's timestamp may lie before or after now (docs.slack.dev, Verifying requests from Slack). */
export const WINDOW_SECONDS = 300;

export interface Signed {
  /** Header X-Slack-Signature. */
  readonly signature: string | undefined;
  /** Header X-Slack-Request-Timestamp. */
  readonly timestamp: string | undefined;
  /** The body as it came, byte for byte. */
  readonly body: Uint8Array;
}

/**
 * A verifier of Slack's signature, version v0: HMAC-SHA256 over `v0:<timestamp>:<body>` (docs.slack.dev, Verifying
 * requests from Slack, read November 2026). Null means that Slack sent it.
 * @param secrets the signing secret, and the former one while it is rotated. An empty one is refused: anybody
 * could sign with it.
 */
export function slackVerifier(secrets: readonly string[]): (signed: Signed, now: Date) => Refused | null {
  if (secrets.length === 0 || secrets.some((secret) => secret.trim() === ''))
    throw new BursarError('config', 'the signing secret of Slack is empty', {
      where: 'slack.signingSecret',
      hint: 'Take it from the app\'s page "Basic Information"; without it no click can be believed.',
    });
  return ({ signature, timestamp, body }, now) => {
    if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'no-signature';
    if (timestamp === undefined || !/^[0-9]{1,12}$/.test(timestamp)) return 'no-timestamp';
    const age = Math.floor(now.getTime() / 1000) - Number(timestamp);
    if (age > WINDOW_SECONDS) return 'too-old';
    if (age < -WINDOW_SECONDS) return 'in-future';
    const given = Buffer.from(signature.slice(3), 'hex');
    // Every secret is tried, so that the time taken tells nothing of which one matched.
    let matches = 0;
    for (const secret of secrets) {
      const wanted = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
      if (given.length === wanted.length && timingSafeEqual(given, wanted)) matches += 1;
    }
    return matches > 0 ? null : 'wrong-signature';
  };
}
