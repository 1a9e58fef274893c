import type { AuditRecord, LedgerStore, Write } from '../../lib/ledger/model.ts';
import { at as partOf } from '../../lib/notices/payload.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

const SWITCH = 'switch/paused';

/** The ledger as one process has it: each call may fail or be its last, and what is written is logged. */
export function ledgerOf({ ledger }: World, process: Process): LedgerStore {
  const read = <T>(work: () => Promise<T>) => process.call('ledger.read', work);
  const wrote = (audit: AuditRecord | null, outcome: string) => {
    if (outcome === 'written' && audit !== null) process.note({ kind: 'trail', audit });
  };
  return {
    permissions: [],
    get: (id) => read(() => ledger.get(id)),
    async *all() {
      await read(() => Promise.resolve());
      yield* ledger.all();
    },
    newer: () => read(() => ledger.newer()),
    put: (record, expected, audit) =>
      process.call('ledger.put', async () => {
        const outcome = await ledger.put(record, expected, audit);
        wrote(audit, outcome);
        return outcome;
      }),
    putMany: (writes: readonly Write[]) =>
      process.call('ledger.putMany', async () => {
        const outcomes = await ledger.putMany(writes);
        for (const [index, { audit }] of writes.entries()) wrote(audit, outcomes[index] ?? 'conflict');
        return outcomes;
      }),
    history: (id) => read(() => ledger.history(id)),
    due: (until, most) => read(() => ledger.due(until, most)),
    getMany: (ids) => read(() => ledger.getMany(ids)),
    ofResource: (id) => read(() => ledger.ofResource(id)),
    historyOf: (id) => read(() => ledger.historyOf(id)),
    claim: (claim, now) => process.call('ledger.claim', () => ledger.claim(claim, now)),
    release: (id, holder) => process.call('ledger.release', () => ledger.release(id, holder)),
    getDocs: (keys) => read(() => ledger.getDocs(keys)),
    getDoc: (key) =>
      read(async () => {
        const doc = await ledger.getDoc(key);
        if (key === SWITCH)
          process.note({ kind: 'switch-read', paused: partOf(doc?.value, 'paused') === true });
        return doc;
      }),
    putDoc: (key, value, expected) =>
      process.call('ledger.putDoc', async () => {
        const outcome = await ledger.putDoc(key, value, expected);
        if (key === SWITCH && outcome === 'written')
          process.note({ kind: 'switched', paused: partOf(value, 'paused') === true });
        return outcome;
      }),
    close: () => Promise.resolve(),
  };
}
