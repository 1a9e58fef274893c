import { randomUUID } from 'node:crypto';

/** A run's id: sorts by time, and no two are the same. */
export function newRunId(now: Date): string {
  return `r-${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
}
