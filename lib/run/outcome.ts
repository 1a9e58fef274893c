import { BursarError, type ErrorCode } from '../platform/errors.ts';
import type { TaskReport } from './tasks.ts';

/** What one task gave, without what every report has. */
export type Outcome = Pick<TaskReport, 'coverage' | 'ingest' | 'failure'>;

/** Failures that pass by themselves; another try does not help against a missing right or a wrong config. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['throttled', 'unavailable', 'conflict']);

/** Is a failure of this kind worth another try soon? */
export function isPassing(code: ErrorCode): boolean {
  return PASSING.has(code);
}

/** What a person can act on becomes coverage; a defect is thrown on, so that it is seen and the task tried again. */
export function failed(error: unknown, scope: string): Outcome {
  if (!(error instanceof BursarError)) throw error;
  return {
    coverage: [{ scope, status: 'failed', reason: error.told, asOf: null }],
    ingest: null,
    failure: { code: error.code, told: error.told },
  };
}
