import Holidays from 'date-holidays';
import { Temporal } from 'temporal-polyfill';
import { BursarError } from './errors.ts';

const kept = new Map<string, ReadonlySet<string>>();

/**
 * Public holidays of a country or region over some years, as `YYYY-MM-DD` of the place (npm date-holidays;
 * type `public` alone: neither bank, school nor optional holidays). A day that only a part of the day belongs to
 * counts as a whole: nothing is lost by stopping a day later.
 * @param code ISO 3166: `DE`, `DE-BY`
 * @throws BursarError (config) where the calendar of the place is not known
 */
export function publicHolidays(code: string, years: readonly number[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const year of years) for (const date of ofYear(code, year)) all.add(date);
  return all;
}

function ofYear(code: string, year: number): ReadonlySet<string> {
  const key = `${code} ${year}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const dates = new Set<string>();
  for (const holiday of calendarOf(code).getHolidays(year)) {
    if (holiday.type !== 'public') continue;
    const last = Temporal.PlainDateTime.from(dateTime(holiday.date))
      .add(Temporal.Duration.from({ milliseconds: holiday.end.getTime() - holiday.start.getTime() }))
      .subtract({ seconds: 1 })
      .toPlainDate();
    for (
      let day = Temporal.PlainDate.from(holiday.date.slice(0, 10));
      Temporal.PlainDate.compare(day, last) <= 0;
      day = day.add({ days: 1 })
    )
      dates.add(day.toString());
  }
  kept.set(key, dates);
  return dates;
}

/** `2026-12-25 00:00:00` with an offset behind it in some zones: the local part. */
function dateTime(text: string): string {
  return text.slice(0, 19).replace(' ', 'T');
}

function calendarOf(code: string): Holidays {
  const [country = '', state] = code.split('-');
  const list = new Holidays();
  const states = list.getStates(country);
  const unknown =
    !Object.hasOwn(list.getCountries(), country) ||
    (state !== undefined && !Object.hasOwn(states ?? {}, state));
  if (unknown)
    throw new BursarError('config', `the holidays of ${JSON.stringify(code)} are not known`, {
      where: 'organisation.holidays',
      hint: 'Name a country or one of its regions by ISO 3166, like DE or DE-BY, or leave it out.',
    });
  return state === undefined ? new Holidays(country) : new Holidays(country, state);
}
