import {
  type WebAPICallResult,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { BursarError, type ErrorCode } from '../platform/errors.ts';

/** What is known after one attempt to post. */
export type Outcome =
  | { readonly kind: 'posted'; readonly channel: string; readonly ts: string }
  | {
      readonly kind: 'refused';
      readonly error: string;
      readonly needed: string | null;
      readonly cause: unknown;
    }
  | { readonly kind: 'limited'; readonly seconds: number; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Slack's own errors after which a part of the call may have been done (docs.slack.dev, chat.postMessage errors). */
const MAYBE_DONE = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);

/** Sorts the answer to chat.postMessage; throws what is neither an answer nor a failed call, since that is a defect. */
export function outcomeOf(attempt: WebAPICallResult | { readonly thrown: unknown }): Outcome {
  if (!('thrown' in attempt)) {
    const channel = 'channel' in attempt ? attempt.channel : null;
    const ts = 'ts' in attempt ? attempt.ts : null;
    return typeof channel === 'string' && typeof ts === 'string'
      ? { kind: 'posted', channel, ts }
      : { kind: 'unknown', cause: new Error('an answer without channel and ts') };
  }
  const cause = attempt.thrown;
  if (cause instanceof WebAPIPlatformError) {
    const { error } = cause.data;
    const needed: unknown = 'needed' in cause.data ? cause.data.needed : null;
    return MAYBE_DONE.has(error)
      ? { kind: 'unknown', cause }
      : { kind: 'refused', error, needed: typeof needed === 'string' ? needed : null, cause };
  }
  if (cause instanceof WebAPIRateLimitedError) return { kind: 'limited', seconds: cause.retryAfter, cause };
  if (cause instanceof WebAPIHTTPError)
    return cause.statusCode >= 500
      ? { kind: 'unknown', cause }
      : { kind: 'refused', error: `http_${cause.statusCode}`, needed: null, cause };
  if (cause instanceof WebAPIRequestError) return { kind: 'unknown', cause };
  throw cause;
}

const REASONS: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  invalid_auth: [
    'credentials',
    'Slack does not know this token',
    'Take the bot token (xoxb-...) from the app\'s page "OAuth & Permissions".',
  ],
  not_authed: [
    'credentials',
    'no Slack token was given',
    'Set the environment variable or secret that `slack.token` names.',
  ],
  account_inactive: [
    'credentials',
    'the Slack app was removed or its workspace closed',
    'Install the app again and put its new token in place.',
  ],
  token_revoked: [
    'credentials',
    'the Slack token was revoked',
    'Install the app again and put its new token in place.',
  ],
  token_expired: [
    'credentials',
    'the Slack token is expired',
    'Install the app again and put its new token in place.',
  ],
  channel_not_found: [
    'config',
    'Slack knows no such channel, or it is private and the app is not in it',
    'Check `slack.channels`; in a private channel say `/invite` and the name of the app.',
  ],
  not_in_channel: [
    'denied',
    'the Slack app is not in this channel',
    'Say `/invite` and the name of the app in the channel.',
  ],
  is_archived: ['config', 'this Slack channel is archived', 'Name another one in `slack.channels`.'],
  restricted_action: [
    'denied',
    'the workspace does not let this app post here',
    'Ask a workspace admin, or name another channel in `slack.channels`.',
  ],
  missing_scope: [
    'denied',
    'the Slack app lacks a scope',
    'Add it on the app\'s page "OAuth & Permissions" and install the app again.',
  ],
};

/** An error of Slack's in words: what is wrong, where, and what to do. */
export function explain(
  error: string,
  channel: string,
  cause: unknown,
  needed: string | null = null,
): BursarError {
  const [code, message, hint] = REASONS[error] ?? [
    'internal',
    `Slack refused the message: ${error}`,
    'Look the error up on docs.slack.dev/reference/methods/chat.postMessage.',
  ];
  return new BursarError(code, needed === null ? message : `${message}: ${needed}`, {
    where: `slack ${channel}`,
    hint,
    cause,
  });
}
