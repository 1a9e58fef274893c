import { longestGap } from '../lib/config/schedule-times.ts';

/** Sweeps that may be missed before somebody is woken; an hour at least. */
const MISSED = 3;
const HOUR_MS = 3_600_000;
/** An alarm looks back a week at most (Amazon CloudWatch API Reference, PutMetricAlarm, EvaluationPeriods). */
const MOST_HOURS = 168;

/**
 * Hours without a sweep that ended well after which it is late. Null where sweeps are so rare that no alarm can tell.
 * @param expression as EventBridge Scheduler takes it
 */
export function sweepLateHours(expression: string, timezone: string): number | null {
  const gap = longestGap(expression, timezone);
  if (gap === null) return null;
  const often = Math.max(1, Math.ceil((gap * MISSED) / HOUR_MS));
  // Of rare sweeps one that is missed is enough.
  const hours = often <= 24 ? often : Math.ceil(gap / HOUR_MS) + 2;
  return hours <= MOST_HOURS ? hours : null;
}
