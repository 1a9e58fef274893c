import { Temporal } from 'temporal-polyfill';

const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: DAY_MS };
/** So far back is looked for the last time of a schedule: February 29 comes after eight years at the most. */
const MOST_DAYS = 8 * 366;

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Milliseconds between two starts of `rate(...)`; null for any other expression. */
export function rateOf(expression: string): number | null {
  const [, value = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return value === '' ? null : Number(value) * (UNIT_MS[unit] ?? DAY_MS);
}

/**
 * The last time before or at `now` that a `cron(...)` of EventBridge Scheduler was due, as `scheduleExpression` gives it;
 * null where there was none for years. A time that the change to summer time leaves out is not due, one that comes twice
 * is due once (EventBridge Scheduler User Guide, "Schedule types", "Daylight savings time").
 */
export function lastDue(expression: string, timezone: string, now: Date): Date | null {
  const [last] = backwards(expression, timezone, now.getTime());
  return last === undefined ? null : new Date(last);
}

/** A fixed moment to measure from: the same schedule gives the same answer every day. */
const MEASURED_FROM = Date.parse('2026-02-01T00:00:00Z');
const MEASURED_DAYS = 35;

/**
 * The longest time between two starts, milliseconds, as those of a month show, or the last two of what comes less often;
 * null where there are no two.
 */
export function longestGap(expression: string, timezone: string): number | null {
  const rate = rateOf(expression);
  if (rate !== null) return rate;
  let longest: number | null = null;
  let latest: number | null = null;
  let after: number | null = null;
  for (const at of backwards(expression, timezone, endOfYears(expression) ?? MEASURED_FROM)) {
    if (after !== null) longest = Math.max(longest ?? 0, after - at);
    latest ??= at;
    if (at < latest - MEASURED_DAYS * DAY_MS) return longest;
    after = at;
  }
  return longest;
}

/** When the last year that a `cron(...)` names is over, in UTC, epoch milliseconds; null where it names none. */
export function endOfYears(expression: string): number | null {
  const years = / (\S+)\)$/.exec(expression)?.[1] ?? '*';
  return years === '*' ? null : Date.UTC(Math.max(...numbers(years, 1970, 2199)) + 1, 0, 1);
}

/** Every time that it was due, epoch milliseconds, from the latest on. */
function* backwards(expression: string, timezone: string, until: number): Generator<number> {
  const inner = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (inner === undefined) throw new RangeError(`not a cron expression: ${expression}`);
  const [minutes = '', hours = '', ofMonth = '', months = '', ofWeek = '', years = ''] = inner.split(' ');
  const times = timesOf(hours, minutes);
  const monthsDue = numbers(months, 1, 12, MONTHS, 1);
  const yearsDue = years === '*' ? null : numbers(years, 1970, 2199);
  let day = Temporal.Instant.fromEpochMilliseconds(until).toZonedDateTimeISO(timezone).toPlainDate();
  for (let back = 0; back < MOST_DAYS; back += 1, day = day.subtract({ days: 1 })) {
    if (yearsDue?.has(day.year) === false || !monthsDue.has(day.month)) continue;
    if (ofMonth === '?' ? !weekdayDue(ofWeek, day) : !monthdayDue(ofMonth, day)) continue;
    for (const time of times) {
      const wanted = day.toPlainDateTime(time);
      const at = wanted.toZonedDateTime(timezone);
      const isThere = at.toPlainDateTime().equals(wanted);
      if (isThere && at.epochMilliseconds <= until) yield at.epochMilliseconds;
    }
  }
}

function timesOf(hours: string, minutes: string): Temporal.PlainTime[] {
  return latestFirst(numbers(hours, 0, 23)).flatMap((hour) =>
    latestFirst(numbers(minutes, 0, 59)).map((minute) => Temporal.PlainTime.from({ hour, minute })),
  );
}

function latestFirst(all: ReadonlySet<number>): number[] {
  return [...all].toSorted((a, b) => b - a);
}

/** The numbers that a field means: `*`, `1,3`, `MON-FRI`, `0/15`, `8-18/2`; a range may run over the end. */
function numbers(
  field: string,
  least: number,
  most: number,
  words: readonly string[] = [],
  first = 0,
): Set<number> {
  const found = new Set<number>();
  const numberOf = (text: string) => {
    const word = words.indexOf(text);
    return word === -1 ? Number(text) : word + first;
  };
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range === '*' || range === '' ? [String(least), String(most)] : range.split('-');
    const start = numberOf(from);
    const end = to === undefined ? (step === undefined ? start : most) : numberOf(to);
    const span = end >= start ? end - start : end - start + (most - least + 1);
    for (let ahead = 0; ahead <= span; ahead += Number(step ?? 1))
      found.add(((start - least + ahead) % (most - least + 1)) + least);
  }
  return found;
}

/** `L`, `LW`, `15W`, or numbers. */
function monthdayDue(field: string, day: Temporal.PlainDate): boolean {
  return field.split(',').some((part) => {
    if (part === 'L') return day.day === day.daysInMonth;
    if (part === 'LW') return day.equals(nearestWeekday(day.with({ day: day.daysInMonth })));
    const [, near] = /^(\d{1,2})W$/.exec(part) ?? [];
    if (near !== undefined)
      return Number(near) <= day.daysInMonth && day.equals(nearestWeekday(day.with({ day: Number(near) })));
    return numbers(part, 1, 31).has(day.day);
  });
}

/** Monday to Friday next to a day, within its month. */
function nearestWeekday(day: Temporal.PlainDate): Temporal.PlainDate {
  if (day.dayOfWeek === 6) return day.day === 1 ? day.add({ days: 2 }) : day.subtract({ days: 1 });
  if (day.dayOfWeek === 7)
    return day.day === day.daysInMonth ? day.subtract({ days: 2 }) : day.add({ days: 1 });
  return day;
}

/** `L` (Saturday), `6L`, `FRI#2`, or numbers from 1, Sunday, to 7. */
function weekdayDue(field: string, day: Temporal.PlainDate): boolean {
  const weekday = (day.dayOfWeek % 7) + 1;
  return field.split(',').some((part) => {
    if (part === 'L') return weekday === 7;
    const [, last] = /^([1-7])L$/.exec(part) ?? [];
    if (last !== undefined) return weekday === Number(last) && day.day > day.daysInMonth - 7;
    const [, which = '', nth] = /^([1-7])#([1-5])$/.exec(part) ?? [];
    if (nth !== undefined) return weekday === Number(which) && Math.ceil(day.day / 7) === Number(nth);
    return numbers(part, 1, 7, DAYS, 1).has(weekday);
  });
}
