import { Temporal } from 'temporal-polyfill';
import { BursarError } from '../platform/errors.ts';

/** A half-open window of UTC days, ISO-8601. */
export interface Window {
  readonly start: string;
  readonly end: string;
}

const UNITS = { day: 'days', week: 'weeks', month: 'months', quarter: 'months', year: 'years' } as const;

/**
 * The last whole days, weeks (Monday to Sunday), months, quarters or years that are over in the organisation's zone:
 * `3 months`, asked in November, is August to October. Bills count UTC days, so the bounds are those dates at
 * midnight UTC.
 * @throws BursarError where the text is none of these
 */
export function lastWindow(text: string, now: Date, timezone: string): Window {
  const found = /^(\d{1,4})?\s*(day|week|month|quarter|year)s?$/i.exec(text.trim());
  const unit = found?.[2]?.toLowerCase();
  const count = Number(found?.[1] ?? 1);
  if (unit === undefined || !isUnit(unit) || count < 1)
    throw new BursarError('input', `--last ${JSON.stringify(text)} is no span of time`, {
      hint: 'Write a number and days, weeks, months, quarters or years: --last "3 months".',
    });
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  const end = startOf(unit, today);
  const start = end.subtract({ [UNITS[unit]]: unit === 'quarter' ? 3 * count : count });
  return { start: midnight(start), end: midnight(end) };
}

/**
 * The window before another: as many calendar units as it was asked for in (`3 months` before August is May to July).
 * One that was given by its days and begins a month has the same days of the month before; any other, as many days.
 * @param span as `lastWindow` took it; null where the window was given by its days
 */
export function formerWindow(window: Window, span: string | null): Window {
  const start = Temporal.PlainDate.from(window.start.slice(0, 10));
  const end = Temporal.PlainDate.from(window.end.slice(0, 10));
  const found = /^(\d{1,4})?\s*(day|week|month|quarter|year)s?$/i.exec(span?.trim() ?? '');
  const unit = found?.[2]?.toLowerCase();
  const count = Number(found?.[1] ?? 1);
  if (unit !== undefined && isUnit(unit))
    return {
      start: midnight(start.subtract({ [UNITS[unit]]: unit === 'quarter' ? 3 * count : count })),
      end: window.start,
    };
  const length = { days: start.until(end).days };
  const before = start.subtract(start.day === 1 && length.days <= start.daysInMonth ? { months: 1 } : length);
  const after = before.add(length);
  return {
    start: midnight(before),
    end: Temporal.PlainDate.compare(after, start) < 0 ? midnight(after) : window.start,
  };
}

/** The window of two days as a person writes them: from the first to the last, both inclusive. */
export function dayWindow(from: string | undefined, to: string | undefined): Window {
  return {
    start: from === undefined ? ALL_TIME.start : midnight(dayOf('--from', from)),
    end: to === undefined ? ALL_TIME.end : midnight(dayOf('--to', to).add({ days: 1 })),
  };
}

/** Every charge: an ingest takes no earlier and no later ones (`BILL_YEARS` of lib/lake/ingest/value-sql.ts). */
export const ALL_TIME: Window = { start: '1970-01-01T00:00:00.000Z', end: '9999-01-01T00:00:00.000Z' };

function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text);
}

function startOf(unit: keyof typeof UNITS, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 });
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ day: 1, month: date.month - ((date.month - 1) % 3) });
    case 'year':
      return date.with({ day: 1, month: 1 });
  }
}

function dayOf(option: string, text: string): Temporal.PlainDate {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new BursarError('input', `${option} ${JSON.stringify(text)} is not a day`, {
    hint: 'Write it as 2026-11-01.',
  });
}

/** Within `ALL_TIME`: an ISO date beyond four digits of a year is none that every engine reads. */
function midnight(date: Temporal.PlainDate): string {
  if (Temporal.PlainDate.compare(date, ALL_TIME.start.slice(0, 10)) < 0) return ALL_TIME.start;
  if (Temporal.PlainDate.compare(date, ALL_TIME.end.slice(0, 10)) > 0) return ALL_TIME.end;
  return `${date.toString()}T00:00:00.000Z`;
}
