import type { DateInterval } from '@aws-sdk/client-cost-explorer';
import { isoDay } from './window.ts';

/** What AWS has to know of a commitment arrives late: the last two days are left out. */
const LAG_DAYS = 2;
const DAYS = 14;
const DAY = 86_400_000;

/** The two weeks of days that commitments are asked for, half-open. */
export function commitmentWindow(now: Date): DateInterval {
  const end = Math.floor(now.getTime() / DAY) * DAY - LAG_DAYS * DAY;
  return { Start: isoDay(end - DAYS * DAY), End: isoDay(end) };
}

/** An end of a term as Cost Explorer writes it, ISO-8601; null where it tells none, or tells it otherwise. */
export function termEnd(told: string | undefined): string | null {
  return told !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(told) && Number.isFinite(Date.parse(told))
    ? told
    : null;
}
