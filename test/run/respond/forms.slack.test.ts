import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { writeToken } from '../../../lib/notices/messages/buttons.ts';
import { noticeId, stageOf } from '../../../lib/notices/notice.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import type { Call } from '../../ledger/memory.ts';
import { seen } from './seen.ts';
import { APP_ID, machine, TEAM, type Warned, type World, world } from './world.ts';

const slack = inject('slack');
let w: World;
let meanwhile: (call: Call) => void | Promise<void>;

async function open(parts: Parameters<typeof world>[2] = {}): Promise<void> {
  w = await world(slack, { onCall: (call) => meanwhile(call) }, parts);
}
beforeEach(async () => {
  meanwhile = () => undefined;
  await resetSlack(slack.control);
  await open();
});
afterEach(() => w.close());

const { calls, outcome } = seen(slack.control, () => w);

async function one(): Promise<Warned> {
  const [warned] = await w.warn([machine(Math.floor(Math.random() * 1e9))]);
  if (warned === undefined) throw new Error('nothing was warned of');
  await resetSlack(slack.control);
  return warned;
}

async function send(form: 'exempt' | 'disown', token: string, values: Record<string, object>) {
  const response = await w.send({
    type: 'view_submission',
    api_app_id: APP_ID,
    team: { id: TEAM },
    user: { id: w.owner.user, team_id: TEAM },
    view: { callback_id: form, private_metadata: token, state: { values } },
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

const day = (days: number) => new Date(w.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);
const text = (value: string) => ({ value: { type: 'plain_text_input', value } });
const date = (selected_date: string) => ({ value: { type: 'datepicker', selected_date } });
const user = (selected_user: string | null) => ({ value: { type: 'users_select', selected_user } });
const errors = (block: string, error: string) => ({
  response_action: 'errors',
  errors: { [block]: error },
});

describe('the form of an exemption', () => {
  test.each([
    [
      'no reason',
      (): Record<string, object> => ({ until: date(day(3)) }),
      'reason',
      'Say why, for whoever approves it.',
    ],
    [
      'only spaces',
      () => ({ reason: text(' \n '), until: date(day(3)) }),
      'reason',
      'Say why, for whoever approves it.',
    ],
    [
      '501 characters',
      () => ({ reason: text('x'.repeat(501)), until: date(day(3)) }),
      'reason',
      'At most 500 characters.',
    ],
    ['no day', () => ({ reason: text('why') }), 'until', 'Choose a day.'],
    [
      'a day with more behind it',
      () => ({ reason: text('why'), until: date(`${day(3)}T`) }),
      'until',
      'Choose a day.',
    ],
    [
      'a day with more before it',
      () => ({ reason: text('why'), until: date(`+${day(3)}`) }),
      'until',
      'Choose a day.',
    ],
    [
      'a day that there is not',
      () => ({ reason: text('why'), until: date('2027-02-29') }),
      'until',
      'Choose a day.',
    ],
    [
      'a month that there is not',
      () => ({ reason: text('why'), until: date('2027-13-01') }),
      'until',
      'Choose a day.',
    ],
    ['yesterday', () => ({ reason: text('why'), until: date(day(-1)) }), 'until', 'This day is over.'],
    ['91 days', () => ({ reason: text('why'), until: date(day(91)) }), 'until', 'At most 90 days from now.'],
  ] as const)('with %s says what is wrong', async (_what, values, block, error) => {
    const warned = await one();
    expect((await send('exempt', await w.token(warned), values())).answer).toEqual(errors(block, error));
    expect(outcome()).toBe('incomplete');
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });

  test.each([
    ['for every check', {}, null],
    ['for this check', { scope: { value: { selected_option: { value: 'check' } } } }, 'idle-gpu'],
    ['for something else', { scope: { value: { selected_option: { value: 'all' } } } }, null],
  ] as const)('asks until the end of the last day that is allowed, %s', async (_what, scope, check) => {
    const warned = await one();
    const reason = 'x'.repeat(500);
    const values = { reason: text(` ${reason} `), until: date(day(90)), ...scope };
    expect((await send('exempt', await w.token(warned), values)).answer).toEqual({
      response_action: 'clear',
    });
    expect(outcome()).toBe('stored');
    expect((await w.record(warned.id)).life?.request).toMatchObject({
      kind: 'exemption',
      by: w.owner,
      reason,
      check,
      until: `${day(90)}T23:59:59.000Z`,
    });
  });

  test('today is still a day', async () => {
    const warned = await one();
    const values = { reason: text('why'), until: date(day(0)) };
    expect((await send('exempt', await w.token(warned), values)).answer).toEqual({
      response_action: 'clear',
    });
  });

  test('is not taken where nobody but its owner may approve it', async () => {
    const { owner, approver } = w;
    await w.close();
    await open({ approvers: [owner.user] });
    const warned = await one();
    const values = { reason: text('why'), until: date(day(3)) };
    expect((await send('exempt', await w.token(warned), values)).answer).toEqual(
      errors('reason', 'Nobody but you may approve it: an admin must name approvers in the config.'),
    );
    await w.close();
    await open({ approvers: [owner.user, approver.user] });
    const other = await one();
    expect((await send('exempt', await w.token(other), values)).answer).toEqual({ response_action: 'clear' });
  });
});

describe('the form that hands over', () => {
  test('says at its own block why it is not taken', async () => {
    const warned = await one();
    const token = await w.token(warned);
    const itself = await send('disown', token, { next: user(w.owner.user) });
    expect(itself.answer).toEqual(errors('next', 'This is you.'));
    const nobody = await send('disown', token, { next: user('U0NOBODY') });
    expect(JSON.stringify(nobody.answer)).toMatch(/"errors":\{"next":"They cannot be warned: [^"]+\."/);
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });

  test('with no block at all goes to whoever answers for the account', async () => {
    const warned = await one();
    await send('disown', await w.token(warned), {});
    expect((await w.record(warned.id)).life?.recipient).toMatchObject({ id: 'other@example.com' });
  });

  test('keeps who named the next', async () => {
    const warned = await one();
    await send('disown', await w.token(warned), { next: user(w.other.user) });
    expect((await w.record(warned.id)).life?.recipient).toEqual({
      kind: 'owner',
      id: w.other.user,
      person: w.other,
      source: `named by ${w.owner.user}`,
    });
  });
});

describe('a form that was open for long', () => {
  test('whose message is stale says what happened, and the message is drawn where it stands', async () => {
    const warned = await one();
    const token = await w.token(warned);
    await w.press(warned, 'keep', w.owner, { choice: '7' });
    await resetSlack(slack.control);
    const { answer } = await send('disown', token, { next: user(w.other.user) });
    expect(JSON.stringify(answer)).toMatch(
      /"errors":\{"next":"Nothing was changed: since this message it is kept until/,
    );
    expect(outcome()).toBe('stale');
    expect((await calls('chat.update')).map(({ args }) => args['ts'])).toEqual([warned.notice.place?.ts]);
  });

  test('of a message that is not known says so, and draws nothing', async () => {
    const warned = await one();
    const stage = stageOf(await w.record(warned.id));
    const token = writeToken({ notice: noticeId('another'), index: 0, stage });
    expect((await send('exempt', token, {})).answer).toEqual(
      errors('reason', 'Bursar does not know this message.'),
    );
    expect(outcome()).toBe('refused');
    expect(await calls('chat.update')).toEqual([]);
  });

  test("by another than its owner is refused, and the owner's message is left as it is", async () => {
    const warned = await one();
    const response = await w.send({
      type: 'view_submission',
      api_app_id: APP_ID,
      team: { id: TEAM },
      user: { id: w.other.user, team_id: TEAM },
      view: { callback_id: 'disown', private_metadata: await w.token(warned), state: { values: {} } },
    });
    const answer: unknown = await response.json();
    expect(answer).toEqual(errors('next', 'Only the owner to whom this message was sent may answer it.'));
    expect(await calls('chat.update')).toEqual([]);
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });

  test('is not stored once a newer message is out, and the old one is drawn again', async () => {
    const warned = await one();
    const token = await w.token(warned);
    let reads = 0;
    meanwhile = async ({ operation, phase, about }) => {
      if (operation !== 'get' || phase !== 'before' || !about.includes(warned.id)) return;
      reads += 1;
      if (reads !== 2) return;
      const record = await w.record(warned.id);
      if (record.life === null || record.life.notice === null) throw new Error('it was warned of');
      const life = { ...record.life, notice: { ...record.life.notice, id: 'n-another' } };
      await w.ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
    };
    const { answer } = await send('disown', token, { next: user(w.other.user) });
    expect(answer).toEqual(errors('next', 'Nothing was changed. A newer message has replaced this one.'));
    expect(outcome()).toBe('not-taken');
    expect(await calls('chat.update')).toHaveLength(1);
  });

  test.each([
    ['exempt', 'reason'],
    ['disown', 'next'],
  ] as const)('of kind %s tells at its first block that nothing was stored', async (form, block) => {
    const warned = await one();
    const token = await w.token(warned);
    meanwhile = ({ operation, phase }) => {
      if (operation === 'put' && phase === 'before') throw new Error('the table is away');
    };
    const { status, answer } = await send(form, token, { reason: text('why'), until: date(day(3)) });
    expect(status).toBe(200);
    expect(answer).toEqual(
      errors(block, 'Nothing was changed: Bursar could not store it. Please try again in a minute.'),
    );
  });
});

test('a Home tab that Slack does not take is logged with its reason', async () => {
  await disturbSlack(slack.control, 'views.publish', { kind: 'error', error: 'not_enabled' });
  await w.post(
    JSON.stringify({
      type: 'event_callback',
      api_app_id: APP_ID,
      team_id: TEAM,
      event: { type: 'app_home_opened', user: w.owner.user, tab: 'home' },
    }),
    { 'content-type': 'application/json' },
  );
  expect(outcome()).toMatch(/^not shown: .*not_enabled/);
});
