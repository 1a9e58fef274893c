import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { saveNotice } from '../../../lib/notices/notice.ts';
import {
  askApprovers,
  drawAgain,
  noteUntold,
  type TellParts,
  tellUntold,
  untold,
} from '../../../lib/run/respond/effects.ts';
import { plainly } from '../../../lib/run/respond/say.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import type { Call } from '../../ledger/memory.ts';
import { seen } from './seen.ts';
import { machine, type Warned, type World, world } from './world.ts';

const slack = inject('slack');
let w: World;
let meanwhile: (call: Call) => void | Promise<void>;

beforeEach(async () => {
  meanwhile = () => undefined;
  await resetSlack(slack.control);
  w = await world(slack, { onCall: (call) => meanwhile(call) });
});
afterEach(() => w.close());

const { calls } = seen(slack.control, () => w);

async function one(): Promise<Warned> {
  const [warned] = await w.warn([machine(Math.floor(Math.random() * 1e9))]);
  if (warned === undefined) throw new Error('nothing was warned of');
  await resetSlack(slack.control);
  return warned;
}

function tellParts(approvers = w.parts.approvers): TellParts {
  return { ledger: w.ledger, messenger: w.parts.answerer, approvers };
}

const KEY = 'slack/untold';

describe('what is still to be told', () => {
  test('is nothing where nothing was noted, and noting nothing writes nothing', async () => {
    expect(await untold(w.ledger)).toEqual({ redraw: [], ask: [] });
    await noteUntold(w.ledger, [], true);
    expect(w.ledger.docs().has(KEY)).toBe(false);
  });

  test('is kept in the order in which it was noted, each once, and struck out by name', async () => {
    await noteUntold(w.ledger, ['n-1', 'n-2'], true);
    await noteUntold(w.ledger, ['n-1', 'n-3'], true);
    expect(await untold(w.ledger)).toEqual({ redraw: ['n-2', 'n-1', 'n-3'], ask: [] });
    await noteUntold(w.ledger, ['n-1'], false);
    expect(await untold(w.ledger)).toEqual({ redraw: ['n-2', 'n-3'], ask: [] });
    expect(w.ledger.docs().get(KEY)?.value).toMatchObject({ schemaVersion: 1 });
    const { version } = w.ledger.docs().get(KEY) ?? {};
    await noteUntold(w.ledger, ['n-1', 'n-9'], false);
    expect(w.ledger.docs().get(KEY)?.version).toBe(version);
  });

  test('is read as far as it can be', async () => {
    await w.ledger.putDoc(KEY, { schemaVersion: 1, redraw: ['n-1', 7, null], ask: 'f-1' }, 0);
    expect(await untold(w.ledger)).toEqual({ redraw: ['n-1'], ask: [] });
  });

  test('of one that is asked for, what another asked for stays', async () => {
    await w.ledger.putDoc(KEY, { schemaVersion: 1, redraw: [], ask: ['f-gone', 'f-other'] }, 0);
    await noteUntold(w.ledger, ['n-1'], true);
    expect(await untold(w.ledger)).toEqual({ redraw: ['n-1'], ask: ['f-gone', 'f-other'] });
    // Neither finding is there: nobody is to be asked any more, and the notice is none of ours.
    expect(await tellUntold(tellParts(), w.now())).toEqual({ redraw: [], ask: [] });
  });
});

describe('a message that is drawn again', () => {
  test('is gone where it is not known, was never sent, or Slack has it no more', async () => {
    expect(await drawAgain(tellParts(), 'n-unknown')).toBe('gone');
    const warned = await one();
    await disturbSlack(slack.control, 'chat.update', { kind: 'error', error: 'message_not_found' });
    expect(await drawAgain(tellParts(), warned.notice.id)).toBe('gone');
    const record = await w.record(warned.id);
    const life = record.life === null ? null : { ...record.life, notice: null };
    await w.ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
    await saveNotice(w.ledger, { ...warned.notice, place: null });
    expect(await drawAgain(tellParts(), warned.notice.id)).toBe('gone');
    expect(await drawAgain(tellParts(), warned.notice.id)).toBe('gone');
    expect(await calls('chat.update')).toEqual([]);
  });

  test('lies where its finding says, should the notice not say so yet', async () => {
    const [first, second] = await w.warn([machine(1), machine(2)]);
    if (first === undefined || second === undefined) throw new Error('two were warned of');
    await resetSlack(slack.control);
    w.ledger.makeNewer(first.id);
    await saveNotice(w.ledger, { ...first.notice, place: null });
    expect(await drawAgain(tellParts(), first.notice.id)).toBe('drawn');
    expect((await calls('chat.update')).map(({ args }) => [args['channel'], args['ts']])).toEqual([
      [first.notice.place?.channel, first.notice.place?.ts],
    ]);
  });

  test('does not lie where another message of its finding lies', async () => {
    const warned = await one();
    await saveNotice(w.ledger, { ...warned.notice, id: 'n-earlier', place: null });
    expect(await drawAgain(tellParts(), 'n-earlier')).toBe('gone');
    expect(await calls('chat.update')).toEqual([]);
  });

  test('is drawn once more while its finding goes on, and given up for now where it never rests', async () => {
    const warned = await one();
    let reads = 0;
    let most = 1;
    meanwhile = async ({ operation, phase, about }) => {
      if (operation !== 'getMany' || phase !== 'before' || !about.includes(warned.id)) return;
      reads += 1;
      if (reads === 1 || reads > most + 1) return;
      const record = await w.record(warned.id);
      await w.ledger.put({ ...record, version: record.version + 1 }, record.version, null);
    };
    expect(await drawAgain(tellParts(), warned.notice.id)).toBe('drawn');
    expect(await calls('chat.update')).toHaveLength(2);
    reads = 0;
    most = 99;
    await resetSlack(slack.control);
    expect(await drawAgain(tellParts(), warned.notice.id)).toBe('failed');
    expect(await calls('chat.update')).toHaveLength(4);
  });

  test('is drawn again by no more than was noted, and stays noted where Slack fails', async () => {
    const warned = await one();
    await noteUntold(w.ledger, ['n-unknown', warned.notice.id], true);
    await disturbSlack(slack.control, 'chat.update', { kind: 'status', status: 503 }, 9);
    expect(await tellUntold(tellParts(), w.now())).toEqual({ redraw: [warned.notice.id], ask: [] });
  });
});

async function requested(): Promise<Warned> {
  const warned = await one();
  const until = new Date(w.now().getTime() + 86_400_000).toISOString();
  await w.step(warned.id, {
    type: 'exemption-requested',
    by: w.owner,
    until,
    reason: 'a demo',
    check: null,
  });
  return warned;
}

describe('approvers', () => {
  test('are not asked of what asks for nothing', async () => {
    const warned = await one();
    expect(await askApprovers(tellParts(), await w.record(warned.id), w.now())).toBe('asked');
    const { id } = warned;
    const record = await w.record(id);
    expect(await askApprovers(tellParts(), { ...record, life: null }, w.now())).toBe('asked');
    expect(await calls('chat.postMessage')).toEqual([]);
  });

  test('are nobody where only the owner is one; then it is not asked again and again', async () => {
    const warned = await requested();
    const record = await w.record(warned.id);
    expect(await askApprovers(tellParts([w.owner.user]), record, w.now())).toBe('nobody');
    await w.ledger.putDoc(KEY, { schemaVersion: 1, redraw: [], ask: [warned.id] }, 0);
    expect(await tellUntold(tellParts([w.owner.user]), w.now())).toEqual({ redraw: [], ask: [] });
  });

  test('that are asked: one is enough, and whoever cannot be reached holds nothing up', async () => {
    const warned = await requested();
    const record = await w.record(warned.id);
    const some = tellParts(['U0LEFT', w.approver.user, w.owner.user]);
    expect(await askApprovers(some, record, w.now())).toBe('asked');
    expect(await askApprovers(tellParts(['U0LEFT']), record, w.now())).toBe('failed');
    expect(await calls('chat.postMessage')).toHaveLength(1);
  });

  test('are told what is known where the warning is not: nothing is called reversible', async () => {
    const warned = await requested();
    const record = await w.record(warned.id);
    const life = record.life === null ? null : { ...record.life, notice: null };
    expect(await askApprovers(tellParts(), { ...record, life }, w.now())).toBe('asked');
    const [, kept] =
      [...w.ledger.docs()].find(([, { value }]) => JSON.stringify(value).includes('"approval"')) ?? [];
    expect(kept?.value).toMatchObject({
      kind: 'approval',
      recipient: { kind: 'owner', id: w.approver.user, person: w.approver, source: 'slack.approvers' },
      items: [
        { findingId: warned.id, action: null, reversible: false, lost: [], staysBilled: [], risks: [] },
      ],
      more: 0,
      place: { ts: expect.any(String) },
    });
  });
});

test('what fails after it is stored is logged, and told by the next sweep', async () => {
  const warned = await one();
  const token = await w.token(warned);
  let stored = false;
  meanwhile = ({ operation, phase }) => {
    stored ||= operation === 'put' && phase === 'after';
    if (stored && operation === 'history' && phase === 'before') throw new Error('the table is away');
  };
  const response = await w.press(token, 'acknowledge', w.owner, { place: warned.notice.place });
  expect(response.status).toBe(200);
  expect(w.log.join('\n')).toMatch(new RegExp(`"message":"not told yet".*"findingId":"${warned.id}"`));
  expect(await untold(w.ledger)).toEqual({ redraw: [warned.notice.id], ask: [] });
  expect((await w.record(warned.id)).finding.state).toBe('ACKNOWLEDGED');
});

test('an answer of one message draws the message that the owner has, too', async () => {
  const warned = await one();
  const until = new Date(w.now().getTime() + 86_400_000).toISOString();
  await w.step(warned.id, { type: 'exemption-requested', by: w.owner, until, reason: 'x', check: null });
  await askApprovers(tellParts(), await w.record(warned.id), w.now());
  const [, kept] =
    [...w.ledger.docs()].find(([, { value }]) => JSON.stringify(value).includes('"approval"')) ?? [];
  const notice: Warned['notice'] = JSON.parse(JSON.stringify(kept?.value));
  await resetSlack(slack.control);
  await w.press(await w.token({ ...warned, notice }), 'approve', w.approver, { place: notice.place });
  const drawn = (await calls('chat.update')).map(({ args }) => args['ts']);
  expect(new Set(drawn)).toEqual(new Set([notice.place?.ts, warned.notice.place?.ts]));
  expect(drawn).toHaveLength(2);
});

test.each([
  ['<@U0ANA> keeps it', 'U0ANA keeps it.'],
  ['<@W0ANA> and <@U0BEN>', 'W0ANA and U0BEN.'],
  ['is it yours?', 'Is it yours?'],
  ['no!', 'No!'],
  ['it is.', 'It is.'],
  ['v1.2 ends', 'V1.2 ends.'],
])('%s is told as %s', (reason, told) => {
  expect(plainly(reason)).toBe(told);
});
