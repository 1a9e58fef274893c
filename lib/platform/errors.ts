/** The kinds of failure that a caller can tell apart; each has its exit code on the command line. */
export type ErrorCode =
  | 'config'
  | 'input'
  | 'credentials'
  | 'denied'
  | 'throttled'
  | 'unavailable'
  | 'conflict'
  | 'internal';

/**
 * An error that a person can act on: what was wrong, where, and what to do. Anything else that is thrown is a
 * defect and is shown with its stack.
 */
export class BursarError extends Error {
  override readonly name = 'BursarError';
  readonly code: ErrorCode;
  /** Where: `bursar.yaml:12`, `bills/march.csv row 7`, `aws:111122223333:us-east-1`. */
  readonly where: string | null;
  /** What to do about it, one sentence. */
  readonly hint: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    more: { where?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.where = more.where ?? null;
    this.hint = more.hint ?? null;
  }

  /** 2 for what the caller wrote, 4 for what failed on the way. */
  get exitCode(): 2 | 4 {
    return this.code === 'config' || this.code === 'input' ? 2 : 4;
  }

  /** One paragraph for a terminal or a log. */
  get told(): string {
    return [this.where === null ? this.message : `${this.where}: ${this.message}`, this.hint]
      .filter(Boolean)
      .join('\n  ');
  }
}

/**
 * The service is not there to be asked: its API is not enabled in the project, or it has no endpoint in the region.
 * Whether something of it is left nobody can say, so that it is not covered; it is no fault that someone must mend.
 */
export class SwitchedOffError extends BursarError {}

/** A place does not serve this kind of thing at all, so that none of it can be there. */
export class NotServedError extends SwitchedOffError {}
