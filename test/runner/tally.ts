/** What came of a part of the tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for everything that was not run, with the reason. */
  readonly reasons: readonly string[];
  /** Names of what failed. */
  readonly failures: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, reasons: [], failures: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    reasons: [...a.reasons, ...b.reasons],
    failures: [...a.failures, ...b.failures],
  };
}

/** The closing lines: what failed, what was skipped and why, and last `N passed, N failed[, N skipped]`. */
export function closing(total: Tally, { isCi, took }: { isCi: boolean; took: string }): string[] {
  const lines = [''];
  for (const failure of total.failures) lines.push(`failed: ${failure}`);
  for (const reason of total.reasons)
    lines.push(`${isCi ? 'not run (a failure in CI)' : 'skipped'}: ${reason}`);
  if (total.passed + total.failed === 0) lines.push('no test ran');
  lines.push(`took ${took}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  lines.push(`${total.passed} passed, ${failedOf(total, isCi)} failed${skipped}`);
  return lines;
}

/** 0 only where tests ran, none failed, and, under CI, none was skipped. */
export function exitCode(total: Tally, isCi: boolean): 0 | 1 {
  return total.passed > 0 && failedOf(total, isCi) === 0 ? 0 : 1;
}

/** Under CI everything that is there to be run must run: each reason for a skip counts as one failure. */
function failedOf(total: Tally, isCi: boolean): number {
  return total.failed + (isCi ? Math.max(total.reasons.length, Math.min(total.skipped, 1)) : 0);
}
