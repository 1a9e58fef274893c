import {
  type GcpSession,
  type GcpSessionSettings,
  type GoogleRequester,
  gcpSession,
} from '../estate/gcp/session.ts';
import type { Json } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { googleError } from '../platform/google-errors.ts';
import type { Meter } from '../platform/meter.ts';

/** A way into one project of Google Cloud with the rights to act. */
export interface GcpActSession extends GcpSession {
  readonly meter: Meter;
  /**
   * One POST, made once: what comes of it is read back. Throws BursarError as `get` does; a 4xx that is neither a
   * refusal nor a throttle is a `conflict`.
   */
  post(request: GcpPost): Promise<unknown>;
}

export interface GcpPost {
  /** `compute.instances.stop` */
  readonly call: string;
  readonly service: string;
  /** From the root, already URL-encoded. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  /** JSON; left out: none. */
  readonly body?: Readonly<Record<string, Json>>;
  readonly permission: string;
}

/** What of google-auth-library is needed: `AuthClient` and `GoogleAuth` both are one. */
export interface GoogleActor extends GoogleRequester {
  request(options: {
    url: string;
    method?: 'GET' | 'POST';
    params?: Record<string, string>;
    headers?: Record<string, string>;
    data?: string;
    responseType: 'json';
    retry: boolean;
    timeout: number;
    signal?: AbortSignal;
  }): Promise<{ data: unknown }>;
}

/**
 * The one scope that Compute Engine, Workbench, TPU and Vertex AI all know for stopping and starting, and that is not new (their
 * discovery documents, `scopes` of instances.stop). What is allowed is decided by the roles of the service account.
 */
export const GCP_ACT_SCOPES = ['https://www.googleapis.com/auth/cloud-platform'] as const;

const TIMEOUT = 60_000;
const JSON_BODY = { 'content-type': 'application/json' };

export function gcpActSession(
  settings: Omit<GcpSessionSettings, 'auth'> & { readonly auth: GoogleActor },
  meter: Meter,
): GcpActSession {
  const { auth, endpoint, signal } = settings;
  const session = gcpSession(settings);
  const where = `gcp:${session.projectId}`;
  return {
    projectId: session.projectId,
    get: (request, counted) => session.get(request, counted),
    meter,
    async post({ call, service, path, params, body, permission }) {
      meter.count(call);
      try {
        const { data } = await auth.request({
          url: new URL(path, endpoint ?? service).href,
          method: 'POST',
          responseType: 'json',
          retry: false,
          timeout: TIMEOUT,
          ...(params === undefined ? {} : { params: { ...params } }),
          ...(body === undefined ? {} : { headers: { ...JSON_BODY }, data: JSON.stringify(body) }),
          ...(signal === undefined ? {} : { signal }),
        });
        return data;
      } catch (error) {
        const told = googleError(error, { call, permission, where });
        if (told === null) throw error;
        const final = told.code === 'unavailable' && / failed with HTTP 4(?!08)\d\d/.test(told.message);
        throw final || told.code === 'input'
          ? new BursarError('conflict', told.message, {
              where,
              hint: told.hint ?? 'See the message.',
              cause: error,
            })
          : told;
      }
    },
  };
}
