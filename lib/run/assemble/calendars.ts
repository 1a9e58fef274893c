import { quietHours } from '../../config/schedule.ts';
import type { Config } from '../../config/schema.ts';
import type { WorkCalendar } from '../../ledger/calendar.ts';
import { publicHolidays } from '../../platform/holidays.ts';
import { knownZone } from '../../platform/zone.ts';

/** The calendars that must all allow a stop: the person's, then the organisation's with its quiet hours. */
export function calendarsOf({
  organisation,
  guards,
}: Pick<Config, 'organisation' | 'guards'>): (timezone: string, now: Date) => readonly WorkCalendar[] {
  const quiet = guards.quietHours === undefined ? null : quietHours(guards.quietHours);
  const { weekends } = guards;
  return (timezone, now) => {
    const year = now.getUTCFullYear();
    const holidays: ReadonlySet<string> =
      organisation.holidays === undefined
        ? new Set()
        : publicHolidays(organisation.holidays, [year - 1, year, year + 1]);
    return [
      { timezone: knownZone(timezone), holidays, quiet: null, weekends },
      { timezone: organisation.timezone, holidays, quiet, weekends },
    ];
  };
}
