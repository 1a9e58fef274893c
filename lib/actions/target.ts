import { z } from 'zod';
import type { AwsPlace } from '../estate/aws/session.ts';
import type { Json } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Target } from './model.ts';

/**
 * The last part of a target's ARN: `instance/i-0abc`, `log-group:/app`.
 * @throws BursarError (input) where the target is no ARN, or lies in another account or region than the session:
 *   an action never reaches beyond the place that it was given.
 */
export function localPart(target: Target, session: AwsPlace, service: string): string {
  const [arn, partition, of, region, account, ...rest] = target.resourceId.split(':');
  const part = rest.join(':');
  if (arn !== 'arn' || part === '' || of !== service)
    throw new BursarError('input', `${JSON.stringify(target.resourceId)} is no ARN of ${service}`, {
      hint: 'Findings name AWS resources by their ARN.',
    });
  if (partition !== session.partition || region !== session.region || account !== session.accountId)
    throw new BursarError(
      'input',
      `${target.resourceId} is not in account ${session.accountId}, region ${session.region}`,
      { hint: 'Enter the account and region of the resource.' },
    );
  return part;
}

/** What follows `kind` in a target's ARN; throws as localPart does where the target is another kind of thing. */
export function named(target: Target, session: AwsPlace, service: string, kind: string): string {
  const part = localPart(target, session, service);
  if (!part.startsWith(kind) || part.length === kind.length)
    throw new BursarError('input', `${target.resourceId} is no ${kind.replace(/[:/]$/, '')} of ${service}`, {
      hint: 'Findings name AWS resources by their ARN.',
    });
  return part.slice(kind.length);
}

/**
 * A stored plan, read back.
 * @throws BursarError (conflict) where it is not what this version writes: what cannot be read is not carried out.
 */
export function planOf<S extends z.ZodType>(schema: S, plan: Json, action: string): z.output<S> {
  const read = schema.safeParse(plan);
  if (read.success) return read.data;
  throw new BursarError(
    'conflict',
    `the stored plan of ${action} cannot be read: ${z.prettifyError(read.error)}`,
    {
      hint: 'It was written by another version; nothing was done.',
      cause: read.error,
    },
  );
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
