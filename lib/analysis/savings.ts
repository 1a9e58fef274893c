import { Decimal, decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';

/** What a resource was billed on one UTC day. */
export interface BilledDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly currency: string;
  /** EffectiveCost of what was not charged for data or requests, decimal text. */
  readonly effective: string;
  /** The part of it that a commitment covered. */
  readonly committed: string;
}

export interface StoppedSpan {
  /** ISO-8601 UTC, half-open; `until` null: it is stopped still. */
  readonly from: string;
  readonly until: string | null;
}

/** What a stop saved by the bill, and how far the bill speaks. */
export interface Realised {
  /** Null: the bill says nothing yet, or never said what the resource cost. */
  readonly saved: Money | null;
  /** Up to when it was counted (ISO-8601 UTC). */
  readonly until: string;
  readonly hoursStopped: number;
  /** Effective cost an hour before the stop, decimal text; null where it is not known. */
  readonly ratePerHour: string | null;
  readonly wentOn: string;
  readonly unusedCommitment: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Whole days before the stop from which the rate is taken. */
const RATE_DAYS = 30;

/**
 * What a stop really saved: hours stopped x effective rate before, minus commitments that went unused, minus what
 * went on billing (design of the ledger, rule 8).
 *
 * The rate is what the resource cost on the whole days before the stop on which it was charged, up to 30 of them,
 * over their hours. Of the day of the stop and of the start, the hours that it ran are taken off first. What a
 * commitment covered before counts as unused now, up to what the bill shows of it as unused more than before: a
 * commitment is paid whether or not something runs. It never says more than the rate could give, and it may say
 * that a stop cost money.
 * @param bills of this one resource, any order
 * @param billedUntil where the bills end (ISO-8601 UTC)
 * @param moreUnused unused commitment of the span beyond that of an equal span before, same currency
 */
export function realised(
  span: StoppedSpan,
  bills: readonly BilledDay[],
  billedUntil: string,
  moreUnused: Decimal,
): Realised {
  const from = Date.parse(span.from);
  const end = Math.min(Date.parse(span.until ?? billedUntil), Date.parse(billedUntil));
  const until = new Date(Math.max(from, end)).toISOString();
  const nothing = {
    saved: null,
    until,
    hoursStopped: 0,
    ratePerHour: null,
    wentOn: '0',
    unusedCommitment: '0',
  };
  const before = rateBefore(from, bills);
  if (before === null || end <= from) return nothing;
  const byDay = new Map(
    bills.filter(({ currency }) => currency === before.currency).map((bill) => [bill.day, bill]),
  );
  let stopped = 0;
  let wentOn = new Decimal(0);
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < end; day += DAY_MS) {
    const hours = (Math.min(end, day + DAY_MS) - Math.max(from, day)) / HOUR_MS;
    stopped += hours;
    const billed = decimal(byDay.get(dayOf(day))?.effective ?? '0');
    // A day that the bills reach into only in part holds running hours before the stop alone.
    const ran = Math.min(end === Date.parse(billedUntil) ? end - day : DAY_MS, DAY_MS) / HOUR_MS - hours;
    wentOn = wentOn.plus(Decimal.max(billed.minus(before.rate.times(ran)), 0));
  }
  const would = before.rate.times(stopped);
  const unused = Decimal.max(Decimal.min(before.committedRate.times(stopped), moreUnused), 0);
  return {
    saved: money(would.minus(wentOn).minus(unused), before.currency),
    until,
    hoursStopped: stopped,
    ratePerHour: before.rate.toString(),
    wentOn: wentOn.toString(),
    unusedCommitment: unused.toString(),
  };
}

/** The most that commitments may have paid for nothing while it was stopped: what they covered of it before. */
export function committedOf(span: StoppedSpan, bills: readonly BilledDay[], billedUntil: string): Decimal {
  const from = Date.parse(span.from);
  const end = Math.min(Date.parse(span.until ?? billedUntil), Date.parse(billedUntil));
  const before = rateBefore(from, bills);
  return before === null ? new Decimal(0) : before.committedRate.times(Math.max(end - from, 0) / HOUR_MS);
}

/**
 * Stops of one resource as spans that do not overlap: two findings may have stopped it, and an hour is saved once.
 * Of those that overlap, the one with an estimate keeps its hours, then the earlier. One that was over at once is
 * none.
 */
export function apart<T extends StoppedSpan & { readonly estimated: Money | null }>(
  stops: readonly T[],
): T[] {
  const rank = ({ estimated, from }: T) => `${estimated === null ? 1 : 0} ${from}`;
  const taken: T[] = [];
  const real = stops.filter(({ from, until }) => until === null || from < until);
  for (const stop of real.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)))
    taken.push(
      ...taken.reduce<T[]>((pieces, other) => pieces.flatMap((each) => without(each, other)), [stop]),
    );
  return taken;
}

/** What of a span lies outside another. */
function without<T extends StoppedSpan>(span: T, other: StoppedSpan): T[] {
  const end = (each: StoppedSpan) => each.until ?? '9999';
  const first = end(span) < other.from ? span : { ...span, until: other.from };
  const last = span.from > end(other) ? span : { ...span, from: end(other) };
  if (first === span || last === span) return [span];
  return [first, last].filter((each) => each.from < end(each));
}

/** Cost an hour on the whole days before a moment; null where the bill never charged it. */
function rateBefore(
  from: number,
  bills: readonly BilledDay[],
): { currency: string; rate: Decimal; committedRate: Decimal } | null {
  const last = Math.floor(from / DAY_MS) * DAY_MS;
  const charged = bills
    .filter(({ day }) => Date.parse(day) < last && Date.parse(day) >= last - RATE_DAYS * DAY_MS)
    .toSorted((a, b) => (a.day < b.day ? 1 : -1));
  const [newest] = charged;
  if (newest === undefined) return null;
  const own = charged.filter(({ currency }) => currency === newest.currency);
  const hours = own.length * 24;
  const total = (key: 'effective' | 'committed') =>
    own.reduce((sum, bill) => sum.plus(decimal(bill[key])), new Decimal(0)).div(hours);
  return { currency: newest.currency, rate: total('effective'), committedRate: total('committed') };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
