import { Temporal } from 'temporal-polyfill';
import type { Money } from '../../focus/money.ts';
import { overCap, type Place } from '../../ledger/guards.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { SweepSettings } from './model.ts';

interface Taken {
  readonly accountId: string;
  readonly cost: Money | null;
}

/** The document `caps/<day>`: who has taken a place that day, by finding. */
interface CapsDoc {
  readonly schemaVersion: 1;
  readonly taken: Readonly<Record<string, Taken>>;
}

type Store = Pick<LedgerStore, 'getDoc' | 'putDoc'>;
type Limits = Pick<SweepSettings, 'caps' | 'timezone'>;

/** Day of the organisation that a moment lies in: `caps/2026-11-16`. */
export function capsKey(now: Date, timezone: string): string {
  const day = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  return `caps/${day.toString()}`;
}

/**
 * Why there is no room for one more today, in words; null where there is. Takes nothing. `beside`: those that are
 * about to take a place before it.
 */
export async function roomUnderCaps(
  store: Store,
  limits: Limits,
  now: Date,
): Promise<(findingId: string, place: Place, beside?: readonly Place[]) => string | null> {
  const { doc } = await read(store, capsKey(now, limits.timezone));
  return (findingId, place, beside = []) => full(doc, findingId, place, limits, beside);
}

/**
 * Takes a place under the caps of the day before anything is done: null, or why there is none. The same finding
 * keeps the place that it has.
 */
export async function takePlace(
  store: Store,
  limits: Limits,
  findingId: string,
  place: Place,
  now: Date,
): Promise<string | null> {
  const key = capsKey(now, limits.timezone);
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const { doc, version } = await read(store, key);
    const why = full(doc, findingId, place, limits);
    if (why !== null) return why;
    if (Object.hasOwn(doc.taken, findingId)) return null;
    const { accountId, cost } = place;
    const next: CapsDoc = { schemaVersion: 1, taken: { ...doc.taken, [findingId]: { accountId, cost } } };
    if ((await store.putDoc(key, next, version)) === 'written') return null;
  }
  return 'other sweeps keep counting stops of the day: it is tried again';
}

/** Gives the place of a stop back that came to nothing. `at`: when it was taken. */
export async function givePlaceBack(
  store: Store,
  { timezone }: Limits,
  findingId: string,
  at: Date,
): Promise<void> {
  const key = capsKey(at, timezone);
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const { doc, version } = await read(store, key);
    if (!Object.hasOwn(doc.taken, findingId)) return;
    const taken = Object.fromEntries(Object.entries(doc.taken).filter(([id]) => id !== findingId));
    if ((await store.putDoc(key, { schemaVersion: 1, taken }, version)) === 'written') return;
  }
}

const MOST_TRIES = 40;

function full(
  doc: CapsDoc,
  findingId: string,
  place: Place,
  { caps }: Limits,
  beside: readonly Place[] = [],
): string | null {
  if (Object.hasOwn(doc.taken, findingId)) return null;
  const taken: readonly Place[] = [...Object.values(doc.taken), ...beside];
  const own = taken.filter(({ accountId }) => accountId === place.accountId);
  return (
    overCap(place, taken, caps.organisation, 'the organisation') ??
    (caps.account === null ? null : overCap(place, own, caps.account, `account ${place.accountId}`))
  );
}

async function read(store: Store, key: string): Promise<{ doc: CapsDoc; version: number }> {
  const found = await store.getDoc(key);
  if (found === null) return { doc: { schemaVersion: 1, taken: {} }, version: 0 };
  if (!isCaps(found.value))
    throw new BursarError('conflict', `the document ${key} was written by another version`, {
      where: 'ledger',
      hint: 'Nothing is stopped today by this version: update Bursar.',
    });
  return { doc: found.value, version: found.version };
}

function isCaps(value: unknown): value is CapsDoc {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'taken' in value &&
    typeof value.taken === 'object' &&
    value.taken !== null
  );
}
