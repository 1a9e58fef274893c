import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../lib/checks/model.ts';
import type { Hold } from '../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../lib/ledger/model.ts';
import { holdsAmong, judgementsById, reconcile, reconcileOne } from '../../lib/ledger/reconcile.ts';
import { record } from '../../lib/ledger/record.ts';
import { STATES } from '../../lib/ledger/schema.ts';
import { FAR, intent, STOP, standing } from './decide/world.ts';
import { judgement, numbered, observation, recordOf, T1, T2 } from './fixtures.ts';
import { ANA, owner } from './lives.ts';
import { type MemoryLedger, memoryLedger } from './memory.ts';

const later = observation({ now: T2, runId: 'run-2' });

/** A ledger of these findings, each of which another run writes right before so many writes of it. */
function contested(
  records: readonly FindingRecord[],
  times: number,
): { ledger: MemoryLedger; tries: () => number } {
  let tries = 0;
  let busy = true;
  const ledger: MemoryLedger = memoryLedger({
    async onCall({ operation, phase, about }) {
      if (busy || operation !== 'putMany' || phase !== 'before' || about.length === 0) return;
      tries += 1;
      if (tries > times) return;
      busy = true;
      for (const id of new Set(about)) {
        const found = await ledger.get(id);
        if (found === null) continue;
        const finding = { ...found.finding, firstSeen: '2026-01-01T00:00:00.000Z' };
        await ledger.put({ ...found, finding, version: found.version + 1 }, found.version, null);
      }
      busy = false;
    },
  });
  for (const each of records) void ledger.put(each, 0, null);
  busy = false;
  return { ledger, tries: () => tries };
}

describe('a run whose writes lose to another', () => {
  const all = [numbered(1), numbered(2)];
  const known = all.map((each) => recordOf(each));
  const ids = known.map(({ finding }) => finding.id).toSorted();

  it('is reconciled again with what the other wrote, until it is written', async () => {
    const { ledger, tries } = contested(known, 3);
    const done = await record(ledger, { ...later, judgements: all }, { attempts: 10 });
    expect(tries()).toBe(4);
    expect(done).toMatchObject({ conflicts: [], newer: [], resolved: [], carried: [] });
    expect(done.findings.map(({ id }) => id)).toEqual(ids);
    expect(done.findings.every(({ lastSeen }) => lastSeen === T2)).toBe(true);
    // As the other run left them.
    expect(done.findings.every(({ firstSeen }) => firstSeen === '2026-01-01T00:00:00.000Z')).toBe(true);
    expect(ledger.records().map(({ version }) => version)).toEqual([5, 5]);
  });

  it('is given up after so many attempts, and says which findings it could not write', async () => {
    const { ledger, tries } = contested(known, 99);
    const done = await record(ledger, { ...later, judgements: all }, { attempts: 3 });
    expect(tries()).toBe(3);
    expect(done.conflicts).toEqual(ids);
    expect(ledger.records().every(({ finding }) => finding.lastSeen === T1)).toBe(true);
  });

  it('leaves what a newer version took over meanwhile, and tells of it as such', async () => {
    const [first = ''] = ids;
    const { ledger } = contested(known, 0);
    let seen = false;
    const store: MemoryLedger = {
      ...ledger,
      async putMany(writes) {
        if (!seen) ledger.makeNewer(first);
        seen = true;
        return await ledger.putMany(writes);
      },
    };
    const done = await record(store, { ...later, judgements: all }, { attempts: 2 });
    expect(done).toMatchObject({ newer: [first], conflicts: [] });
    expect(done.findings.map(({ id }) => id)).toEqual(ids.slice(1));
    // The next run does not touch it at all.
    const next = await record(ledger, observation({ now: FAR, runId: 'run-3', judgements: all }));
    expect(next).toMatchObject({ newer: [first], conflicts: [] });
    expect(next.findings.map(({ id }) => id)).toEqual(ids.slice(1));
  });

  it('judges what is no longer waste by its absence in every attempt', async () => {
    const { ledger } = contested(known, 2);
    const done = await record(ledger, { ...later, judgements: [] });
    expect(done.resolved.map(({ id }) => id)).toEqual(ids);
    expect(done.findings).toEqual([]);
  });
});

const off = () => ({
  policy: { mode: 'off', rule: 'off', grace: null } as const,
  actionable: true,
  recipient: null,
  hold: null,
});

describe('what a run tells', () => {
  it.each(STATES)('of a finding that it failed to see, in state %s', async (state: FindingState) => {
    const ledger = memoryLedger();
    await ledger.put({ ...standing(state), version: 1 }, 0, null);
    const { carried, resolved, findings } = await record(ledger, { ...later, judgements: [], coverage: [] });
    const over = ['STOPPED', 'UNDO_REQUESTED', 'STARTING', 'RESTORED', 'RESTORE_FAILED', 'RESOLVED'];
    expect(carried.map((each) => each.state)).toEqual(over.includes(state) ? [] : [state]);
    expect([...resolved, ...findings]).toEqual([]);
  });

  it('of a finding that was resolved before is nothing, and of one that is resolved now, once', async () => {
    const ledger = memoryLedger();
    await record(ledger, observation());
    const done = await record(ledger, { ...later, judgements: [] });
    expect(done.resolved).toHaveLength(1);
    const again = await record(ledger, observation({ now: FAR, runId: 'run-3', judgements: [] }));
    expect(again).toMatchObject({ resolved: [], carried: [], findings: [] });
  });

  it('under no policy is flagged and nothing else', async () => {
    const ledger = memoryLedger();
    await record(ledger, observation());
    expect(ledger.records()).toMatchObject([
      {
        finding: { state: 'DETECTED' },
        wakeAt: null,
        life: {
          policy: { mode: 'flag', rule: 'no policy applies', grace: null },
          actionable: false,
          recipient: null,
          hold: null,
        },
      },
    ]);
  });

  it('of what a policy turns off is nothing', async () => {
    const ledger = memoryLedger();
    expect(await record(ledger, observation(), { termsOf: off })).toMatchObject({
      findings: [],
      carried: [],
    });
    expect(ledger.records()).toEqual([]);
  });

  it('of an observation that is older than what is known changes nothing; the same one again is applied', () => {
    const known = recordOf(judgement());
    const early = { ...observation({ now: '2026-02-01T00:00:00.000Z' }), judgements: [] };
    expect(reconcileOne(known.finding.id, null, known, early)).toEqual({
      id: known.finding.id,
      writes: [],
      record: known,
      seen: false,
    });
    const [same] = reconcile({ ...observation(), judgements: [] }, [known]);
    expect(same?.record?.finding.state).toBe('RESOLVED');
  });
});

const termsOf = () => ({ policy: STOP, actionable: true, recipient: owner, hold: null });

const steps = (state: FindingState) =>
  reconcile(observation({ now: FAR }), [standing(state)], { termsOf })[0];

describe('what others did to a resource', () => {
  const about = standing('STOPPED').finding.resourceId;
  const outside = [
    { resourceId: 'another', what: 'started' as const },
    { resourceId: about, what: 'deleted' as const },
  ];
  const after = (
    state: FindingState,
    judgedNow: boolean,
    more: Parameters<typeof standing>[1] = {},
    resources = outside,
  ) => {
    const run = observation({ now: FAR, outside: resources });
    const [step] = reconcile(run, [standing(state, more)], { termsOf });
    // What is judged instead is seen now.
    expect(step?.record?.finding.lastSeen === FAR).toBe(judgedNow);
    return step?.record?.finding.state;
  };

  it('counts more than a judgement where a stop of ours may be ended by it', () => {
    expect(after('STOPPED', false)).toBe('RESOLVED');
    expect(after('RESTORE_FAILED', false)).toBe('RESOLVED');
    expect(after('ESCALATED', false, { intent })).toBe('RESOLVED');
  });

  it('counts for nothing where no stop of ours was tried, or it was another resource', () => {
    expect(after('ESCALATED', true)).not.toBe('RESOLVED');
    expect(after('WARNED', true, { intent })).not.toBe('RESOLVED');
    expect(after('WARNED', true)).toBe('WARNED');
    expect(after('STOPPED', false, {}, outside.slice(0, 1))).toBe('STOPPED');
    const old = { ...standing('ESCALATED'), life: null };
    const [step] = reconcile(observation({ now: FAR, outside }), [old], { termsOf });
    expect(step?.record?.finding.state).not.toBe('RESOLVED');
  });

  it('is told of a finding in one entry, and in two where it is detected and told of', () => {
    expect(steps('RESOLVED')?.writes.map(({ record: kept }) => kept.finding.state)).toEqual([
      'DETECTED',
      'NOTIFY_PENDING',
    ]);
    expect(steps('DETECTED')?.writes.map(({ record: kept }) => kept.finding.state)).toEqual([
      'NOTIFY_PENDING',
    ]);
    expect(steps('WARNED')?.writes).toHaveLength(1);
    expect(reconcile(observation(), [], {})[0]?.writes).toHaveLength(1);
  });
});

const hold = (until: string): Hold => ({
  kind: 'snooze',
  check: null,
  until,
  by: ANA,
  approvedBy: null,
  reason: 'x',
});

const of = (life: Partial<NonNullable<FindingRecord['life']>> | null, resourceId = 'r') => {
  const found = standing('SNOOZED', life ?? {});
  return { ...found, life: life === null ? null : found.life, finding: { ...found.finding, resourceId } };
};

describe('holds of a resource', () => {
  it('are those of all its findings, of whatever check', () => {
    const holdsOf = holdsAmong([
      of({ hold: hold(T1) }),
      of({ hold: null }),
      of(null),
      of({ hold: hold(T2) }),
      of({ hold: hold(FAR) }, 's'),
    ]);
    expect(holdsOf('r')).toEqual([hold(T1), hold(T2)]);
    expect(holdsOf('s')).toEqual([hold(FAR)]);
    expect(holdsOf('t')).toEqual([]);
  });
});

const usd = (amount: string) => ({ amount, currency: 'USD' });
const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('two judgements of one finding', () => {
  it.each<[string, Partial<Judgement>, Partial<Judgement>]>([
    ['the larger saving', { monthlySaving: usd('10') }, { monthlySaving: usd('9.5') }],
    ['a saving that is known', { monthlySaving: usd('-1') }, { monthlySaving: null }],
    [
      'a saving that is known, whatever else they say',
      { monthlySaving: usd('-1'), confidence: 'high' },
      { monthlySaving: null, confidence: 'low' },
    ],
    ['by currency where they differ', { monthlySaving: usd('1') }, { monthlySaving: eur('9') }],
    [
      'the larger cost where savings are equal',
      { monthlySaving: usd('1.0'), monthlyCost: usd('3') },
      { monthlySaving: usd('1'), monthlyCost: usd('2') },
    ],
    [
      'the larger cost where no saving is known',
      { monthlySaving: null, monthlyCost: usd('3') },
      { monthlySaving: null, monthlyCost: null },
    ],
    [
      'one of them for good where all is equal',
      { monthlySaving: null, monthlyCost: null, reason: 'b' },
      { monthlySaving: null, monthlyCost: null, reason: 'a' },
    ],
  ])('come to %s, whichever came first', (_what, more, less) => {
    const [winner, loser] = [judgement(more), judgement(less)];
    for (const both of [
      [winner, loser],
      [loser, winner],
    ])
      expect([...judgementsById(both).values()]).toEqual([winner]);
  });
});
