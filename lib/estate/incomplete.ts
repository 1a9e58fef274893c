import { BursarError, type ErrorCode } from '../platform/errors.ts';
import type { Collected } from './model.ts';

/**
 * What a dataset throws that saw a part of its scope and knows which part it did not see: the part is kept,
 * and coverage says what is missing. A dataset that saw nothing throws a plain BursarError.
 */
export class IncompleteError extends BursarError {
  readonly collected: Collected;

  constructor(
    code: ErrorCode,
    message: string,
    collected: Collected,
    more: { where?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(code, message, more);
    this.collected = collected;
  }
}
