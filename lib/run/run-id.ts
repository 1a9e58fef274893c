import { randomUUID } from 'node:crypto';

/** A run's id: sorts by time, and no two are the same. */
export function newRunId(now: Date): string {
  return `r-${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
}

/** When a run began, by its id; null for a name that is none of `newRunId`. */
export function startOf(runId: string): Date | null {
  const at = runId.replace(/^r-(\d{4})(\d{2})(\d{2}T\d{2})(\d{2})(\d{2})(\d{3}Z)-.*$/, '$1-$2-$3:$4:$5.$6');
  return at === runId ? null : new Date(at);
}
