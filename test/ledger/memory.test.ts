import { describe, expect, it } from 'vitest';
import { contract } from './contract.ts';
import { judgement, numbered, recordOf, T1, T2 } from './fixtures.ts';
import { memoryLedger } from './memory.ts';

contract('memory', async () => {
  let store = memoryLedger();
  return {
    many: 2_000,
    async open() {
      store = memoryLedger();
      return { store, other: store };
    },
    makeNewer: async (id) => store.makeNewer(id),
    makeNewerDoc: async (key) => store.makeNewerDoc(key),
    close: async () => store.close(),
  };
});

describe('memory ledger', () => {
  const first = { ...recordOf(judgement()), wakeAt: T1 };

  it('shows what is due only after as many calls as it lags behind, changes of one in their order', async () => {
    const lags = [3, 0];
    const store = memoryLedger({ lag: () => lags.shift() ?? 0 });
    await store.put(first, 0, null);
    await store.put({ ...first, version: 2, wakeAt: null }, 1, null);
    await store.put({ ...recordOf(numbered(1)), wakeAt: T1 }, 0, null);
    expect(await store.due(T2, 9)).toEqual([recordOf(numbered(1)).finding.id]);
    const behind = memoryLedger({ lag: () => 2 });
    await behind.put(first, 0, null);
    expect(await behind.due(T2, 9)).toEqual([]);
    expect(await behind.due(T2, 9)).toEqual([first.finding.id]);
  });

  it('fails before a write with nothing written, and after it with the answer lost', async () => {
    let phase = 'before';
    const store = memoryLedger({
      onCall(call) {
        if (call.operation === 'put' && call.phase === phase)
          throw new Error(`${call.phase} ${call.about.join()}`);
      },
    });
    await expect(store.put(first, 0, null)).rejects.toThrow(`before ${first.finding.id}`);
    expect(store.records()).toEqual([]);
    phase = 'after';
    await expect(store.put(first, 0, null)).rejects.toThrow('after');
    expect(store.records()).toEqual([first]);
  });
});
