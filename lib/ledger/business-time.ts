import { Temporal } from 'temporal-polyfill';
import type { Duration } from '../platform/duration.ts';
import type { WorkCalendar } from './calendar.ts';

/** More days than this without one on which something may be stopped: the calendar is at fault. */
const MOST_DAYS = 400;
const FRIDAY = 5;
const NOON = 12;

/**
 * The end of a grace: the first moment, not before `grace` has passed, at which a stop may fall.
 *
 * Business days count from the moment itself; from a day that is none they count from the start of the next
 * one. Two business days from Wednesday 15:00 end on Friday 15:00, and the stop falls on Monday, since nothing
 * is stopped on a Friday from 12:00 on. The clock of the person's zone is kept over a change to summer time.
 * @param from ISO-8601 UTC
 * @returns ISO-8601 UTC with milliseconds
 * @throws RangeError where the calendar has no day on which anything may be stopped
 */
export function endOfGrace(from: string, grace: Duration, calendar: WorkCalendar): string {
  const start = zoned(from, calendar);
  const end =
    'minutes' in grace
      ? start.add({ minutes: grace.minutes })
      : afterBusinessDays(start, grace.businessDays, calendar);
  return text(allowedFrom(end, calendar));
}

/**
 * The first moment from `from` on at which a stop may fall.
 * @throws RangeError as `endOfGrace`
 */
export function nextStopTime(from: string, calendar: WorkCalendar): string {
  return text(allowedFrom(zoned(from, calendar), calendar));
}

/** Why nothing may be stopped at a moment, in words; null where it may. */
export function whyNoStop(at: string, calendar: WorkCalendar): string | null {
  return obstacle(zoned(at, calendar), calendar)?.why ?? null;
}

const OPENS = '09:00';
const CLOSES = '17:00';

/**
 * The moment at which so many business hours have passed: Monday to Friday from 9:00 to 17:00 in the calendar's zone,
 * public holidays left out.
 * @param from ISO-8601 UTC
 * @returns ISO-8601 UTC with milliseconds
 */
export function afterBusinessHours(
  from: string,
  hours: number,
  calendar: Pick<WorkCalendar, 'timezone' | 'holidays'>,
): string {
  let at = zoned(from, calendar);
  let left = hours * 3_600_000;
  for (;;) {
    if (isBusinessDay(at, calendar)) {
      const opens = at.withPlainTime(OPENS);
      const closes = at.withPlainTime(CLOSES);
      if (Temporal.ZonedDateTime.compare(at, opens) < 0) at = opens;
      const room = Math.max(0, at.until(closes).total('milliseconds'));
      if (left <= room) return text(at.add({ milliseconds: left }));
      left -= room;
    }
    at = nextBusinessDay(at, calendar).withPlainTime(OPENS);
  }
}

function zoned(at: string, { timezone }: Pick<WorkCalendar, 'timezone'>): Temporal.ZonedDateTime {
  return Temporal.Instant.from(at).toZonedDateTimeISO(timezone);
}

function text(at: Temporal.ZonedDateTime): string {
  return at.toInstant().toString({ smallestUnit: 'millisecond' });
}

function afterBusinessDays(
  start: Temporal.ZonedDateTime,
  count: number,
  calendar: WorkCalendar,
): Temporal.ZonedDateTime {
  let at = isBusinessDay(start, calendar) ? start : nextBusinessDay(start, calendar).startOfDay();
  for (let left = count; left > 0; left -= 1) at = nextBusinessDay(at, calendar);
  return at;
}

/** The same time of day on the next business day. */
function nextBusinessDay(
  from: Temporal.ZonedDateTime,
  calendar: Pick<WorkCalendar, 'holidays'>,
): Temporal.ZonedDateTime {
  for (let days = 1; days <= MOST_DAYS; days += 1) {
    const at = from.add({ days });
    if (isBusinessDay(at, calendar)) return at;
  }
  throw noDay(from);
}

function isBusinessDay(at: Temporal.ZonedDateTime, { holidays }: Pick<WorkCalendar, 'holidays'>): boolean {
  return at.dayOfWeek <= FRIDAY && !holidays.has(at.toPlainDate().toString());
}

/** What forbids a stop at a moment, and when it is over. */
function obstacle(
  at: Temporal.ZonedDateTime,
  { holidays, quiet, weekends }: WorkCalendar,
): { why: string; until: Temporal.ZonedDateTime } | null {
  const tomorrow = () => at.add({ days: 1 }).startOfDay();
  const date = at.toPlainDate().toString();
  if (holidays.has(date)) return { why: `${date} is a public holiday`, until: tomorrow() };
  if (!weekends) {
    if (at.dayOfWeek > FRIDAY) return { why: 'nothing is stopped on weekends', until: tomorrow() };
    if (at.dayOfWeek === FRIDAY && at.hour >= NOON)
      return { why: 'nothing is stopped on a Friday from 12:00 on', until: tomorrow() };
  }
  return quiet === null ? null : quietUntil(at, quiet);
}

function quietUntil(
  at: Temporal.ZonedDateTime,
  { from, to }: { readonly from: number; readonly to: number },
): { why: string; until: Temporal.ZonedDateTime } | null {
  const minute = at.hour * 60 + at.minute;
  const overnight = to < from;
  if (overnight ? minute < from && minute >= to : minute < from || minute >= to) return null;
  const day = overnight && minute >= from ? at.add({ days: 1 }) : at;
  const time = new Temporal.PlainTime(Math.floor(to / 60), to % 60);
  let until = day.toPlainDate().toZonedDateTime({ timeZone: at.timeZoneId, plainTime: time });
  // Where clocks go back, the end of the quiet hours comes twice: the second one counts if the first is over.
  if (Temporal.ZonedDateTime.compare(until, at) <= 0)
    until = at.add({ hours: 1 }).round({ smallestUnit: 'hour', roundingMode: 'floor' });
  return { why: `quiet hours until ${time.toString({ smallestUnit: 'minute' })}`, until };
}

function allowedFrom(from: Temporal.ZonedDateTime, calendar: WorkCalendar): Temporal.ZonedDateTime {
  let at = from;
  const limit = from.add({ days: MOST_DAYS });
  while (Temporal.ZonedDateTime.compare(at, limit) < 0) {
    const found = obstacle(at, calendar);
    if (found === null) return at;
    at = found.until;
  }
  throw noDay(from);
}

function noDay(from: Temporal.ZonedDateTime): RangeError {
  return new RangeError(
    `within ${MOST_DAYS} days of ${from.toPlainDate().toString()} the calendar has no time for a stop`,
  );
}
