import { describe, expect, it } from 'vitest';
import type { Fresh, LedgerEvent, Life } from '../../../lib/ledger/life.ts';
import type { FindingRecord } from '../../../lib/ledger/model.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import {
  claiming,
  guarded,
  inTime,
  keep,
  type Living,
  living,
  move,
  moveMany,
  remember,
  type Sweep,
} from '../../../lib/run/sweep/context.ts';
import { differs, targetOf, timezoneOf } from '../../../lib/run/sweep/evaluate.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import { mayStop } from '../../../lib/run/sweep/stop.ts';
import { compareSaving, dueOf, newNotice, type Ready } from '../../../lib/run/sweep/tell-items.ts';
import { DUE_AT, LAUNCH, SOON, STOP, standing, WARN, WARNED_AT } from '../../ledger/decide/world.ts';
import { judgement, numbered, recordOf } from '../../ledger/fixtures.ts';
import { ANA, channel, notice, owner } from '../../ledger/lives.ts';
import { type World, world } from './world.ts';

const of = (record: FindingRecord): Living => {
  const found = living(record);
  if (found === null) throw new Error('it has a life');
  return found;
};
const warned = (life: Partial<Life> = {}): Living => of(standing('WARNED', life));

function sweepOf(
  made: World,
  change: Parameters<World['parts']>[0] = {},
  mode: Sweep['mode'] = 'act',
): Sweep {
  return { parts: made.parts(change), mode, lines: [], faults: [], redraw: new Set(), pages: [] };
}

const acknowledged: LedgerEvent = { type: 'acknowledged', by: ANA };

const saving = (amount: string | null, id: string) => {
  const record = warned();
  const monthlySaving = amount === null ? null : { amount, currency: 'USD' };
  return { ...record, finding: { ...record.finding, id, monthlySaving } };
};

describe('a record', () => {
  it('lives only where its life has begun', () => {
    expect(living(null)).toBeNull();
    expect(living({ ...standing('WARNED'), life: null })).toBeNull();
    expect(living(standing('WARNED'))).toEqual(standing('WARNED'));
  });

  it('is told in the zone in which its owner was told, else in UTC', () => {
    expect(timezoneOf(warned({ notice: { ...notice, timezone: 'Asia/Tokyo' } }))).toBe('Asia/Tokyo');
    expect(timezoneOf(warned())).toBe('UTC');
    expect(timezoneOf(warned({ notice: null }))).toBe('UTC');
  });

  it('is a target with its evidence by name', () => {
    const { finding } = warned();
    expect(targetOf(finding)).toEqual({
      provider: 'aws',
      accountId: finding.accountId,
      region: 'us-east-1',
      resourceType: 'aws:ec2:instance',
      resourceId: finding.resourceId,
      evidence: { gpu: '0.4' },
    });
  });

  it('comes before another by its saving, what has none last, then by its id', () => {
    const all = [
      saving(null, 'f-1'),
      saving('5', 'f-2'),
      saving('10.5', 'f-4'),
      saving('10.5', 'f-3'),
      saving('-2', 'f-0'),
    ];
    const order = ['f-3', 'f-4', 'f-2', 'f-1', 'f-0'];
    expect(all.toSorted(compareSaving).map(({ finding }) => finding.id)).toEqual(order);
    expect(
      all
        .toReversed()
        .toSorted(compareSaving)
        .map(({ finding }) => finding.id),
    ).toEqual(order);
  });
});

describe('whether it is what was warned about', () => {
  it('goes by launch and parent', () => {
    expect(differs(LAUNCH, LAUNCH)).toBeNull();
    expect(differs(null, LAUNCH)).toBe('it is not known what was warned about');
    expect(differs(LAUNCH, { ...LAUNCH, launch: DUE_AT })).toBe('it was launched again since the warning');
    expect(differs(LAUNCH, { ...LAUNCH, parent: 'group g' })).toBe('it belongs to group g now');
    expect(differs({ ...LAUNCH, parent: 'group g' }, LAUNCH)).toBe('it belongs to nothing now');
  });

  const stopNow = { by: ANA, at: WARNED_AT, noticeId: notice.id };
  const other = { ...LAUNCH, launch: DUE_AT };
  it.each<[string, Partial<Life>, Fresh, boolean]>([
    ['waste', {}, { kind: 'waste', judgement: judgement(), fingerprint: LAUNCH }, true],
    ['waste of another launch', {}, { kind: 'waste', judgement: judgement(), fingerprint: other }, false],
    [
      'waste of another launch that the owner wants stopped',
      { stopNow },
      { kind: 'waste', judgement: judgement(), fingerprint: other },
      false,
    ],
    ['in use', {}, { kind: 'in-use', judgement: null, reason: 'x', fingerprint: LAUNCH }, false],
    [
      'in use, and the owner wants it stopped',
      { stopNow },
      { kind: 'in-use', judgement: null, reason: 'x', fingerprint: LAUNCH },
      true,
    ],
    [
      'in use of another launch, and the owner wants it stopped',
      { stopNow },
      { kind: 'in-use', judgement: null, reason: 'x', fingerprint: other },
      false,
    ],
    ['in use, not read', { stopNow }, { kind: 'in-use', judgement: null, reason: 'x' }, false],
    [
      'in use, not recognised',
      { stopNow },
      { kind: 'in-use', judgement: null, reason: 'x', fingerprint: null },
      false,
    ],
    ['resting', {}, { kind: 'rests', judgement: judgement(), fingerprint: LAUNCH }, false],
    [
      'resting, and the owner wants it stopped',
      { stopNow },
      { kind: 'rests', judgement: judgement(), fingerprint: LAUNCH },
      true,
    ],
    [
      'wanted on an earlier notice',
      { stopNow: { ...stopNow, noticeId: 'n-0' } },
      { kind: 'rests', judgement: judgement(), fingerprint: LAUNCH },
      false,
    ],
    [
      'wanted where there is no notice',
      { stopNow, notice: null },
      { kind: 'rests', judgement: judgement(), fingerprint: LAUNCH },
      false,
    ],
    ['changed', { stopNow }, { kind: 'changed', reason: 'x', fingerprint: LAUNCH }, false],
    ['unknown', { stopNow }, { kind: 'unknown', reason: 'x' }, false],
    ['gone', { stopNow }, { kind: 'gone' }, false],
    ['unread', { stopNow }, { kind: 'unread' }, false],
  ])('says whether it may be stopped: %s', (_what, life, fresh, may) => {
    expect(mayStop(warned(life), fresh)).toBe(may);
  });
});

describe('the date of a warning', () => {
  const made = world();
  const item = { findingId: 'f', action: 'Stop it.', reversible: true, lost: [], staysBilled: [], risks: [] };
  const ready = (change: Partial<Ready> = {}): Ready => ({
    record: warned({ policy: { ...STOP, grace: '24h' } }),
    item,
    fingerprint: LAUNCH,
    ...change,
  });
  const told = { recipient: owner, deliveredAt: '2026-11-16T09:00:00.000Z' };

  it('is the end of the grace in the zone of its owner', () => {
    expect(dueOf(sweepOf(made), ready(), told)).toBe('2026-11-17T09:00:00.000Z');
    const zones: string[] = [];
    const calendars = (timezone: string, at: Date) => {
      zones.push(`${timezone} ${at.toISOString()}`);
      return made.parts().calendars(timezone, at);
    };
    dueOf(sweepOf(made, { calendars }), ready(), { ...told, timezone: 'Asia/Tokyo' });
    dueOf(sweepOf(made, { calendars }), ready(), told);
    expect(zones).toEqual([`Asia/Tokyo ${told.deliveredAt}`, `UTC ${told.deliveredAt}`]);
    const none = { ...STOP, grace: null };
    expect(dueOf(sweepOf(made), ready({ record: warned({ policy: none }) }), told)).toBe(
      '2026-11-18T09:00:00.000Z',
    );
  });

  it.each<[string, Ready, Partial<typeof told> & { recipient?: typeof channel }]>([
    ['the policy only warns', ready({ record: warned({ policy: WARN }) }), {}],
    ['the verdict may not be acted on', ready({ record: warned({ actionable: false }) }), {}],
    ['nothing would be done', ready({ item: { ...item, action: null } }), {}],
    ['it cannot be undone', ready({ item: { ...item, reversible: false } }), {}],
    ['it could not be read', ready({ fingerprint: null }), {}],
    ['only a channel is told', ready(), { recipient: { ...channel, person: null } }],
    [
      'a channel with a person is told',
      ready(),
      { recipient: Object.assign({ ...channel }, { person: ANA }) },
    ],
    ['Slack does not know the owner', ready(), { recipient: Object.assign({ ...owner }, { person: null }) }],
  ])('is none where %s', (_what, each, change) => {
    expect(dueOf(sweepOf(made), each, { ...told, ...change })).toBeNull();
  });

  it('stands in a notice of its own for each version of what it tells', () => {
    const now = new Date('2026-11-16T09:00:00.000Z');
    const known = { person: ANA, name: 'Ana', timezone: 'Asia/Tokyo' };
    const one = newNotice(owner, known, [ready()], 3, now);
    expect(one).toMatchObject({
      schemaVersion: 1,
      kind: 'warning',
      recipient: { id: owner.id, person: ANA },
      timezone: 'Asia/Tokyo',
      items: [item],
      more: 2,
      request: null,
      place: null,
      createdAt: now.toISOString(),
    });
    const record = warned({ policy: { ...STOP, grace: '24h' } });
    const later = newNotice(owner, known, [ready({ record: { ...record, version: 9 } })], 3, now);
    expect(later.id).not.toBe(one.id);
    expect(newNotice(channel, null, [ready()], 1, now)).toMatchObject({
      kind: 'claim',
      recipient: channel,
      timezone: 'UTC',
      more: 0,
    });
    // Whatever Slack knows of it, a channel gets no person.
    expect(newNotice(channel, known, [ready()], 1, now).recipient).toEqual(channel);
    expect(newNotice({ ...owner, person: null }, null, [ready()], 1, now).recipient.person).toBeNull();
  });
});

async function begun(): Promise<{ made: World; record: FindingRecord }> {
  const made = world();
  const record = { ...standing('WARNED'), version: 1 };
  await made.ledger.put(record, 0, null);
  return { made, record };
}

describe('one event', () => {
  it('is written with its entry, and what follows from it is kept for later', async () => {
    const { made, record } = await begun();
    const run = sweepOf(made);
    const moved = await move(run, record, acknowledged);
    expect(moved?.record).toMatchObject({ version: 2, finding: { state: 'ACKNOWLEDGED' } });
    expect([...run.redraw]).toEqual([notice.id]);
    expect(made.ledger.trail()).toMatchObject([
      { actor: 'sweep', runId: run.parts.runId, to: 'ACKNOWLEDGED' },
    ]);
    // The same on the record as it was read: another process was between.
    const again = sweepOf(made);
    expect(await move(again, record, acknowledged)).toBeNull();
    expect(again.redraw.size).toBe(0);
  });

  it('that changes nothing writes nothing', async () => {
    const { made, record } = await begun();
    const run = sweepOf(made);
    expect(await move(run, record, { type: 'stop-done', at: SOON, estimated: null })).toMatchObject({
      record: { version: 1 },
      decision: { taken: false },
    });
    expect(await move(run, { ...record, life: null }, acknowledged)).toBeNull();
    expect(made.ledger.trail()).toEqual([]);
  });

  it('pages with an id of its own for each version', async () => {
    const made = world();
    const record = { ...standing('STARTING'), version: 1 };
    await made.ledger.put(record, 0, null);
    const run = sweepOf(made);
    await move(run, record, { type: 'undo-failed', reason: 'no capacity' });
    expect(run.pages).toEqual([
      { id: `page/${record.finding.id}/2`, text: 'trainer could not be brought back: no capacity' },
    ]);
  });

  it('that has happened is kept whoever is between, eight times', async () => {
    let busy = false;
    let times = 7;
    let tries = 0;
    const made: World = world(['i-1'], {
      async onCall({ operation, phase, about: [id = ''] }) {
        if (busy || operation !== 'put' || phase !== 'before') return;
        tries += 1;
        if (tries > times) return;
        busy = true;
        const found = await made.ledger.get(id);
        if (found !== null)
          await made.ledger.put({ ...found, version: found.version + 1 }, found.version, null);
        busy = false;
      },
    });
    busy = true;
    const record = { ...standing('WARNED'), version: 1 };
    await made.ledger.put(record, 0, null);
    busy = false;
    const run = sweepOf(made);
    expect(await keep(run, record.finding.id, acknowledged)).toMatchObject({ decision: { taken: true } });
    expect(run.faults).toEqual([]);
    times = 999;
    tries = 0;
    expect(await keep(run, record.finding.id, { type: 'reminded', kind: 'reminder' })).toBeNull();
    expect(tries).toBe(8);
    expect(run.faults).toEqual([
      `${record.finding.id}: reminded could not be recorded, others keep changing it`,
    ]);
    expect(await keep(run, 'f-none', acknowledged)).toBeNull();
    expect(run.faults).toHaveLength(1);
  });

  it('of many is written in portions, those that others changed are left out', async () => {
    const made = world();
    const sizes: number[] = [];
    const records = Array.from({ length: 501 }, (_, n) => {
      const { finding } = recordOf(numbered(n));
      const { state, dueAt } = standing('WARNED').finding;
      return { ...standing('WARNED'), version: 1, finding: { ...finding, state, dueAt } };
    });
    await made.ledger.putMany(records.map((record) => ({ record, expected: 0, audit: null })));
    const [first] = records;
    if (first === undefined) throw new Error('there are 501');
    await made.ledger.put({ ...first, version: 2 }, 1, null);
    const ledger = {
      ...made.ledger,
      putMany: async (writes: Parameters<typeof made.ledger.putMany>[0]) => {
        sizes.push(writes.length);
        return await made.ledger.putMany(writes);
      },
    };
    const run = sweepOf(made, { ledger });
    const resting = { ...standing('SNOOZED'), finding: { ...standing('SNOOZED').finding, id: 'f-resting' } };
    await moveMany(run, [
      { record: resting, event: acknowledged },
      ...records.map((record) => ({ record, event: acknowledged })),
    ]);
    expect(sizes).toEqual([500, 1]);
    expect(await made.ledger.get(first.finding.id)).toMatchObject({ finding: { state: 'WARNED' } });
    expect(made.ledger.trail()).toHaveLength(500);
    expect([...run.redraw]).toEqual([notice.id]);
    const none = sweepOf(made);
    await moveMany(none, [{ record: first, event: acknowledged }]);
    expect(none.redraw.size).toBe(0);
  });

  it('notes what owners must hear of before it is done, but in a dry run', async () => {
    const { made } = await begun();
    const dry = sweepOf(made, {}, 'dry-run');
    await remember(dry, [warned()]);
    expect([dry.redraw.size, made.ledger.docs().size]).toEqual([0, 0]);
    const run = sweepOf(made);
    await remember(run, [warned(), warned({ notice: null }), warned()]);
    expect([...run.redraw]).toEqual([notice.id]);
    expect(made.ledger.docs().get('slack/untold')?.value).toMatchObject({ redraw: [notice.id] });
  });
});

describe('a piece of work', () => {
  it('is claimed by itself, for as long as the settings say, and let go', async () => {
    const made = world();
    const run = sweepOf(made);
    const holders: string[] = [];
    const work = async () => {
      const [claim] = made.ledger.claims();
      holders.push(claim?.holder ?? '');
      expect(claim).toMatchObject({ resourceId: 'r', until: '2026-11-16T09:20:00.000Z' });
      expect(await claiming(run, 'r', async () => 'inner')).toBeNull();
      return 'outer';
    };
    expect(await claiming(run, 'r', work)).toEqual({ done: 'outer' });
    expect(made.ledger.claims()).toEqual([]);
    await claiming(run, 'r', work);
    expect(new Set(holders).size).toBe(2);
    for (const holder of holders) expect(holder).toMatch(new RegExp(`^${run.parts.runId}/\\d+$`));
    await expect(claiming(run, 'r', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(made.ledger.claims()).toHaveLength(1);
  });

  it('begins only in time; what meets it is told, and a defect is thrown on', async () => {
    const made = world();
    const run = sweepOf(made, { deadline: new Date('2026-11-16T09:00:00.001Z') });
    expect(inTime(run)).toBe(true);
    expect(inTime(sweepOf(made, { deadline: made.now() }))).toBe(false);
    expect(inTime(sweepOf(made))).toBe(true);
    let worked = 0;
    await guarded(sweepOf(made, { deadline: made.now() }), warned(), async () => void (worked += 1));
    await guarded(run, warned(), async () => void (worked += 1));
    expect(worked).toBe(1);
    const error = new BursarError('denied', 'no right', { where: 'here', hint: 'Ask.' });
    await guarded(run, warned(), () => Promise.reject(error));
    expect(run.faults).toEqual([`${standing('WARNED').finding.id}: ${error.told}`]);
    await expect(guarded(run, warned(), () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });
});

it('a sweep says what it is at, in its order', async () => {
  const steps: string[] = [];
  const progress = { step: (step: string) => void steps.push(step), warn: () => undefined };
  await sweep(world().parts({ progress }), 'act');
  expect(steps).toEqual([
    'bringing back',
    'finishing what was begun',
    'telling people',
    'checking what is due',
  ]);
});
