import { Temporal } from 'temporal-polyfill';
import type { Interval, PeriodKind } from '../digest/model.ts';

/**
 * The last day, week (Monday to Sunday) or month that is over in the organisation's zone and that the bills
 * cover whole, and the one before it. Bills count UTC days, so the bounds are those dates at midnight UTC.
 * @param dataEnd exclusive end of the bills; null with no bill
 */
export function lastWholePeriod(
  kind: PeriodKind,
  now: Date,
  dataEnd: Date | null,
  timezone: string,
): { period: Interval; former: Interval } {
  const today = dateIn(timezone, now);
  const covered = dataEnd === null ? today : dateIn('UTC', dataEnd);
  const end = startOf(kind, Temporal.PlainDate.compare(today, covered) < 0 ? today : covered);
  const start = end.subtract(one(kind));
  return { period: interval(start, end), former: interval(start.subtract(one(kind)), start) };
}

function dateIn(timezone: string, at: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone).toPlainDate();
}

function startOf(kind: PeriodKind, date: Temporal.PlainDate): Temporal.PlainDate {
  if (kind === 'month') return date.with({ day: 1 });
  return kind === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date;
}

function one(kind: PeriodKind): Temporal.DurationLike {
  if (kind === 'month') return { months: 1 };
  return kind === 'week' ? { weeks: 1 } : { days: 1 };
}

function interval(start: Temporal.PlainDate, end: Temporal.PlainDate): Interval {
  return { start: `${start.toString()}T00:00:00.000Z`, end: `${end.toString()}T00:00:00.000Z` };
}
