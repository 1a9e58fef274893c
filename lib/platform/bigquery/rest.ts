import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GoogleFailure, googleFailure, isNetwork, isTransient } from '../google-errors.ts';
import type { Meter } from '../meter.ts';
import { told } from './errors.ts';

/** One call of the API: the method's id as the discovery document and the meter name it, and its path. */
export interface Call {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Below `/bigquery/v2/`, already URL-encoded. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What the caller must hold, for the error that says it does not. */
  readonly permission: string;
}

/** What of google-auth-library is needed: `AuthClient` and `GoogleAuth` both are one. */
export interface BigQueryAuth {
  request(options: {
    url: string;
    method: 'GET' | 'POST';
    params?: Record<string, string>;
    data?: object;
    responseType: 'json';
    retry: boolean;
    timeout: number;
    signal?: AbortSignal;
  }): Promise<{ data: unknown }>;
}

export interface RestSettings {
  readonly auth: BigQueryAuth;
  /** Replaces scheme, host and port, for tests and private endpoints. */
  readonly endpoint?: string;
  /** Attempts of one call, the first included. */
  readonly attempts?: number;
  /** Waits between attempts. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** Calls the API; retries what may pass (429, rate limits, 5xx, no answer) and throws BursarError. */
export interface Rest {
  call(call: Call, where: string, meter: Meter, signal?: AbortSignal): Promise<unknown>;
  wait(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
}

const SERVICE = 'https://bigquery.googleapis.com';
const TIMEOUT = 90_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

/** BigQuery says 400 where a table is being changed by a service of Google and can be asked again ("Error messages"). */
const PASSING = new Set(['tableUnavailable', 'backendError', 'internalError']);

export function rest(settings: RestSettings): Rest {
  const { auth, endpoint, attempts = 6 } = settings;
  const wait = (milliseconds: number, signal?: AbortSignal): Promise<unknown> =>
    settings.wait?.(milliseconds) ??
    // Only an abort ends it early: the caller looks at its signal next.
    sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  return {
    wait,
    async call({ id, method, path, params, body, permission }, where, meter, signal) {
      const url = new URL(`/bigquery/v2/${path}`, endpoint ?? SERVICE).href;
      for (let attempt = 1; ; attempt += 1) {
        meter.count(id);
        try {
          const { data } = await auth.request({
            url,
            method,
            responseType: 'json',
            retry: false,
            timeout: TIMEOUT,
            ...(params === undefined ? {} : { params: { ...params } }),
            ...(body === undefined ? {} : { data: body }),
            ...(signal === undefined ? {} : { signal }),
          });
          return data;
        } catch (error) {
          const failure = googleFailure(error);
          if (!passes(error, failure) || attempt >= attempts || signal?.aborted === true)
            throw told(error, { call: id, permission, where, aborted: signal?.aborted === true });
          await wait(pause(attempt, failure.retryAfter), signal);
        }
      }
    },
  };
}

function passes(error: unknown, failure: GoogleFailure): boolean {
  if (isTransient(failure) || failure.reasons.some((reason) => PASSING.has(reason))) return true;
  return failure.status === null && isNetwork(error);
}

/** Milliseconds before the next attempt: what the answer asks for, else exponential with full jitter. */
export function pause(attempt: number, retryAfter: number | null): number {
  if (retryAfter !== null) return Math.min(retryAfter * 1000, LONGEST_WAIT);
  return randomInt(Math.min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)) + 1;
}
