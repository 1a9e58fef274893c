import type { Json } from '../model.ts';

/** How far back runs are read: the window that costs are of. */
export const JOB_DAYS = 30;

/**
 * What every collector of jobs writes into `Resource.attributes`, so that a check reads all of them alike. Times are
 * ISO-8601 UTC.
 */
export interface JobAttributes {
  readonly [key: string]: Json;
  readonly jobName: string;
  readonly createdAt: string | null;
  /** When its work began; null while it waits. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Seconds of each of its instances that are billed; null where the provider does not say (yet). */
  readonly billableSeconds: number | null;
  readonly instanceCount: number | null;
  /** After how many seconds the provider stops it; null without a limit. */
  readonly maxRuntimeSeconds: number | null;
  /** The provider's reason for its end: `MaxRuntimeExceeded`; null where it gives none. */
  readonly endReason: string | null;
  readonly failureReason: string | null;
}

/** The first instant of the window of jobs. */
export function jobsSince(now: Date): Date {
  return new Date(now.getTime() - JOB_DAYS * 86_400_000);
}
