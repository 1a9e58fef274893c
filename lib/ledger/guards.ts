import { decimal, decimalText } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import { parseDuration } from '../platform/duration.ts';
import { endOfGrace, nextStopTime, whyNoStop } from './business-time.ts';
import type { WorkCalendar } from './calendar.ts';
import { inForce } from './decide/clock.ts';
import type { Hold, Life, PolicyNow } from './life.ts';
import type { Finding, FindingRecord } from './model.ts';

/** The grace of a policy that stops and names none. */
export const DEFAULT_GRACE = '2 business days';

/** What was read of the resource just before a stop, and what follows from it. */
export interface LiveFacts {
  readonly tags: Readonly<Record<string, string>>;
  /** A protection of the provider that forbids the stop, in words. */
  readonly protection: string | null;
  /** The policy as it applies to these tags. */
  readonly policy: PolicyNow;
  /** Whom tags and account name now; null where they name nobody who can be written to. */
  readonly owner: string | null;
  /** Another finding of the resource whose stop or undo is under way. */
  readonly inFlight: string | null;
  /** Holds of every finding of the resource. */
  readonly holds: readonly Hold[];
  /** Exemptions of the resource that are asked for and not answered, by whatever finding of it. */
  readonly requests: readonly { readonly check: string | null }[];
}

export interface GuardFacts {
  /** ISO-8601 UTC */
  readonly now: string;
  readonly record: FindingRecord & { readonly life: Life };
  /** Who paused everything, in words; null where nothing is paused. */
  readonly paused: string | null;
  readonly protectedTags: readonly string[];
  /** Every calendar that must allow a stop: the owner's and the organisation's. */
  readonly calendars: readonly WorkCalendar[];
  readonly reversible: boolean;
  /** Null before anything was read: then only what the ledger alone can tell is looked at. */
  readonly live: LiveFacts | null;
}

/**
 * The first thing that forbids a stop, in words; null where nothing does. Caps and canary are asked apart, since
 * a place under them is taken at the same time. Nothing here is waived by "Stop now" except the grace.
 */
export function guard(facts: GuardFacts): string | null {
  return (
    facts.paused ??
    policyStops(facts.record.life.policy) ??
    warned(facts) ??
    held(facts, facts.record.life.hold === null ? [] : [facts.record.life.hold]) ??
    secondPerson(facts) ??
    quiet(facts) ??
    (facts.live === null ? null : liveGuard(facts, facts.live))
  );
}

function liveGuard(facts: GuardFacts, live: LiveFacts): string | null {
  return (
    policyStops(live.policy) ??
    graceOf(facts, live.policy) ??
    held(facts, live.holds) ??
    requested(facts, live) ??
    (live.inFlight === null
      ? null
      : `another stop or undo of this resource is under way (${live.inFlight})`) ??
    protectedBy(live.tags, facts.protectedTags) ??
    (live.protection === null ? null : `it is protected: ${live.protection}`) ??
    sameOwner(facts, live)
  );
}

function policyStops({ mode, rule }: PolicyNow): string | null {
  return mode === 'stop' ? null : `nothing is stopped: ${rule}`;
}

/** A delivered warning to a verified owner, and the grace since, unless that owner wants it stopped now. */
function warned(facts: GuardFacts): string | null {
  const { notice } = facts.record.life;
  if (notice === null || notice.recipient.kind !== 'owner' || notice.recipient.person === null)
    return 'no owner was warned of it';
  return graceOf(facts, facts.record.life.policy);
}

function graceOf({ now, record, calendars }: GuardFacts, policy: PolicyNow): string | null {
  const { notice, stopNow } = record.life;
  if (notice === null) return 'no owner was warned of it';
  const { person } = notice.recipient;
  const asked =
    stopNow?.noticeId === notice.id && stopNow.by.user === person?.user && stopNow.by.team === person.team;
  if (asked) return null;
  const end = stopTime(notice.storedAt ?? notice.deliveredAt, policy.grace ?? DEFAULT_GRACE, calendars);
  return now < end ? `the grace of ${policy.grace ?? DEFAULT_GRACE} is not over before ${end}` : null;
}

function held({ now, record }: GuardFacts, holds: readonly Hold[]): string | null {
  const hold = holds.find((each) => inForce(each, record.finding.check, now));
  return hold === undefined ? null : `it is held until ${hold.until}: ${hold.reason}`;
}

function requested({ record }: GuardFacts, { requests }: LiveFacts): string | null {
  const open = requests.some(({ check }) => check === null || check === record.finding.check);
  return open ? 'an exemption of the resource is asked for' : null;
}

function secondPerson({ record, reversible }: GuardFacts): string | null {
  if (reversible) return null;
  const { approved, notice, stopNow } = record.life;
  if (stopNow === null) return 'silence never leads to what cannot be undone';
  const owner = notice?.recipient.person;
  const same = approved?.by.user === owner?.user && approved?.by.team === owner?.team;
  return approved === null || same ? 'what cannot be undone needs an approver who is not the owner' : null;
}

function quiet({ now, calendars }: GuardFacts): string | null {
  for (const calendar of calendars) {
    const why = whyNoStop(now, calendar);
    if (why !== null) return why;
  }
  return null;
}

/** Keys are compared without regard to case: a protection that is almost spelled right still protects. */
function protectedBy(tags: Readonly<Record<string, string>>, keys: readonly string[]): string | null {
  const wanted = new Set(keys.map((key) => key.trim().toLowerCase()));
  const key = Object.keys(tags).find((each) => wanted.has(each.trim().toLowerCase()));
  return key === undefined ? null : `it carries the tag ${key}, which protects it`;
}

/** Whoever the tags name now must be the one who was warned; a claim counts as long as they name nobody new. */
function sameOwner({ record: { life } }: GuardFacts, { owner }: LiveFacts): string | null {
  const recipient = life.notice?.recipient;
  if (recipient === undefined || owner === recipient.id) return null;
  if (owner !== null && !life.passed.includes(owner)) return `it is ${owner}'s now, who was not warned`;
  return /^(tag|account) /.test(recipient.source)
    ? `${recipient.id} is not named as its owner any more`
    : null;
}

/**
 * The end of a grace under several calendars: the first moment that all of them allow.
 * @param from ISO-8601 UTC
 * @param grace as a policy writes it
 */
export function stopTime(from: string, grace: string, calendars: readonly WorkCalendar[]): string {
  const [first, ...others] = calendars;
  if (first === undefined) throw new RangeError('a grace needs a calendar');
  let at = endOfGrace(from, parseDuration(grace), first);
  // Each round ends at a moment later than the last; two calendars agree after a few.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = [...others, first].reduce((moment, calendar) => nextStopTime(moment, calendar), at);
    if (next === at) return at;
    at = next;
  }
  throw new RangeError('the calendars have no time for a stop in common');
}

const MOST_ROUNDS = 400;

/** Limits of a day: so many stops, and so much monthly cost of what is stopped. No money: no limit in money. */
export interface Caps {
  readonly count: number;
  readonly money: Readonly<Record<string, string>>;
}

/** One place under the caps of a day. */
export interface Place {
  readonly accountId: string;
  readonly cost: Money | null;
}

/**
 * The place that a finding would take. An estimate at list prices is not what it costs, so that caps in money know no
 * cost of it.
 */
export function placeOf({
  accountId,
  monthlyCost,
  costBasis,
}: Pick<Finding, 'accountId' | 'monthlyCost' | 'costBasis'>): Place {
  return { accountId, cost: costBasis === 'list-estimate' ? null : monthlyCost };
}

const CAP = 'the cap of the day';

/** Is this why something waits, or part of it, a cap? As `overCap` words it. */
export function saysCap(why: string): boolean {
  return why.includes(CAP);
}

/** Why one more stop would be over a cap, in words; null where there is room. */
export function overCap(next: Place, taken: readonly Place[], caps: Caps, whose: string): string | null {
  if (taken.length >= caps.count) return `${CAP} is reached: ${caps.count} stops for ${whose}`;
  if (Object.keys(caps.money).length === 0) return null;
  const { cost } = next;
  const limit =
    cost !== null && Object.hasOwn(caps.money, cost.currency) ? caps.money[cost.currency] : undefined;
  if (cost === null || limit === undefined)
    return `what it costs cannot be held against ${CAP} in money for ${whose}`;
  const sum = taken.reduce(
    (total, place) =>
      place.cost?.currency === cost.currency ? total.plus(decimal(place.cost.amount)) : total,
    decimal(cost.amount),
  );
  return sum.gt(decimal(limit))
    ? `${CAP} is reached: ${decimalText(sum)} of ${limit} ${cost.currency} for ${whose}`
    : null;
}

/** A canary: the first stop of a policy rule, on which the rest waits. */
export interface Canary {
  readonly findingId: string;
  /** When it was chosen (ISO-8601 UTC). */
  readonly at: string;
  /** When it had been stopped for an hour without trouble; null until then. */
  readonly passedAt: string | null;
}

const CANARY_MS = 3_600_000;

/**
 * How a canary stands. `free`: the next one may be the first, since there was none or it came to nothing.
 * @param record of the canary's finding as it is now
 */
export function canaryState(
  canary: Canary | null,
  record: FindingRecord | null,
  now: string,
): 'free' | 'waits' | 'passed' {
  if (canary === null) return 'free';
  if (canary.passedAt !== null) return 'passed';
  const state = record?.finding.state;
  const stopped = record?.life?.stopped ?? null;
  if (state === 'STOPPED' && stopped !== null)
    return Date.parse(now) - Date.parse(stopped.at) >= CANARY_MS ? 'passed' : 'waits';
  // Chosen, but its stop is not written yet, or under way.
  const young = Date.parse(now) - Date.parse(canary.at) < CANARY_MS;
  return state === 'STOPPING' || state === 'STOP_FAILED' || (young && state !== 'RESOLVED')
    ? 'waits'
    : 'free';
}
