import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Hold } from '../../../lib/ledger/life.ts';
import type { FindingRecord } from '../../../lib/ledger/model.ts';
import { writeToken } from '../../../lib/notices/messages/buttons.ts';
import { noticeId, readNotice, stageOf } from '../../../lib/notices/notice.ts';
import { askApprovers, untold } from '../../../lib/run/respond/effects.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import type { Call } from '../../ledger/memory.ts';
import { seen } from './seen.ts';
import { CHANNEL, machine, TEAM, type Warned, type World, world } from './world.ts';

const slack = inject('slack');
let w: World;
/** What happens to the ledger at its calls; nothing unless a test says so. */
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

const { calls, redrawn, whispered, outcome } = seen(slack.control, () => w);

async function one(changes: Parameters<World['warn']>[1] = {}): Promise<Warned> {
  const [warned] = await w.warn([machine(Math.floor(Math.random() * 1e9))], changes);
  if (warned === undefined) throw new Error('nothing was warned of');
  await resetSlack(slack.control);
  return warned;
}

/** The Home tab as it was drawn last. */
async function onHome(): Promise<string> {
  return JSON.stringify((await calls('views.publish')).at(-1)?.args['view'] ?? 'not drawn');
}

/** Another process writes right before the nth reading of the record by what runs now. */
function writesBefore(nth: number, id: string, change: (record: FindingRecord) => FindingRecord): void {
  let reads = 0;
  meanwhile = async ({ operation, phase, about }) => {
    if (operation !== 'get' || phase !== 'before' || !about.includes(id)) return;
    reads += 1;
    if (reads !== nth) return;
    meanwhile = () => undefined;
    const record = await w.record(id);
    await w.ledger.put({ ...change(record), version: record.version + 1 }, record.version, null);
  };
}

function withNotice(record: FindingRecord, id: string): FindingRecord {
  const { life } = record;
  if (life === null || life.notice === null) throw new Error('it was warned of');
  return { ...record, life: { ...life, notice: { ...life.notice, id } } };
}

describe('what a button is answered with', () => {
  test('stored: Slack is answered with nothing, the log with the outcome and no more', async () => {
    const warned = await one();
    const response = await w.press(warned, 'acknowledge', w.owner);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(outcome()).toBe('stored');
    expect(await calls('views.publish')).toEqual([]);
  });

  test('a form of its own for an exemption and for handing over', async () => {
    const warned = await one();
    for (const [action, title] of [
      ['exempt', 'Request exemption'],
      ['disown', 'Not mine'],
    ] as const) {
      await w.press(warned, action, w.owner, { trigger: await w.trigger(w.owner) });
      expect(outcome()).toBe('asked');
      expect((await calls('views.open')).at(-1)?.args['view']).toMatchObject({
        callback_id: action,
        title: { text: title },
      });
    }
    expect(await calls('chat.postEphemeral')).toEqual([]);
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });

  test('a word where Slack did not open the form', async () => {
    const warned = await one();
    await w.press(warned, 'disown', w.owner, { trigger: 'long-over' });
    expect(outcome()).toBe('not-asked');
    expect(await whispered()).toContain('Slack did not open the form. Please press the button again.');
  });

  test('a refusal draws nothing again; what is stale is drawn where it stands', async () => {
    const warned = await one();
    const old = await w.token(warned);
    await w.press(warned, 'keep', w.other, { choice: '7' });
    expect(outcome()).toBe('refused');
    expect(await calls('chat.update')).toEqual([]);
    await w.press(warned, 'keep', w.owner, { choice: '7' });
    await resetSlack(slack.control);
    await w.press(old, 'acknowledge', w.owner, { place: warned.notice.place });
    expect(outcome()).toBe('stale');
    expect((await calls('chat.update')).map(({ args }) => args['ts'])).toEqual([warned.notice.place?.ts]);
  });

  test('a message that Slack cannot draw again just now is noted for the next sweep', async () => {
    const warned = await one();
    await disturbSlack(slack.control, 'chat.update', { kind: 'status', status: 503 }, 9);
    await w.press(warned, 'keep', w.owner, { choice: '3650' });
    expect(outcome()).toBe('not-taken');
    expect(await untold(w.ledger)).toEqual({ redraw: [warned.notice.id], ask: [] });
    await resetSlack(slack.control);
    await w.press(warned, 'keep', w.owner, { choice: '3651' });
    // It was drawn now; what was noted before is struck out by the sweep, which draws once more.
    expect(await calls('chat.update')).toHaveLength(1);
  });

  test('a whisper that Slack does not take is logged with its reason', async () => {
    const warned = await one();
    await disturbSlack(slack.control, 'chat.postEphemeral', { kind: 'error', error: 'user_not_in_channel' });
    await w.press(warned, 'keep', w.other, { choice: '7' });
    expect(w.log.join('\n')).toMatch(/"message":"not told","why":"[^"]*user_not_in_channel/);
    await w.press(warned, 'keep', w.owner, { choice: '3650' });
    expect(await whispered()).toContain('This is no time for which it can be kept.');
    expect(w.log.filter((line) => line.includes('not told'))).toHaveLength(1);
  });

  test('in the Home tab, a sentence on top of it', async () => {
    const warned = await one();
    await w.press(warned, 'keep', w.other, { choice: '7', place: null });
    expect(await calls('chat.postEphemeral')).toEqual([]);
    expect(await onHome()).toContain('Only the owner to whom this message was sent may answer it.');
  });
});

describe('what a button points at', () => {
  test('is looked up: a message or a place in it that Bursar does not know is refused', async () => {
    const warned = await one();
    const stage = stageOf(await w.record(warned.id));
    const { place } = warned.notice;
    for (const token of [
      writeToken({ notice: noticeId('another'), index: 0, stage }),
      writeToken({ notice: warned.notice.id, index: 1, stage }),
    ]) {
      await resetSlack(slack.control);
      await w.press(token, 'acknowledge', w.owner, { place });
      expect(outcome()).toBe('refused');
      expect(await whispered()).toContain('Bursar does not know this message.');
      expect(await calls('chat.update')).toEqual([]);
    }
  });

  test('may be gone from the ledger: the person is told so', async () => {
    const warned = await one();
    const token = await w.token(warned);
    w.ledger.makeNewer(warned.id);
    await w.press(token, 'acknowledge', w.owner, { place: warned.notice.place });
    expect(outcome()).toBe('stale');
    expect(await whispered()).toContain('This resource is no longer in the ledger.');
  });

  test('may go between two readings', async () => {
    const warned = await one();
    let reads = 0;
    meanwhile = ({ operation, phase, about }) => {
      if (operation !== 'get' || phase !== 'before' || !about.includes(warned.id)) return;
      reads += 1;
      if (reads === 2) w.ledger.makeNewer(warned.id);
    };
    await w.press(await w.token(warned).finally(() => (reads = 0)), 'acknowledge', w.owner, {
      place: warned.notice.place,
    });
    expect(outcome()).toBe('not-taken');
    expect(await whispered()).toContain('Nothing was changed. It is no longer in the ledger.');
  });

  test('is decided on as it is when it is stored, not as it was when it was allowed', async () => {
    const warned = await one();
    const token = await w.token(warned);
    const stopNow = { by: w.owner, at: '2026-03-01T00:00:00.000Z', noticeId: warned.notice.id };
    writesBefore(2, warned.id, (record) => ({
      ...record,
      life: record.life === null ? null : { ...record.life, stopNow },
    }));
    await w.press(token, 'acknowledge', w.owner, { place: warned.notice.place });
    expect(await whispered()).toContain('It has changed since this message was drawn.');
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });

  test('has a newer message by the time that it is stored', async () => {
    const warned = await one();
    const token = await w.token(warned);
    writesBefore(2, warned.id, (record) => withNotice(record, 'n-another'));
    await w.press(token, 'stop', w.owner, { place: warned.notice.place });
    expect(await whispered()).toContain('A newer message has replaced this one.');
    expect((await w.record(warned.id)).life?.stopNow).toBeNull();
  });

  test('is a finding that no longer takes the answer: its own words say why', async () => {
    const warned = await one();
    await w.press(warned, 'acknowledge', w.owner);
    await w.press(warned, 'acknowledge', w.owner);
    expect(outcome()).toBe('not-taken');
    expect(await whispered()).toContain(
      'Nothing was changed. Its owner has seen the warning, so there is nothing to acknowledge.',
    );
  });

  test('is written by others again and again: nothing is stored, and the log says what to do', async () => {
    const warned = await one();
    const token = await w.token(warned);
    let busy = false;
    meanwhile = async ({ operation, phase, about }) => {
      if (busy || operation !== 'put' || phase !== 'before' || !about.includes(warned.id)) return;
      busy = true;
      const record = await w.record(warned.id);
      await w.ledger.put({ ...record, version: record.version + 1 }, record.version, null);
      busy = false;
    };
    const response = await w.press(token, 'acknowledge', w.owner, { place: warned.notice.place });
    expect([response.status, await response.text()]).toEqual([500, 'nothing was stored']);
    expect(await whispered()).toContain('Nothing was changed: Bursar could not store it.');
    const failed = w.log.find((line) => line.includes('click failed')) ?? '';
    expect(JSON.parse(failed)).toMatchObject({
      error: {
        code: 'conflict',
        message: 'other processes keep changing this finding',
        where: warned.id,
        hint: 'Press the button again.',
      },
      kind: 'button',
      action: 'acknowledge',
    });
    expect((await w.record(warned.id)).finding.state).toBe('WARNED');
  });
});

/** The approval message of the request that is open now. */
async function asked(warned: Warned): Promise<{ token: string; place: { channel: string; ts: string } }> {
  const { life } = await w.record(warned.id);
  const notice = await readNotice(
    w.ledger,
    noticeId('approval', warned.id, life?.request?.at ?? '', w.approver.user),
  );
  if (notice === null || notice.place === null) throw new Error('no approver was asked');
  return { token: await w.token({ ...warned, notice }), place: notice.place };
}

async function exemption(warned: Warned): Promise<void> {
  const until = new Date(w.now().getTime() + 86_400_000).toISOString();
  await w.step(warned.id, {
    type: 'exemption-requested',
    by: w.owner,
    until,
    reason: 'a demo',
    check: null,
  });
}

/** A request, and its message as a sweep would send it. */
async function requested(kind: 'exemption' | 'stop'): Promise<Warned> {
  const warned = await one(kind === 'stop' ? { reversible: false } : {});
  if (kind === 'stop') await w.press(warned, 'stop', w.owner);
  else {
    await exemption(warned);
    const { ledger, answerer: messenger, approvers } = w.parts;
    await askApprovers({ ledger, messenger, approvers }, await w.record(warned.id), w.now());
  }
  return warned;
}

test('a person who cannot be told that nothing was stored is in the log, with the reason', async () => {
  const warned = await one();
  const token = await w.token(warned);
  meanwhile = ({ operation, phase }) => {
    if (operation === 'put' && phase === 'before') throw new Error('the table is away');
  };
  await disturbSlack(slack.control, 'chat.postEphemeral', { kind: 'error', error: 'user_not_in_channel' });
  const response = await w.press(token, 'acknowledge', w.owner, { place: warned.notice.place });
  expect(response.status).toBe(500);
  expect(w.log.join('\n')).toMatch(/"message":"not told","why":"[^"]*user_not_in_channel/);
});

describe('an approver', () => {
  test.each([
    ['exemption', 'refuse', 'WARNED', 'refuses the exemption'],
    ['exemption', 'approve', 'EXEMPT', 'approves the exemption'],
    ['stop', 'refuse', 'WARNED', 'refuses the stop'],
    ['stop', 'approve', 'APPROVAL_REQUESTED', 'approves the stop'],
  ] as const)('of an %s can %s it: %s', async (kind, action, state, reason) => {
    const warned = await requested(kind);
    const { token, place } = await asked(warned);
    await w.press(token, action, w.approver, { place });
    const { finding, life } = await w.record(warned.id);
    expect([finding.state, life?.request]).toEqual([state, null]);
    expect(w.ledger.trail().at(-1)?.reason).toContain(reason);
    expect(life?.approved?.by ?? null).toEqual(kind === 'stop' && action === 'approve' ? w.approver : null);
  });

  test('decides on the request that they were asked about, and on no later one', async () => {
    const warned = await requested('exemption');
    const { place } = await asked(warned);
    const { life } = await w.record(warned.id);
    const former = noticeId('approval', warned.id, life?.request?.at ?? '', w.approver.user);
    await w.step(warned.id, { type: 'exemption-refused', by: w.approver });
    w.later(60_000);
    await exemption(warned);
    const forged = writeToken({ notice: former, index: 0, stage: stageOf(await w.record(warned.id)) });
    await w.press(forged, 'approve', w.approver, { place });
    expect(outcome()).toBe('stale');
    expect((await w.record(warned.id)).finding.state).toBe('EXEMPTION_REQUESTED');
  });

  test('who has become its owner since, or is no approver any more, decides nothing', async () => {
    const warned = await requested('exemption');
    const { token, place } = await asked(warned);
    const record = await w.record(warned.id);
    if (record.life === null || record.life.notice === null) throw new Error('it was warned of');
    const { notice } = record.life;
    const theirs = { ...notice, recipient: { ...notice.recipient, person: w.approver } };
    const life = { ...record.life, notice: theirs };
    await w.ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
    await w.press(token, 'approve', w.approver, { place });
    expect(await whispered()).toContain('Neither the owner nor whoever asked may decide on it.');
    for (const [of, by] of [
      [token, w.other],
      [warned, w.approver],
    ] as const) {
      await w.press(of, 'approve', by, { place: null });
      expect(await onHome()).toContain('Only an approver who was asked may decide on it.');
    }
    expect((await w.record(warned.id)).finding.state).toBe('EXEMPTION_REQUESTED');
  });

  test('is anybody but the owner among several: one other is enough', async () => {
    await w.close();
    await open();
    const { owner, approver } = w;
    await w.close();
    await open({ approvers: [owner.user, approver.user] });
    const warned = await one({ reversible: false });
    await w.press(warned, 'stop', w.owner);
    expect((await w.record(warned.id)).finding.state).toBe('APPROVAL_REQUESTED');
    expect((await calls('chat.postMessage')).length).toBe(1);
  });

  test('who has left cannot be asked: it is logged, and asked again by the next sweep', async () => {
    await w.close();
    await open({ approvers: ['U0LEFT'] });
    const warned = await one({ reversible: false });
    await w.press(warned, 'stop', w.owner);
    expect(outcome()).toBe('stored');
    expect(w.log.join('\n')).toContain(
      `"message":"approvers not asked","findingId":"${warned.id}","why":"failed"`,
    );
    expect((await untold(w.ledger)).ask).toEqual([warned.id]);
  });
});

describe('a claim', () => {
  test('names its source, and nothing that has an owner can be claimed', async () => {
    const warned = await one();
    await w.press(warned, 'claim', w.other, { place: null });
    expect(await onHome()).toContain('Only what nobody owns can be claimed.');
    const channel = { kind: 'channel', id: CHANNEL, person: null, source: 'fallback' } as const;
    const [unowned] = await w.warn([machine(78)], {}, channel);
    if (unowned === undefined) throw new Error('nothing was offered');
    await w.press(unowned, 'claim', w.other);
    expect((await w.record(unowned.id)).life?.recipient).toEqual({
      kind: 'owner',
      id: w.other.user,
      person: w.other,
      source: `claimed by ${w.other.user}`,
    });
  });

  test('in a channel that is shared with another organisation is refused with its reason', async () => {
    const channel = { kind: 'channel', id: CHANNEL, person: null, source: 'fallback' } as const;
    const [unowned] = await w.warn([machine(79)], {}, channel);
    if (unowned === undefined) throw new Error('nothing was offered');
    await disturbSlack(slack.control, 'conversations.info', {
      kind: 'with',
      key: 'channel',
      members: { is_ext_shared: true },
    });
    await w.press(unowned, 'claim', w.other, { place: null });
    expect(await onHome()).toContain(
      'Nothing can be claimed in a channel that is shared with another organisation.',
    );
    w.later(25 * 3600_000);
    await disturbSlack(slack.control, 'users.info', {
      kind: 'with',
      key: 'user',
      members: { is_restricted: true },
    });
    await w.press(unowned, 'claim', w.other, { place: null });
    expect(await onHome()).toContain('You cannot claim it: ');
  });
});

test('an audit trail names the workspace with the person', async () => {
  const warned = await one();
  await w.press(warned, 'keep', w.owner, { choice: '14' });
  const hold: Hold | null = (await w.record(warned.id)).life?.hold ?? null;
  expect(Date.parse(hold?.until ?? '') - w.now().getTime()).toBeGreaterThan(13.99 * 86_400_000);
  expect(w.ledger.trail().at(-1)?.actor).toBe(`slack:${TEAM}:${w.owner.user}`);
  expect(await redrawn()).toContain('Kept for now');
});
