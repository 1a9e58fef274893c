import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord, LedgerStore } from '../../lib/ledger/model.ts';
import { record } from '../../lib/ledger/record.ts';
import {
  complete,
  EAST,
  everything,
  judgement,
  numbered,
  observation,
  recordOf,
  T1,
  T2,
  T3,
} from './fixtures.ts';
import { WHOLE_LIFE } from './lives.ts';

/** What a suite needs of a store that it tests. */
export interface Bench {
  /** An empty ledger, and another connection to the same one. */
  open(): Promise<{ store: LedgerStore; other: LedgerStore }>;
  /** Makes the stored finding look as if a newer version of the schema had written it. */
  makeNewer(id: string): Promise<void>;
  /** The same for a document. */
  makeNewerDoc(key: string): Promise<void>;
  close(): Promise<void>;
  /** Waits until the index of what is due shows every write. */
  settle?(): Promise<void>;
  /** How many findings the big tests hold: counterparts differ by far in speed. */
  readonly many: number;
}

function auditOf(findingId: string, at: string): AuditRecord {
  return {
    schemaVersion: 1,
    findingId,
    at,
    actor: 'audit',
    from: null,
    to: 'DETECTED',
    reason: 'why',
    runId: 'run-1',
    resourceId: 'r',
    details: { event: 'judged', before: {}, after: { dueAt: null, undoPlan: [1, 'x', true] } },
  };
}

function wakes(n: number, wakeAt: string | null) {
  return { ...recordOf(numbered(n)), wakeAt };
}

/** What every ledger store keeps to. */
export function contract(name: string, makeBench: () => Promise<Bench>): void {
  describe(`ledger contract: ${name}`, () => {
    let bench: Bench;
    let store: LedgerStore;
    let other: LedgerStore;
    beforeAll(async () => {
      bench = await makeBench();
    });
    beforeEach(async () => {
      ({ store, other } = await bench.open());
    });
    afterAll(async () => {
      await bench.close();
    });

    const first = recordOf(judgement({ resourceName: null, owner: null, evidence: [], blindSpots: [''] }));
    const { id } = first.finding;

    it('knows nothing at first', async () => {
      expect(await store.get(id)).toBeNull();
      expect(await everything(store)).toEqual([]);
      expect(await store.newer()).toEqual([]);
      expect(await store.history(id)).toEqual([]);
      expect(await store.getDoc('last-run')).toBeNull();
      expect(await store.putMany([])).toEqual([]);
    });

    it('gives back exactly what was put, on every connection', async () => {
      const long = recordOf(judgement({ resourceId: 'päth/"quoted"\n😀', reason: 'x'.repeat(20_000) }));
      expect(await store.put(first, 0, auditOf(id, T1))).toBe('written');
      expect(await store.put(long, 0, null)).toBe('written');
      expect(await other.get(id)).toEqual(first);
      expect(await other.get(long.finding.id)).toEqual(long);
      expect(await other.history(id)).toEqual([auditOf(id, T1)]);
      expect(await other.history(long.finding.id)).toEqual([]);
    });

    it('writes only over the version that was expected, record and audit together', async () => {
      expect(await store.put(first, 0, auditOf(id, T1))).toBe('written');
      expect(await other.put(first, 0, auditOf(id, T2))).toBe('conflict');
      expect(await other.put({ ...first, version: 3 }, 2, auditOf(id, T2))).toBe('conflict');
      expect(await other.put({ ...first, version: 3 }, 2, null)).toBe('conflict');
      expect(await store.get(id)).toEqual(first);
      expect(await store.history(id)).toEqual([auditOf(id, T1)]);
      expect(await other.put({ ...first, version: 2 }, 1, auditOf(id, T2))).toBe('written');
      expect(await store.history(id)).toEqual([auditOf(id, T1), auditOf(id, T2)]);
    });

    it('refuses a version that does not follow from the expected one', async () => {
      await expect(store.put({ ...first, version: 2 }, 0, null)).rejects.toThrow(RangeError);
      expect(await store.get(id)).toBeNull();
    });

    it('keeps the trail in order past ten entries', async () => {
      const times = Array.from({ length: 12 }, (_, n) => `2026-03-01T06:00:${String(59 - n)}.000Z`);
      for (const [n, at] of times.entries())
        expect(await store.put({ ...first, version: n + 1 }, n, auditOf(id, at))).toBe('written');
      expect((await store.history(id)).map(({ at }) => at)).toEqual(times);
    });

    it('tells the outcome of each of many writes; one that lost spoils no other', async () => {
      const records = Array.from({ length: 130 }, (_, n) => recordOf(numbered(n)));
      const lost = new Set([0, 60, 129]);
      for (const n of lost) {
        const there = records[n];
        if (there !== undefined) await other.put(there, 0, null);
      }
      const outcomes = await store.putMany(
        records.map((each, n) => ({
          record: each,
          expected: 0,
          audit: n % 3 === 1 ? null : auditOf(each.finding.id, T2),
        })),
      );
      expect(outcomes).toEqual(records.map((_, n) => (lost.has(n) ? 'conflict' : 'written')));
      expect(await everything(store)).toHaveLength(130);
      for (const [n, each] of records.entries())
        expect(await store.history(each.finding.id)).toHaveLength(lost.has(n) || n % 3 === 1 ? 0 : 1);
    });

    it('does two writes of one record in their order', async () => {
      const outcomes = await store.putMany([
        { record: first, expected: 0, audit: auditOf(id, T1) },
        { record: { ...first, version: 2 }, expected: 1, audit: auditOf(id, T2) },
        { record: { ...first, version: 2 }, expected: 1, audit: null },
      ]);
      expect(outcomes).toEqual(['written', 'written', 'conflict']);
      expect(await store.history(id)).toEqual([auditOf(id, T1), auditOf(id, T2)]);
    });

    it('keeps documents by key, with the same condition', async () => {
      const value = { digest: ['a', 1.5, null, { 'odd key': true }], text: '' };
      expect(await store.putDoc('digest/2026-W10', value, 0)).toBe('written');
      expect(await other.putDoc('digest/2026-W10', 'late', 0)).toBe('conflict');
      expect(await other.putDoc('digest/2026-W10', 'late', 7)).toBe('conflict');
      expect(await other.putDoc('never', 'late', 1)).toBe('conflict');
      expect(await other.getDoc('digest/2026-W10')).toEqual({ value, version: 1 });
      expect(await other.putDoc('digest/2026-W10', undefined, 1)).toBe('written');
      expect(await store.getDoc('digest/2026-W10')).toEqual({ value: null, version: 2 });
      // The coverage of an organisation of 300 accounts in 17 regions each.
      const coverage = Array.from({ length: 5_100 }, (_, at) => ({
        scope: `aws:${String(111122223333 + Math.floor(at / 17))}:region-${at % 17}`,
        status: 'failed',
        reason: 'ec2:DescribeInstances was throttled and stayed so after every retry; größer als 400 KB',
        asOf: null,
      }));
      expect(await store.putDoc('audit/last', { coverage }, 0)).toBe('written');
      expect(await other.getDoc('audit/last')).toEqual({ value: { coverage }, version: 1 });
      expect(await everything(store)).toEqual([]);
    });

    it('lets exactly one of many writers at once win', async () => {
      const tries = Array.from({ length: 12 }, (_, n) =>
        (n % 2 === 0 ? store : other).put(first, 0, auditOf(id, T1)),
      );
      const outcomes = await Promise.all(tries);
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
      expect(await store.history(id)).toHaveLength(1);
    });

    it('leaves what a newer version wrote, and tells of it', async () => {
      await record(store, observation({ judgements: [judgement(), numbered(1)] }));
      await bench.makeNewer(id);
      expect(await store.newer()).toEqual([id]);
      expect(await store.get(id)).toBeNull();
      expect(await everything(store)).toHaveLength(1);
      expect(await store.put({ ...first, version: 2 }, 1, null)).toBe('conflict');
      expect(await store.put(first, 0, null)).toBe('conflict');

      const later = observation({ now: T2, runId: 'run-2', judgements: [judgement()] });
      const outcome = await record(store, later);
      expect(outcome).toMatchObject({ newer: [id], findings: [], carried: [], conflicts: [] });
      expect(outcome.resolved).toHaveLength(1);
      expect(await store.newer()).toEqual([id]);
    });

    it('leaves a document that a newer version wrote', async () => {
      await store.putDoc('last-run', 'old', 0);
      await bench.makeNewerDoc('last-run');
      await expect(store.getDoc('last-run')).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.putDoc('last-run', 'mine', 1)).toBe('conflict');
    });

    it('records a run, the same run again, and a later one', async () => {
      const run = observation({ judgements: [judgement(), numbered(1)] });
      const once = await record(store, run);
      const before = await everything(store);
      expect(once.findings).toHaveLength(2);
      expect(await record(other, run)).toEqual(once);
      expect(await everything(store)).toEqual(before);

      const gone = observation({ now: T2, runId: 'run-2', judgements: [judgement()] });
      const second = await record(store, gone);
      expect(second.findings).toMatchObject([{ firstSeen: T1, lastSeen: T2, state: 'DETECTED' }]);
      expect(second.resolved).toMatchObject([{ firstSeen: T1, lastSeen: T1, state: 'RESOLVED' }]);
      expect(await record(other, gone)).toEqual(second);
      const [resolved] = second.resolved;
      expect((await store.history(resolved?.id ?? '')).map(({ to }) => to)).toEqual(['DETECTED', 'RESOLVED']);

      const blind = observation({ now: T3, runId: 'run-3', judgements: [], coverage: [] });
      const third = await record(store, blind);
      expect(third).toMatchObject({ findings: [], resolved: [], carried: second.findings });
    });

    it('gives two runs at once the result of one after the other', async () => {
      const judgements = Array.from({ length: 40 }, (_, n) => numbered(n));
      const [a, b] = await Promise.all([
        record(store, observation({ judgements })),
        record(other, observation({ judgements: judgements.slice(20), runId: 'run-2', now: T2 })),
      ]);
      expect([...a.conflicts, ...b.conflicts]).toEqual([]);
      const after = await record(
        store,
        observation({ judgements: judgements.slice(20), runId: 'run-3', now: T3 }),
      );
      expect(after.findings).toHaveLength(20);
      expect(after.findings.every(({ state, lastSeen }) => state === 'DETECTED' && lastSeen === T3)).toBe(
        true,
      );
      const kept = await everything(store);
      expect(kept).toHaveLength(40);
      expect(kept.filter(({ finding }) => finding.state === 'RESOLVED')).toHaveLength(20);
      for (const each of kept) {
        const trail = await store.history(each.finding.id);
        expect(trail.filter(({ from }) => from === null)).toHaveLength(1);
        expect(trail.at(-1)?.to).toBe(each.finding.state);
      }
    });

    it('knows what is due, earliest first and no more than asked for', async () => {
      const [late, soon, never, now] = [wakes(1, T3), wakes(2, T1), wakes(3, null), wakes(4, T2)];
      for (const each of [late, soon, never, now]) await store.put(each, 0, null);
      await bench.settle?.();
      const ids = [soon, now, late].map(({ finding }) => finding.id);
      expect(await other.due(T3, 10)).toEqual(ids);
      expect(await other.due(T3, 2)).toEqual(ids.slice(0, 2));
      expect(await other.due(T2, 10)).toEqual(ids.slice(0, 2));
      expect(await other.due('2026-01-01T00:00:00.000Z', 10)).toEqual([]);
      await other.put({ ...soon, version: 2, wakeAt: null }, 1, null);
      await other.put({ ...now, version: 2, wakeAt: T3 }, 1, null);
      await bench.settle?.();
      expect(await store.due(T2, 10)).toEqual([]);
      expect((await store.due(T3, 10)).toSorted()).toEqual([now.finding.id, late.finding.id].toSorted());
      expect(await store.get(soon.finding.id)).toEqual({ ...soon, version: 2, wakeAt: null });
    });

    it('refuses a time in another form than the one that it sorts by', async () => {
      const odd = '2026-03-01T06:00:00Z';
      await expect(store.put({ ...first, wakeAt: odd }, 0, null)).rejects.toThrow(RangeError);
      await expect(store.due(odd, 1)).rejects.toThrow(RangeError);
      await expect(store.claim({ resourceId: 'r', holder: 'a', until: odd }, T1)).rejects.toThrow(RangeError);
      await expect(store.claim({ resourceId: 'r', holder: 'a', until: T2 }, odd)).rejects.toThrow(RangeError);
      expect(await store.get(id)).toBeNull();
    });

    it('keeps a whole life, and what was planned to the letter', async () => {
      const lived = { ...first, life: WHOLE_LIFE, wakeAt: T2 };
      expect(await store.put(lived, 0, auditOf(id, T1))).toBe('written');
      expect(await other.get(id)).toEqual(lived);
      expect(await everything(other)).toEqual([lived]);
    });

    it('gives many by id, each once and without those that are not there', async () => {
      const records = Array.from({ length: 230 }, (_, n) => recordOf(numbered(n)));
      await store.putMany(records.map((each) => ({ record: each, expected: 0, audit: null })));
      const ids = records.map(({ finding }) => finding.id);
      const some = [...ids, 'f-aaaaaaaaaaaaaaaaaaaaaaaaaa', ...ids.slice(0, 5)];
      const found = await other.getMany(some);
      expect(found.map(({ finding }) => finding.id).toSorted()).toEqual(ids.toSorted());
      expect(await store.getMany([])).toEqual([]);
    });

    it('knows every finding of a resource, and its one trail in order of time', async () => {
      const both = [judgement(), judgement({ check: 'untagged' })].map((each) => recordOf(each));
      const [gpu = '', tags = ''] = both.map(({ finding }) => finding.id);
      const { resourceId } = first.finding;
      const entry = (finding: string | undefined, at: string) => ({
        ...auditOf(finding ?? '', at),
        resourceId,
      });
      for (const each of both)
        await store.put(each, 0, entry(each.finding.id, each.finding.id === gpu ? T2 : T1));
      await store.put(recordOf(numbered(1)), 0, auditOf(recordOf(numbered(1)).finding.id, T1));
      for (const each of both)
        if (each.finding.id === tags) await other.put({ ...each, version: 2 }, 1, entry(tags, T3));
      expect((await other.ofResource(resourceId)).map(({ finding }) => finding.id)).toEqual(
        [gpu, tags].toSorted((a, b) => (a < b ? -1 : 1)),
      );
      expect(await other.historyOf(resourceId)).toEqual([entry(tags, T1), entry(gpu, T2), entry(tags, T3)]);
      expect(await store.ofResource('nothing')).toEqual([]);
      expect(await store.historyOf('nothing')).toEqual([]);
    });

    it('lets one holder act on a resource until it says so or its time has passed', async () => {
      const resourceId = `arn:x/${'long/'.repeat(600)}`;
      const claim = (holder: string, until = T2) => ({ resourceId, holder, until });
      expect(await store.claim(claim('a'), T1)).toBe('claimed');
      expect(await other.claim(claim('b'), T1)).toBe('held');
      expect(await store.claim(claim('a', T3), T1)).toBe('claimed');
      expect(await other.claim(claim('b'), T2)).toBe('held');
      await other.release(resourceId, 'b');
      expect(await other.claim(claim('b'), T2)).toBe('held');
      expect(await other.claim({ ...claim('b'), resourceId: 'another' }, T2)).toBe('claimed');
      expect(await other.claim(claim('b', '2026-03-22T06:00:00.000Z'), T3)).toBe('claimed');
      await store.release(resourceId, 'a');
      expect(await store.claim(claim('a', '2026-03-22T06:00:00.000Z'), T3)).toBe('held');
      await other.release(resourceId, 'b');
      await other.release(resourceId, 'b');
      expect(await store.claim(claim('a', '2026-03-22T06:00:00.000Z'), T3)).toBe('claimed');
      expect(await everything(store)).toEqual([]);
    });

    it('gives a claim that many want to exactly one', async () => {
      const tries = Array.from({ length: 10 }, (_, n) =>
        (n % 2 === 0 ? store : other).claim({ resourceId: 'r', holder: `h${n}`, until: T2 }, T1),
      );
      expect((await Promise.all(tries)).filter((each) => each === 'claimed')).toHaveLength(1);
    });

    it('gives many documents in the order of their keys', async () => {
      await store.putDoc('a', 1, 0);
      await store.putDoc('b', { x: 'y' }, 0);
      const [a, b] = [
        { value: 1, version: 1 },
        { value: { x: 'y' }, version: 1 },
      ];
      expect(await other.getDocs(['b', 'none', 'a', 'b'])).toEqual([b, null, a, b]);
      expect(await other.getDocs([])).toEqual([]);
    });

    it('holds many findings, each read once and in order of id', async () => {
      const judgements = Array.from({ length: bench.many }, (_, n) => numbered(n));
      await record(store, observation({ judgements }));
      await record(store, observation({ judgements, now: T2, runId: 'run-2', coverage: complete(EAST) }));
      const ids = (await everything(other)).map(({ finding }) => finding.id);
      expect(ids).toHaveLength(bench.many);
      expect(ids).toEqual([...new Set(ids)].toSorted());
    }, 180_000);
  });
}
