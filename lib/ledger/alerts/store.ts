import { isDeepStrictEqual } from 'node:util';
import { BursarError } from '../../platform/errors.ts';
import type { LedgerStore } from '../model.ts';
import type { AlertStep } from './decide.ts';
import type { Alert } from './model.ts';

type Docs = Pick<LedgerStore, 'getDoc' | 'putDoc'>;

const INDEX = 'alerts/index';
const ATTEMPTS = 20;
/** Days for which a closed alert is listed; its document stays. */
const LISTED_DAYS = 90;
const DAY = 86_400_000;

/** An alert by its id; null where there is none, or a newer version of Bursar wrote it. */
export async function readAlert(store: Pick<LedgerStore, 'getDoc'>, id: string): Promise<Alert | null> {
  const value: unknown = (await store.getDoc(keyOf(id)))?.value;
  return isAlert(value) ? value : null;
}

/** Every alert that is not closed, and those that were closed in the last ninety days, in order of their ids. */
export async function listAlerts(store: Pick<LedgerStore, 'getDoc' | 'getDocs'>): Promise<Alert[]> {
  const ids = idsOf((await store.getDoc(INDEX))?.value);
  const docs = await store.getDocs(ids.map(keyOf));
  return docs.map((doc) => doc?.value).filter(isAlert);
}

/**
 * Reads an alert, decides and writes, again where another process wrote in between. Alert and trail are one document:
 * both are written, or neither.
 * @returns what came of it; `taken` only after it is stored
 * @throws BursarError `conflict` where a newer version of Bursar wrote it, or others keep changing it
 */
export async function changeAlert(
  store: Docs,
  id: string,
  step: (alert: Alert | null) => AlertStep,
): Promise<AlertStep> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const doc = await store.getDoc(keyOf(id));
    const former = isAlert(doc?.value) ? doc.value : null;
    if (doc !== null && former === null)
      throw new BursarError('conflict', 'an alert was written by another version', {
        where: keyOf(id),
        hint: 'It stays as it is: update Bursar.',
      });
    const done = step(former);
    if (!done.taken || isDeepStrictEqual(done.alert, former)) return done;
    // Listed first: a process that ends in between leaves a name without an alert, which is passed over.
    if (former === null || former.state === 'closed') await listed(store, [id], []);
    if ((await store.putDoc(keyOf(id), done.alert, doc?.version ?? 0)) === 'written') return done;
  }
  throw busy(keyOf(id));
}

/** Strikes those out of the list that were closed long ago. */
export async function forgetClosed(store: Docs, alerts: readonly Alert[], now: Date): Promise<void> {
  const old = alerts.filter(
    ({ state, history }) =>
      state === 'closed' && now.getTime() - Date.parse(history.at(-1)?.at ?? '') > LISTED_DAYS * DAY,
  );
  if (old.length > 0)
    await listed(
      store,
      [],
      old.map(({ id }) => id),
    );
}

async function listed(store: Docs, add: readonly string[], drop: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const doc = await store.getDoc(INDEX);
    const former = idsOf(doc?.value);
    const ids = [...new Set([...former, ...add])].filter((id) => !drop.includes(id)).toSorted();
    if (isDeepStrictEqual(ids, former)) return;
    if ((await store.putDoc(INDEX, { schemaVersion: 1, ids }, doc?.version ?? 0)) === 'written') return;
  }
  throw busy(INDEX);
}

function keyOf(id: string): string {
  return `alert/${id}`;
}

function idsOf(value: unknown): string[] {
  const ids: unknown = isVersionOne(value) ? Object.getOwnPropertyDescriptor(value, 'ids')?.value : null;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}

/** Written by this version alone, so its shape is known from schemaVersion. */
function isAlert(value: unknown): value is Alert {
  return isVersionOne(value);
}

function isVersionOne(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}

function busy(where: string): BursarError {
  return new BursarError('conflict', 'other processes keep changing this document', {
    where,
    hint: 'It is tried again by itself.',
  });
}
