import type { Lake } from '../../lib/lake/model.ts';
import type { Entry } from './journal.ts';
import { type Random, randomFrom } from './random.ts';
import type { Thing } from './things.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Everything has run for so long before a history begins. */
const BEFORE = 45 * DAY;
const MONTH_HOURS = 720;
/** Days by which the late source is behind. */
const LATE_DAYS = 3;

/** How the bills of one thing come. */
export interface Billing {
  /**
   * `late`: from a source that is days behind. `restated`: the first bills say twice as much. `never`: no bill names
   * it. `patchy`: every third day is missing.
   */
  readonly how: 'prompt' | 'late' | 'restated' | 'never' | 'patchy';
  /** A tenth of the cost goes on while it stands still. */
  readonly disks: boolean;
  /** Half of the cost is covered by a commitment, which is paid whether it runs or not. */
  readonly committed: boolean;
  /** The bill writes the last part of its id alone. */
  readonly short: boolean;
}

/** What was charged for one thing on one UTC day. */
export interface Charge {
  readonly thing: string;
  /** Start of the day, milliseconds since 1970. */
  readonly day: number;
  readonly source: string;
  /** Decimal text. */
  readonly effective: string;
  readonly committed: string;
}

/** All bills as they stand on some day. */
export interface Billed {
  readonly charges: readonly Charge[];
  /** What commitments cost that day without being used. */
  readonly unused: ReadonlyMap<number, number>;
  /** Up to when each source speaks; `main` speaks up to the newest. */
  readonly ends: Readonly<Record<'main' | 'late', number>>;
}

/** A time in which a thing was, and whether it was charged for running. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly runs: boolean;
}

export function billingOf(seed: number, index: number): Billing {
  const random: Random = randomFrom(seed * 7 + index + 1);
  return {
    how: random.pick(['prompt', 'prompt', 'late', 'restated', 'never', 'patchy']),
    disks: random.chance(0.3),
    committed: random.chance(0.3),
    short: random.chance(0.3),
  };
}

/** When a thing existed and when it ran, from what cloud and world logged. */
export function stretchesOf(entries: readonly Entry[], thing: string, end: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from = (entries[0]?.at ?? 0) - BEFORE;
  let runs = true;
  const turn = (at: number, next: boolean | null) => {
    if (at > from) stretches.push({ from, to: at, runs });
    from = next === null ? Number.POSITIVE_INFINITY : Math.max(from, at);
    runs = next ?? false;
  };
  for (const { at, fact } of entries) {
    const now = stateAfter(fact, thing);
    if (now === undefined || from === Number.POSITIVE_INFINITY) continue;
    if (now !== runs) turn(at, now);
  }
  if (from < end) turn(end, null);
  return stretches;
}

/** Whether it is charged for running after a fact; null: it is gone; undefined: the fact says nothing of that. */
function stateAfter(fact: Entry['fact'], thing: string): boolean | null | undefined {
  if (fact.kind === 'effect' && fact.thing === thing)
    return fact.op === 'undo' ? true : fact.was.kind === 'disk' ? null : false;
  if (fact.kind !== 'world' || fact.now === null || fact.now.id !== thing) return undefined;
  const { state } = fact.now;
  return state === 'deleted' ? null : state === 'running' || state === 'starting';
}

/** The bills of a history as they stand when everything up to a UTC midnight was billed. */
export function billed(
  seed: number,
  entries: readonly Entry[],
  things: readonly Thing[],
  until: number,
  first: boolean,
): Billed {
  const ends = { main: until, late: until - LATE_DAYS * DAY };
  const charges: Charge[] = [];
  const unused = new Map<number, number>();
  for (const [index, thing] of things.entries()) {
    const billing = billingOf(seed, index);
    if (billing.how === 'never') continue;
    const source = billing.how === 'late' ? 'late' : 'main';
    const rate = (thing.cost / MONTH_HOURS) * (billing.how === 'restated' && first ? 2 : 1);
    for (const [day, { ran, stood }] of hoursByDay(stretchesOf(entries, thing.id, ends[source]))) {
      const total = rate * ran + (billing.disks ? rate * 0.1 * stood : 0);
      const missing = billing.how === 'patchy' && (day / DAY) % 3 === 0;
      const committed = billing.committed ? 0.5 * rate * ran : 0;
      if (!missing && total > 0)
        charges.push({ thing: thing.id, day, source, effective: text(total), committed: text(committed) });
      if (billing.committed && stood > 0) unused.set(day, (unused.get(day) ?? 0) + 0.5 * rate * stood);
    }
  }
  return { charges, unused, ends };
}

/** Bills say no more than so many places. */
function text(amount: number): string {
  return amount.toFixed(10);
}

function hoursByDay(stretches: readonly Stretch[]): Map<number, { ran: number; stood: number }> {
  const days = new Map<number, { ran: number; stood: number }>();
  for (const { from, to, runs } of stretches)
    for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
      const hours = (Math.min(to, day + DAY) - Math.max(from, day)) / HOUR;
      const { ran, stood } = days.get(day) ?? { ran: 0, stood: 0 };
      days.set(day, runs ? { ran: ran + hours, stood } : { ran, stood: stood + hours });
    }
  return days;
}

/** A lake that holds these bills and answers the questions that are asked of savings. */
export function lakeOf(
  seed: number,
  things: readonly Thing[],
  { charges, unused, ends }: Billed,
): Pick<Lake, 'ask'> {
  const written = (thing: string) => {
    const short = billingOf(
      seed,
      things.findIndex(({ id }) => id === thing),
    ).short;
    return short ? thing.slice(thing.lastIndexOf('/') + 1) : thing;
  };
  const answer = (name: string, params: Readonly<Record<string, unknown>>): unknown => {
    if (name === 'data-end')
      return Object.entries(ends)
        .filter(([source]) => charges.some((each) => each.source === source))
        .map(([source, end]) => ({ source, start: iso(0), end: iso(end) }));
    if (name === 'unused-commitment') {
      const days = [...unused].filter(([day]) => within(day, params));
      const sum = days.reduce((total, [, amount]) => total + amount, 0);
      return days.length === 0 ? [] : [{ currency: 'USD', unused: text(sum) }];
    }
    if (name !== 'resource-days') throw new RangeError(`no history asks for ${name}`);
    return charges
      .filter(
        ({ day, thing }) => within(day, params) && [params['id'], params['short']].includes(written(thing)),
      )
      .map(({ thing, day, source, effective, committed }) => ({
        resourceId: written(thing),
        day: iso(day).slice(0, 10),
        currency: 'USD',
        source,
        effective,
        committed,
      }));
  };
  return { ask: async (name, params) => JSON.parse(JSON.stringify(answer(name, params))) };
}

function within(at: number, { start, end }: Readonly<Record<string, unknown>>): boolean {
  return at >= Date.parse(String(start)) && at < Date.parse(String(end));
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
