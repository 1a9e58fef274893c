import { BursarError, type ErrorCode, SwitchedOffError } from './errors.ts';

/**
 * Error codes by which AWS services say "slow down": those that the SDK itself retries as throttles
 * (@smithy/core retry, THROTTLING_ERROR_CODES).
 */
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/** Codes by which AWS refuses a caller that it knows (EC2 API Reference, "Error codes"; IAM "Common errors"). */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'OptInRequired',
  'UnauthorizedOperation',
  'AuthorizationError',
  'AuthorizationErrorException',
]);

/** What the SDK throws before it calls, where its chain of providers leads to no credentials. */
const ABSENT = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** What the SDK throws before it calls, where neither client, environment nor profile names a region (@smithy/core, config). */
const NO_REGION = 'Region is missing';

/** Codes by which AWS says that the credentials were good once. */
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']);

/** Codes by which AWS says that the credentials themselves are no good. */
const CREDENTIALS = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** What a failed connection is called by Node and by the SDK's HTTP handler. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'NetworkingError',
  'RequestTimeout',
  'TimeoutError',
]);

/**
 * Puts what an AWS SDK call threw into words: what was asked, where, and what to do.
 * @param context `action`: the IAM action of the call (`ec2:DescribeInstances`); `where`: the scope's name.
 * @returns a BursarError of code denied, throttled, credentials or unavailable; null where `error` is no answer
 *   of AWS and no failure of the network: a defect, which the caller throws on as it is.
 */
export function awsError(error: unknown, context: { action: string; where: string }): BursarError | null {
  if (error instanceof BursarError) return error;
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = httpStatus(error);
  const say = (kind: ErrorCode, message: string, hint: string) =>
    new BursarError(kind, message, { where: context.where, hint, cause: error });

  if (DENIED.has(error.name)) {
    const action = deniedAction(error.message) ?? context.action;
    return say(
      'denied',
      `${action} was denied: ${oneLine(error.message)}`,
      deniedAbove(error.message) ?? `Allow ${action} to the role that reads this account (${context.where}).`,
    );
  }
  if (THROTTLED.has(error.name) || status === 429)
    return say(
      'throttled',
      `${context.action} was throttled (${error.name}) and stayed so after every retry`,
      'Look again later, or with fewer scopes at once.',
    );
  if (ABSENT.has(error.name))
    return say(
      'credentials',
      `there are no AWS credentials for ${context.action}: ${oneLine(error.message)}`,
      'Name a profile (AWS_PROFILE), log in (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  if (error.message === NO_REGION)
    return say(
      'config',
      `no region of AWS is named for ${context.action}`,
      "Set AWS_REGION, a profile's region or deploy.region; AWS_DEFAULT_REGION is read by AWS's own command line alone.",
    );
  if (EXPIRED.has(error.name))
    return say(
      'credentials',
      `the AWS credentials have expired (${context.action}: ${error.name})`,
      'Renew them (for example `aws sso login`), see that the clock of this machine is right, and run again.',
    );
  if (CREDENTIALS.has(error.name))
    return say(
      'credentials',
      `${context.action} was refused for its credentials (${error.name}): ${oneLine(error.message)}`,
      'Renew the credentials (for example `aws sso login`), and see that the region is enabled for the account.',
    );
  // Services have endpoints in some regions only, by names that the others do not know (AWS General Reference,
  // "Service endpoints and quotas"). Where the network itself knows no names, no dataset of the scope is read at all.
  if (code === 'ENOTFOUND')
    return new SwitchedOffError(
      'unavailable',
      `${context.action} has no endpoint here (ENOTFOUND): ${oneLine(error.message)}`,
      {
        where: context.where,
        hint: 'The service is not offered in this region, or the network has no name for it.',
        cause: error,
      },
    );
  if (NETWORK.has(code) || NETWORK.has(error.name))
    return say(
      'unavailable',
      `${context.action} got no answer (${code === '' ? error.name : code}): ${oneLine(error.message)}`,
      'See that the network and the endpoint (AWS_ENDPOINT_URL) are right.',
    );
  if (status !== null)
    return say(
      'unavailable',
      `${context.action} failed (${error.name}, HTTP ${status}): ${oneLine(error.message)}`,
      status >= 500 ? 'AWS had a fault: look again later.' : 'AWS did not accept the call as it was made.',
    );
  return null;
}

function httpStatus(error: Error): number | null {
  if (!('$metadata' in error)) return null;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

/** IAM names the action that it refused: `... is not authorized to perform: ec2:DescribeInstances ...`. */
function deniedAction(message: string): string | null {
  return /not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(message)?.[1] ?? null;
}

/**
 * What to do where a policy beside the role's own refused, as IAM says it (IAM User Guide, "Troubleshoot access denied
 * error messages", read November 2026): `with an explicit deny in a service control policy`, `because no permissions
 * boundary allows ...`. To allow it to the role would not help there. Null where it says nothing of the kind.
 */
function deniedAbove(message: string): string | null {
  const denies = /explicit deny in an? ([a-z -]+? policy|permissions boundary)/i.exec(message)?.[1];
  if (denies !== undefined)
    return `The ${denies} denies it, whatever else allows it: have the role that reads excepted there.`;
  const lacks = /because no ([a-z -]+? policy|permissions boundary) allows/i.exec(message)?.[1];
  return lacks === undefined || /^(identity|resource)-based/i.test(lacks)
    ? null
    : `The ${lacks} does not allow it, whatever the role may do: have it added there.`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line === '') return 'no message';
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
