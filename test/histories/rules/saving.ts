import { at as partOf, textAt } from '../../../lib/notices/payload.ts';
import { type Billed, type Charge, stretchesOf } from '../bills.ts';
import type { Entry, Fact } from '../journal.ts';
import type { Break, Rule } from './model.ts';
import type { FindingSeen, Past } from './past.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTH_HOURS = 720;
const RATE_DAYS = 30;
/** Bills of the model have ten places. */
const CLOSE = 1e-5;

/** Rule 8, where it begins: what is stopped is written down with what it is said to save. */
export const saving: Rule = ({ fact }, past, no) => {
  if (fact.kind !== 'trail' || fact.audit.to !== 'STOPPED' || fact.audit.from === 'STOPPED') return;
  const { details, resourceId } = fact.audit;
  const cost = past.things.get(resourceId)?.cost ?? null;
  const told = textAt(details, 'after', 'stopped', 'estimated', 'amount');
  if (told === '' || Number(told) !== cost) no(8, `it was stopped to save ${told === '' ? 'nothing' : told}`);
};

export type Docs = ReadonlyMap<string, { readonly value: unknown }>;
type Told = Extract<Fact, { kind: 'savings' }>;

/** A time for which a thing was stopped by us, as the ledger keeps it. */
interface Span {
  readonly thing: string;
  readonly from: number;
  /** Null: it is stopped still. */
  readonly until: number | null;
  /** USD a month that it was said to save. */
  readonly estimated: number;
}

/**
 * Every stop is kept to be held against later bills, for the hours for which it stood still and no others; and what
 * is told by the bills of later days is what they come to.
 */
export function savingsKept(past: Past, docs: Docs, entries: readonly Entry[]): Break[] {
  const seq = entries.length;
  const breaks: Break[] = [];
  const spans: Span[] = [];
  for (const finding of past.findings.values()) {
    if (finding.stops === 0) continue;
    const kept = spansOf(finding, docs);
    spans.push(...kept);
    for (const text of wrongIn(finding, kept, past, entries)) breaks.push({ rule: 8, seq, text });
  }
  for (const { fact } of entries)
    if (fact.kind === 'savings')
      for (const text of wrongSums(fact, once(spans), entries)) breaks.push({ rule: 8, seq, text });
  return breaks;
}

function spansOf({ id, thing }: FindingSeen, docs: Docs): Span[] {
  const stops = partOf(docs.get(`saving/${id}`)?.value, 'stops');
  return (Array.isArray(stops) ? stops : []).map((stop: unknown) => ({
    thing,
    from: Date.parse(textAt(stop, 'from')),
    until: partOf(stop, 'until') === null ? null : Date.parse(textAt(stop, 'until')),
    estimated: Number(textAt(stop, 'estimated', 'amount')),
  }));
}

/** An hour in which a thing stood still is saved once, whatever findings stopped it. */
function once(spans: readonly Span[]): Span[] {
  const ends = new Map<string, number>();
  return spans
    .toSorted((a, b) => a.from - b.from)
    .flatMap((span) => {
      const from = Math.max(span.from, ends.get(span.thing) ?? 0);
      const until = span.until ?? Number.POSITIVE_INFINITY;
      ends.set(span.thing, Math.max(until, ends.get(span.thing) ?? 0));
      return from < until ? [{ ...span, from }] : [];
    });
}

/** States in which our stop goes on. */
const STOPPED: ReadonlySet<string> = new Set(['STOPPED', 'UNDO_REQUESTED', 'STARTING', 'RESTORE_FAILED']);

function wrongIn(
  { id, thing, state, stops, undosAt, unread }: FindingSeen,
  spans: readonly Span[],
  past: Past,
  entries: readonly Entry[],
): string[] {
  if (spans.length !== stops) return [`${thing} was stopped ${stops} times, ${spans.length} are kept`];
  const wrong: string[] = [];
  const end = entries.findLast(({ fact }) => fact.kind === 'ended')?.at ?? 0;
  const stretches = stretchesOf(entries, thing, end);
  const putBack = furthestBack(entries);
  const relaunches = new Set(
    entries.flatMap(({ at, fact }) =>
      fact.kind === 'world' && fact.what === 'relaunched' && fact.thing === thing ? [at] : [],
    ),
  );
  const cost = past.things.get(thing)?.cost;
  for (const [index, { from, until, estimated }] of spans.entries()) {
    if (estimated !== cost) wrong.push(`${thing}: ${estimated} was said to be saved`);
    // Over at once: it was started by a clock that is behind ours.
    if (until !== null && until <= from) continue;
    const ran = stretches.find((each) => each.runs && each.to > from && each.from < (until ?? end));
    // A clock that was put back may date the look that saw it gone before the moment it went.
    const gone = until !== null && (stretches.at(-1)?.to ?? end) <= until + putBack;
    // Of a machine that others started twice its provider tells the last launch alone.
    if (until !== null && relaunches.has(until)) continue;
    // That something ran before it was deleted, or before an undo after which it could not be read, is known by the
    // bills alone.
    const late = until !== null && undosAt.includes(until) && unread;
    if (ran !== undefined && !late && !gone) {
      const on = until === null ? 'on' : `until ${iso(until)}`;
      wrong.push(`${thing} ran from ${iso(ran.from)}, its stop of ${iso(from)} saves ${on}`);
    }
    if (until === null && (index < spans.length - 1 || !STOPPED.has(state)))
      wrong.push(`${thing} is ${state}, its saving goes on`);
    if (until === null) continue;
    const started = stretches.some((each) => each.runs && Math.abs(each.from - until) < 1);
    if (!started && !gone && !undosAt.includes(until))
      wrong.push(`${thing}: its saving ended at ${iso(until)}, when nothing did`);
    const again = past.ofThing(thing).some((each) => each.id !== id && each.state === 'STOPPED');
    if (index === spans.length - 1 && state === 'STOPPED' && !gone && !again)
      wrong.push(`${thing} is STOPPED, its saving has ended`);
  }
  return wrong;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** What the sums that were told should be, worked out from the same bills. */
function wrongSums(
  { bills, restated, patchy, told }: Told,
  spans: readonly Span[],
  entries: readonly Entry[],
): string[] {
  let [unbilled, saved, said, most] = [0, 0, 0, 0];
  const all = spans.map((span) => ({ span, own: ownArithmetic(span, bills) }));
  for (const { span, own } of all) {
    if (own === null) unbilled += 1;
    else {
      // What went unused is of all that stood still meanwhile, each by what commitments covered of it before.
      const together = all.reduce(
        (sum, each) =>
          each.own !== null && each.span.from < own.end && span.from < each.own.end
            ? sum + each.own.covered
            : sum,
        0,
      );
      const share = together > 0 ? own.covered / together : 0;
      saved += own.before - Math.max(0, Math.min(own.covered, own.more * share));
      said += (span.estimated * own.hours) / MONTH_HOURS;
      most += mostOf(span, own.end, restated.has(span.thing) ? 2 : 1, entries, patchy.has(span.thing));
    }
  }
  const sum = (amounts: Told['told']['realised']) =>
    amounts.reduce((total, { amount }) => total + Number(amount), 0);
  const [realised, estimated] = [sum(told.realised), sum(told.estimated)];
  const known = spans.length - unbilled;
  return [
    ...(told.stops === spans.length ? [] : [`${spans.length} stops, ${told.stops} are told of`]),
    ...(told.unbilled === unbilled
      ? []
      : [`no bill tells of ${unbilled} stops, ${told.unbilled} are told to be unknown`]),
    ...(known > 0 === told.realised.length > 0 && known > 0 === told.estimated.length > 0
      ? []
      : [
          `of ${known} stops that are billed, ${told.realised.length} and ${told.estimated.length} sums are told`,
        ]),
    ...(Math.abs(realised - saved) < CLOSE ? [] : [`by the bills ${saved} was saved, ${realised} is told`]),
    ...(Math.abs(estimated - said) < CLOSE ? [] : [`for those hours ${said} was said, ${estimated} is told`]),
    ...(realised < most + CLOSE ? [] : [`${realised} is told to be saved, at most ${most} could be`]),
  ];
}

/**
 * Hours stopped x what an hour cost on the charged days before, less what went on; what commitments covered of it, and
 * what more of them went unused meanwhile, which is still to be taken off. Null where no bill tells of it.
 */
function ownArithmetic(
  span: Span,
  { charges, unused, ends }: Billed,
): { before: number; covered: number; more: number; hours: number; end: number } | null {
  const firstDay = Math.floor(span.from / DAY) * DAY;
  const own = charges.filter(({ thing }) => thing === span.thing);
  // What is asked for begins so long before the stop, to the hour.
  const before = own.filter(({ day }) => day < firstDay && day >= firstDay - RATE_DAYS * DAY);
  const source = own[0]?.source;
  if (before.length === 0 || source === undefined) return null;
  const billedUntil = source === 'late' ? ends.late : ends.main;
  const end = Math.min(span.until ?? billedUntil, billedUntil);
  if (billedUntil <= span.from) return null;
  const hoursBefore = before.length * 24;
  const rate = sumOf(before, 'effective') / hoursBefore;
  const hours = (end - span.from) / HOUR;
  if (hours <= 0) return null;
  let wentOn = 0;
  for (let day = firstDay; day < end; day += DAY) {
    const stood = Math.min(end, day + DAY) - Math.max(span.from, day);
    const ran = (DAY - stood) / HOUR;
    const charged = sumOf(
      own.filter((each) => each.day === day),
      'effective',
    );
    wentOn += Math.max(0, charged - rate * ran);
  }
  const covered = (sumOf(before, 'committed') / hoursBefore) * hours;
  const length = Math.ceil(end / DAY) * DAY - firstDay;
  const unusedIn = (start: number) =>
    [...unused].reduce(
      (total, [day, amount]) => total + (day >= start && day < start + length ? amount : 0),
      0,
    );
  const more = unusedIn(firstDay) - unusedIn(firstDay - length);
  return { before: rate * hours - wentOn, covered, more, hours, end };
}

/**
 * What it would have cost, had it run in the hours of this span in which it truly stood still; in all of them where
 * that cannot be known: bills have holes, or it was deleted, and how long it ran that day before is in no bill.
 */
function mostOf(
  { thing, from, until }: Span,
  end: number,
  times: number,
  entries: readonly Entry[],
  holes: boolean,
): number {
  const made = entries.find(
    ({ fact }) => fact.kind === 'world' && fact.thing === thing && fact.now !== null,
  )?.fact;
  const cost = made?.kind === 'world' ? (made.now?.cost ?? 0) : 0;
  const stretches = stretchesOf(entries, thing, Math.max(end, until ?? end));
  const gone = until !== null && (stretches.at(-1)?.to ?? until) < until;
  const ran = stretches
    .filter(({ runs }) => runs && !holes && !gone)
    .reduce((sum, each) => sum + Math.max(0, Math.min(each.to, end) - Math.max(each.from, from)), 0);
  return (times * cost * (end - from - ran)) / HOUR / MONTH_HOURS;
}

function sumOf(some: readonly Charge[], key: 'effective' | 'committed'): number {
  return some.reduce((total, each) => total + Number(each[key]), 0);
}

/** By how much the clock was put back at most between two entries, milliseconds. */
function furthestBack(entries: readonly Entry[]): number {
  return entries.reduce((most, { at }, index) => Math.max(most, (entries[index - 1]?.at ?? at) - at), 0);
}
