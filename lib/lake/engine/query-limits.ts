import { BursarError } from '../../platform/errors.ts';
import type { QueryLimits } from '../model.ts';

/** What is said of a query of a user's own that ended at a limit, wherever that was noticed. */
export function tooSlow({ seconds }: QueryLimits, cause?: Error): BursarError {
  return new BursarError('input', `the query took more than ${seconds} seconds and was stopped`, {
    hint: 'Narrow it to fewer days or columns.',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function tooLarge({ memoryMiB }: QueryLimits, cause?: Error): BursarError {
  return new BursarError('input', `the query needs more than ${memoryMiB} MiB of memory`, {
    hint: 'Group it more coarsely, or narrow it to fewer days.',
    ...(cause === undefined ? {} : { cause }),
  });
}
