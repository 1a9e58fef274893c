import { BursarError } from '../errors.ts';
import { googleError, googleFailure } from '../google-errors.ts';

export interface ErrorContext {
  readonly call: string;
  readonly permission: string;
  readonly where: string;
  readonly aborted?: boolean;
}

/**
 * Reasons of a job that was made and then failed for a fault that passes; it has to be made again under a new id
 * (BigQuery, "Error messages": jobBackendError, jobInternalError, jobRateLimitExceeded).
 */
const MAKE_AGAIN = new Set(['jobBackendError', 'jobInternalError', 'jobRateLimitExceeded']);

export function mustBeMadeAgain(error: unknown): boolean {
  const cause = error instanceof BursarError ? error.cause : error;
  return googleFailure(cause).reasons.some((reason) => MAKE_AGAIN.has(reason));
}

/** Was the job already there? Then a former attempt to make it got through. */
export function isAlreadyThere(error: unknown): boolean {
  const failure = googleFailure(error instanceof BursarError ? error.cause : error);
  return failure.status === 409 && failure.reasons.includes('duplicate');
}

/** Why a job failed, as its status tells it (REST reference, JobStatus.errorResult). */
export interface ErrorResult {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

const STATUS: Readonly<Record<string, number>> = { accessDenied: 403, notFound: 404, rateLimitExceeded: 403 };

/** The failure of a job as the answer that getQueryResults gives for it. */
export function failureOf({ reason = 'unknown', message = 'the job failed' }: ErrorResult): Error {
  const data = { error: { message, errors: [{ reason, message }] } };
  return Object.assign(new Error(message), { response: { status: STATUS[reason] ?? 400, data } });
}

/** Puts what BigQuery refused into words; what it does not know is thrown on as a defect. */
export function told(error: unknown, context: ErrorContext): unknown {
  if (error instanceof BursarError) return error;
  const { call, permission, where } = context;
  if (context.aborted === true)
    return new BursarError('unavailable', `${call} was stopped before it was answered`, {
      where,
      cause: error,
    });
  const { reasons, message, status } = googleFailure(error);
  if (reasons.includes('bytesBilledLimitExceeded'))
    return new BursarError('input', `the query is over its ceiling of bytes: ${message}`, {
      where,
      hint: 'Raise maximumBytesBilled of the source, or read fewer months.',
      cause: error,
    });
  if (reasons.includes('billingNotEnabled'))
    return new BursarError('denied', `${call}: ${message}`, {
      where,
      hint: 'Enable billing on the project that runs the queries.',
      cause: error,
    });
  if (reasons.includes('invalidQuery'))
    return new BursarError('input', `BigQuery refuses the query: ${message}`, { where, cause: error });
  if (status === 404)
    return new BursarError('input', `${call} found nothing of that name: ${message}`, {
      where,
      hint: 'Check project, dataset, table and location, and that the identity may see them.',
      cause: error,
    });
  return googleError(error, { call, permission, where }) ?? error;
}
