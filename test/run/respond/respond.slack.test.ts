import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { tellUntold, untold } from '../../../lib/run/respond/effects.ts';
import { readSwitch } from '../../../lib/run/respond/switch.ts';
import { disturbSlack, resetSlack, slackCalls } from '../../counterparts/slack.control.ts';
import { APP_ID, CHANNEL, machine, sign, TEAM, type Warned, type World, world } from './world.ts';

const slack = inject('slack');
let w: World;

beforeEach(async () => {
  await resetSlack(slack.control);
  w = await world(slack);
});
afterEach(() => w.close());

async function one(changes: Parameters<World['warn']>[1] = {}): Promise<Warned> {
  const [warned] = await w.warn([machine(Math.floor(Math.random() * 1e9))], changes);
  if (warned === undefined) throw new Error('nothing was warned of');
  await resetSlack(slack.control);
  return warned;
}

async function calls(method: string) {
  return (await slackCalls(slack.control)).filter((call) => call.method === method && call.ok);
}

/** What stands in the message after its last rewriting. */
async function rewritten(): Promise<string> {
  return JSON.stringify((await calls('chat.update')).at(-1)?.args['blocks'] ?? 'not rewritten');
}

async function whispered(): Promise<string> {
  return JSON.stringify((await calls('chat.postEphemeral')).map(({ args }) => args['blocks']));
}

async function stateOf({ id }: Warned): Promise<string> {
  return (await w.record(id)).finding.state;
}

describe("an owner's answer", () => {
  test('Acknowledge is stored, in the trail, and the message says who has seen it', async () => {
    const warned = await one();
    const due = (await w.record(warned.id)).finding.dueAt;
    const response = await w.press(warned, 'acknowledge', w.owner);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect((await w.record(warned.id)).finding).toMatchObject({ state: 'ACKNOWLEDGED', dueAt: due });
    expect(w.ledger.trail().at(-1)).toMatchObject({
      actor: `slack:${TEAM}:${w.owner.user}`,
      from: 'WARNED',
      to: 'ACKNOWLEDGED',
    });
    const message = await rewritten();
    expect(message).toContain('Acknowledged');
    expect(message).toContain(w.owner.user);
    expect(message).not.toContain('"acknowledge"');
    expect(message).toContain('"keep"');
  });

  test('Keep holds it for the chosen days and takes the buttons away', async () => {
    const warned = await one();
    await w.press(warned, 'keep', w.owner, { choice: '7' });
    const { finding, life } = await w.record(warned.id);
    expect(finding).toMatchObject({ state: 'SNOOZED', dueAt: null });
    expect(life?.hold).toMatchObject({ kind: 'snooze', by: w.owner });
    expect(Date.parse(life?.hold?.until ?? '') - w.now().getTime()).toBeGreaterThan(6.99 * 24 * 3600_000);
    expect(await rewritten()).not.toContain('"actions"');
  });

  test('Keep for a time that was not offered changes nothing', async () => {
    const warned = await one();
    await w.press(warned, 'keep', w.owner, { choice: '3650' });
    expect(await stateOf(warned)).toBe('WARNED');
    expect(await whispered()).toContain('no time for which it can be kept');
  });

  test('Stop now writes intent only, and says so', async () => {
    const warned = await one();
    await w.press(warned, 'stop', w.owner);
    const { finding, life } = await w.record(warned.id);
    expect(finding.state).toBe('WARNED');
    expect(life?.stopNow).toMatchObject({ by: w.owner, noticeId: warned.notice.id });
    const message = await rewritten();
    expect(message).toContain('as you asked');
    expect(message).not.toContain('"stop"');
  });

  test('Stop now of what cannot be undone asks every approver, once', async () => {
    const warned = await one({ reversible: false });
    await w.press(warned, 'stop', w.owner);
    expect(await stateOf(warned)).toBe('APPROVAL_REQUESTED');
    const posts = await calls('chat.postMessage');
    expect(posts).toHaveLength(1);
    expect(JSON.stringify(posts[0]?.args['blocks'])).toContain('This cannot be undone');
    expect(await untold(w.ledger)).toEqual({ redraw: [], ask: [] });
  });

  test('Stop now of what cannot be undone is not taken where nobody else may approve it', async () => {
    await w.close();
    w = await world(slack, {}, { approvers: [w.owner.user] });
    const warned = await one({ reversible: false });
    await w.press(warned, 'stop', w.owner);
    expect(await stateOf(warned)).toBe('WARNED');
    expect(await whispered()).toContain('nobody but you may approve it');
  });

  test('Undo after a stop is written down for the next sweep', async () => {
    const warned = await one();
    await stopped(warned);
    await w.press(warned, 'undo', w.owner);
    expect(await stateOf(warned)).toBe('UNDO_REQUESTED');
    expect(await rewritten()).toContain('To be brought back');
  });

  test('on one of several resources leaves the others as they are', async () => {
    const [first, second] = await w.warn([machine(1), machine(2)]);
    if (first === undefined || second === undefined) throw new Error('two were warned of');
    await w.press(second, 'keep', w.owner, { choice: '1' });
    expect([await stateOf(first), await stateOf(second)]).toEqual(['WARNED', 'SNOOZED']);
    await w.press(first, 'acknowledge', w.owner);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['ACKNOWLEDGED', 'SNOOZED']);
  });
});

async function stopped({ id }: Warned): Promise<void> {
  const { finding } = await w.record(id);
  const intent = {
    kind: 'stop',
    action: 'aws.ec2.stop',
    plan: {},
    undoPlan: {},
    at: w.now().toISOString(),
    attempt: 1,
  } as const;
  w.later(49 * 3600_000);
  const { check, provider, resourceId } = finding;
  const judgement = machine(0, { check, provider, resourceId });
  const fingerprint = { launch: '2026-03-01T06:00:00.000Z', parent: null };
  const fresh = { kind: 'waste', judgement, fingerprint } as const;
  await w.step(id, { type: 'checked', fresh, reversible: true, guard: null, intent });
  await w.step(id, {
    type: 'stop-done',
    at: w.now().toISOString(),
    estimated: { amount: '900', currency: 'USD' },
  });
  expect((await w.record(id)).finding.state).toBe('STOPPED');
}

async function ask(warned: Warned, values: Record<string, object>) {
  return await w.send({
    type: 'view_submission',
    api_app_id: APP_ID,
    team: { id: TEAM },
    user: { id: w.owner.user, team_id: TEAM },
    view: { callback_id: 'exempt', private_metadata: await w.token(warned), state: { values } },
  });
}

const day = (days: number) => new Date(Date.now() + days * 24 * 3600_000).toISOString().slice(0, 10);

const filled = (reason: string, until: string, scope = 'resource') => ({
  reason: { value: { type: 'plain_text_input', value: reason } },
  until: { value: { type: 'datepicker', selected_date: until } },
  scope: { value: { type: 'static_select', selected_option: { value: scope } } },
});

describe('an exemption', () => {
  test('is asked for in a form, goes to the approver, and holds when they agree', async () => {
    const warned = await one();
    await w.press(warned, 'exempt', w.owner, { trigger: await w.trigger(w.owner) });
    expect(await calls('views.open')).toHaveLength(1);
    const response = await ask(warned, filled('A demo <!channel> next week', day(10), 'check'));
    expect(await response.json()).toEqual({ response_action: 'clear' });
    expect((await w.record(warned.id)).finding).toMatchObject({ state: 'EXEMPTION_REQUESTED', dueAt: null });

    const asked = (await calls('chat.postMessage')).at(-1);
    const blocks = asked?.args['blocks'];
    const found = Array.isArray(blocks) ? blocks.find((block) => block.type === 'actions') : undefined;
    await w.press(String(found.block_id), 'approve', w.approver, {
      place: { channel: String(asked?.args['channel']), ts: '1.1' },
    });
    const { finding, life } = await w.record(warned.id);
    expect(finding.state).toBe('EXEMPT');
    expect(life?.hold).toMatchObject({
      kind: 'exemption',
      check: 'idle-gpu',
      by: w.owner,
      approvedBy: w.approver,
      reason: 'A demo <!channel> next week',
    });
    const updates = (await calls('chat.update')).slice(-2).map(({ args }) => JSON.stringify(args['blocks']));
    for (const update of updates) expect(update).not.toContain('"approve"');
  });

  test.each([
    ['no reason', filled('  ', day(3)), 'reason'],
    ['no day', filled('why', ''), 'until'],
    ['a day that is none', filled('why', '2026-02-31'), 'until'],
    ['a day that is over', filled('why', day(-2)), 'until'],
    ['too long', filled('why', day(200)), 'until'],
  ])('with %s is not taken, and the form says why', async (_what, values, block) => {
    const warned = await one();
    const answer: unknown = await (await ask(warned, values)).json();
    expect(answer).toMatchObject({ response_action: 'errors', errors: { [block]: expect.any(String) } });
    expect(await stateOf(warned)).toBe('WARNED');
  });

  test('is not approved by whoever asked for it, nor by somebody who was not asked', async () => {
    const warned = await one();
    await ask(warned, filled('why', day(3)));
    const asked = (await calls('chat.postMessage')).at(-1);
    const blocks = asked?.args['blocks'];
    const found = Array.isArray(blocks) ? blocks.find((block) => block.type === 'actions') : undefined;
    for (const who of [w.owner, w.other]) await w.press(String(found.block_id), 'approve', who);
    expect(await stateOf(warned)).toBe('EXEMPTION_REQUESTED');
  });

  test('whose approver cannot be asked now is asked by the next sweep', async () => {
    const warned = await one();
    await disturbSlack(slack.control, 'chat.postMessage', { kind: 'ratelimited', retryAfter: 30 });
    await ask(warned, filled('why', day(3)));
    expect(await stateOf(warned)).toBe('EXEMPTION_REQUESTED');
    expect((await untold(w.ledger)).ask).toEqual([warned.id]);
    const { ledger, answerer: messenger, approvers } = w.parts;
    expect(await tellUntold({ ledger, messenger, approvers }, w.now())).toEqual({ redraw: [], ask: [] });
    expect(await calls('chat.postMessage')).toHaveLength(1);
  });
});

async function handOver(warned: Warned, next: string | null) {
  return await w.send({
    type: 'view_submission',
    api_app_id: APP_ID,
    team: { id: TEAM },
    user: { id: w.owner.user, team_id: TEAM },
    view: {
      callback_id: 'disown',
      private_metadata: await w.token(warned),
      state: { values: { next: { value: { type: 'users_select', selected_user: next } } } },
    },
  });
}

describe('Not mine', () => {
  test('goes to whoever was named, whose own notice comes later', async () => {
    const warned = await one();
    expect(await (await handOver(warned, w.other.user)).json()).toEqual({ response_action: 'clear' });
    const { finding, life } = await w.record(warned.id);
    expect(finding).toMatchObject({ state: 'DISOWNED', dueAt: null });
    expect(life?.recipient).toMatchObject({ kind: 'owner', person: w.other });
  });

  test('goes to the account where nobody is named', async () => {
    const warned = await one();
    await handOver(warned, null);
    expect((await w.record(warned.id)).life?.recipient).toMatchObject({
      id: 'other@example.com',
      person: null,
    });
  });

  test('cannot be handed to oneself or to nobody', async () => {
    const warned = await one();
    for (const next of [w.owner.user, 'U0NOBODY'])
      expect(await (await handOver(warned, next)).json()).toMatchObject({ response_action: 'errors' });
    expect(await stateOf(warned)).toBe('WARNED');
  });
});

describe('a claim', () => {
  const channel = { kind: 'channel', id: CHANNEL, person: null, source: 'fallback' } as const;
  async function unowned(): Promise<Warned> {
    const [warned] = await w.warn([machine(77)], {}, channel);
    if (warned === undefined) throw new Error('nothing was offered');
    return warned;
  }

  test('makes its person the next to be warned, and starts no clock by itself', async () => {
    const warned = await unowned();
    expect((await w.record(warned.id)).finding.dueAt).toBeNull();
    await w.press(warned, 'claim', w.other);
    const { finding, life } = await w.record(warned.id);
    expect(finding).toMatchObject({ state: 'NOTIFY_PENDING', dueAt: null });
    expect(life?.recipient).toMatchObject({ kind: 'owner', person: w.other });
    expect(await rewritten()).toContain('Claimed');
  });

  test('by a guest, a person of another organisation, or in a shared channel is refused', async () => {
    const warned = await unowned();
    w.later(25 * 3600_000);
    for (const members of [
      { is_restricted: true },
      { is_stranger: true },
      { deleted: true },
      { team_id: 'T2' },
    ]) {
      await disturbSlack(slack.control, 'users.info', { kind: 'with', key: 'user', members });
      await w.press(warned, 'claim', w.other);
    }
    await disturbSlack(slack.control, 'conversations.info', {
      kind: 'with',
      key: 'channel',
      members: { is_ext_shared: true },
    });
    await w.press(warned, 'claim', w.other);
    await w.press(warned, 'stop', w.other);
    expect(await stateOf(warned)).toBe('WARNED');
    expect((await w.record(warned.id)).life?.recipient).toEqual(channel);
  });
});

describe('what nobody may do', () => {
  test.each(['keep', 'acknowledge', 'stop', 'exempt', 'disown'])(
    "%s on another person's message",
    async (action) => {
      const warned = await one();
      const before = await w.record(warned.id);
      await w.press(warned, action, w.other, { choice: '7' });
      expect(await w.record(warned.id)).toEqual(before);
      expect(await calls('views.open')).toEqual([]);
    },
  );

  test('undo what is not theirs, unless they are an admin', async () => {
    const warned = await one();
    await stopped(warned);
    await w.press(warned, 'undo', w.other);
    expect(await stateOf(warned)).toBe('STOPPED');
    await w.press(warned, 'undo', w.approver);
    expect(await stateOf(warned)).toBe('UNDO_REQUESTED');
  });

  test('pause without being an admin', async () => {
    expect(await (await w.command('pause', w.other)).text()).toContain('Only an admin');
    expect((await readSwitch(w.ledger)).paused).toBe(false);
  });
});

describe('a stale button', () => {
  test('tells what happened since and draws the message again', async () => {
    const warned = await one();
    const old = await w.token(warned);
    await w.press(warned, 'keep', w.owner, { choice: '7' });
    await resetSlack(slack.control);
    await w.press(old, 'stop', w.owner, { place: warned.notice.place });
    expect(await stateOf(warned)).toBe('SNOOZED');
    expect((await w.record(warned.id)).life?.stopNow).toBeNull();
    expect(await whispered()).toContain('it is kept until');
    expect(await rewritten()).not.toContain('"actions"');
  });

  test('of a message that a newer one has replaced counts no more', async () => {
    const warned = await one();
    const { finding, life } = await w.record(warned.id);
    const record = await w.record(warned.id);
    if (life?.notice === null || life === null) throw new Error('it was warned of');
    const newer = { ...life, notice: { ...life.notice, id: 'n-another' } };
    await w.ledger.put(
      { ...record, finding, life: newer, version: record.version + 1 },
      record.version,
      null,
    );
    await w.press(warned, 'stop', w.owner);
    expect((await w.record(warned.id)).life?.stopNow).toBeNull();
  });
});

describe('what is not a click of ours', () => {
  test('is refused, changes nothing, and is logged without secrets', async () => {
    const warned = await one();
    const docs = new Map(w.ledger.docs());
    const before = await w.record(warned.id);
    const block = await w.token(warned);
    const body = (changes: object = {}) =>
      new URLSearchParams({
        payload: JSON.stringify({
          type: 'block_actions',
          api_app_id: APP_ID,
          team: { id: TEAM },
          user: { id: w.owner.user, team_id: TEAM },
          response_url: 'https://hooks.slack.com/actions/T0/secret-response-url',
          actions: [{ action_id: 'acknowledge', block_id: block }],
          ...changes,
        }),
      }).toString();
    const at = (seconds: number) => String(Math.floor(w.now().getTime() / 1000) + seconds);
    const dated = (seconds: number) => ({
      'x-slack-request-timestamp': at(seconds),
      'x-slack-signature': sign(body(), at(seconds)),
    });
    const statuses = [
      await w.post(body(), { 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
      await w.post(body(), { 'x-slack-signature': sign(body(), at(0), 'another secret') }),
      await w.post(body(), dated(-301)),
      await w.post(body(), dated(302)),
      await w.post(body({ team: { id: 'T2' } })),
      await w.post(body({ api_app_id: 'A2' })),
      await w.post(body({ user: { id: w.owner.user, team_id: 'T2' } })),
      await w.post(Buffer.from([0x70, 0xff, 0xfe])),
      await w.post(`payload=${'['.repeat(10_000)}${']'.repeat(10_000)}`),
      await w.post(Buffer.alloc(2_000_000, 'a')),
      await w.post('payload=%7B'),
      await w.post('', { 'content-type': 'text/html' }),
      await fetch(w.url),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401, 401, 403, 403, 403, 400, 400, 413, 400, 400, 405]);
    expect(await w.record(warned.id)).toEqual(before);
    expect(new Map(w.ledger.docs())).toEqual(docs);
    expect(await slackCalls(slack.control)).toEqual([]);
    expect(w.log).toHaveLength(13);
    const logged = w.log.join('\n');
    for (const secret of [slack.token, 'secret-response-url', 'payload', block, 'signing-secret', 'v0='])
      expect(logged).not.toContain(secret);
  });

  test('a request that comes twice is answered once', async () => {
    const warned = await one();
    const timestamp = String(Math.floor(w.now().getTime() / 1000));
    const body = new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        api_app_id: APP_ID,
        team: { id: TEAM },
        user: { id: w.owner.user, team_id: TEAM },
        actions: [{ action_id: 'keep', block_id: await w.token(warned), selected_option: { value: '1' } }],
      }),
    }).toString();
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': sign(body, timestamp) };
    const answers = await Promise.all([w.post(body, headers), w.post(body, headers), w.post(body, headers)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    w.later(299_000);
    expect((await w.post(body, headers)).status).toBe(409);
    w.later(400_000);
    expect((await w.post(body, headers)).status).toBe(401);
    expect((await w.record(warned.id)).life?.snoozes).toBe(1);
  });

  test('a challenge is answered only with its signature', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc', token: 'old' });
    const json = { 'content-type': 'application/json' };
    expect(await (await w.post(body, json)).json()).toEqual({ challenge: 'abc' });
    expect((await w.post(body, { ...json, 'x-slack-signature': `v0=${'1'.repeat(64)}` })).status).toBe(401);
  });
});

describe('what is said only after it is stored', () => {
  test('a ledger that fails: nothing is confirmed, and the person is told', async () => {
    let broken = false;
    await w.close();
    w = await world(slack, {
      onCall: ({ operation, phase }) => {
        if (broken && operation === 'put' && phase === 'before') throw new Error('the table is away');
      },
    });
    const warned = await one();
    broken = true;
    const response = await w.press(warned, 'acknowledge', w.owner);
    expect(response.status).toBe(500);
    expect(await calls('chat.update')).toEqual([]);
    expect(await whispered()).toContain('Nothing was changed');
    expect(await stateOf(warned)).toBe('WARNED');
  });

  test('two clicks at once: both are decided on what is stored', async () => {
    const warned = await one();
    await Promise.all([
      w.press(warned, 'keep', w.owner, { choice: '1' }),
      w.press(warned, 'keep', w.owner, { choice: '3' }),
      w.press(warned, 'acknowledge', w.owner),
    ]);
    const { finding, life } = await w.record(warned.id);
    expect(finding.state).toBe('SNOOZED');
    expect(life?.snoozes).toBe(1);
    const trail = w.ledger.trail().filter(({ findingId, to }) => findingId === warned.id && to === 'SNOOZED');
    expect(trail).toHaveLength(1);
  });

  test('a rewriting that Slack did not take is done by the next sweep', async () => {
    const warned = await one();
    await disturbSlack(slack.control, 'chat.update', { kind: 'status', status: 503 }, 9);
    await w.press(warned, 'keep', w.owner, { choice: '1' });
    expect(await stateOf(warned)).toBe('SNOOZED');
    expect((await untold(w.ledger)).redraw).toEqual([warned.notice.id]);
    await resetSlack(slack.control);
    const { ledger, answerer: messenger, approvers } = w.parts;
    expect(await tellUntold({ ledger, messenger, approvers }, w.now())).toEqual({ redraw: [], ask: [] });
    expect(await rewritten()).toContain('Kept for now');
  });
});

test('a Slack that is slow does not hold the answer up: it is stored, and told by the next sweep', async () => {
  let slow = false;
  await w.close();
  w = await world(slack, {
    onCall: async ({ operation, phase }) => {
      if (slow && operation === 'history' && phase === 'before') await new Promise<void>(() => undefined);
    },
  });
  const warned = await one();
  slow = true;
  const response = await w.press(warned, 'keep', w.owner, { choice: '1' });
  expect(response.status).toBe(200);
  expect(await stateOf(warned)).toBe('SNOOZED');
  expect((await untold(w.ledger)).redraw).toEqual([warned.notice.id]);
});

describe('/bursar', () => {
  test('mine tells what one was warned of, and nobody else', async () => {
    const warned = await one();
    expect(await (await w.command('mine', w.owner)).text()).toContain(warned.id);
    expect(await (await w.command('mine', w.other)).text()).toContain('Nothing of yours');
  });

  test('find and explain', async () => {
    const warned = await one();
    const name = (await w.record(warned.id)).finding.resourceName ?? '';
    expect(await (await w.command(`find ${name.toUpperCase()}`, w.other)).text()).toContain(warned.id);
    expect(await (await w.command('find nothing-like-it', w.other)).text()).toContain(
      'Nothing in the ledger',
    );
    const explained = await (await w.command(`explain ${warned.id}`, w.other)).text();
    expect(explained).toContain('policy 1 (check idle-gpu, mode stop)');
    expect(explained).toContain('every device below 5 % for 168 h');
    expect(await (await w.command('explain f-none', w.other)).text()).toContain('no such finding');
  });

  test('pause and resume are kept with who did it', async () => {
    await w.command('pause', w.approver);
    expect(await readSwitch(w.ledger)).toMatchObject({ paused: true, by: w.approver.user });
    expect(await (await w.command('', w.owner)).text()).toContain('Bursar is paused now');
    await w.command('resume', w.approver);
    expect(await readSwitch(w.ledger)).toMatchObject({ paused: false });
    const switched = w.ledger.docs().get('switch/paused')?.value;
    expect(switched).toMatchObject({ trail: [{ paused: true }, { paused: false }] });
  });

  test('is not answered to a guest', async () => {
    w.later(25 * 3600_000);
    await disturbSlack(slack.control, 'users.info', {
      kind: 'with',
      key: 'user',
      members: { is_ultra_restricted: true },
    });
    expect(await (await w.command('mine', w.owner)).text()).toContain('guest');
  });
});

const opened = (user: string) =>
  w.post(
    JSON.stringify({
      type: 'event_callback',
      api_app_id: APP_ID,
      team_id: TEAM,
      event_id: String(Math.random()),
      event: { type: 'app_home_opened', user, tab: 'home' },
    }),
    { 'content-type': 'application/json' },
  );

describe('the Home tab', () => {
  test('shows what is mine, with buttons that work there, too', async () => {
    const warned = await one();
    expect((await opened(w.owner.user)).status).toBe(200);
    const view = JSON.stringify((await calls('views.publish')).at(-1)?.args['view']);
    expect(view).toContain(await w.token(warned));
    await w.press(warned, 'keep', w.owner, { choice: '3', place: null });
    expect(await stateOf(warned)).toBe('SNOOZED');
    expect(await rewritten()).toContain('Kept for now');
    expect(JSON.stringify((await calls('views.publish')).at(-1)?.args['view'])).toContain('Kept for now');
  });

  test("shows nobody else's", async () => {
    await one();
    await opened(w.other.user);
    expect(JSON.stringify((await calls('views.publish')).at(-1)?.args['view'])).toContain('Nothing of yours');
  });
});
