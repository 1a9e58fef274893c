import { BursarError } from '../../platform/errors.ts';

/** What one run asks for: whole billing periods up to yesterday. */
export interface BillingWindow {
  /** First day, `YYYY-MM-DD` UTC, always the first of a month. */
  readonly start: string;
  /** The day after the last one: Cost Explorer's `End` is exclusive. */
  readonly end: string;
  /** Billing periods `YYYY-MM` that lie in it, oldest first; the last may be unfinished. */
  readonly periods: readonly string[];
}

/**
 * "The Cost Explorer API can access up to 13 months of historical data and data for the current month" (AWS
 * Cost Management user guide, "Best practices for the AWS Cost Explorer API").
 */
export const MOST_PERIODS = 14;

const DAY = 24 * 60 * 60 * 1000;

/**
 * The last `months` billing periods, the one that holds yesterday being the last of them. A source replaces
 * whole billing periods, so the window starts on the first of a month. It ends at the midnight (UTC) before
 * `now`: the running day is left out, since it would show a fall of cost that is none (billing data "is
 * updated up to three times daily", same guide). On the first of a month the month that just began has no whole
 * day yet and is left for tomorrow; `Start` would equal `End`, which the API refuses.
 */
export function billingWindow(now: Date, months: number): BillingWindow {
  if (!Number.isInteger(months) || months < 1 || months > MOST_PERIODS)
    throw new BursarError(
      'config',
      `months is ${months}; Cost Explorer can be asked for 1 to ${MOST_PERIODS} billing periods`,
      { hint: `Use a whole number from 1 to ${MOST_PERIODS}.` },
    );
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const last = new Date(end - DAY);
  const first = Array.from({ length: months }, (_, index) =>
    Date.UTC(last.getUTCFullYear(), last.getUTCMonth() - (months - 1) + index, 1),
  );
  const periods = first.map((time) => isoDay(time).slice(0, 7));
  return { start: isoDay(first[0] ?? end), end: isoDay(end), periods };
}

/** The day after `day`, both `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return isoDay(Date.parse(`${day}T00:00:00Z`) + DAY);
}

/** Start of the billing period that holds `day`, and of the next one: AWS bills calendar months in UTC. */
export function billingPeriodOf(day: string): { start: string; end: string } {
  const year = Number(day.slice(0, 4));
  const month = Number(day.slice(5, 7));
  return { start: `${day.slice(0, 7)}-01`, end: isoDay(Date.UTC(year, month, 1)) };
}

/** `YYYY-MM-DD` of a time, UTC. */
export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
