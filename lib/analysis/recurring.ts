import type { Runaway } from './runaway.ts';
import type { Series } from './series.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Months that are looked back on: one may have failed. */
const MONTHS = 2;
/** Hours by which a run may begin earlier or later: queues, and summer time. */
const BESIDE = 2;
/** What is above usual is as much as before, up to this many times of it. */
const AS_MUCH = 1.5;

/** Hours before the running one in which the same time of a former month may lie: two of the longest, and a week. */
export const MONTHLY_HOURS = (2 * 31 + 7) * 24 + BESIDE;

/**
 * Did as much come at the same time of one of the two months before, as a batch of every month does? The same time is
 * the same day of the month, the same day before its end, the same weekday of it (first Monday, last Friday) or the
 * same working day of it (first, last; Monday to Friday), within two hours, all in UTC. Pure.
 * @param series one value an hour, as far back as they are known
 * @param found what is above usual now
 * @returns when it came before, ISO-8601 UTC; null where it did not, or nothing is known of that time
 */
export function cameBefore({ start, step, values }: Series, found: Runaway): string | null {
  if (step !== HOUR) throw new RangeError('a series of hours');
  const begin = Date.parse(start);
  const [first, last] = [Date.parse(found.first), Date.parse(found.last)];
  const length = Math.round((last - first) / HOUR) + 1;
  const least = found.usual + (found.value - found.usual) / AS_MUCH;
  for (const day of sameDays(first)) {
    const at = Math.round((day + (first % DAY) - begin) / HOUR);
    for (let by = -BESIDE; by <= BESIDE; by += 1)
      if (sumOf(values, at + by, length) >= least) return new Date(begin + (at + by) * HOUR).toISOString();
  }
  return null;
}

/** What is not known counts as nothing: it excuses nothing. */
function sumOf(values: Series['values'], at: number, length: number): number {
  if (at < 0) return 0;
  return values.slice(at, at + length).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Midnights (UTC) of the days of the former months that are like this one, the latest month first. */
function sameDays(at: number): number[] {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const own = daysOf(year, month);
  const place = date.getUTCDate() - 1;
  const today = own[place] ?? at;
  return Array.from({ length: MONTHS }, (_, back) => daysOf(year, month - back - 1)).flatMap((days) => [
    ...new Set(
      [
        ...like(days, own, today),
        ...like(days.filter(onWeekday(today)), own.filter(onWeekday(today)), today),
        ...(isWorkday(today) ? like(days.filter(isWorkday), own.filter(isWorkday), today) : []),
      ].filter((day) => day !== undefined),
    ),
  ]);
}

/** The day that is as many from the first of its month, and the one that is as many from its last. */
function like(days: readonly number[], of: readonly number[], from: number): (number | undefined)[] {
  return [days[of.indexOf(from)], days.toReversed()[of.toReversed().indexOf(from)]];
}

/** Midnight of every day of a month. */
function daysOf(year: number, month: number): number[] {
  const [from, end] = [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  return Array.from({ length: (end - from) / DAY }, (_, at) => from + at * DAY);
}

function onWeekday(day: number): (other: number) => boolean {
  const weekday = new Date(day).getUTCDay();
  return (other) => new Date(other).getUTCDay() === weekday;
}

/** Monday to Friday. */
function isWorkday(day: number): boolean {
  return new Date(day).getUTCDay() % 6 !== 0;
}
