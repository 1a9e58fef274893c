import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { alertId, alertStage, stepAlert } from '../../../lib/ledger/alerts/decide.ts';
import type { Alert, AlertFacts } from '../../../lib/ledger/alerts/model.ts';
import { changeAlert, readAlert } from '../../../lib/ledger/alerts/store.ts';
import type { Person } from '../../../lib/ledger/life.ts';
import { type AlertActionId, writeAlertToken } from '../../../lib/notices/messages/alert.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import type { SweepMode, SweepParts, SweepReport } from '../../../lib/run/sweep/model.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import { facts } from '../../ledger/alerts/fixtures.ts';
import type { Call } from '../../ledger/memory.ts';
import { seen } from '../respond/seen.ts';
import { CHANNEL, type World, world } from '../respond/world.ts';
import { world as sweepWorld } from '../sweep/world.ts';

const slack = inject('slack');
const HOUR = 3_600_000;
let w: World;
let meanwhile: (call: Call) => void | Promise<void>;
/** Ids of alerts are new in each test: Slack keeps what was posted. */
let count = 0;

beforeEach(async () => {
  meanwhile = () => undefined;
  await resetSlack(slack.control);
  w = await world(slack, { onCall: (call) => meanwhile(call) });
});
afterEach(() => w.close());

const { calls, redrawn, whispered, outcome } = seen(slack.control, () => w);

const ROUTE = {
  first: 'owner@example.com',
  also: null,
  escalation: CHANNEL,
  escalateAfter: 8,
} as const;

async function judged(id: string, more: Partial<AlertFacts> = {}): Promise<void> {
  const event = { type: 'seen', id, facts: facts({ route: ROUTE, ...more }) } as const;
  await changeAlert(w.ledger, id, (alert) =>
    stepAlert(alert, event, w.now(), { actor: 'audit', runId: 'audit-1' }),
  );
}

async function fresh(more: Partial<AlertFacts> = {}): Promise<string> {
  const id = alertId(String(process.pid), String(Date.now()), String((count += 1)));
  await judged(id, more);
  return id;
}

function parts(more: Partial<SweepParts> = {}): SweepParts {
  return {
    ...sweepWorld().parts({ ledger: w.ledger, messenger: w.parts.answerer, clock: () => w.now() }),
    runId: `run-${(count += 1)}`,
    ...more,
  };
}

const swept = async (mode: SweepMode = 'warn'): Promise<SweepReport> => await sweep(parts(), mode);
const posted = async () => (await calls('chat.postMessage')).map(({ args }) => args);

async function alertOf(id: string): Promise<Alert> {
  const alert = await readAlert(w.ledger, id);
  if (alert === null) throw new Error(`no alert ${id}`);
  return alert;
}

async function press(id: string, action: AlertActionId, by: Person, place?: { channel: string; ts: string }) {
  const alert = await alertOf(id);
  const token = writeAlertToken({ alert: id, stage: alertStage(alert) });
  const [told] = alert.told;
  return await w.press(token, action, by, { place: place ?? told ?? null });
}

describe('an alert is told', () => {
  test('once: a dry run sends nothing, a sweep tells the owner, the next nobody', async () => {
    const id = await fresh();
    const dry = await swept('dry-run');
    expect(dry.lines).toMatchObject([{ findingId: id, did: 'would warn', told: 'owner@example.com' }]);
    expect(await posted()).toEqual([]);
    expect((await swept()).lines).toMatchObject([{ findingId: id, did: 'warned' }]);
    expect((await swept()).lines).toEqual([]);
    const [message, ...more] = await posted();
    expect(more).toEqual([]);
    expect(message).toMatchObject({ text: 'Unusual cost: Search, 111122223333, team a' });
    expect(JSON.stringify(message?.['blocks'])).toContain('$400.12 more than expected');
    expect((await alertOf(id)).told).toMatchObject([{ role: 'first', person: w.owner }]);
  });

  test('once, wherever the process ends: before or after every write and every answer', async () => {
    // Counted on a run without faults: each of its calls to the store is then the end of a process, before and after.
    const route = { ...ROUTE, escalation: null };
    const first = await fresh({ route });
    let all = 0;
    meanwhile = () => {
      all += 1;
    };
    await swept();
    await resetSlack(slack.control);
    expect((await alertOf(first)).told).toHaveLength(1);
    for (let crash = 1; crash <= all; crash += 1) {
      // A contact hears of ten a day.
      w.later(25 * HOUR);
      const id = await fresh({ route });
      let made = 0;
      meanwhile = () => {
        made += 1;
        if (made === crash) throw new Error('the process ended');
      };
      // The function of a process that ended does not answer; what it threw is the end itself.
      const ended = await swept().then(
        () => 'not',
        (error: unknown) => String(error),
      );
      expect(ended).toMatch(/^not$|the process ended/);
      meanwhile = () => undefined;
      // The outbox of a process that ended is held for its budget and half a minute.
      w.later(60_000);
      await swept();
      const told = (await posted()).filter(({ blocks }) => JSON.stringify(blocks).includes(id));
      expect(told, `ended at call ${crash} of ${all}`).toHaveLength(1);
      expect((await alertOf(id)).told, `ended at call ${crash} of ${all}`).toHaveLength(1);
    }
    expect(all).toBeGreaterThan(10);
  });

  test('once, though the answer of Slack is lost', async () => {
    const id = await fresh();
    await disturbSlack(slack.control, 'chat.postMessage', { kind: 'answer-lost' });
    await swept();
    w.later(60_000);
    await swept();
    expect((await posted()).filter(({ blocks }) => JSON.stringify(blocks).includes(id))).toHaveLength(1);
    expect((await alertOf(id)).told).toHaveLength(1);
  });

  test('once by two sweeps at once', async () => {
    const ids = [await fresh(), await fresh(), await fresh()];
    await Promise.all([swept(), swept(), swept()]);
    w.later(60_000);
    await swept();
    for (const id of ids) {
      expect((await posted()).filter(({ blocks }) => JSON.stringify(blocks).includes(id))).toHaveLength(1);
      expect((await alertOf(id)).told).toHaveLength(1);
    }
  });

  test('on to the next after eight business hours without an answer, once', async () => {
    const id = await fresh();
    await swept();
    w.later(7 * 24 * HOUR);
    await swept();
    await swept();
    const told = await posted();
    expect(told.map(({ channel }) => channel).at(-1)).toBe(CHANNEL);
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told.at(-1)?.['blocks'])).toContain('nobody has answered');
    expect((await alertOf(id)).told.map(({ role }) => role)).toEqual(['first', 'escalation']);
  });

  test('at once to the next where Slack knows nobody of the address', async () => {
    const id = await fresh({ route: { ...ROUTE, first: 'nobody@example.com' } });
    expect((await swept()).lines).toMatchObject([{ findingId: id, did: 'undeliverable' }]);
    expect((await swept()).lines).toMatchObject([{ findingId: id, did: 'warned', told: CHANNEL }]);
  });

  test('ten a day to one contact, budgets first and then the dearest', async () => {
    const cheap = await fresh({ monthly: null, money: { amount: '10', currency: 'USD' } });
    for (let n = 0; n < 9; n += 1) await fresh();
    const budget = await fresh({ kind: 'budget', tier: 80, subject: { budget: 'research' }, monthly: null });
    const { lines } = await swept();
    expect(lines[0]).toMatchObject({ findingId: budget, did: 'warned' });
    expect(lines.at(-1)).toMatchObject({ findingId: cheap, did: 'skipped' });
    expect(await posted()).toHaveLength(10);
    w.later(25 * HOUR);
    expect((await swept()).lines.filter(({ findingId }) => findingId === cheap)).toMatchObject([
      { did: 'warned' },
    ]);
  });

  test('not at all once it is over', async () => {
    const id = await fresh();
    await changeAlert(w.ledger, id, (alert) =>
      stepAlert(alert, { type: 'over', reason: 'x' }, w.now(), { actor: 'audit', runId: 'a' }),
    );
    expect((await swept()).lines).toEqual([]);
  });
});

describe('an answer', () => {
  test('Expected: stored, drawn, and the owner does not hear of it again', async () => {
    const id = await fresh();
    await swept();
    await press(id, 'expected', w.owner);
    expect(outcome()).toBe('stored');
    expect(await alertOf(id)).toMatchObject({ state: 'expected', by: { person: w.owner } });
    expect(await redrawn()).toContain('says that it is expected, until');
    expect(await redrawn()).not.toContain('"actions"');
    w.later(9 * 24 * HOUR);
    await judged(id, { lastDay: '2026-11-25' });
    expect((await swept()).lines).toEqual([]);
    expect(await posted()).toHaveLength(1);
    // The day has come until which it was expected, and it goes on.
    w.later(22 * 24 * HOUR);
    await judged(id, { lastDay: '2026-12-20' });
    expect((await swept()).lines).toMatchObject([{ findingId: id, did: 'warned' }]);
    expect(await posted()).toHaveLength(2);
  });

  test('On it: nobody else is told, and Expected still can be said', async () => {
    const id = await fresh();
    await swept();
    await press(id, 'on-it', w.owner);
    expect(await redrawn()).toContain(' is on it');
    w.later(9 * 24 * HOUR);
    expect((await swept()).lines).toEqual([]);
    await press(id, 'on-it', w.owner);
    expect(outcome()).toBe('not-taken');
    await press(id, 'expected', w.owner);
    expect((await alertOf(id)).history.map(({ to, actor }) => [to, actor])).toEqual([
      ['open', 'audit'],
      ['open', 'sweep'],
      ['acknowledged', `slack:${w.owner.team}:${w.owner.user}`],
      ['expected', `slack:${w.owner.team}:${w.owner.user}`],
    ]);
  });

  test('twice, or from a message that was answered meanwhile, changes nothing and says so', async () => {
    const id = await fresh();
    await swept();
    const old = writeAlertToken({ alert: id, stage: alertStage(await alertOf(id)) });
    await press(id, 'expected', w.owner);
    const before = await alertOf(id);
    await w.press(old, 'expected', w.owner, { place: before.told[0] ?? null });
    expect(outcome()).toBe('not-taken');
    expect(await whispered()).toContain('Nothing was changed.');
    expect(await alertOf(id)).toEqual(before);
  });

  test('only by who was told, or an admin', async () => {
    const id = await fresh();
    await swept();
    await press(id, 'expected', w.other);
    expect(outcome()).toBe('refused');
    expect((await alertOf(id)).state).toBe('open');
    await press(id, 'on-it', w.approver);
    expect((await alertOf(id)).by?.person).toEqual(w.approver);
  });

  test('in a channel that was told by any member, and by nobody where it is shared', async () => {
    const id = await fresh({ route: { ...ROUTE, first: CHANNEL, escalation: null } });
    await swept();
    const shared = { is_ext_shared: true };
    await disturbSlack(slack.control, 'conversations.info', {
      kind: 'with',
      key: 'channel',
      members: shared,
    });
    await press(id, 'expected', w.other);
    expect(outcome()).toBe('refused');
    await press(id, 'expected', w.other);
    expect((await alertOf(id)).by?.person).toEqual(w.other);
  });

  test('in a channel not by a guest', async () => {
    const id = await fresh({ route: { ...ROUTE, first: CHANNEL, escalation: null } });
    await swept();
    await w.close();
    const { ledger } = w;
    w = await world(slack, {}, { ledger });
    const guest = { is_restricted: true };
    await disturbSlack(slack.control, 'users.info', { kind: 'with', key: 'user', members: guest });
    const token = writeAlertToken({ alert: id, stage: '01234567' });
    await w.press(token, 'expected', w.other, { place: (await readAlert(ledger, id))?.told[0] ?? null });
    expect(outcome()).toBe('refused');
    expect((await readAlert(ledger, id))?.state).toBe('open');
  });

  test('of an alert that there is not, or by a button that is none of it, is refused', async () => {
    const token = writeAlertToken({ alert: alertId('nothing'), stage: '01234567' });
    await w.press(token, 'expected', w.owner, { place: { channel: CHANNEL, ts: '1.1' } });
    expect(outcome()).toBe('refused');
    const id = await fresh();
    await swept();
    const [told] = (await alertOf(id)).told;
    const held = writeAlertToken({ alert: id, stage: alertStage(await alertOf(id)) });
    const answer = await w.press(held, 'stop', w.owner, { place: told ?? null });
    expect(answer.status).toBe(400);
    expect((await alertOf(id)).state).toBe('open');
  });

  test('that Slack could not draw is drawn by the next sweep', async () => {
    const id = await fresh();
    await swept();
    await disturbSlack(slack.control, 'chat.update', { kind: 'status', status: 503 }, 9);
    await press(id, 'expected', w.owner);
    expect((await alertOf(id)).state).toBe('expected');
    await resetSlack(slack.control);
    await swept();
    expect(await redrawn()).toContain('says that it is expected');
    await swept();
    expect(await calls('chat.update')).toHaveLength(1);
  });

  test('that could not be stored is said to have changed nothing', async () => {
    const id = await fresh();
    await swept();
    meanwhile = ({ operation, about }) => {
      if (operation === 'putDoc' && about[0] === `alert/${id}`) throw new Error('no store');
    };
    const answer = await press(id, 'expected', w.owner);
    expect(answer.status).toBe(500);
    expect(await whispered()).toContain('Nothing was changed: Bursar could not store it.');
    meanwhile = () => undefined;
    expect((await alertOf(id)).state).toBe('open');
  });
});
