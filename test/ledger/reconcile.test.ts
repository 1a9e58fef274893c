import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FindingRecord, Observation } from '../../lib/ledger/model.ts';
import { reconcile } from '../../lib/ledger/reconcile.ts';
import { complete, EAST, judgement, numbered, observation, someObservation, T1, T2, T3 } from './fixtures.ts';

/** Applies runs one after the other, as a store that never conflicts would. */
function after(...runs: Observation[]): FindingRecord[] {
  let records: FindingRecord[] = [];
  for (const run of runs)
    records = reconcile(run, records).flatMap(({ record }) => (record === null ? [] : [record]));
  return records;
}

function only(records: FindingRecord[]): FindingRecord {
  const [record] = records;
  if (record === undefined || records.length !== 1) throw new Error(`${records.length} records`);
  return record;
}

describe('reconcile', () => {
  it('writes a new finding with its first audit entry', () => {
    const [step] = reconcile(observation(), []);
    expect(step?.writes[0]).toMatchObject({
      expected: 0,
      record: { version: 1, finding: { state: 'DETECTED', firstSeen: T1, lastSeen: T1 } },
      audit: { from: null, to: 'DETECTED', at: T1, actor: 'audit', runId: 'run-1' },
    });
  });

  it('changes only lastSeen of what is seen again, without an audit entry', () => {
    const first = after(observation());
    const [step] = reconcile(observation({ now: T2, runId: 'run-2' }), first);
    expect(step?.writes[0]?.audit).toBeNull();
    expect(step?.writes[0]?.record.finding).toEqual({ ...only(first).finding, lastSeen: T2 });
  });

  it('refreshes numbers, owner and severity of what is seen again', () => {
    const dearer = judgement({ monthlySaving: { amount: '20000', currency: 'USD' }, owner: null });
    const record = only(after(observation(), observation({ now: T2, judgements: [dearer] })));
    expect(record.finding).toMatchObject({ severity: 'critical', owner: null, firstSeen: T1 });
    expect(record.version).toBe(2);
  });

  it('writes nothing when the same run comes twice', () => {
    const first = after(observation());
    expect(reconcile(observation(), first).map(({ writes }) => writes)).toEqual([[]]);
  });

  it('resolves what is gone, and detects it again with its first firstSeen', () => {
    const gone = observation({ now: T2, runId: 'run-2', judgements: [] });
    expect(only(after(observation(), gone)).finding).toMatchObject({ state: 'RESOLVED', lastSeen: T1 });
    const back = observation({ now: T3, runId: 'run-3' });
    const steps = reconcile(back, after(observation(), gone));
    expect(steps[0]?.writes[0]).toMatchObject({
      record: { version: 3, finding: { state: 'DETECTED', firstSeen: T1, lastSeen: T3 } },
      audit: { from: 'RESOLVED', to: 'DETECTED' },
    });
  });

  it('leaves what this run could not see as it was', () => {
    const first = after(observation());
    const blind = observation({ now: T2, judgements: [], coverage: [] });
    expect(reconcile(blind, first)).toMatchObject([{ writes: [], record: only(first), seen: false }]);
  });

  it('ignores a run that arrives late', () => {
    const gone = observation({ now: T2, runId: 'run-2', judgements: [] });
    const records = after(observation(), gone);
    expect(reconcile(observation(), records)).toMatchObject([{ writes: [], record: only(records) }]);
  });

  it('keeps the dearer of two judgements of one resource, in whatever order they came', () => {
    const cheap = judgement({ monthlySaving: null, reason: 'cheap' });
    const dear = judgement({ monthlySaving: { amount: '9', currency: 'USD' }, reason: 'dear' });
    for (const judgements of [
      [cheap, dear],
      [dear, cheap],
    ])
      expect(only(after(observation({ judgements }))).finding.reason).toBe('dear');
  });

  it('does not mind how a store orders the keys of what it gives back', () => {
    const record = only(after(observation()));
    const { finding } = record;
    const turned = {
      ...record,
      finding: { ...Object.fromEntries(Object.entries(finding).toReversed()), ...finding },
    };
    const [step] = reconcile(observation(), [turned]);
    expect(step?.writes).toEqual([]);
  });

  it('gives the same plan whatever the order of judgements and records', () => {
    fc.assert(
      fc.property(someObservation, someObservation, (a, b) => {
        const records = after(a);
        const turned = { ...b, judgements: b.judgements.toReversed(), coverage: b.coverage.toReversed() };
        expect(reconcile(turned, records.toReversed())).toEqual(reconcile(b, records));
      }),
    );
  });

  it('comes to the same twice as once, never loses a finding, and audits exactly the changes of state', () => {
    fc.assert(
      fc.property(fc.array(someObservation, { maxLength: 6 }), (runs) => {
        let records: FindingRecord[] = [];
        for (const run of runs) {
          const steps = reconcile(run, records);
          for (const { writes, id } of steps) {
            const former = records.find((record) => record.finding.id === id);
            expect(writes.length).toBeLessThanOrEqual(1);
            const [write] = writes;
            if (write === undefined) continue;
            expect(write.expected).toBe(former?.version ?? 0);
            expect(write.record.version).toBe(write.expected + 1);
            expect(write.audit !== null).toBe(write.record.finding.state !== former?.finding.state);
            expect(write.record.finding.lastSeen >= write.record.finding.firstSeen).toBe(true);
            expect(write.record.finding.firstSeen).toBe(former?.finding.firstSeen ?? run.now);
          }
          const next = steps.flatMap(({ record }) => (record === null ? [] : [record]));
          expect(next.length).toBeGreaterThanOrEqual(records.length);
          expect(reconcile(run, next).every(({ writes }) => writes.length === 0)).toBe(true);
          records = next;
        }
      }),
    );
  });

  it('plans 10,000 findings in order of id', () => {
    const judgements = Array.from({ length: 10_000 }, (_, n) => numbered(n));
    const steps = reconcile(observation({ judgements, coverage: complete(EAST) }), []);
    const ids = steps.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(10_000);
  });
});
