import { BursarError } from '../../platform/errors.ts';

/** A billing period: a calendar month in UTC, as far as it has whole days. */
export interface VendorPeriod {
  /** `YYYY-MM` */
  readonly period: string;
  /** Unix seconds, half-open; `end` is at most the midnight before now. */
  readonly start: number;
  readonly end: number;
  /** Its end is so long ago that it is not asked for again once it was read. */
  readonly settled: boolean;
}

/** The most months that may be asked for besides the current one. */
export const MOST_MONTHS = 12;
/**
 * Our own choice, for neither vendor says when a month is final: a closed month is asked again until this long
 * after its end, and once more then. Invoices are out by that time.
 */
export const SETTLED_AFTER_DAYS = 35;
/**
 * Our own choice, too: days younger than this are marked as estimated. Anthropic says that data typically appears
 * within five minutes (Usage and Cost API, "Frequently asked questions", November 2026) and OpenAI says nothing.
 */
export const ESTIMATED_DAYS = 3;

const DAY = 86_400;

/**
 * The last `months` whole billing periods and the one that holds yesterday, oldest first. The running day is left
 * out: it would show a fall of cost that is none.
 */
export function vendorPeriods(now: Date, months: number): VendorPeriod[] {
  if (!Number.isInteger(months) || months < 0 || months > MOST_MONTHS)
    throw new BursarError('config', `months is ${months}`, {
      hint: `Use a whole number from 0 to ${MOST_MONTHS}.`,
    });
  const midnight = lastMidnight(now);
  const last = new Date((midnight - DAY) * 1000);
  return Array.from({ length: months + 1 }, (_, index) => {
    const month = last.getUTCMonth() - months + index;
    const start = Date.UTC(last.getUTCFullYear(), month, 1) / 1000;
    const close = Date.UTC(last.getUTCFullYear(), month + 1, 1) / 1000;
    return {
      period: new Date(start * 1000).toISOString().slice(0, 7),
      start,
      end: Math.min(close, midnight),
      settled: now.getTime() / 1000 >= close + SETTLED_AFTER_DAYS * DAY,
    };
  });
}

/** The first day (`YYYY-MM-DD`) that is still estimated. */
export function estimatedFrom(now: Date): string {
  return new Date((lastMidnight(now) - ESTIMATED_DAYS * DAY) * 1000).toISOString().slice(0, 10);
}

/** Unix seconds as RFC 3339 without fractions. */
export function rfc3339(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function lastMidnight(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()) / 1000;
}
