import { WebClient } from '@slack/web-api';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import type { LedgerStore } from '../../lib/ledger/model.ts';
import { textLines } from '../../lib/notices/blocks.ts';
import type { Answerer, SlackMessage } from '../../lib/notices/model.ts';
import { slackClientOptions } from '../../lib/notices/slack.ts';
import { slackMessenger } from '../../lib/notices/slack-messenger.ts';
import { disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { memoryLedger } from '../ledger/memory.ts';

const { url, token, channel, control } = inject('slack');
const TEAM = 'T000000001';

let store: LedgerStore;
let now: number;
let slept: number[];
let made = 0;

beforeEach(async () => {
  await resetSlack(control);
  store = memoryLedger();
  now = Date.now();
  slept = [];
});

function messenger(changes: { as?: string; at?: string; budget?: number; team?: string } = {}): Answerer {
  const client = new WebClient(changes.as ?? token, {
    ...slackClientOptions,
    slackApiUrl: changes.at ?? url,
  });
  return slackMessenger({
    client,
    store,
    team: changes.team ?? TEAM,
    clock: () => new Date(now),
    budget: changes.budget ?? 20_000,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  });
}

function id(): string {
  made += 1;
  return `n-${Date.now()}-${made}`;
}

const said = (text: string): SlackMessage => ({ text, blocks: [textLines([[text]])] });
const posted = async () =>
  (await slackCalls(control)).filter(({ method, ok }) => method === 'chat.postMessage' && ok);

async function ownerId(): Promise<string> {
  const found = await messenger().lookup('owner@example.com');
  if (!found.ok) throw new Error(found.reason);
  return found.known.person.user;
}

async function asks(): Promise<number> {
  return (await slackCalls(control)).filter(({ method }) => method === 'users.lookupByEmail').length;
}

describe('who somebody is', () => {
  test('is found by address and by id, with their time zone', async () => {
    const members = { tz: 'Asia/Kolkata', is_email_confirmed: true };
    await disturbSlack(control, 'users.lookupByEmail', { kind: 'with', key: 'user', members });
    const found = await messenger().lookup('owner@example.com');
    expect(found).toMatchObject({
      ok: true,
      known: { person: { team: TEAM }, name: 'Owner', timezone: 'Asia/Kolkata' },
    });
    const user = found.ok ? found.known.person.user : '';
    expect(await messenger().lookup(user)).toMatchObject({
      ok: true,
      known: { person: { user }, timezone: 'UTC' },
    });
  });

  test('is asked once a day, since Slack allows about 50 questions a minute', async () => {
    for (let asked = 0; asked < 3; asked += 1) await messenger().lookup('Owner@example.com'.toLowerCase());
    expect(await asks()).toBe(1);
    now += 24 * 3600_000 + 1;
    await messenger().lookup('owner@example.com');
    expect(await asks()).toBe(2);
  });

  test.each([
    [{ deleted: true }, 'deactivated'],
    [{ is_bot: true }, 'bot'],
    [{ id: 'USLACKBOT' }, 'bot'],
    [{ is_restricted: true }, 'guest'],
    [{ is_ultra_restricted: true }, 'guest'],
    [{ is_stranger: true }, 'another organisation'],
    [{ is_invited_user: true }, 'has not joined'],
    [{ is_email_confirmed: false }, 'not confirmed'],
    [{ team_id: 'T999' }, 'another workspace'],
  ])('is nobody with %j', async (members, reason) => {
    await disturbSlack(control, 'users.lookupByEmail', { kind: 'with', key: 'user', members });
    expect(await messenger().lookup('owner@example.com')).toEqual({
      ok: false,
      final: true,
      reason: expect.stringContaining(reason),
    });
    expect(await messenger().lookup('owner@example.com')).toMatchObject({ ok: true });
  });

  test('in an enterprise is known by the enterprise', async () => {
    const inside = { enterprise_user: { id: 'U1', enterprise_id: 'E1' } };
    await disturbSlack(control, 'users.lookupByEmail', { kind: 'with', key: 'user', members: inside });
    expect(await messenger({ team: 'E1' }).lookup('owner@example.com')).toMatchObject({
      ok: true,
      known: { person: { team: 'E1' } },
    });
    expect(await messenger({ team: 'E2' }).lookup('owner@example.com')).toMatchObject({
      ok: false,
      final: true,
    });
  });

  test('an address that nobody has is final; a Slack that cannot be asked is not', async () => {
    expect(await messenger().lookup('nobody@example.com')).toMatchObject({ ok: false, final: true });
    await disturbSlack(control, 'users.lookupByEmail', { kind: 'status', status: 503 }, 99);
    expect(await messenger({ budget: 3_000 }).lookup('owner@example.com')).toMatchObject({
      ok: false,
      final: false,
    });
    await resetSlack(control);
    const scopeless = messenger({ as: `${token}-without-scopes` });
    expect(await scopeless.lookup('owner@example.com')).toMatchObject({ ok: false, final: false });
  });
});

describe('a direct message', () => {
  test('is sent once however often it is asked for, and its thread below it', async () => {
    const user = await ownerId();
    const one = id();
    const first = await messenger().deliver(one, { user }, said('warned'));
    expect(first).toMatchObject({ ok: true, channel: expect.stringMatching(/^D/) });
    expect(await messenger().deliver(one, { user }, said('warned'))).toEqual(first);
    if (!first.ok) throw new Error(first.reason);
    const below = `${one}/reminder`;
    for (let time = 0; time < 2; time += 1)
      expect(await messenger().reply(below, first, said('reminded'))).toMatchObject({ ok: true });
    const calls = await posted();
    expect(calls.map(({ args }) => args['text'])).toEqual(['warned', 'reminded']);
    expect(calls[1]?.args).toMatchObject({ thread_ts: first.ts, channel: first.channel });
  });

  test('whose answer was lost is found again, not sent again', async () => {
    const user = await ownerId();
    await disturbSlack(control, 'chat.postMessage', { kind: 'answer-lost' });
    expect(await messenger().deliver(id(), { user }, said('once'))).toMatchObject({ ok: true });
    expect(await posted()).toHaveLength(1);
  });

  test('waits as long as Slack asks within its budget, and no longer', async () => {
    const user = await ownerId();
    await disturbSlack(control, 'chat.postMessage', { kind: 'ratelimited', retryAfter: 7 });
    expect(await messenger().deliver(id(), { user }, said('later'))).toMatchObject({ ok: true });
    expect(slept).toContain(7_000);
    await disturbSlack(control, 'chat.postMessage', { kind: 'ratelimited', retryAfter: 70 });
    const late = id();
    expect(await messenger().deliver(late, { user }, said('too late'))).toMatchObject({
      ok: false,
      final: false,
    });
    expect(await messenger().deliver(late, { user }, said('too late'))).toMatchObject({ ok: true });
  });

  test('is no proof where Slack never said yes', async () => {
    const user = await ownerId();
    await disturbSlack(control, 'chat.postMessage', { kind: 'status', status: 500 }, 99);
    expect(await messenger().deliver(id(), { user }, said('lost'))).toMatchObject({
      ok: false,
      final: false,
    });
    const nowhere = messenger({ at: 'http://127.0.0.1:9/api/', budget: 1_000 });
    expect(await nowhere.deliver(id(), { user }, said('nowhere'))).toMatchObject({ ok: false, final: false });
  });

  test.each([
    ['conversations.open', 'user_disabled'],
    ['conversations.open', 'user_not_found'],
    ['conversations.open', 'cannot_dm_bot'],
    ['chat.postMessage', 'is_archived'],
    ['chat.postMessage', 'channel_not_found'],
    ['chat.postMessage', 'restricted_action'],
  ])('that %s refuses with %s is final', async (method, error) => {
    const user = await ownerId();
    await disturbSlack(control, method, { kind: 'error', error });
    expect(await messenger().deliver(id(), { user }, said('no'))).toMatchObject({ ok: false, final: true });
  });

  test.each(['invalid_auth', 'missing_scope', 'account_inactive', 'something_new'])(
    'that is refused with %s is for an admin to mend, not final',
    async (error) => {
      const user = await ownerId();
      await disturbSlack(control, 'chat.postMessage', { kind: 'error', error });
      expect(await messenger().deliver(id(), { user }, said('no'))).toMatchObject({
        ok: false,
        final: false,
      });
    },
  );
});

describe('a message that is there', () => {
  test('is written anew', async () => {
    const sent = await messenger().deliver(id(), { channel: `#${channel}` }, said('before'));
    if (!sent.ok) throw new Error(sent.reason);
    await disturbSlack(control, 'chat.update', { kind: 'ratelimited', retryAfter: 1 });
    expect(await messenger().update(sent, said('after'))).toMatchObject({ ok: true });
    const gone = { ...sent, ts: '1.000001' };
    expect(await messenger().update(gone, said('nowhere'))).toMatchObject({ ok: false, final: true });
  });

  test('in a channel that cannot be read counts as shared', async () => {
    expect(await messenger().isShared(channel)).toBe(false);
    await disturbSlack(control, 'conversations.info', { kind: 'error', error: 'missing_scope' });
    expect(await messenger().isShared(channel)).toBe(true);
  });
});
