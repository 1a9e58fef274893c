import { createHash } from 'node:crypto';
import type { LedgerStore } from '../ledger/model.ts';
import { change } from './notice.ts';
import { WINDOW_SECONDS } from './signature.ts';

/** Signatures are kept in so many documents, so that two clicks at once seldom meet in one. */
const SLOTS = 1024;
/** Kept twice as long as a timestamp is believed, which covers both directions. */
const KEPT = 2 * WINDOW_SECONDS * 1000;

interface Seen {
  readonly schemaVersion: 1;
  readonly seen: Readonly<Record<string, number>>;
}

/**
 * Remembers a verified signature; false where it was used before. The expiry is checked here, not left to the
 * store: what is expired makes room for what comes.
 */
export async function firstUse(
  store: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  signature: string,
  now: Date,
): Promise<boolean> {
  const hash = createHash('sha256').update(signature).digest('hex');
  const slot = Number.parseInt(hash.slice(0, 8), 16) % SLOTS;
  let first = true;
  await change(store, `slack/seen/${slot}`, (value) => {
    const kept = Object.entries(isSeen(value) ? value.seen : {}).filter(([, until]) => until > now.getTime());
    first = !kept.some(([each]) => each === hash);
    if (!first) return null;
    const next: Seen = {
      schemaVersion: 1,
      seen: Object.fromEntries([...kept, [hash, now.getTime() + KEPT]]),
    };
    return next;
  });
  return first;
}

/** Written above alone: its shape is known from schemaVersion. */
function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}
