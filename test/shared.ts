import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';

/** Where the shared test data lies: beside the project, never inside it. */
const SHARED = join(import.meta.dirname, '..', '..', 'shared', 'data');

/** What the title of a skipped suite says; `npm test` repeats it at its end. */
export const NO_SHARED_DATA = '../shared/data is not there';

export const hasSharedData = existsSync(SHARED);

/** The path of a file or folder of the shared data: `sharedData('slack', 'limits.json')`. */
export function sharedData(...path: string[]): string {
  return join(SHARED, ...path);
}

/** What stands in for a suite whose data is missing: skipped with the reason, under `CI=true` a failure. */
function missing(title: string, _body: () => void): void {
  test.skipIf(process.env['CI'] !== 'true')(`${title}: ${NO_SHARED_DATA}`, () => {
    throw new Error(`${NO_SHARED_DATA}: expected at ${SHARED}`);
  });
}

/**
 * `describe` for tests that read the shared data. Where there is none they are reported as skipped, with the
 * reason; under `CI=true` the absence is a failure. Read files inside the tests, or in the given function.
 */
export const describeWithShared: (title: string, body: () => void) => void = hasSharedData
  ? describe
  : missing;
