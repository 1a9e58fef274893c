import type { DailySeries } from './content-model.ts';

const DAY = 86_400_000;

type Day = DailySeries['days'][number];

/** Days from the first to the last that has a charge, in their places: one without any is a gap, and not closed up. */
export function eachDay({
  days,
}: Pick<DailySeries, 'days'>): (Omit<Day, 'amount'> & { amount: string | null })[] {
  return days.flatMap((day, at) => {
    const before = days[at - 1];
    const gap =
      before === undefined ? 0 : Math.round((Date.parse(day.day) - Date.parse(before.day)) / DAY) - 1;
    const without = Array.from({ length: gap }, (_, nth) => ({
      day: new Date(Date.parse(day.day) - (gap - nth) * DAY).toISOString().slice(0, 10),
      amount: null,
      inPeriod: false,
    }));
    return [...without, day];
  });
}
