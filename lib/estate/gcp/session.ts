import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BursarError } from '../../platform/errors.ts';
import { googleError, googleFailure, isNetwork, isTransient } from '../../platform/google-errors.ts';
import type { Meter } from '../../platform/meter.ts';

/** One read of a Google REST API. */
export interface GcpRequest {
  /** `compute.instances.aggregatedList`: as the discovery document and the meter name it. */
  readonly call: string;
  /** `https://compute.googleapis.com` */
  readonly service: string;
  /** From the root: `/compute/v1/projects/p/aggregated/instances`, already URL-encoded. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  /** JSON of a read that Google takes as a POST; left out: a GET. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** What the caller must hold, for the error that says it does not. */
  readonly permission: string;
}

/** A way into one project of Google Cloud. */
export interface GcpSession {
  readonly projectId: string;
  /**
   * The answer's JSON. Retries what may pass (429, rate limits, 5xx, no answer) and throws BursarError `denied`,
   * `credentials`, `throttled`, `input` (404) or `unavailable`. Each attempt is counted.
   */
  get(request: GcpRequest, meter: Meter): Promise<unknown>;
}

/** What of google-auth-library is needed: `AuthClient` and `GoogleAuth` both are one. */
export interface GoogleRequester {
  request(options: {
    url: string;
    params?: Record<string, string>;
    method?: 'POST';
    headers?: Record<string, string>;
    data?: string;
    responseType: 'json';
    retry: boolean;
    timeout: number;
    signal?: AbortSignal;
  }): Promise<{ data: unknown }>;
}

export interface GcpSessionSettings {
  readonly projectId: string;
  readonly auth: GoogleRequester;
  /** Replaces scheme, host and port of every service, for tests and private endpoints. */
  readonly endpoint?: string;
  /** Attempts of one call, the first included. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
  /** Waits between attempts. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/**
 * The scope that reading needs. Workbench, TPU and the locations of Vertex AI know no narrower one (their discovery
 * documents, `scopes` of instances.list, nodes.list and locations.list), so what is allowed is decided by the roles
 * of the identity alone.
 */
export const GCP_READ_SCOPES = ['https://www.googleapis.com/auth/cloud-platform'] as const;

const TIMEOUT = 60_000;
const JSON_BODY = { 'content-type': 'application/json' };
const FIRST_WAIT = 500;
/** Rate quotas of Compute Engine refill each minute ("Rate quotas and system limits"): wait up to half of one. */
const LONGEST_WAIT = 30_000;

export function gcpSession(settings: GcpSessionSettings): GcpSession {
  const { projectId, auth, endpoint, attempts = 6, signal, wait = (ms) => sleep(ms) } = settings;
  // Project ids are lower-case letters, digits and hyphens; a domain prefix `example.com:` is legal for old ones.
  if (!/^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(projectId))
    throw new BursarError('input', `${JSON.stringify(projectId)} is no Google Cloud project id`, {
      hint: 'Give the project id (`gcloud projects list`), not its name or number.',
    });
  const where = `gcp:${projectId}`;
  return {
    projectId,
    async get({ call, service, path, params, body, permission }, meter) {
      const url = new URL(path, endpoint ?? service).href;
      for (let attempt = 1; ; attempt += 1) {
        meter.count(call);
        try {
          const { data } = await auth.request({
            url,
            responseType: 'json',
            retry: false,
            timeout: TIMEOUT,
            ...(params === undefined ? {} : { params: { ...params } }),
            ...(body === undefined
              ? {}
              : { method: 'POST' as const, headers: JSON_BODY, data: JSON.stringify(body) }),
            ...(signal === undefined ? {} : { signal }),
          });
          return data;
        } catch (error) {
          const failure = googleFailure(error);
          const again = isTransient(failure) || (failure.status === null && isNetwork(error));
          if (!again || attempt >= attempts || signal?.aborted === true)
            throw googleError(error, { call, permission, where }) ?? error;
          await wait(pause(attempt, failure.retryAfter));
        }
      }
    },
  };
}

/** Milliseconds before the next attempt: what the answer asks for, else exponential with full jitter. */
function pause(attempt: number, retryAfter: number | null): number {
  if (retryAfter !== null) return Math.min(retryAfter * 1000, LONGEST_WAIT);
  return randomInt(Math.min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT));
}
