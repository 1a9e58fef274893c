import { z } from 'zod';
import { scheduleExpression } from '../config/schedule.ts';
import { lastDue, rateOf } from '../config/schedule-times.ts';
import type { LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';

/** A digest that is sent on a schedule, under the id that its runs are started with. */
export interface ScheduledDigest {
  readonly id: string;
  /** As the config writes it. */
  readonly schedule: string;
}

/** After its time a digest may take so long: Scheduler and Lambda try again for an hour each. */
const GRACE_MS = 2.5 * 3_600_000;

/** The document `digests/sent`: since when each is watched, and when it was last sent. */
const Sent = z.object({
  schemaVersion: z.literal(1),
  digests: z.record(z.string(), z.object({ since: z.iso.datetime(), sentAt: z.iso.datetime().nullable() })),
});
type SentDoc = z.output<typeof Sent>;

const KEY = 'digests/sent';
const MOST_TRIES = 5;

type Store = Pick<LedgerStore, 'getDoc' | 'putDoc'>;

/** Keeps that a digest was sent, or its report stored where there is no Slack. */
export async function noteDigest(store: Store, id: string, now: Date): Promise<void> {
  const at = now.toISOString();
  await change(store, ({ digests }) => ({
    ...digests,
    [id]: { since: digests[id]?.since ?? at, sentAt: at },
  }));
}

/**
 * Digests whose time has come and gone without one. Of a digest that was never seen before nobody knows whether it
 * should have come: it is watched from now on.
 */
export async function lateDigests(
  store: Store,
  digests: readonly ScheduledDigest[],
  timezone: string,
  now: Date,
): Promise<string[]> {
  const { doc } = await read(store);
  const unseen = digests.filter(({ id }) => doc.digests[id] === undefined);
  if (unseen.length > 0) {
    const since = now.toISOString();
    await change(store, (held) => ({
      ...Object.fromEntries(unseen.map(({ id }) => [id, { since, sentAt: null }])),
      ...held.digests,
    }));
  }
  return digests.flatMap((digest) => {
    const seen = doc.digests[digest.id];
    return seen !== undefined && isMissing(digest, seen, timezone, now) ? [digest.id] : [];
  });
}

/** When a digest was last sent, as far as is known, and whether one is late. */
export interface DigestStanding {
  readonly id: string;
  /** ISO-8601 UTC; null: none since it is watched. */
  readonly sentAt: string | null;
  /** Null: it was never seen, and nobody knows. */
  readonly late: boolean | null;
}

/** The same for whoever only asks: nothing is written. */
export async function digestStandings(
  store: Pick<LedgerStore, 'getDoc'>,
  digests: readonly ScheduledDigest[],
  timezone: string,
  now: Date,
): Promise<DigestStanding[]> {
  const { doc } = await read(store);
  return digests.map((digest) => {
    const seen = doc.digests[digest.id];
    return seen === undefined
      ? { id: digest.id, sentAt: null, late: null }
      : { id: digest.id, sentAt: seen.sentAt, late: isMissing(digest, seen, timezone, now) };
  });
}

function isMissing(
  { schedule }: ScheduledDigest,
  { since, sentAt }: SentDoc['digests'][string],
  timezone: string,
  now: Date,
): boolean {
  const from = Math.max(Date.parse(since), Date.parse(sentAt ?? since));
  return isLate(scheduleExpression(schedule), timezone, from, now);
}

/** Should one have come after `from`, and so long ago that it will not come any more? */
function isLate(expression: string, timezone: string, from: number, now: Date): boolean {
  const before = now.getTime() - GRACE_MS;
  const rate = rateOf(expression);
  if (rate !== null) return from + rate <= before;
  const due = lastDue(expression, timezone, new Date(before));
  return due !== null && due.getTime() > from;
}

async function change(store: Store, next: (doc: SentDoc) => SentDoc['digests']): Promise<void> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const { doc, version } = await read(store);
    const written: SentDoc = { schemaVersion: 1, digests: next(doc) };
    if ((await store.putDoc(KEY, written, version)) === 'written') return;
  }
  throw new BursarError('conflict', `the document ${KEY} is written by others all the time`, {
    where: 'ledger',
  });
}

async function read(store: Pick<LedgerStore, 'getDoc'>): Promise<{ doc: SentDoc; version: number }> {
  const found = await store.getDoc(KEY);
  if (found === null) return { doc: { schemaVersion: 1, digests: {} }, version: 0 };
  const doc = Sent.safeParse(found.value);
  if (!doc.success)
    throw new BursarError('conflict', `the document ${KEY} was written by another version`, {
      where: 'ledger',
      hint: 'Whether a digest is late is not known to this version: update Bursar.',
      cause: doc.error,
    });
  return { doc: doc.data, version: found.version };
}
