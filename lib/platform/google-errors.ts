import { BursarError, type ErrorCode, NotServedError, SwitchedOffError } from './errors.ts';

/** What of a failed call to a Google API tells kinds apart, whichever client threw it. */
export interface GoogleFailure {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** `rateLimitExceeded`, `SERVICE_DISABLED`, `invalid_grant`: the most specific word of the answer. */
  readonly reasons: readonly string[];
  readonly message: string;
  /** Seconds that the answer asks to wait. */
  readonly retryAfter: number | null;
}

/** gRPC status codes that the REST clients of google-gax throw, as HTTP (google/rpc/code.proto). */
const HTTP_OF_GRPC: Readonly<Record<number, number>> = {
  3: 400,
  4: 504,
  5: 404,
  7: 403,
  8: 429,
  9: 400,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};

/**
 * Compute Engine says 403 with `rateLimitExceeded` where other APIs say 429 (Compute Engine documentation, "Rate
 * quotas and system limits").
 */
const RATE_LIMITED = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'RATE_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
]);
const API_DISABLED = new Set(['SERVICE_DISABLED', 'accessNotConfigured']);
/** "The operation is not implemented or is not supported/enabled in this service", HTTP 501 (google/rpc/code.proto). */
const NOT_SERVED = 'UNIMPLEMENTED';
/**
 * Refusals that no right of the identity mends, by their reasons (google/api/error_reason.proto, read November 2026):
 * what is said of them, and what to do.
 */
const REFUSALS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  SECURITY_POLICY_VIOLATED: [
    'was kept out by VPC Service Controls',
    'Let the identity that Bursar uses into the perimeter, by an access level or an ingress rule; the audit log of the perimeter has the id that the message names.',
  ],
  BILLING_DISABLED: [
    'was refused, since billing is disabled for the project',
    'Link the project to an open billing account, or leave it out of the projects that are looked at.',
  ],
  CONSUMER_INVALID: [
    'was refused, since the project does not exist or was deleted',
    'Leave the project out of those that are looked at, or restore it.',
  ],
  CONSUMER_SUSPENDED: [
    'was refused, since the project is suspended',
    'Google says in its console why it is.',
  ],
  GCP_SUSPENDED: ['was refused, since the project is suspended', 'Google says in its console why it is.'],
  USER_PROJECT_DENIED: [
    'may not be charged to its quota project',
    'Grant serviceusage.services.use on the quota project to the identity that Bursar uses, or set another quota project.',
  ],
};
/** Answers of Google's token endpoint to a login that is over (OAuth 2.0, RFC 6749 section 5.2; Google's reauth). */
const SIGN_IN_AGAIN = new Set(['invalid_grant', 'invalid_rapt', 'rapt_required']);

/** What google-auth-library says where it finds no credentials or cannot read the file that should hold them. */
const NO_CREDENTIALS =
  /could not load the default credentials|unable to read the credential file|no such file or directory|is not a file/i;

/** Reads an error of google-auth-library (GaxiosError) or google-gax (GoogleError). */
export function googleFailure(error: unknown): GoogleFailure {
  const response = prop(error, 'response');
  const data = prop(response, 'data');
  const answer = prop(data, 'error');
  const code = number(prop(error, 'code'));
  const status =
    number(prop(response, 'status')) ??
    number(prop(error, 'status')) ??
    (code === null ? null : (HTTP_OF_GRPC[code] ?? (code >= 100 ? code : null)));
  const reasons = [
    answer,
    prop(data, 'error_subtype'),
    ...list(prop(answer, 'errors')).map((item) => prop(item, 'reason')),
    ...list(prop(answer, 'details')).map((item) => prop(item, 'reason')),
    prop(answer, 'status'),
    prop(error, 'reason'),
  ].filter((word): word is string => typeof word === 'string' && word !== '');
  const message = [prop(answer, 'message'), prop(data, 'error_description'), prop(error, 'message')].find(
    (text): text is string => typeof text === 'string' && text !== '',
  );
  const headers = prop(response, 'headers');
  const asked = hasGet(headers) ? headers.get('retry-after') : null;
  // A date is legal too (RFC 9110, Retry-After); Google sends seconds, and a date falls back to our own waits.
  const retryAfter = asked === null ? retryDelay(answer) : Number(asked);
  return {
    status,
    reasons,
    message: oneLine(message ?? String(error)),
    retryAfter: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null,
  };
}

/** What the body asks to wait where no header does: `"retryDelay": "30s"` (google/rpc/error_details.proto, RetryInfo). */
function retryDelay(answer: unknown): number {
  const told = list(prop(answer, 'details')).map((item) => prop(item, 'retryDelay'));
  const text = told.find((value) => typeof value === 'string');
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text ?? '')?.[1];
  return seconds === undefined ? Number.NaN : Number(seconds);
}

/** May the same call succeed a little later? A quota that refills, a server fault, no answer at all. */
export function isTransient(failure: GoogleFailure): boolean {
  if (failure.reasons.some((reason) => SIGN_IN_AGAIN.has(reason))) return false;
  if (isRateLimited(failure) || failure.status === 408) return true;
  if (isNotServed(failure)) return false;
  return failure.status !== null && failure.status >= 500;
}

/**
 * Puts what a Google client threw into words.
 * @param context `call`: the API method; `permission`: the IAM permission it needs; `where`: the scope's name.
 * @returns null where `error` is no answer of Google, no failed sign-in and no failure of the network: a defect.
 */
export function googleError(
  error: unknown,
  context: { call: string; permission: string; where: string },
): BursarError | null {
  if (error instanceof BursarError) return error;
  const failure = googleFailure(error);
  const { status, reasons, message } = failure;
  const { call, permission, where } = context;
  const say = (code: ErrorCode, what: string, hint: string) =>
    new BursarError(code, `${what}: ${message}`, { where, hint, cause: error });

  if (status === null && NO_CREDENTIALS.test(message))
    return say(
      'credentials',
      'no Google credentials',
      'Run `gcloud auth application-default login`, or point GOOGLE_APPLICATION_CREDENTIALS to a credentials file.',
    );
  if (status === 401 || reasons.some((reason) => SIGN_IN_AGAIN.has(reason)))
    return say(
      'credentials',
      `${call} was refused for its credentials`,
      'Sign in again (`gcloud auth application-default login`) or renew the service account key.',
    );
  if (isRateLimited(failure))
    return say(
      'throttled',
      `${call} was throttled and stayed so after every retry`,
      'Look again later, or raise the quota of the project.',
    );
  if (reasons.some((reason) => API_DISABLED.has(reason)))
    return new SwitchedOffError('denied', `${call}: the API is not enabled: ${message}`, {
      where,
      hint: 'Enable the API that the message names, in the project that it names.',
      cause: error,
    });
  if (isNotServed(failure))
    return new NotServedError('unavailable', `${call} is not served there: ${message}`, {
      where,
      hint: 'Nothing of the kind can be in a place that does not serve it.',
      cause: error,
    });
  const refused = reasons.flatMap((reason) => (Object.hasOwn(REFUSALS, reason) ? [REFUSALS[reason]] : []))[0];
  if (refused !== undefined) return say('denied', `${call} ${refused[0]}`, refused[1]);
  if (status === 403)
    return say('denied', `${call} was denied`, `Grant ${permission} to the identity that Bursar uses.`);
  if (status === 404)
    return say(
      'input',
      `${call} found nothing of that name`,
      'Check the id, and that the identity may see it.',
    );
  if (status !== null && status >= 500)
    return say('unavailable', `${call} failed with HTTP ${status}`, 'Google had a fault: look again later.');
  if (status !== null)
    return say(
      'unavailable',
      `${call} failed with HTTP ${status}`,
      'Google did not accept the call as it was made.',
    );
  if (isNetwork(error))
    return say('unavailable', `${call} got no answer`, 'See that the network and the endpoint are right.');
  return null;
}

function isNotServed({ status, reasons }: GoogleFailure): boolean {
  return status === 501 && reasons.includes(NOT_SERVED);
}

function isRateLimited({ status, reasons }: GoogleFailure): boolean {
  return status === 429 || (status === 403 && reasons.some((reason) => RATE_LIMITED.has(reason)));
}

/** What a failed connection is called by Node (errno) and by undici (`UND_ERR_*`). */
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EPIPE|EPROTO|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_[A-Z_]+)$/;

/** Did the call fail below HTTP? The code may lie some causes deep. */
export function isNetwork(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return true;
    const code = prop(at, 'code');
    if (typeof code === 'string' && NETWORK.test(code)) return true;
  }
  return false;
}

function prop(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** gaxios answers with Headers of its own fetch, which are not those of Node. */
function hasGet(value: unknown): value is { get(name: string): string | null } {
  return typeof prop(value, 'get') === 'function';
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function number(value: unknown): number | null {
  const found = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
