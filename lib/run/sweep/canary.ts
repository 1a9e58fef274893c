import { createHash } from 'node:crypto';
import { type Canary, canaryState } from '../../ledger/guards.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';

type Store = Pick<LedgerStore, 'getDoc' | 'putDoc' | 'get'>;

/** The document of a policy rule's canary; a rule that is changed has a new one. */
export function canaryKey(rule: string): string {
  return `canary/${createHash('sha256').update(rule).digest('hex').slice(0, 26)}`;
}

/** How the canary of a rule stands, and which finding it is; `why`: what the others are told while they wait. */
export async function canaryStanding(
  store: Store,
  rule: string,
  now: Date,
): Promise<{ state: 'free' | 'waits' | 'passed'; findingId: string | null; why: string }> {
  const { canary } = await read(store, rule);
  const record = canary === null ? null : await store.get(canary.findingId);
  return {
    state: canaryState(canary, record, now.toISOString()),
    findingId: canary?.findingId ?? null,
    why: (await waits(store, canary, '', now)) ?? '',
  };
}

/** Becomes the canary where there is none: null; or why it has to wait. The canary itself never waits. */
export async function takeCanary(
  store: Store,
  rule: string,
  findingId: string,
  now: Date,
): Promise<string | null> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const { canary, version } = await read(store, rule);
    if (canary?.passedAt !== null && canary?.passedAt !== undefined) return null;
    if (canary?.findingId === findingId) return null;
    const why = await waits(store, canary, findingId, now);
    if (why !== null) return why;
    const at = now.toISOString();
    const record = canary === null ? null : await store.get(canary.findingId);
    const passed = canaryState(canary, record, at) === 'passed';
    const next: Canary =
      passed && canary !== null ? { ...canary, passedAt: at } : { findingId, at, passedAt: null };
    if ((await store.putDoc(canaryKey(rule), { schemaVersion: 1, ...next }, version)) === 'written')
      return null;
  }
  return 'other sweeps are choosing the first stop of this policy: it is tried again';
}

const MOST_TRIES = 8;

async function waits(
  store: Store,
  canary: Canary | null,
  findingId: string,
  now: Date,
): Promise<string | null> {
  if (canary === null || canary.passedAt !== null || canary.findingId === findingId) return null;
  const record = await store.get(canary.findingId);
  if (canaryState(canary, record, now.toISOString()) !== 'waits') return null;
  // Not by its name: whoever reads this may not be its owner.
  return 'it waits until the first stop of this policy has been without trouble for an hour';
}

async function read(store: Store, rule: string): Promise<{ canary: Canary | null; version: number }> {
  const found = await store.getDoc(canaryKey(rule));
  if (found === null) return { canary: null, version: 0 };
  const { value, version } = found;
  if (!isCanary(value))
    throw new BursarError('conflict', 'the canary of a policy was written by another version', {
      where: canaryKey(rule),
      hint: 'Nothing is stopped under it by this version: update Bursar.',
    });
  return { canary: value, version };
}

function isCanary(value: unknown): value is Canary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'findingId' in value &&
    typeof value.findingId === 'string'
  );
}
