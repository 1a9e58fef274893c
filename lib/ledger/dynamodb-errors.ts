import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BursarError } from '../platform/errors.ts';

/** Names of errors as the service sends them (Amazon DynamoDB API Reference, "Common Errors", "PutItem"). */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'Throttling',
]);
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** One code a put of a cancelled transaction, `None` where that put was not at fault; null: another error. */
export function cancellation(error: unknown): string[] | null {
  if (!(error instanceof TransactionCanceledException)) return null;
  return (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
}

/** What a person can do about an error of DynamoDB; a defect stays as it is. */
export function told(error: unknown, table: string): unknown {
  if (error instanceof BursarError || !(error instanceof Error)) return error;
  const codes = [error.name, ...(cancellation(error) ?? [])];
  const more = { where: `DynamoDB table ${table}`, cause: error };
  if (codes.some((code) => THROTTLED.has(code)))
    return new BursarError('throttled', `requests were throttled, after retries: ${error.message}`, {
      ...more,
      hint: 'Run again; where it stays, raise the capacity of the table or use on-demand capacity.',
    });
  if (codes.includes('ResourceNotFoundException'))
    return new BursarError('unavailable', 'the table does not exist in this account and region', {
      ...more,
      hint: 'Deploy the stack first, or check the region and the table name.',
    });
  if (codes.includes('AccessDeniedException'))
    return new BursarError('denied', error.message, {
      ...more,
      hint: 'The role needs dynamodb:GetItem, Query and PutItem on this table.',
    });
  if (codes.some((code) => CREDENTIALS.has(code)))
    return new BursarError('credentials', error.message, {
      ...more,
      hint: 'Sign in again, or check the credentials of this process.',
    });
  // A body that is no JSON comes from something in between, not from the service.
  if ('code' in error || error.name === 'TimeoutError' || error instanceof SyntaxError)
    return new BursarError('unavailable', `DynamoDB cannot be reached: ${error.message}`, {
      ...more,
      hint: 'Check the network and the endpoint.',
    });
  return error;
}
