import type { LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';

/** One message's entry in the outbox. `sending` without an answer means that nobody knows whether it was posted. */
type Entry =
  | { schemaVersion: 1; state: 'free'; since: string }
  | { schemaVersion: 1; state: 'sending'; since: string; until: string }
  | { schemaVersion: 1; state: 'posted'; since: string; channel: string; ts: string };

/** The right to post one message, held by this process until it says how it went. */
export interface Outbox {
  posted(at: { readonly channel: string; readonly ts: string }): Promise<void>;
  /** Slack refused it for certain: the next attempt may post without searching. */
  release(): Promise<void>;
}

export type Claim =
  | { readonly kind: 'posted'; readonly channel: string; readonly ts: string }
  /** `unknown`: an earlier attempt, begun at `since`, may have posted it. */
  | { readonly kind: 'fresh' | 'unknown'; readonly since: string; readonly outbox: Outbox };

/** Another process that holds the entry has this long on top of its budget: its last call may be on the way. */
const GRACE = 30_000;

/** Takes the entry `key` for one sender; throws `conflict` while another one holds it. */
export async function claim(
  store: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  key: string,
  now: Date,
  budget: number,
): Promise<Claim> {
  const doc = await store.getDoc(key);
  const entry = doc === null ? null : read(doc.value, key);
  if (entry?.state === 'posted') return { kind: 'posted', channel: entry.channel, ts: entry.ts };
  if (entry?.state === 'sending' && Date.parse(entry.until) > now.getTime()) throw busy(key, entry.until);
  const since = entry?.state === 'sending' ? entry.since : now.toISOString();
  const until = new Date(now.getTime() + budget + GRACE).toISOString();
  const held = (doc?.version ?? 0) + 1;
  await write(store, key, { schemaVersion: 1, state: 'sending', since, until }, held - 1, until);
  return {
    kind: entry?.state === 'sending' ? 'unknown' : 'fresh',
    since,
    outbox: {
      posted: ({ channel, ts }) =>
        write(store, key, { schemaVersion: 1, state: 'posted', since, channel, ts }, held, until),
      release: () => write(store, key, { schemaVersion: 1, state: 'free', since }, held, until),
    },
  };
}

async function write(
  store: Pick<LedgerStore, 'putDoc'>,
  key: string,
  entry: Entry,
  expected: number,
  until: string,
): Promise<void> {
  if ((await store.putDoc(key, entry, expected)) === 'conflict') throw busy(key, until);
}

function busy(key: string, until: string): BursarError {
  return new BursarError('conflict', 'another run is posting this message', {
    where: key,
    hint: `Run it again after ${until}: should that run have stopped, the channel is searched first.`,
  });
}

function read(value: unknown, key: string): Entry {
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1) {
    const { state, since, until, channel, ts } = value as Record<string, unknown>;
    if (typeof since === 'string') {
      if (state === 'free') return { schemaVersion: 1, state, since };
      if (state === 'sending' && typeof until === 'string') return { schemaVersion: 1, state, since, until };
      if (state === 'posted' && typeof channel === 'string' && typeof ts === 'string')
        return { schemaVersion: 1, state, since, channel, ts };
    }
  }
  throw new BursarError('conflict', 'an outbox entry that this version cannot read', {
    where: key,
    hint: 'A newer version of Bursar wrote it: use that version, or post to another channel.',
  });
}
