import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueTellings } from '../../../lib/ledger/alerts/agenda.ts';
import {
  alertDrawing,
  alertId,
  alertStage,
  isAlertId,
  stepAlert,
} from '../../../lib/ledger/alerts/decide.ts';
import { matching, partsOf } from '../../../lib/ledger/alerts/match.ts';
import type { Alert, AlertEvent, AlertFacts } from '../../../lib/ledger/alerts/model.ts';
import { afterBusinessHours } from '../../../lib/ledger/business-time.ts';
import { ANA, BEN, CAUSE, facts, T0, told, usd } from './fixtures.ts';

const DAY = 86_400_000;
const ID = alertId('x');
const at = (days: number) => new Date(T0.getTime() + days * DAY);

function after(events: readonly (readonly [AlertEvent, Date])[], first: AlertFacts = facts()): Alert {
  const all = [[{ type: 'seen', id: ID, facts: first }, T0] as const, ...events];
  let alert: Alert | null = null;
  for (const [event, now] of all) {
    const done = stepAlert(alert, event, now, CAUSE);
    if (done.taken) alert = done.alert;
  }
  if (alert === null) throw new Error('it was seen');
  return alert;
}

const seenOn = (days: number, more: Partial<AlertFacts> = {}) =>
  [{ type: 'seen', id: ID, facts: facts(more) }, at(days)] as const;

describe('the life of an alert', () => {
  test('is seen, acknowledged, expected, closed; each change with who and when in its trail', () => {
    const alert = after([
      [{ type: 'acknowledged', by: ANA }, at(1)],
      [{ type: 'expected', by: BEN }, at(2)],
      [{ type: 'over', reason: 'it ended' }, at(3)],
    ]);
    expect(alert.history.map(({ from, to, at: when }) => [from, to, when])).toEqual([
      [null, 'open', at(0).toISOString()],
      ['open', 'acknowledged', at(1).toISOString()],
      ['acknowledged', 'expected', at(2).toISOString()],
      ['expected', 'closed', at(3).toISOString()],
    ]);
    expect(alert.by).toEqual({ person: BEN, at: at(2).toISOString() });
  });

  test('expected holds for its days; what goes on after that is open again and told anew', () => {
    const events = [[{ type: 'expected', by: ANA }, at(1)]] as const;
    expect(after([...events, seenOn(30)])).toMatchObject({ state: 'expected', round: 1 });
    expect(after([...events, seenOn(31)])).toMatchObject({ state: 'open', round: 2, by: null });
    expect(after([...events, seenOn(31, { ongoing: false })])).toMatchObject({ state: 'expected' });
  });

  test('what a budget tells is expected to the end of its period, and never told twice in it', () => {
    const window = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };
    const budget = facts({ kind: 'budget', tier: 80, window, subject: { budget: 'research' } });
    const expected = after([[{ type: 'expected', by: ANA }, at(1)]], budget);
    expect(expected.until).toBe(window.end);
    const again = stepAlert(expected, { type: 'seen', id: ID, facts: budget }, at(40), CAUSE);
    expect(again.taken && again.alert.state).toBe('expected');
    const closed = after([[{ type: 'over', reason: 'a higher tier is reached' }, at(1)]], budget);
    const later = { ...budget, lastDay: '2026-11-20' };
    expect(stepAlert(closed, { type: 'seen', id: ID, facts: later }, at(5), CAUSE).taken).toBe(false);
  });

  test('closed stays closed until something new is seen of it', () => {
    const closed = [[{ type: 'over', reason: 'it ended' }, at(3)]] as const;
    expect(after([...closed, seenOn(4)]).state).toBe('closed');
    expect(after([...closed, seenOn(4, { lastDay: '2026-11-19', ongoing: false })]).state).toBe('closed');
    expect(after([...closed, seenOn(4, { lastDay: '2026-11-19' })])).toMatchObject({
      state: 'open',
      round: 2,
      lastDay: '2026-11-19',
    });
  });

  test('a judgement that comes late changes nothing', () => {
    const alert = after([seenOn(3, { lastDay: '2026-11-16' })]);
    expect(stepAlert(alert, seenOn(1)[0], at(1), CAUSE).taken).toBe(false);
  });

  test('an answer comes too late once somebody has answered, and says who', () => {
    const expected = after([[{ type: 'expected', by: ANA }, at(1)]]);
    for (const type of ['expected', 'acknowledged'] as const)
      expect(stepAlert(expected, { type, by: BEN }, at(2), CAUSE)).toEqual({
        taken: false,
        reason: 'it was answered by <@U0ANA>',
      });
  });

  test('every event twice is the same as once, but for what was seen when', () => {
    const event = fc.constantFrom<AlertEvent>(
      { type: 'seen', id: ID, facts: facts() },
      { type: 'over', reason: 'it ended' },
      { type: 'acknowledged', by: ANA },
      { type: 'expected', by: BEN },
      { type: 'told', told: told() },
      { type: 'told', told: told({ role: 'escalation', contact: '#finops', person: null, ts: '2.2' }) },
      { type: 'unreachable', contact: 'ana@acme.example', reason: 'gone' },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), event, (before, last) => {
        const dated = before.map((each, n) => [each, at(n)] as const);
        const once = after([...dated, [last, at(20)]]);
        const twice = after([...dated, [last, at(20)], [last, at(20)]]);
        expect(twice).toEqual(once);
        // At most one telling of each role a round, and the trail only grows.
        const roles = once.told.map(({ round, role, contact }) => `${round} ${role} ${contact}`);
        expect(new Set(roles).size).toBe(roles.length);
        expect(once.history.length).toBeGreaterThanOrEqual(after(dated).history.length);
      }),
    );
  });

  test('a message is stale once it was answered or told anew, not by On it alone', () => {
    const open = after([]);
    const onIt = after([[{ type: 'acknowledged', by: ANA }, at(1)]]);
    const expected = after([[{ type: 'expected', by: ANA }, at(1)]]);
    expect(alertStage(onIt)).toBe(alertStage(open));
    expect(alertDrawing(onIt)).not.toBe(alertDrawing(open));
    expect(alertStage(expected)).not.toBe(alertStage(open));
    expect(alertStage(after([[{ type: 'expected', by: ANA }, at(1)], seenOn(31)]))).not.toBe(
      alertStage(open),
    );
  });
});

describe('who is told when', () => {
  const calendar = { timezone: 'Europe/Berlin', holidays: new Set(['2026-11-18']) };
  const due = (alert: Alert, now: Date) => dueTellings(alert, now, calendar).map(({ role }) => role);

  test('the first at once, and the next after eight business hours without an answer', () => {
    expect(due(after([]), T0)).toEqual(['first']);
    // Told on Monday 10:00 in Berlin: seven hours are left of that day, one is due on Tuesday from 9:00.
    const waiting = after([[{ type: 'told', told: told() }, T0]]);
    expect(due(waiting, new Date('2026-11-17T08:59:59Z'))).toEqual([]);
    expect(due(waiting, new Date('2026-11-17T09:00:00Z'))).toEqual(['escalation']);
    const late = told({ role: 'escalation', contact: '#finops', person: null, ts: '2' });
    expect(
      due(
        after([
          [{ type: 'told', told: told() }, T0],
          [{ type: 'told', told: late }, at(1)],
        ]),
        at(9),
      ),
    ).toEqual([]);
  });

  test('what cannot wait goes to whoever comes next at once: at night, on a holiday, in any zone', () => {
    const route = { ...facts().route, atOnce: true };
    for (const timezone of ['Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati'])
      for (const moment of [
        '2026-11-16T09:00:00Z',
        '2026-11-17T02:30:00Z',
        '2026-11-18T10:00:00Z',
        '2026-11-21T23:59:59Z',
      ]) {
        const place = { timezone, holidays: new Set(['2026-11-18']) };
        const roles = (each: typeof route) =>
          dueTellings(after([], facts({ route: each })), new Date(moment), place).map(({ role }) => role);
        expect(roles(route)).toEqual(['first', 'escalation']);
        expect(roles({ ...route, atOnce: false })).toEqual(['first']);
        // Also where nobody is known to own it, or the channel beside them is another.
        expect(roles({ ...route, first: '#ai' })).toEqual(['first', 'escalation']);
        expect(roles({ ...route, also: '#ai' })).toEqual(['first', 'also', 'escalation']);
      }
  });

  test('who hears of it at once anyway hears again only where nobody answers', () => {
    const route = { ...facts().route, also: '#finops', atOnce: true };
    expect(due(after([], facts({ route })), T0)).toEqual(['first', 'also']);
    const channel = told({ role: 'also', contact: '#finops', person: null, ts: '3' });
    const waiting = after(
      [
        [{ type: 'told', told: told() }, T0],
        [{ type: 'told', told: channel }, T0],
      ],
      facts({ route }),
    );
    expect(due(waiting, new Date('2026-11-17T08:59:59Z'))).toEqual([]);
    expect(due(waiting, new Date('2026-11-17T09:00:00Z'))).toEqual(['escalation']);
  });

  test('nobody once somebody answered or it is over', () => {
    const toldAt = [{ type: 'told', told: told() }, T0] as const;
    for (const type of ['acknowledged', 'expected'] as const)
      expect(due(after([toldAt, [{ type, by: ANA }, at(0.1)]]), at(9))).toEqual([]);
    expect(due(after([[{ type: 'over', reason: 'x' }, T0]]), at(1))).toEqual([]);
  });

  test('the next at once where the first cannot be told, and a channel beside them where one is named', () => {
    const lost = { type: 'unreachable', contact: 'ana@acme.example', reason: 'deactivated' } as const;
    expect(due(after([[lost, T0]]), T0)).toEqual(['escalation']);
    const route = { first: 'ana@acme.example', also: '#ai', escalation: '#finops', escalateAfter: 8 };
    expect(due(after([], facts({ route })), T0)).toEqual(['first', 'also']);
  });

  test('everybody again in the next round', () => {
    const again = after([
      [{ type: 'told', told: told() }, T0],
      [{ type: 'expected', by: ANA }, at(1)],
      seenOn(31),
    ]);
    expect(due(again, at(31))).toEqual(['first']);
  });

  test('business hours leave out nights, weekends and holidays, and keep the clock of the zone', () => {
    // Tuesday 16:00 in Berlin, with Wednesday a holiday.
    expect(afterBusinessHours('2026-11-17T15:00:00.000Z', 1, calendar)).toBe('2026-11-17T16:00:00.000Z');
    expect(afterBusinessHours('2026-11-17T15:00:00.000Z', 2, calendar)).toBe('2026-11-19T09:00:00.000Z');
    // A Saturday night counts from Monday 9:00.
    expect(afterBusinessHours('2026-11-21T23:30:00.000Z', 8, calendar)).toBe('2026-11-23T16:00:00.000Z');
    // Clocks went forward on Sunday 2026-03-29.
    expect(afterBusinessHours('2026-03-27T15:30:00.000Z', 1, calendar)).toBe('2026-03-30T07:30:00.000Z');
  });
});

test('business hours from any moment end within business hours, and one after the other add up', () => {
  const calendar = { timezone: 'America/Sao_Paulo', holidays: new Set(['2026-12-25']) };
  const moment = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') });
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (from, a, b) => {
      const start = new Date(from).toISOString();
      const end = afterBusinessHours(start, a + b, calendar);
      expect(afterBusinessHours(afterBusinessHours(start, a, calendar), b, calendar)).toBe(end);
      const hour = new Date(Date.parse(end) - 3 * 3_600_000);
      expect([0, 6]).not.toContain(hour.getUTCDay());
      const minutes = hour.getUTCHours() * 60 + hour.getUTCMinutes();
      expect(minutes).toBeGreaterThanOrEqual(9 * 60);
      expect(minutes).toBeLessThanOrEqual(17 * 60);
    }),
  );
});

describe('what is the same anomaly', () => {
  test('keeps its alert though its first day moves by up to three days, or its finest cause is found', () => {
    const kept = [{ ...facts(), id: 'a' }];
    expect(matching(facts({ firstDay: '2026-11-08', lastDay: '2026-11-16' }), kept)?.id).toBe('a');
    expect(matching(facts({ firstDay: '2026-11-16', lastDay: '2026-11-18' }), kept)?.id).toBe('a');
    expect(matching(facts({ firstDay: '2026-11-17', lastDay: '2026-11-18' }), kept)).toBeNull();
    const coarse = facts({ subject: { service: 'Search' }, alsoSeen: [] });
    expect(matching(coarse, kept)?.id).toBe('a');
    expect(matching(facts(), [{ ...coarse, id: 'b' }])?.id).toBe('b');
  });

  test('is another one of another bill, currency, side or series', () => {
    const kept = [{ ...facts(), id: 'a' }];
    for (const more of [
      { source: 'gcp' },
      { money: { amount: '400', currency: 'EUR' } },
      { money: usd('-400') },
      { subject: { ...facts().subject, account: '9' } },
    ])
      expect(matching(facts(more), kept)).toBeNull();
  });

  test('ids are the same whatever the order of its axes, and tell nothing', () => {
    const turned = facts({
      subject: { team: 'a', transfer: '', account: '111122223333', service: 'Search' },
    });
    expect(alertId(...partsOf(turned))).toBe(alertId(...partsOf(facts())));
    expect(isAlertId(ID)).toBe(true);
    expect(isAlertId(`n-${ID.slice(2)}`)).toBe(false);
  });
});
