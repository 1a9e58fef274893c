import { BursarError } from '../platform/errors.ts';
import type { TaskReport } from './tasks.ts';

/** What one task gave, without what every report has. */
export type Outcome = Pick<TaskReport, 'coverage' | 'ingest' | 'failure'>;

/** What a person can act on becomes coverage; a defect is thrown on, so that it is seen and the task tried again. */
export function failed(error: unknown, scope: string): Outcome {
  if (!(error instanceof BursarError)) throw error;
  return {
    coverage: [{ scope, status: 'failed', reason: error.told, asOf: null }],
    ingest: null,
    failure: { code: error.code, told: error.told },
  };
}
