import { WebClient } from '@slack/web-api';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import type { LedgerStore } from '../../lib/ledger/model.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite.ts';
import type { Announcement } from '../../lib/notices/model.ts';
import { slackClientOptions, slackPoster } from '../../lib/notices/slack.ts';
import { type Disturbance, disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { ATTACKS } from '../digest/attacks.ts';
import { finding, fullInput } from '../digest/inputs.ts';

const { url, token, channel, control } = inject('slack');
const START = Date.parse('2026-11-09T08:00:00Z');

let made = 0;
let store: LedgerStore;
let slept: number[];

beforeEach(async () => {
  await resetSlack(control);
  store = sqliteLedger(':memory:');
  slept = [];
});

function client(as = token, at = url): WebClient {
  return new WebClient(as, { ...slackClientOptions, slackApiUrl: at });
}

/** A poster whose waiting takes no time but moves its clock on; real time begins it, as Slack's history has it. */
function poster(changes: { as?: string; at?: string; budget?: number; later?: number } = {}) {
  let now = Date.now() + (changes.later ?? 0);
  return slackPoster({
    client: client(changes.as, changes.at),
    store,
    clock: () => new Date(now),
    budget: changes.budget ?? 60_000,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  });
}

/** A digest that no other test of this run has posted. */
function announcement(changes: Partial<Announcement> = {}): Announcement {
  made += 1;
  const input = fullInput({ now: new Date(START).toISOString() });
  return {
    ...digestAnnouncement(digestContent(input)),
    id: `digest/test/${made}/${Date.now()}`,
    thread: [],
    ...changes,
  };
}

async function posts(): Promise<Awaited<ReturnType<typeof slackCalls>>> {
  return (await slackCalls(control)).filter(({ method }) => method === 'chat.postMessage');
}

/** How many messages of this announcement lie in the channel. */
async function inChannel(id: string): Promise<number> {
  const history = await client().conversations.history({ channel, include_all_metadata: true, limit: 999 });
  return (history.messages ?? []).filter(({ metadata }) => JSON.stringify(metadata).includes(`"${id}"`))
    .length;
}

function disturb(disturbance: Disturbance, times = 1): Promise<void> {
  return disturbSlack(control, 'chat.postMessage', disturbance, times);
}

describe('a digest is posted', () => {
  test('within every limit, without unfurling, and its thread below it', async () => {
    const said = digestAnnouncement(digestContent(fullInput()));
    const posted = await poster().post({ ...said, id: announcement().id }, channel);
    expect(posted).toMatchObject({ channel, outcome: 'posted' });
    const calls = await posts();
    expect(calls.map(({ ok }) => ok)).toEqual([true, ...said.thread.map(() => true)]);
    expect(calls[0]?.args).toMatchObject({ channel, metadata: { event_type: 'bursar_announcement' } });
    expect(String(calls[0]?.args['unfurl_links'])).toBe('false');
    expect(calls.slice(1).map(({ args }) => [args['thread_ts'], args['text']])).toEqual([
      [posted.ts, 'Spend'],
      [posted.ts, 'What moved'],
      [posted.ts, 'Waste, and what became of it'],
      [posted.ts, 'Findings 1 to 7 of 7'],
      [posted.ts, 'Not seen, and what the numbers mean'],
    ]);
  });

  test('whatever names hold', async () => {
    const hostile = fullInput({
      findings: ATTACKS.map((name) => finding({ resourceName: name, region: name, reason: name })),
      byService: ATTACKS.map((service, at) => ({
        provider: service,
        service,
        currency: 'USD',
        current: `${at}`,
        former: '99',
      })),
    });
    const said = digestAnnouncement(digestContent(hostile));
    await expect(poster().post({ ...said, id: announcement().id }, channel)).resolves.toMatchObject({
      outcome: 'posted',
    });
  });

  test('about one message a second', async () => {
    const { message } = announcement();
    await poster().post(
      announcement({
        thread: [
          { ...message, part: 'one' },
          { ...message, part: 'two' },
        ],
      }),
      channel,
    );
    expect(slept.filter((milliseconds) => milliseconds > 1000)).toHaveLength(2);
  });

  test('with a table for its chart where the workspace does not know charts', async () => {
    await disturb({ kind: 'refuse-block', block: 'data_visualization' }, 9);
    const said = digestAnnouncement(digestContent(fullInput()));
    await poster().post({ ...said, id: announcement().id, thread: said.thread.slice(0, 2) }, channel);
    const calls = await posts();
    // The message has none; the first of its thread is sent once more without, the second as it is.
    expect(calls.map(({ error }) => error)).toEqual([null, 'invalid_blocks', null, null]);
    const sent = JSON.stringify(calls[2]?.args['blocks']);
    expect(sent).not.toContain('data_visualization');
    expect(sent).toContain('"type":"table"');
    expect(calls[2]?.args['thread_ts']).toBe(calls[1]?.args['thread_ts']);
  });
});

describe('a digest is posted once', () => {
  test('with each message of its thread, though a run ends between two of them', async () => {
    const said = { ...digestAnnouncement(digestContent(fullInput())), id: announcement().id };
    await poster().post({ ...said, thread: said.thread.slice(0, 2) }, channel);
    const again = await poster().post(said, channel);
    expect(again.outcome).toBe('already');
    expect((await posts()).map(({ args }) => args['text'])).toEqual([
      said.message.text,
      ...said.thread.map(({ text }) => text),
    ]);
  });

  test('however often it is asked for', async () => {
    const said = announcement();
    const first = await poster().post(said, channel);
    expect(await poster().post(said, channel)).toEqual({ ...first, outcome: 'already' });
    expect(await posts()).toHaveLength(1);
  });

  test('by two runs at the same time: one of them is told so', async () => {
    const said = announcement();
    const both = await Promise.allSettled([poster().post(said, channel), poster().post(said, channel)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'conflict' });
    expect(await inChannel(said.id)).toBe(1);
  });

  test('where Slack took it but its answer was lost', async () => {
    await disturb({ kind: 'answer-lost' });
    const said = announcement();
    expect(await poster().post(said, channel)).toMatchObject({ channel, outcome: 'posted' });
    expect(await posts()).toHaveLength(1);
    expect(await inChannel(said.id)).toBe(1);
  });

  test('where the process ended between posting and writing that down', async () => {
    const said = announcement();
    const lossy: LedgerStore = {
      ...store,
      putDoc: (key, value, expected) =>
        expected === 0 ? store.putDoc(key, value, expected) : Promise.reject(new Error('the process ended')),
    };
    const crashing = slackPoster({ client: client(), store: lossy, clock: () => new Date() });
    await expect(crashing.post(said, channel)).rejects.toThrow('the process ended');
    await expect(poster().post(said, channel)).rejects.toMatchObject({ code: 'conflict' });
    expect(await poster({ later: 120_000 }).post(said, channel)).toMatchObject({ outcome: 'already' });
    expect(await inChannel(said.id)).toBe(1);
  });

  test('where the process ended before posting it', async () => {
    const said = announcement();
    const key = `slack/${channel}/${said.id}`;
    const since = new Date().toISOString();
    await store.putDoc(key, { schemaVersion: 1, state: 'sending', since, until: since }, 0);
    expect(await poster({ later: 1 }).post(said, channel)).toMatchObject({ outcome: 'posted' });
    expect(await inChannel(said.id)).toBe(1);
  });

  test('also where a thread broke off: only what is missing is added', async () => {
    const { message } = announcement();
    const part = (text: string) => ({ ...message, text, part: text });
    const half = announcement({ thread: [part('part one')] });
    await poster().post(half, channel);
    await poster().post({ ...half, thread: [part('part one'), part('part two')] }, channel);
    expect((await posts()).map(({ args }) => args['text'])).toEqual([message.text, 'part one', 'part two']);
    expect(await inChannel(half.id)).toBe(1);
  });

  test('where Slack refuses the second of a thread: the rest later, also when there is more to tell by then', async () => {
    const { message } = announcement();
    const part = (text: string) => ({ ...message, text, part: text });
    const said = announcement({ thread: [part('spend'), part('waste'), part('not seen')] });
    const send = poster();
    await send.post({ ...said, thread: [part('spend')] }, channel);
    await disturb({ kind: 'error', error: 'restricted_action' });
    await expect(send.post(said, channel)).rejects.toMatchObject({ code: 'denied' });
    const more = [part('spend'), part('outlook'), part('waste'), part('not seen')];
    expect(await poster().post({ ...said, thread: more }, channel)).toMatchObject({ outcome: 'already' });
    const taken = (await posts()).filter(({ ok }) => ok);
    expect(taken.map(({ args }) => args['text'])).toEqual([
      message.text,
      'spend',
      'outlook',
      'waste',
      'not seen',
    ]);
    expect(new Set(taken.slice(1).map(({ args }) => args['thread_ts'])).size).toBe(1);
  });

  test('a part of a thread whose answer was lost is found in the thread', async () => {
    const { message } = announcement();
    const said = announcement();
    await poster().post(said, channel);
    await disturb({ kind: 'answer-lost' });
    await poster().post({ ...said, thread: [{ ...message, part: 'one' }] }, channel);
    const methods = (await slackCalls(control)).map(({ method }) => method);
    expect(methods).toEqual(['chat.postMessage', 'chat.postMessage', 'conversations.replies']);
  });

  test('and not at all where nobody can tell whether it was', async () => {
    await disturb({ kind: 'answer-lost' });
    await disturbSlack(control, 'conversations.history', { kind: 'error', error: 'missing_scope' });
    const said = announcement();
    await expect(poster().post(said, channel)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('channels:history'),
    });
    expect(await posts()).toHaveLength(1);
  });
});

describe('a channel that the config names instead of giving its id', () => {
  test('is searched by the id that its name has', async () => {
    const { channels } = await client().conversations.list({ types: 'public_channel' });
    const name = channels?.find(({ id }) => id === channel)?.name;
    await disturb({ kind: 'answer-lost' });
    const said = announcement();
    expect(await poster().post(said, `#${name}`)).toMatchObject({ channel, outcome: 'posted' });
    expect(await inChannel(said.id)).toBe(1);
  });
});

describe('Slack is busy', () => {
  test('for as long as it says, within the time of the run', async () => {
    await disturb({ kind: 'ratelimited', retryAfter: 17 });
    await poster().post(announcement(), channel);
    expect(slept).toContain(17_000);
    expect((await posts()).map(({ status }) => status)).toEqual([429, 200]);
  });

  test('for longer than the run may wait: an error, and the next run posts it at once', async () => {
    await disturb({ kind: 'ratelimited', retryAfter: 600 });
    const said = announcement();
    await expect(poster().post(said, channel)).rejects.toMatchObject({ code: 'throttled' });
    expect(await poster().post(said, channel)).toMatchObject({ outcome: 'posted' });
  });

  test('with a 5xx: tried again after a look into the channel', async () => {
    await disturb({ kind: 'status', status: 503 }, 2);
    const said = announcement();
    expect(await poster().post(said, channel)).toMatchObject({ outcome: 'posted' });
    expect((await slackCalls(control)).map(({ method }) => method)).toEqual([
      'chat.postMessage',
      'conversations.history',
      'chat.postMessage',
      'conversations.history',
      'chat.postMessage',
    ]);
  });

  test('all the time: an error in the end', async () => {
    await disturb({ kind: 'status', status: 503 }, 99);
    await expect(poster({ budget: 5_000 }).post(announcement(), channel)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

describe('what is wrong is said with what to do', () => {
  test.each([
    ['channel_not_found', 'config', /slack\.channels/],
    ['not_in_channel', 'denied', /\/invite/],
    ['is_archived', 'config', /another one/],
    ['token_revoked', 'credentials', /Install the app again/],
    ['something_new', 'internal', /docs\.slack\.dev/],
  ])('%s', async (error, code, hint) => {
    await disturb({ kind: 'error', error });
    await expect(poster().post(announcement(), channel)).rejects.toMatchObject({
      name: 'BursarError',
      code,
      hint: expect.stringMatching(hint),
      where: `slack ${channel}`,
    });
  });

  test('a token that Slack does not know', async () => {
    await expect(poster({ as: 'xoxb-unknown' }).post(announcement(), channel)).rejects.toMatchObject({
      code: 'credentials',
    });
  });

  test('an app without the scope', async () => {
    const said = announcement();
    await expect(poster({ as: `${token}-without-scopes` }).post(said, channel)).rejects.toMatchObject({
      code: 'denied',
    });
    expect(await poster().post(said, channel)).toMatchObject({ outcome: 'posted' });
  });

  test('a channel that is not there', async () => {
    await expect(poster().post(announcement(), 'C999999999')).rejects.toMatchObject({ code: 'config' });
  });

  test('no Slack at all', async () => {
    const nowhere = poster({ at: 'http://127.0.0.1:9/api/', budget: 3_000 });
    await expect(nowhere.post(announcement(), channel)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
