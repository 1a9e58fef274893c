import { setTimeout as pause } from 'node:timers/promises';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';

/** An answer, or why there is none; `error` is Slack's own word, or ours for a call that failed on the way. */
export type Called<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly error: string; readonly cause: unknown };

export interface Patience {
  /** Milliseconds for all attempts and the waiting between them. */
  readonly budget: number;
  readonly clock: () => Date;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

const PAUSE = 1_000;

/**
 * Calls a method that may be called twice (it reads, or writes the same again): tries 429, 5xx and broken
 * connections again while the budget lasts. Throws what is no failed call, since that is a defect.
 */
export async function patiently<T>(
  call: () => Promise<T>,
  { budget, clock, sleep = pause }: Patience,
): Promise<Called<T>> {
  const deadline = clock().getTime() + budget;
  for (;;) {
    const failed = await once(call);
    if (failed.ok) return failed;
    const wait = failed.wait;
    if (wait === null || clock().getTime() + wait > deadline) return failed;
    await sleep(wait);
  }
}

async function once<T>(
  call: () => Promise<T>,
): Promise<
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly error: string; readonly cause: unknown; readonly wait: number | null }
> {
  try {
    return { ok: true, answer: await call() };
  } catch (cause) {
    if (cause instanceof WebAPIPlatformError) {
      const { error } = cause.data;
      return { ok: false, error, cause, wait: PASSING.has(error) ? PAUSE : null };
    }
    if (cause instanceof WebAPIRateLimitedError)
      return { ok: false, error: 'ratelimited', cause, wait: cause.retryAfter * 1000 };
    if (cause instanceof WebAPIHTTPError)
      return {
        ok: false,
        error: `http_${cause.statusCode}`,
        cause,
        wait: cause.statusCode >= 500 ? PAUSE : null,
      };
    if (cause instanceof WebAPIRequestError)
      return { ok: false, error: 'request_failed', cause, wait: PAUSE };
    throw cause;
  }
}

/** Slack's own errors that pass (docs.slack.dev, common errors of every method). */
const PASSING = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'ratelimited',
]);
