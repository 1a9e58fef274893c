import { describe, expect, it } from 'vitest';
import { agenda, DEFAULT_RULES, decide, holdAmong } from '../../../lib/ledger/decide/index.ts';
import type { Fresh, Hold, LedgerEvent } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { judgement, recordOf } from '../fixtures.ts';
import { ANA, APPROVER, BEN, channel, notice, owner, second } from '../lives.ts';
import {
  AFTER,
  checkedWith,
  DUE_AT,
  EVENTS,
  FAR,
  intent,
  judgedBy,
  LAUNCH,
  LIFE,
  SOON,
  STOP,
  standing,
  WARN,
  WARNED_AT,
  waste,
} from './world.ts';

function at(record: FindingRecord | null, event: LedgerEvent | undefined, time = AFTER) {
  if (event === undefined) throw new Error('no such event');
  return decide(record, event, new Date(time));
}

const delivery = (more: Partial<Extract<LedgerEvent, { type: 'delivered' }>> = {}): LedgerEvent => ({
  type: 'delivered',
  notice: { ...notice, deliveredAt: WARNED_AT },
  fingerprint: LAUNCH,
  dueAt: DUE_AT,
  ...more,
});

function stop(more: object): LedgerEvent {
  return { type: 'stop-now', by: ANA, noticeId: notice.id, reversible: true, ...more };
}

function hold(more: Partial<Hold>): Hold {
  return { kind: 'snooze', check: null, until: FAR, by: ANA, approvedBy: null, reason: 'x', ...more };
}

/** Its owner has said "Stop now" while it could be undone. */
function wantedNow(state: FindingState) {
  const found = standing(state);
  if (found.life === null) throw new Error('it has a life');
  const stopNow = { by: ANA, at: SOON, noticeId: notice.id };
  return { ...found, wakeAt: SOON, life: { ...found.life, stopNow } };
}

describe('telling people', () => {
  it('tells in two steps what is judged for the first time', () => {
    const first = at(null, judgedBy(STOP));
    expect(first).toMatchObject({ state: 'DETECTED', wakeAt: AFTER, reason: judgement().reason });
    const record = { ...recordOf(judgement()), life: first.life, wakeAt: first.wakeAt };
    expect(at(record, judgedBy(STOP))).toMatchObject({ state: 'NOTIFY_PENDING', wakeAt: AFTER, dueAt: null });
    expect(at(record, EVENTS['woken'])).toMatchObject({ state: 'NOTIFY_PENDING' });
  });

  it('leaves flagged what mode flag, an uncertain verdict or nobody to tell leave so, and off what is off', () => {
    const nobody = judgedBy(STOP, { recipient: null });
    for (const event of [EVENTS['judged, mode flag'], EVENTS['judged, may not be acted on'], nobody])
      expect(at(standing('DETECTED'), event)).toMatchObject({ state: 'DETECTED', wakeAt: null });
    expect(at(null, EVENTS['judged, mode off'])).toMatchObject({ state: null, changed: false });
  });

  it('warns of what is certain but may not be acted on, without a date', () => {
    const event = judgedBy(STOP, { actionable: false, judgement: judgement({ verdict: 'INEFFICIENT' }) });
    const pending = at(standing('DETECTED', { policy: STOP }), event);
    expect(pending.state).toBe('NOTIFY_PENDING');
    const waiting = standing('NOTIFY_PENDING', { actionable: false });
    expect(at(waiting, delivery(), WARNED_AT)).toMatchObject({ state: 'WARNED', dueAt: null, wakeAt: null });
  });

  it('starts the clock with the delivered warning of a verified owner', () => {
    const warned = at(standing('NOTIFY_PENDING'), delivery(), WARNED_AT);
    expect(warned).toMatchObject({ state: 'WARNED', dueAt: DUE_AT, life: { fingerprint: LAUNCH } });
    expect(warned.wakeAt).toBe(SOON);
  });

  it.each<[string, FindingRecord, LedgerEvent]>([
    ['under mode warn', standing('NOTIFY_PENDING', { policy: WARN }), delivery()],
    [
      'for a channel',
      standing('NOTIFY_PENDING', { recipient: channel }),
      delivery({ notice: { ...notice, recipient: channel } }),
    ],
    [
      'for an owner whom Slack does not know',
      standing('NOTIFY_PENDING'),
      delivery({ notice: { ...notice, recipient: { ...owner, person: null } } }),
    ],
    ['without a date', standing('NOTIFY_PENDING'), delivery({ dueAt: null })],
    [
      'with a date before the warning',
      standing('NOTIFY_PENDING'),
      delivery({ dueAt: '2026-01-01T00:00:00.000Z' }),
    ],
  ])('starts no clock %s', (_, record, event) => {
    expect(at(record, event, WARNED_AT)).toMatchObject({ state: 'WARNED', dueAt: null, wakeAt: null });
  });

  it('starts none for a resource that could not be read, reads it daily, and warns again once it can be read', () => {
    const warned = at(standing('NOTIFY_PENDING'), delivery({ fingerprint: null }), WARNED_AT);
    expect(warned).toMatchObject({ state: 'WARNED', dueAt: null, wakeAt: SOON });
    const undated = { ...standing('WARNED', { fingerprint: null }, null), wakeAt: SOON };
    expect(agenda(undated, new Date(SOON))).toBe('reread');
    const unread = at(undated, checkedWith({ kind: 'unknown', reason: 'denied' }), SOON);
    expect(unread).toMatchObject({ state: 'WARNED', wakeAt: '2026-03-04T09:00:00.000Z', changed: false });
    const readable: Fresh = { kind: 'changed', reason: 'it can be read now', fingerprint: LAUNCH };
    expect(at(undated, checkedWith(readable), SOON)).toMatchObject({
      state: 'NOTIFY_PENDING',
      life: { notice: null },
    });
    expect(at(undated, checkedWith({ kind: 'gone' }), SOON)).toMatchObject({ state: 'RESOLVED' });
    // One that was left by a former version, which nothing would wake.
    const asleep = { ...standing('WARNED', { fingerprint: null }, null), wakeAt: null };
    expect(at(asleep, judgedBy(STOP), SOON)).toMatchObject({ state: 'WARNED', wakeAt: SOON });
  });

  it('counts the grace of a delivery that is found out late from then on', () => {
    const late = at(standing('NOTIFY_PENDING'), delivery(), DUE_AT);
    expect(late.dueAt).toBe('2026-03-06T09:00:00.000Z');
  });

  it('does not take the proof that another was told', () => {
    const record = standing('NOTIFY_PENDING', { recipient: second });
    expect(at(record, delivery())).toMatchObject({ taken: false, changed: false, state: 'NOTIFY_PENDING' });
  });

  it('tries again with longer pauses, then hands on, and says so', () => {
    let record = standing('NOTIFY_PENDING');
    const waits: (string | null)[] = [];
    for (let n = 0; n < DEFAULT_RULES.mostDeliveries; n += 1) {
      const { life, wakeAt, state } = at(record, EVENTS['undeliverable, for now']);
      waits.push(wakeAt);
      record = { ...record, finding: { ...record.finding, state: state ?? 'RESOLVED' }, life, wakeAt };
    }
    expect(waits).toEqual([
      '2026-03-04T09:30:00.000Z',
      '2026-03-04T09:45:00.000Z',
      '2026-03-04T10:15:00.000Z',
      AFTER,
    ]);
    expect(record).toMatchObject({
      finding: { state: 'UNDELIVERED' },
      life: { recipient: second, passed: [owner.id] },
    });
    const escalated = at(record, EVENTS['woken']);
    expect(escalated).toMatchObject({ state: 'ESCALATED', effects: [{ kind: 'page' }] });
    const next = { ...record, finding: { ...record.finding, state: 'ESCALATED' as const } };
    expect(at(next, EVENTS['woken'])).toMatchObject({ state: 'NOTIFY_PENDING', life: { recipient: second } });
  });

  it('asks nobody twice and waits for a claim when nobody is left', () => {
    const alone = { type: 'undeliverable', reason: 'left', final: true, next: owner } as const;
    expect(at(standing('NOTIFY_PENDING'), alone)).toMatchObject({ life: { recipient: null } });
    const left = standing('ESCALATED', { recipient: null });
    expect(at(left, EVENTS['woken'])).toMatchObject({ state: 'ESCALATED', wakeAt: null });
    expect(at(left, judgedBy(STOP))).toMatchObject({ state: 'ESCALATED' });
    expect(at(left, EVENTS['claimed'])).toMatchObject({
      state: 'NOTIFY_PENDING',
      life: { recipient: second },
    });
  });

  it('lets what only a channel was told be claimed, and nothing else', () => {
    const unowned = standing(
      'WARNED',
      { notice: { ...notice, recipient: channel }, recipient: channel },
      null,
    );
    expect(at(unowned, EVENTS['claimed'])).toMatchObject({ state: 'NOTIFY_PENDING', life: { notice: null } });
    expect(at(standing('WARNED'), EVENTS['claimed'])).toMatchObject({ taken: false });
    const nobody = { type: 'claimed', by: { ...second, person: null } } as const;
    expect(at(unowned, nobody)).toMatchObject({ taken: false });
  });

  it('says reminder and last call once each, then waits for the date', () => {
    const record = standing('WARNED');
    expect(agenda(record, new Date(WARNED_AT))).toBeNull();
    expect(agenda(record, new Date(SOON))).toBe('reminder');
    const reminded = at(record, EVENTS['reminded'], SOON);
    expect(reminded).toMatchObject({ state: 'WARNED', dueAt: DUE_AT, wakeAt: '2026-03-04T05:00:00.000Z' });
    const then = { ...record, life: reminded.life, wakeAt: reminded.wakeAt };
    expect(agenda(then, new Date('2026-03-04T05:00:00.000Z'))).toBe('last-call');
    expect(at(then, EVENTS['last call']).wakeAt).toBe(DUE_AT);
    expect(agenda(record, new Date(DUE_AT))).toBe('check');
  });
});

describe('people', () => {
  it('keeps the date when the warning is acknowledged', () => {
    expect(at(standing('WARNED'), EVENTS['acknowledged'])).toMatchObject({
      state: 'ACKNOWLEDGED',
      dueAt: DUE_AT,
      wakeAt: SOON,
      effects: [{ kind: 'rewrite' }],
    });
  });

  it.each<FindingState>(['WARNED', 'ACKNOWLEDGED', 'BLOCKED', 'APPROVAL_REQUESTED', 'STOP_FAILED'])(
    'lets the owner keep what is %s',
    (state) => {
      const stopNow = { by: ANA, at: SOON, noticeId: notice.id };
      expect(at(standing(state, { stopNow }), EVENTS['snoozed'])).toMatchObject({
        state: 'SNOOZED',
        dueAt: null,
        wakeAt: FAR,
        life: { stopNow: null, request: null, snoozes: 1, hold: { kind: 'snooze', until: FAR, by: ANA } },
      });
    },
  );

  it('limits how often, and takes no date that is over', () => {
    expect(at(standing('WARNED', { snoozes: 2 }), EVENTS['snoozed'])).toMatchObject({
      taken: false,
      reason: 'it was kept 2 times already: an exemption is the way to keep it longer',
    });
    const over = { type: 'snoozed', by: ANA, until: SOON, most: 2 } as const;
    expect(at(standing('WARNED'), over)).toMatchObject({ taken: false, state: 'WARNED' });
  });

  it('rests the clock while an exemption is asked for, and goes on with what was left', () => {
    const asked = at(standing('WARNED'), EVENTS['exemption asked for'], SOON);
    expect(asked).toMatchObject({
      state: 'EXEMPTION_REQUESTED',
      dueAt: null,
      life: { request: { left: 86_400_000 } },
    });
    const record = standing('EXEMPTION_REQUESTED');
    expect(at(record, EVENTS['exemption refused'])).toMatchObject({
      state: 'WARNED',
      dueAt: '2026-03-05T09:15:00.000Z',
      life: { request: null },
    });
    expect(at(record, EVENTS['exemption approved'])).toMatchObject({
      state: 'EXEMPT',
      wakeAt: FAR,
      life: { hold: { kind: 'exemption', by: ANA, approvedBy: APPROVER } },
    });
    expect(at(record, { type: 'exemption-approved', by: ANA })).toMatchObject({ taken: false });
    expect(at(record, { type: 'exemption-refused', by: ANA })).toMatchObject({ taken: false });
  });

  it('leaves at least four hours when a refusal comes at the last minute', () => {
    const record = standing('EXEMPTION_REQUESTED', {
      request: { kind: 'exemption', by: ANA, at: SOON, until: FAR, reason: 'x', check: null, left: 60_000 },
    });
    expect(at(record, EVENTS['exemption refused']).dueAt).toBe('2026-03-04T13:15:00.000Z');
  });

  it('hands over to the next, who has not been asked before', () => {
    const handed = at(standing('WARNED'), EVENTS['disowned']);
    expect(handed).toMatchObject({
      state: 'DISOWNED',
      dueAt: null,
      life: { recipient: second, passed: [owner.id] },
    });
    const back = { type: 'disowned', by: ANA, next: owner } as const;
    expect(at(standing('WARNED'), back)).toMatchObject({ life: { recipient: null } });
  });

  it('tells a late click what has happened since', () => {
    expect(at(standing('STOPPED'), EVENTS['acknowledged']).reason).toBe(
      'it was stopped on 2026-03-04 09:15 UTC, so there is nothing to acknowledge',
    );
    expect(at(recordOf(judgement()), EVENTS['snoozed'])).toMatchObject({ taken: false, changed: false });
  });
});

describe('stop now', () => {
  it('is the word of the owner who was warned, on the notice that counts, under a policy that stops', () => {
    expect(at(standing('WARNED'), EVENTS['stop now'])).toMatchObject({
      state: 'WARNED',
      dueAt: DUE_AT,
      wakeAt: AFTER,
      life: { stopNow: { by: ANA, noticeId: notice.id } },
    });
    const refused: [FindingRecord, LedgerEvent][] = [
      [standing('WARNED'), stop({ by: BEN })],
      [standing('WARNED'), stop({ by: { ...ANA, team: 'T9' } })],
      [standing('WARNED'), stop({ noticeId: 'n-0' })],
      [standing('WARNED', { policy: WARN }), stop({})],
      [standing('WARNED', { fingerprint: null }), stop({})],
      [standing('WARNED', { notice: { ...notice, recipient: channel } }), stop({})],
      [standing('SNOOZED'), stop({})],
    ];
    for (const [record, event] of refused)
      expect(at(record, event)).toMatchObject({ taken: false, changed: false });
  });

  it('waives grace and verdict, not the look at the resource', () => {
    const asked = standing('WARNED', { stopNow: { by: ANA, at: SOON, noticeId: notice.id } });
    const busy = { kind: 'in-use', judgement: null, reason: 'busy' } as const;
    expect(at(asked, checkedWith({ ...busy, fingerprint: LAUNCH }), SOON)).toMatchObject({
      state: 'STOPPING',
    });
    expect(at(asked, checkedWith(busy), SOON)).toMatchObject({ state: 'WARNED' });
    expect(at(asked, checkedWith({ ...busy, fingerprint: { ...LAUNCH, launch: SOON } }), SOON)).toMatchObject(
      {
        state: 'BLOCKED',
        life: { stopNow: null },
      },
    );
    expect(at(asked, checkedWith(waste, { guard: 'the cap is reached' }), SOON)).toMatchObject({
      state: 'BLOCKED',
      life: { blocked: 'the cap is reached' },
    });
    expect(at(standing('WARNED'), checkedWith(waste), SOON)).toMatchObject({ state: 'WARNED', taken: false });
  });

  it('waits for a second person where it cannot be undone', () => {
    const asked = at(standing('WARNED'), EVENTS['stop now, irreversible']);
    expect(asked).toMatchObject({
      state: 'APPROVAL_REQUESTED',
      wakeAt: '2026-03-11T09:15:00.000Z',
      effects: [{ kind: 'rewrite' }, { kind: 'ask-approval', what: 'stop' }],
    });
    const waiting = standing('APPROVAL_REQUESTED');
    expect(at(waiting, { type: 'stop-approved', by: ANA })).toMatchObject({ taken: false });
    expect(at(waiting, EVENTS['checked: waste, irreversible'])).toMatchObject({ taken: false });
    const approved = at(waiting, EVENTS['stop approved']);
    expect(approved).toMatchObject({ state: 'APPROVAL_REQUESTED', wakeAt: AFTER });
    const agreed = { ...waiting, life: approved.life, wakeAt: AFTER };
    expect(agenda(agreed, new Date(AFTER))).toBe('check');
    expect(at(agreed, EVENTS['checked: waste, irreversible'])).toMatchObject({ state: 'STOPPING' });
    expect(at(agreed, EVENTS['checked: waste, irreversible'], '2026-03-12T09:15:00.000Z')).toMatchObject({
      state: 'WARNED',
      dueAt: null,
      life: { stopNow: null, approved: null },
    });
  });

  it('said of what could be undone then and cannot now, is asked for anew on a notice that says so, once', () => {
    const irreversible = EVENTS['checked: waste, irreversible'];
    for (const state of ['WARNED', 'ACKNOWLEDGED', 'BLOCKED'] as const) {
      const before = wantedNow(state);
      const anew = at(before, irreversible);
      expect(anew).toMatchObject({
        state: 'NOTIFY_PENDING',
        dueAt: null,
        life: { stopNow: null, approved: null, notice: null, recipient: { id: owner.id } },
      });
      const told = {
        ...before,
        life: anew.life,
        finding: { ...before.finding, state: 'NOTIFY_PENDING' as const },
      };
      const later = { ...notice, id: 'n-2', deliveredAt: AFTER };
      const warned = at(told, { type: 'delivered', notice: later, fingerprint: LAUNCH, dueAt: null });
      expect(warned).toMatchObject({ state: 'WARNED', dueAt: null, wakeAt: null });
      const again = { ...told, life: warned.life, finding: { ...told.finding, state: 'WARNED' as const } };
      const by = { type: 'stop-now', by: ANA, noticeId: 'n-2', reversible: false } as const;
      expect(at(again, by)).toMatchObject({ state: 'APPROVAL_REQUESTED' });
    }
    expect(at(wantedNow('STOP_FAILED'), irreversible)).toMatchObject({
      state: 'ESCALATED',
      wakeAt: null,
      life: { intent },
      effects: [{ kind: 'rewrite' }, { kind: 'page' }],
    });
    expect(at(standing('STOP_FAILED'), irreversible)).toMatchObject({ state: 'ESCALATED' });
  });

  it('falls away refused, or unanswered for seven days', () => {
    const waiting = standing('APPROVAL_REQUESTED');
    for (const decision of [
      at(waiting, EVENTS['stop refused']),
      at(waiting, EVENTS['woken'], '2026-03-10T09:00:00.000Z'),
    ])
      expect(decision).toMatchObject({
        state: 'WARNED',
        dueAt: null,
        life: { stopNow: null, request: null },
      });
    expect(at(waiting, EVENTS['woken'], '2026-03-10T08:59:00.000Z')).toMatchObject({ taken: false });
  });

  it('never follows from silence where it cannot be undone', () => {
    for (const name of ['woken, irreversible', 'checked: waste, irreversible'])
      expect(at(standing('WARNED'), EVENTS[name])).toMatchObject({
        state: 'WARNED',
        dueAt: null,
        wakeAt: null,
      });
  });
});

describe('the look before a stop', () => {
  it('writes intent and undo plan with the step, and counts the attempts', () => {
    const begun = at(standing('WARNED'), EVENTS['checked: waste']);
    expect(begun).toMatchObject({
      state: 'STOPPING',
      life: { intent, blocked: null },
      wakeAt: '2026-03-04T09:20:00.000Z',
    });
    const again = at(standing('STOP_FAILED'), EVENTS['checked: waste']);
    expect(again).toMatchObject({ state: 'STOPPING', life: { intent: { attempt: 2 } } });
  });

  it('blocks what a guard forbids and what is not what was warned about, and warns of the latter anew', () => {
    for (const name of ['checked: a guard says no', 'checked: another launch', 'checked: changed'])
      expect(at(standing('WARNED'), EVENTS[name])).toMatchObject({ state: 'BLOCKED', dueAt: DUE_AT });
    expect(at(standing('BLOCKED'), EVENTS['checked: a guard says no'])).toMatchObject({ state: 'BLOCKED' });
    for (const name of ['checked: another launch', 'checked: changed'])
      expect(at(standing('BLOCKED'), EVENTS[name])).toMatchObject({
        state: 'NOTIFY_PENDING',
        dueAt: null,
        life: { notice: null, fingerprint: null },
      });
    expect(at(standing('BLOCKED'), EVENTS['checked: waste'])).toMatchObject({ state: 'STOPPING' });
  });

  it('does nothing on what is not known, and looks again', () => {
    const events = [
      EVENTS['checked: unknown'],
      checkedWith(waste, { intent: null }),
      checkedWith({ kind: 'unread' }),
    ];
    for (const event of events)
      expect(at(standing('WARNED'), event)).toMatchObject({
        state: 'WARNED',
        dueAt: DUE_AT,
        wakeAt: '2026-03-04T09:30:00.000Z',
        effects: [],
      });
    expect(at(standing('WARNED', { fingerprint: null }), EVENTS['checked: waste'])).toMatchObject({
      state: 'BLOCKED',
    });
    expect(at(standing('WARNED'), checkedWith({ kind: 'unread' }, { guard: 'paused' }))).toMatchObject({
      state: 'BLOCKED',
    });
  });

  it('rests the clock on a verdict that may not be acted on, until an audit says otherwise', () => {
    const rests = at(standing('WARNED'), EVENTS['checked: may not be acted on']);
    expect(rests).toMatchObject({
      state: 'WARNED',
      dueAt: null,
      wakeAt: null,
      life: { resting: 0, actionable: false },
    });
    const resting = standing('WARNED', { resting: 0, actionable: false }, null);
    expect(at(resting, judgedBy(STOP))).toMatchObject({
      state: 'WARNED',
      dueAt: '2026-03-04T13:15:00.000Z',
      life: { resting: null },
    });
    const early = at(standing('WARNED'), EVENTS['judged, may not be acted on'], SOON);
    expect(early).toMatchObject({ state: 'WARNED', dueAt: null, life: { resting: 86_400_000 } });
  });

  it('gives up after three attempts or a final no, pages, and waits for a person', () => {
    const failed = at(standing('STOPPING'), EVENTS['stop failed']);
    expect(failed).toMatchObject({ state: 'STOP_FAILED', wakeAt: '2026-03-04T09:30:00.000Z' });
    const final = at(standing('STOPPING'), EVENTS['stop failed for good']);
    expect(final).toMatchObject({ state: 'STOP_FAILED', wakeAt: AFTER, life: { intent: { attempt: 3 } } });
    const record = standing('STOP_FAILED', { intent: { ...intent, attempt: 3 } });
    expect(agenda(record, new Date(AFTER))).toBe('wake');
    expect(at(record, EVENTS['checked: waste'])).toMatchObject({ taken: false });
    const given = at(record, EVENTS['woken']);
    expect(given).toMatchObject({ state: 'ESCALATED', wakeAt: null, life: { recipient: null } });
    expect(given.effects.at(-1)).toMatchObject({
      kind: 'page',
      text: 'trainer: stopping failed 3 times: refused',
    });
    const escalated = { ...record, finding: { ...record.finding, state: 'ESCALATED' as const } };
    expect(at(escalated, EVENTS['absent, proven']).reason).toMatch(/a stop of ours was tried/);
    expect(at(escalated, EVENTS['deleted by others'])).toMatchObject({ state: 'RESOLVED' });
  });
});

describe('policies and holds that change', () => {
  it('takes the date away when nothing is stopped any more, and warns anew when it is again', () => {
    const flagged = at(standing('WARNED'), EVENTS['judged, mode flag'], SOON);
    expect(flagged).toMatchObject({
      state: 'WARNED',
      dueAt: null,
      wakeAt: null,
      effects: [{ kind: 'rewrite' }],
    });
    const record = { ...standing('WARNED', {}, null), life: flagged.life, wakeAt: null };
    expect(at(record, judgedBy(STOP))).toMatchObject({ state: 'NOTIFY_PENDING', dueAt: null });
    const warnOnly = standing('WARNED', { policy: WARN }, null);
    expect(at(warnOnly, judgedBy(WARN))).toMatchObject({ state: 'WARNED', dueAt: null });
    expect(at(warnOnly, judgedBy(STOP))).toMatchObject({ state: 'NOTIFY_PENDING' });
    expect(at(standing('BLOCKED'), judgedBy(WARN))).toMatchObject({
      state: 'BLOCKED',
      dueAt: null,
      wakeAt: null,
    });
    expect(at(standing('NOTIFY_PENDING'), EVENTS['judged, mode flag'])).toMatchObject({ state: 'DETECTED' });
  });

  it('warns another owner before anything else, but nobody whom the policy does not warn', () => {
    for (const state of ['WARNED', 'ACKNOWLEDGED', 'BLOCKED', 'APPROVAL_REQUESTED'] as const)
      expect(at(standing(state), EVENTS["judged, another's"])).toMatchObject({
        state: 'NOTIFY_PENDING',
        life: { recipient: { id: 'cy@acme.example' }, stopNow: null, approved: null },
      });
    const off = judgedBy({ ...WARN, mode: 'flag' }, { recipient: second });
    expect(at(standing('WARNED'), off)).toMatchObject({ state: 'WARNED', dueAt: null });
    const disowned = standing('WARNED', { passed: ['cy@acme.example'] });
    expect(at(disowned, EVENTS["judged, another's"])).toMatchObject({ state: 'WARNED', dueAt: DUE_AT });
  });

  it('covers every finding of a held resource until the hold is over, and then warns anew', () => {
    for (const state of [
      'DETECTED',
      'NOTIFY_PENDING',
      'WARNED',
      'BLOCKED',
      'APPROVAL_REQUESTED',
      'ESCALATED',
    ] as const) {
      const record = standing(state, { policy: STOP });
      expect(at(record, EVENTS['judged, snoozed resource'])).toMatchObject({ state: 'SNOOZED', dueAt: null });
      expect(at(record, EVENTS['judged, exempt resource'])).toMatchObject({ state: 'EXEMPT' });
    }
    for (const state of ['SNOOZED', 'EXEMPT'] as const) {
      expect(at(standing(state), judgedBy(STOP))).toMatchObject({ state });
      expect(at(standing(state), judgedBy(STOP), FAR)).toMatchObject({
        state: 'NOTIFY_PENDING',
        dueAt: null,
        life: { notice: null },
      });
      expect(at(standing(state), EVENTS['woken'], FAR)).toMatchObject({ state, wakeAt: null });
      expect(at(standing(state), checkedWith(waste), FAR)).toMatchObject({ state: 'NOTIFY_PENDING' });
    }
  });

  it('chooses among holds the exemption, then the longest, of this check and in force', () => {
    const short = hold({ kind: 'exemption', until: DUE_AT });
    const long = hold({ until: '2026-05-30T00:00:00.000Z' });
    expect(holdAmong([hold({}), short, null, long], 'idle-gpu', SOON)).toEqual(short);
    expect(holdAmong([hold({}), short, long], 'idle-gpu', DUE_AT)).toEqual(long);
    expect(holdAmong([hold({ check: 'untagged' })], 'idle-gpu', SOON)).toBeNull();
    expect(holdAmong([], 'idle-gpu', SOON)).toBeNull();
  });

  it('keeps an exemption when the finding is resolved and found again', () => {
    const exempt = standing('EXEMPT');
    const resolved = at(exempt, EVENTS['absent, proven']);
    const record = {
      ...exempt,
      finding: { ...exempt.finding, state: 'RESOLVED' as const },
      life: resolved.life,
    };
    const found = at(record, judgedBy(STOP));
    expect(found).toMatchObject({ state: 'DETECTED', life: { hold: { kind: 'exemption', until: FAR } } });
    const again = { ...record, finding: { ...record.finding, state: 'DETECTED' as const }, life: found.life };
    expect(at(again, judgedBy(STOP))).toMatchObject({ state: 'EXEMPT' });
  });
});

describe('after a stop', () => {
  it('keeps the undo plan, and gives it back', () => {
    const done = at(standing('STOPPING'), EVENTS['stop done']);
    expect(done).toMatchObject({
      state: 'STOPPED',
      wakeAt: null,
      dueAt: null,
      life: { stopped: { at: AFTER, action: intent.action, undoPlan: intent.undoPlan }, intent: null },
    });
    expect(at(standing('STOPPED'), EVENTS['undo asked for'])).toMatchObject({
      state: 'UNDO_REQUESTED',
      wakeAt: AFTER,
    });
    expect(at(standing('UNDO_REQUESTED'), EVENTS['undo begun'])).toMatchObject({ state: 'STARTING' });
    expect(at(standing('STARTING'), EVENTS['undo done'])).toMatchObject({
      state: 'RESTORED',
      life: { restoredAt: AFTER, intent: null },
    });
    const failed = at(standing('STARTING'), EVENTS['undo failed']);
    expect(failed).toMatchObject({ state: 'RESTORE_FAILED' });
    expect(failed.effects).toContainEqual({
      kind: 'page',
      text: 'trainer could not be brought back: InsufficientInstanceCapacity',
    });
    expect(at(standing('RESTORE_FAILED'), EVENTS['undo asked for'])).toMatchObject({
      state: 'UNDO_REQUESTED',
    });
  });

  it('is ended by others alone, and not by what was seen before it', () => {
    const stopped = standing('STOPPED');
    for (const name of ['absent, proven', 'judged, mode stop', 'woken'])
      expect(at(stopped, EVENTS[name], FAR)).toMatchObject({ state: 'STOPPED', changed: false });
    expect(at(stopped, EVENTS['started by others'], AFTER)).toMatchObject({ state: 'STOPPED', taken: false });
    expect(at(stopped, EVENTS['started by others'], FAR)).toMatchObject({ state: 'RESOLVED' });
    expect(at(stopped, EVENTS['deleted by others'], FAR)).toMatchObject({ state: 'RESOLVED' });
    expect(at(standing('WARNED'), EVENTS['deleted by others'])).toMatchObject({ taken: false });
  });

  it('leaves alone for fourteen days what was restored', () => {
    const restored = standing('RESTORED');
    expect(at(restored, judgedBy(STOP), '2026-03-18T09:14:00.000Z')).toMatchObject({
      state: 'RESTORED',
      changed: false,
      reason: expect.stringContaining('before 2026-03-18 09:15 UTC'),
    });
    expect(at(restored, judgedBy(STOP), '2026-03-18T09:15:00.000Z')).toMatchObject({
      state: 'DETECTED',
      life: { ...LIFE, notice: null, fingerprint: null, stopped: restored.life?.stopped },
    });
  });
});
