import { describe, expect, it } from 'vitest';
import type { Money } from '../../lib/focus/money.ts';
import type { WorkCalendar } from '../../lib/ledger/calendar.ts';
import {
  type Canary,
  type Caps,
  canaryState,
  DEFAULT_GRACE,
  type GuardFacts,
  guard,
  type LiveFacts,
  overCap,
  type Place,
  placeOf,
  stopTime,
} from '../../lib/ledger/guards.ts';
import type { Hold, Life } from '../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../lib/ledger/model.ts';
import { AFTER, DUE_AT, FAR, LIFE, STOP, standing, WARN, WARNED_AT } from './decide/world.ts';
import { ANA, APPROVER, BEN, channel, notice, owner, second } from './lives.ts';

const ALWAYS: WorkCalendar = { timezone: 'UTC', holidays: new Set(), quiet: null, weekends: true };
const NIGHTS: WorkCalendar = { ...ALWAYS, quiet: { from: 18 * 60, to: 8 * 60 } };
const MORNINGS: WorkCalendar = { ...ALWAYS, quiet: { from: 8 * 60, to: 12 * 60 } };

const LIVE: LiveFacts = {
  tags: { owner: 'ana@acme.example' },
  protection: null,
  policy: STOP,
  owner: owner.id,
  inFlight: null,
  holds: [],
  requests: [],
};

/** Everything allows a stop, but for what a test changes. */
function facts(change: {
  life?: Partial<Life>;
  live?: Partial<LiveFacts> | null;
  more?: Partial<GuardFacts>;
}): GuardFacts {
  const record = standing('WARNED');
  return {
    now: AFTER,
    record: { ...record, life: { ...LIFE, ...change.life } },
    paused: null,
    protectedTags: ['do-not-stop'],
    calendars: [ALWAYS],
    reversible: true,
    live: change.live === null ? null : { ...LIVE, ...change.live },
    ...change.more,
  };
}

const stopNow = { by: ANA, at: WARNED_AT, noticeId: notice.id };
const hold: Hold = {
  kind: 'snooze',
  check: null,
  until: FAR,
  by: ANA,
  approvedBy: null,
  reason: 'a run',
};
const at = (now: string) => ({ now });

describe('a stop', () => {
  it('is allowed only where nothing forbids it', () => {
    expect(guard(facts({}))).toBeNull();
    expect(guard(facts({ live: null }))).toBeNull();
    expect(guard(facts({ more: at(DUE_AT) }))).toBeNull();
  });

  it.each<[string, Parameters<typeof facts>[0], string]>([
    ['it is paused', { more: { paused: 'U0ADM has paused everything' } }, 'U0ADM has paused everything'],
    ['its policy only warns', { life: { policy: WARN } }, `nothing is stopped: ${WARN.rule}`],
    ['its policy warns by now', { live: { policy: WARN } }, `nothing is stopped: ${WARN.rule}`],
    ['nobody was warned', { life: { notice: null } }, 'no owner was warned of it'],
    [
      'only a channel was told',
      { life: { notice: { ...notice, recipient: { ...channel, person: ANA } } } },
      'no owner was warned of it',
    ],
    [
      'Slack does not know the owner',
      { life: { notice: { ...notice, recipient: { ...owner, person: null } } } },
      'no owner was warned of it',
    ],
    [
      'its grace is not over',
      { more: at('2026-03-04T08:59:59.999Z') },
      'the grace of 2 days is not over before 2026-03-04T09:00:00.000Z',
    ],
    [
      'its grace is longer by now',
      { live: { policy: { ...STOP, grace: '3 days' } } },
      'the grace of 3 days is not over before 2026-03-05T09:00:00.000Z',
    ],
    ['it is kept', { life: { hold } }, `it is held until ${FAR}: a run`],
    ['the resource is kept', { live: { holds: [hold] } }, `it is held until ${FAR}: a run`],
    [
      'the second of two rests is in force',
      { live: { holds: [{ ...hold, until: DUE_AT }, hold] } },
      `it is held until ${FAR}: a run`,
    ],
    [
      'an exemption of the resource is asked for',
      { live: { requests: [{ check: null }] } },
      'an exemption of the resource is asked for',
    ],
    [
      'an exemption from this check is asked for',
      { live: { requests: [{ check: 'untagged' }, { check: 'idle-gpu' }] } },
      'an exemption of the resource is asked for',
    ],
    [
      'another stop is under way',
      { live: { inFlight: 'f-other' } },
      'another stop or undo of this resource is under way (f-other)',
    ],
    [
      'a tag protects it',
      { live: { tags: { team: 'a', ' Do-Not-Stop ': '' } } },
      'it carries the tag  Do-Not-Stop , which protects it',
    ],
    [
      'the list of protecting tags is spelled otherwise',
      { live: { tags: { keep: 'x' } }, more: { protectedTags: ['other', ' KEEP '] } },
      'it carries the tag keep, which protects it',
    ],
    [
      'its provider protects it',
      { live: { protection: 'stop protection is on' } },
      'it is protected: stop protection is on',
    ],
    [
      'it is another person’s now',
      { live: { owner: 'cy@acme.example' } },
      "it is cy@acme.example's now, who was not warned",
    ],
    [
      'its tag names nobody any more',
      { live: { owner: null } },
      `${owner.id} is not named as its owner any more`,
    ],
    [
      'its account names nobody any more',
      {
        live: { owner: null },
        life: { notice: { ...notice, recipient: { ...owner, source: 'account 1' } } },
      },
      `${owner.id} is not named as its owner any more`,
    ],
    [
      'a tag names one again who said that it is not theirs',
      { live: { owner: 'cy@acme.example' }, life: { passed: ['cy@acme.example'] } },
      `${owner.id} is not named as its owner any more`,
    ],
    [
      'the second of two calendars forbids it',
      { more: { now: '2026-03-05T19:00:00.000Z', calendars: [ALWAYS, NIGHTS] } },
      'quiet hours until 08:00',
    ],
  ])('is forbidden where %s', (_what, change, why) => {
    expect(guard(facts(change))).toBe(why);
  });

  it.each<[string, Parameters<typeof facts>[0]]>([
    ['a rest is over', { life: { hold: { ...hold, until: AFTER } } }],
    ['a rest is from another check', { live: { holds: [{ ...hold, check: 'untagged' }] } }],
    ['an exemption from another check is asked for', { live: { requests: [{ check: 'untagged' }] } }],
    ['an empty tag protects something else', { live: { tags: { 'do-not': 'stop' } } }],
    [
      'its owner has claimed it and the tags name nobody',
      { live: { owner: null }, life: { notice: { ...notice, recipient: { ...second, id: 'U0BEN' } } } },
    ],
    [
      'a tag names one who said that it is not theirs, and its owner has claimed it',
      {
        live: { owner: 'cy@acme.example' },
        life: {
          passed: ['cy@acme.example'],
          notice: { ...notice, recipient: { ...second, source: 'claimed, after tag owner' } },
        },
      },
    ],
  ])('is not forbidden where %s', (_what, change) => {
    expect(guard(facts(change))).toBeNull();
  });

  it('without a grace of its own waits two business days', () => {
    const policy = { ...STOP, grace: null };
    const early = { life: { policy }, live: { policy }, more: at('2026-03-04T08:59:00.000Z') };
    expect(guard(facts(early))).toBe(
      `the grace of ${DEFAULT_GRACE} is not over before 2026-03-04T09:00:00.000Z`,
    );
    expect(guard(facts({ life: { policy }, live: { policy } }))).toBeNull();
  });
});

describe('"Stop now"', () => {
  const early = at(WARNED_AT);
  it('waives the grace for the owner who was warned, on the notice that counts', () => {
    expect(guard(facts({ life: { stopNow }, more: early }))).toBeNull();
  });

  it.each<[string, Life['stopNow']]>([
    ['nobody', null],
    ['another person', { ...stopNow, by: BEN }],
    ['the same id in another workspace', { ...stopNow, by: { ...ANA, team: 'T2' } }],
    ['the owner, on an earlier notice', { ...stopNow, noticeId: 'n-0' }],
  ])('of %s waives nothing', (_who, said) => {
    expect(guard(facts({ life: { stopNow: said }, more: early }))).toContain('is not over before');
  });

  it('waives nothing else', () => {
    expect(guard(facts({ life: { stopNow, hold }, more: early }))).toContain('it is held');
    expect(guard(facts({ life: { stopNow }, live: { policy: WARN }, more: early }))).toContain(
      'nothing is stopped',
    );
    expect(guard(facts({ life: { stopNow }, live: { inFlight: 'f-2' }, more: early }))).toContain(
      'under way',
    );
    expect(guard(facts({ life: { stopNow }, more: { ...early, calendars: [MORNINGS] } }))).toContain('quiet');
  });
});

describe('what cannot be undone', () => {
  const irreversible = { reversible: false };
  const approved = { by: APPROVER, at: WARNED_AT };

  it('follows from the word of its owner and of a second person', () => {
    expect(guard(facts({ life: { stopNow, approved }, more: irreversible }))).toBeNull();
  });

  it('never follows from silence, however long and whoever approved', () => {
    for (const life of [{}, { approved }])
      expect(guard(facts({ life, more: { ...irreversible, ...at(FAR) } }))).toBe(
        'silence never leads to what cannot be undone',
      );
  });

  it.each<[string, Life['approved']]>([
    ['nobody', null],
    ['its owner', { by: ANA, at: WARNED_AT }],
  ])('needs more than the approval of %s', (_who, by) => {
    expect(guard(facts({ life: { stopNow, approved: by }, more: irreversible }))).toBe(
      'what cannot be undone needs an approver who is not the owner',
    );
  });

  it('may be approved by one of the same id in another workspace, or of the same workspace', () => {
    for (const by of [
      { ...ANA, team: 'T2' },
      { user: 'U0EVE', team: ANA.team },
    ])
      expect(
        guard(facts({ life: { stopNow, approved: { by, at: WARNED_AT } }, more: irreversible })),
      ).toBeNull();
  });
});

describe('a grace under several calendars', () => {
  it('ends at the first moment that all of them allow', () => {
    expect(stopTime(WARNED_AT, '2 days', [ALWAYS])).toBe(DUE_AT);
    expect(stopTime('2026-03-02T19:00:00.000Z', '1 hours', [NIGHTS])).toBe('2026-03-03T08:00:00.000Z');
    expect(stopTime('2026-03-02T19:00:00.000Z', '1 hours', [NIGHTS, MORNINGS])).toBe(
      '2026-03-03T12:00:00.000Z',
    );
    expect(stopTime('2026-03-02T07:00:00.000Z', '1 hours', [MORNINGS, NIGHTS])).toBe(
      '2026-03-02T12:00:00.000Z',
    );
    const afternoons = { ...ALWAYS, quiet: { from: 12 * 60, to: 18 * 60 } };
    expect(() => stopTime(WARNED_AT, '1 hours', [NIGHTS, MORNINGS, afternoons])).toThrow(
      new RangeError('the calendars have no time for a stop in common'),
    );
    expect(() => stopTime(WARNED_AT, '2 days', [])).toThrow(new RangeError('a grace needs a calendar'));
  });
});

const usd = (amount: string): Money => ({ amount, currency: 'USD' });
const place = (cost: Money | null): Place => ({ accountId: '1', cost });
const stoppedAt = (time: string): FindingRecord =>
  standing('STOPPED', { stopped: { at: time, action: 'a', undoPlan: null, estimated: null } });

describe('caps of a day', () => {
  const caps: Caps = { count: 3, money: { USD: '100' } };
  const full = (next: Place, taken: readonly Place[], of = caps) =>
    overCap(next, taken, of, 'the organisation');

  it('count stops', () => {
    const two = [place(usd('1')), place(usd('1'))];
    expect(full(place(usd('1')), two)).toBeNull();
    expect(full(place(usd('1')), [...two, place(usd('1'))])).toBe(
      'the cap of the day is reached: 3 stops for the organisation',
    );
    expect(full(place(usd('1')), [], { ...caps, count: 0 })).toContain('0 stops');
  });

  it('add up money of one currency, exactly, and are reached only above the limit', () => {
    expect(full(place(usd('0.1')), [place(usd('99.9'))])).toBeNull();
    expect(full(place(usd('0.2')), [place(usd('99.9'))])).toBe(
      'the cap of the day is reached: 100.1 of 100 USD for the organisation',
    );
    expect(full(place(usd('100')), [])).toBeNull();
    expect(full(place(usd('100.000000000000000001')), [])).toContain('100.000000000000000001 of 100 USD');
  });

  it('hold nothing of another currency or of an unknown cost against what was taken', () => {
    const others = [place({ amount: '9999', currency: 'EUR' }), place(null)];
    expect(full(place(usd('100')), others)).toBeNull();
  });

  it('count what cannot be held against them as over them', () => {
    const why = 'what it costs cannot be held against the cap of the day in money for the organisation';
    expect(full(place(null), [])).toBe(why);
    expect(full(place({ amount: '1', currency: 'EUR' }), [])).toBe(why);
    expect(full(place({ amount: '1', currency: 'toString' }), [])).toBe(why);
    expect(full(place(null), [], { count: 1, money: {} })).toBeNull();
  });
});

describe('a canary', () => {
  const CHOSEN = '2026-03-04T09:00:00.000Z';
  const HOUR_LATER = '2026-03-04T10:00:00.000Z';
  const canary: Canary = { findingId: 'f-1', at: CHOSEN, passedAt: null };

  it('is free to be chosen where there is none, and passed for good', () => {
    expect(canaryState(null, null, CHOSEN)).toBe('free');
    expect(canaryState({ ...canary, passedAt: CHOSEN }, null, CHOSEN)).toBe('passed');
  });

  it('passes an hour after its stop, not before', () => {
    expect(canaryState(canary, stoppedAt(CHOSEN), '2026-03-04T09:59:59.999Z')).toBe('waits');
    expect(canaryState(canary, stoppedAt(CHOSEN), HOUR_LATER)).toBe('passed');
    expect(canaryState(canary, stoppedAt('2026-03-04T09:30:00.000Z'), HOUR_LATER)).toBe('waits');
  });

  it.each<[FindingState, string, string]>([
    ['WARNED', '2026-03-04T09:59:59.999Z', 'waits'],
    ['WARNED', HOUR_LATER, 'free'],
    ['STOPPING', FAR, 'waits'],
    ['STOP_FAILED', FAR, 'waits'],
    ['RESTORED', FAR, 'free'],
    ['RESOLVED', CHOSEN, 'free'],
  ])('whose finding is %s at %s: %s', (state, now, expected) => {
    expect(canaryState(canary, standing(state), now)).toBe(expected);
  });

  it('whose stop is not known waits while it is young, and holds nobody up after that', () => {
    const unknown = standing('STOPPED', { stopped: null });
    for (const record of [null, unknown, { ...unknown, life: null }]) {
      expect(canaryState(canary, record, CHOSEN)).toBe('waits');
      expect(canaryState(canary, record, HOUR_LATER)).toBe('free');
    }
  });
});

it('an estimate at list prices is no cost that a cap in money can hold', () => {
  const monthlyCost = { amount: '1', currency: 'USD' };
  const caps = { count: 20, money: { USD: '5000' } };
  const billed = placeOf({ accountId: 'a', monthlyCost, costBasis: 'billed' });
  expect(billed).toEqual({ accountId: 'a', cost: monthlyCost });
  expect(overCap(billed, [], caps, 'the organisation')).toBeNull();
  const estimated = placeOf({ accountId: 'a', monthlyCost, costBasis: 'list-estimate' });
  expect(estimated).toEqual({ accountId: 'a', cost: null });
  expect(overCap(estimated, [], caps, 'the organisation')).toMatch(/cannot be held against the cap/);
});
