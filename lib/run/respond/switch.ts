import type { Person } from '../../ledger/life.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { change } from '../../notices/notice.ts';
import { at, textAt } from '../../notices/payload.ts';

const KEY = 'switch/paused';
/** Entries of its own trail that are kept. */
const MOST_ENTRIES = 100;

/** The kill switch: while it is on nothing is stopped, whatever policies say. Undo goes on. */
export interface Switch {
  readonly paused: boolean;
  /** Slack user id of whoever set it last; null where nobody has. */
  readonly by: string | null;
  readonly at: string | null;
}

/** Reads it. Whatever cannot be understood counts as paused. */
export async function readSwitch(store: Pick<LedgerStore, 'getDoc'>): Promise<Switch> {
  const value = (await store.getDoc(KEY))?.value ?? null;
  if (value === null) return { paused: false, by: null, at: null };
  const known = at(value, 'schemaVersion') === 1 && at(value, 'paused') === false;
  return { paused: !known, by: textAt(value, 'by') || null, at: textAt(value, 'at') || null };
}

/** Sets it, and adds to its trail who did so and when; both in one document, so never one without the other. */
export async function setSwitch(
  store: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  paused: boolean,
  { user, team }: Person,
  now: Date,
): Promise<void> {
  const entry = { paused, by: user, team, at: now.toISOString() };
  await change(store, KEY, (value) => {
    const trail: unknown = at(value, 'trail');
    const former: readonly unknown[] = Array.isArray(trail) ? trail : [];
    return { schemaVersion: 1, ...entry, trail: [...former, entry].slice(-MOST_ENTRIES) };
  });
}
