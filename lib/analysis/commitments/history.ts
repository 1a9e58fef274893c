/**
 * Which part of a history says what to commit to, or why none of it does. Steps that are not known are NaN.
 */
import { type ChangePoint, changePoint, median } from './change-point.ts';

/** Days without which nothing is told, and days that are looked at where they are there. */
export const LEAST_DAYS = 30;
export const MOST_DAYS = 90;
/** Share of the steps that must be known. */
const LEAST_KNOWN = 0.9;
/** A last day below this share of what its weekday was: use has stopped. */
const STOPPED = 0.05;

const DAY_MS = 86_400_000;

/** Half-open ranges of steps. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Looked {
  /** All that is looked at. */
  readonly whole: Span;
  /** What a commitment must pay on besides: the last 30 days, and the level before a rise. */
  readonly parts: readonly Span[];
  /** A rise of the last 30 days; null: none. */
  readonly rise: { readonly day: string; readonly change: ChangePoint } | null;
}

/**
 * @param spend from midnight UTC of `start` on, a step each
 * @param start milliseconds since 1970
 */
export function lookedAt(
  spend: Float64Array,
  stepHours: number,
  start: number,
): Looked | { readonly notEnough: string } {
  const perDay = 24 / stepHours;
  let to = spend.length;
  while (to > 0 && Number.isNaN(spend[to - 1])) to--;
  to -= to % perDay;
  const days = Math.min(to / perDay, MOST_DAYS);
  let from = to - days * perDay;
  while (from < to && spend.subarray(from, from + perDay).every((each) => Number.isNaN(each))) from += perDay;
  const held = (to - from) / perDay;
  if (held < LEAST_DAYS)
    return { notEnough: `${held} whole days of spend; a commitment is advised from ${LEAST_DAYS} on.` };
  const known = spend.slice(from, to).filter((each) => !Number.isNaN(each)).length;
  if (known < LEAST_KNOWN * (to - from))
    return {
      notEnough: `${Math.floor((100 * known) / (to - from))}% of the last ${held} days are known; ${LEAST_KNOWN * 100}% are needed.`,
    };
  const daily = Array.from({ length: held }, (_, day) => dayOf(spend, from + day * perDay, perDay));
  const first = daily.findIndex((each) => each > 0);
  if (first < 0) return { notEnough: `Nothing that could be covered was spent in the last ${held} days.` };
  const dayText = (day: number) =>
    new Date(start + (from / perDay + day) * DAY_MS).toISOString().slice(0, 10);
  if (held - first < LEAST_DAYS)
    return {
      notEnough: `Use is new: it began on ${dayText(first)}, ${held - first} days before the last known one; ${LEAST_DAYS} days are needed.`,
    };
  const same = daily.filter((_, day) => day < held - 1 && (held - 1 - day) % 7 === 0);
  if ((daily.at(-1) ?? 0) < STOPPED * median(same))
    return { notEnough: `Use has stopped: next to nothing was spent on ${dayText(held - 1)}.` };
  const change = changePoint(daily);
  const changed = change === null ? held : held - change.at;
  if (change !== null && changed < LEAST_DAYS && change.after < change.before)
    return {
      notEnough: `Use fell on ${dayText(change.at)}, from ${money(change.before)} to ${money(change.after)} a day; what holds is known ${LEAST_DAYS} days later, on ${dayText(change.at + LEAST_DAYS)}.`,
    };
  const month = { from: to - LEAST_DAYS * perDay, to };
  if (change === null) return { whole: { from, to }, parts: [month], rise: null };
  const at = from + change.at * perDay;
  if (changed >= LEAST_DAYS) return { whole: { from: at, to }, parts: [month], rise: null };
  return {
    whole: { from, to },
    parts: [month, { from, to: at }, { from: at, to }],
    rise: { day: dayText(change.at), change },
  };
}

function money(amount: number): string {
  return amount.toFixed(2);
}

/** A day's spend: what is known of it, for the whole day; none known: 0 is no answer, so that of its known days' mean. */
function dayOf(spend: Float64Array, from: number, steps: number): number {
  const known = spend.slice(from, from + steps).filter((each) => !Number.isNaN(each));
  if (known.length === 0) return dayBefore(spend, from, steps);
  return (known.reduce((sum, each) => sum + each, 0) * steps) / known.length;
}

/** The last known day before; the gates leave one. */
function dayBefore(spend: Float64Array, from: number, steps: number): number {
  for (let at = from - steps; at >= 0; at -= steps) {
    const known = spend.slice(at, at + steps).filter((each) => !Number.isNaN(each));
    if (known.length > 0) return (known.reduce((sum, each) => sum + each, 0) * steps) / known.length;
  }
  return 0;
}
