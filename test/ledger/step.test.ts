import { describe, expect, it } from 'vitest';
import { same } from '../../lib/ledger/decide/index.ts';
import type { Hold } from '../../lib/ledger/life.ts';
import type { FindingRecord, Terms } from '../../lib/ledger/model.ts';
import { reconcile } from '../../lib/ledger/reconcile.ts';
import { record } from '../../lib/ledger/record.ts';
import { stepOf } from '../../lib/ledger/step.ts';
import { AFTER, checkedWith, DUE_AT, FAR, intent, STOP, standing, waste } from './decide/world.ts';
import { judgement, observation, T1, T2, T3 } from './fixtures.ts';
import { ANA, owner } from './lives.ts';
import { memoryLedger } from './memory.ts';

const cause = { actor: 'sweep', runId: 'run-9' };
const terms: Terms = { policy: STOP, actionable: true, recipient: owner, hold: null };
const termsOf = () => terms;

describe('one step', () => {
  it('is written with what was before and after it, intent and undo plan among them', () => {
    const warned = standing('WARNED');
    const { write } = stepOf(warned, checkedWith(waste), new Date(AFTER), cause);
    expect(write).toMatchObject({
      expected: warned.version,
      record: { version: warned.version + 1, finding: { state: 'STOPPING', lastSeen: AFTER } },
      audit: {
        at: AFTER,
        actor: 'sweep',
        from: 'WARNED',
        to: 'STOPPING',
        runId: 'run-9',
        resourceId: warned.finding.resourceId,
        details: { event: 'checked', before: { intent: null }, after: { intent } },
      },
    });
  });

  it('writes without an entry what only moves the next look, and nothing where nothing changes', () => {
    const resting = standing('SNOOZED');
    const over = stepOf(resting, { type: 'woken', reversible: true }, new Date(FAR), cause);
    expect(over.write).toMatchObject({ record: { wakeAt: null }, audit: null });
    const late = stepOf(resting, { type: 'acknowledged', by: ANA }, new Date(AFTER), cause);
    expect(late).toMatchObject({ write: null, record: resting, decision: { taken: false } });
  });

  it('keeps the words of the judgement while it is open, and takes those of the end', () => {
    const acknowledged = stepOf(
      standing('WARNED'),
      { type: 'acknowledged', by: ANA },
      new Date(AFTER),
      cause,
    );
    expect(acknowledged.record?.finding.reason).toBe(judgement().reason);
    const gone = stepOf(standing('WARNED'), checkedWith({ kind: 'gone' }), new Date(AFTER), cause);
    expect(gone.record?.finding).toMatchObject({
      state: 'RESOLVED',
      dueAt: null,
      reason: expect.stringMatching(/gone/),
    });
  });

  it('makes what was observed before a stop count no more', () => {
    const stopping = standing('STOPPING');
    const done = stepOf(stopping, { type: 'stop-done', at: AFTER, estimated: null }, new Date(AFTER), cause);
    const stopped = done.record === null ? [] : [done.record];
    const outside = [{ resourceId: judgement().resourceId, what: 'started' as const }];
    const before = observation({ now: DUE_AT, judgements: [], outside });
    expect(reconcile(before, stopped)).toMatchObject([{ writes: [] }]);
    const after = observation({ now: FAR, judgements: [], outside });
    expect(reconcile(after, stopped)).toMatchObject([{ record: { finding: { state: 'RESOLVED' } } }]);
    // The stop of another finding of the resource.
    const other = after.outside?.map((each) => ({ ...each, findingId: 'f-other' })) ?? [];
    expect(reconcile({ ...after, outside: other }, stopped)).toMatchObject([{ writes: [] }]);
  });
});

describe('the same', () => {
  it('is said of values, an absent key being one that is undefined', () => {
    expect(same({ a: 1, b: [1, { c: null }] }, { a: 1, b: [1, { c: null }] })).toBe(true);
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(same({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(same({ a: 1, b: null }, { a: 1 })).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same([1], [1, 2])).toBe(false);
    expect(same(Number.NaN, Number.NaN)).toBe(true);
    expect(same(0, -0)).toBe(true);
    expect(same(null, {})).toBe(false);
    expect(same('1', 1)).toBe(false);
  });
});

describe('an audit with policies', () => {
  it('detects and tells in two entries, once', async () => {
    const ledger = memoryLedger();
    const run = observation();
    const { findings } = await record(ledger, run, { termsOf });
    expect(findings).toMatchObject([{ state: 'NOTIFY_PENDING' }]);
    expect(ledger.trail().map(({ from, to }) => [from, to])).toEqual([
      [null, 'DETECTED'],
      ['DETECTED', 'NOTIFY_PENDING'],
    ]);
    expect(ledger.records()).toMatchObject([{ version: 2, wakeAt: T1, life: { recipient: owner } }]);
    await record(ledger, run, { termsOf });
    await record(ledger, observation({ now: T2, runId: 'run-2' }), { termsOf });
    expect(ledger.trail()).toHaveLength(2);
    expect(await ledger.due(T2, 10)).toHaveLength(1);
  });

  it('takes up a finding that was written as detected when its process ended', async () => {
    let writes = 0;
    const ledger = memoryLedger({
      onCall({ operation, phase }) {
        if (operation === 'putMany' && phase === 'after') writes += 1;
      },
    });
    const [step] = reconcile(observation(), [], { termsOf });
    await ledger.putMany(step?.writes.slice(0, 1) ?? []);
    const { findings } = await record(ledger, observation({ now: T2, runId: 'run-2' }), { termsOf });
    expect(findings).toMatchObject([{ state: 'NOTIFY_PENDING' }]);
    expect(writes).toBe(2);
  });

  it('lets a hold on one finding cover the others of its resource, unless it is limited to a check', () => {
    const hold: Hold = { kind: 'exemption', check: null, until: FAR, by: ANA, approvedBy: ANA, reason: 'x' };
    const exempt = standing('EXEMPT', { hold });
    const states = (of: FindingRecord, resourceId = exempt.finding.resourceId) => {
      const judgements = [judgement({ check: 'untagged', resourceId })];
      const run = observation({ now: T3, judgements, checksRun: [] });
      return reconcile(run, [of], { termsOf })
        .filter(({ record: kept }) => kept?.finding.check === 'untagged')
        .map(({ record: kept }) => kept?.finding.state);
    };
    expect(states(exempt)).toEqual(['EXEMPT']);
    expect(states(exempt, 'another')).toEqual(['NOTIFY_PENDING']);
    expect(states(standing('EXEMPT', { hold: { ...hold, check: 'idle-gpu' } }))).toEqual(['NOTIFY_PENDING']);
    expect(states(standing('EXEMPT', { hold: { ...hold, until: T2 } }))).toEqual(['NOTIFY_PENDING']);
  });

  it('does not carry what was stopped as waste that it failed to see', async () => {
    const ledger = memoryLedger();
    for (const state of ['STOPPED', 'WARNED'] as const) {
      const each = standing(state);
      const id = state === 'WARNED' ? `f-${'a'.repeat(26)}` : each.finding.id;
      await ledger.put({ ...each, version: 1, finding: { ...each.finding, id } }, 0, null);
    }
    const blind = observation({ now: T3, judgements: [], coverage: [] });
    const { carried, findings, resolved } = await record(ledger, blind);
    expect(carried.map(({ state }) => state)).toEqual(['WARNED']);
    expect([...findings, ...resolved]).toEqual([]);
  });
});
