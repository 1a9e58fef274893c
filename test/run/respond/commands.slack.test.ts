import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { findingId } from '../../../lib/ledger/finding.ts';
import { respond } from '../../../lib/run/respond/index.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import type { Call } from '../../ledger/memory.ts';
import { seen } from './seen.ts';
import { machine, SECRET, sign, type World, world } from './world.ts';

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

const { outcome } = seen(slack.control, () => w);

async function typed(text: string, by = w.owner): Promise<{ text: string; all: string }> {
  const response = await w.command(text, by);
  expect(response.headers.get('content-type')).toBe('application/json');
  const answer: { response_type: string; text: string; blocks: unknown } = JSON.parse(await response.text());
  expect(answer.response_type).toBe('ephemeral');
  return { text: answer.text, all: JSON.stringify(answer.blocks) };
}

async function judged(howMany: number, more: Parameters<typeof machine>[1] = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 1; n <= howMany; n += 1) {
    const each = machine(n, more);
    const id = findingId(each.check, each.provider, each.resourceId);
    await w.step(id, {
      type: 'judged',
      judgement: each,
      policy: { mode: 'flag', rule: 'no policy matches', grace: null },
      actionable: true,
      recipient: null,
      hold: null,
    });
    ids.push(id);
  }
  return ids;
}

describe('/bursar', () => {
  test('takes spaces before, behind and between for one', async () => {
    await judged(1, { resourceName: 'night trainer' });
    expect((await typed('   mine  ')).text).toBe('Your resources');
    expect((await typed('find   night   trainer ')).all).toContain('night trainer');
    expect((await typed('FIND night trainer')).all).toContain('night trainer');
    expect((await typed('')).text).toBe('What Bursar answers');
    expect((await typed('sing')).text).toBe('What Bursar answers');
  });

  test('mine: what waits for an answer first', async () => {
    const warned = await w.warn([machine(1), machine(2), machine(3)]);
    const [first, second] = warned;
    if (first === undefined || second === undefined) throw new Error('three were warned of');
    await w.press(first, 'keep', w.owner, { choice: '1' });
    const { text, all } = await typed('mine');
    expect([text, outcome()]).toEqual(['Your resources', 'told']);
    const order = warned.map(({ id }) => all.indexOf(id));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order[0]).toBeGreaterThan(Math.max(order[1] ?? 0, order[2] ?? 0));
  });

  test('mine: not what went to another since, what another workspace was told, or what is over', async () => {
    const [one, two, three] = await w.warn([machine(4), machine(5), machine(6)]);
    if (one === undefined || two === undefined || three === undefined)
      throw new Error('three were warned of');
    const change = async (id: string, person: { user: string; team: string }) => {
      const record = await w.record(id);
      if (record.life === null || record.life.notice === null) throw new Error('it was warned of');
      const recipient = { ...record.life.notice.recipient, person };
      const life = { ...record.life, notice: { ...record.life.notice, recipient } };
      await w.ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
    };
    await change(one.id, { ...w.owner, team: 'T2' });
    await change(two.id, w.other);
    const record = await w.record(three.id);
    const over = { ...record.finding, state: 'RESOLVED' as const };
    await w.ledger.put({ ...record, finding: over, version: record.version + 1 }, record.version, null);
    const { all } = await typed('mine');
    expect(all).toContain('Nothing of yours looks like waste.');
    for (const { id } of [one, two, three]) expect(all).not.toContain(id);
  });

  test('mine: not what the ledger no longer has, nor what was told of in a newer message', async () => {
    const [one, two] = await w.warn([machine(7), machine(8)]);
    if (one === undefined || two === undefined) throw new Error('two were warned of');
    w.ledger.makeNewer(one.id);
    const record = await w.record(two.id);
    const life = record.life === null ? null : { ...record.life, notice: null };
    await w.ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
    expect((await typed('mine')).all).toContain('Nothing of yours looks like waste.');
  });

  test('find: by name, id of the resource or of the finding, or owner; two characters at least', async () => {
    const [id = ''] = await judged(1, {
      resourceName: null,
      owner: { id: 'Cy@acme.example', source: 'tag owner', confidence: 'high' },
    });
    await judged(2, { resourceName: 'x', owner: null, check: 'untagged' });
    for (const wanted of [id, 'I-1', 'cy@ACME', 'cy'])
      expect((await typed(`find ${wanted}`)).all).toContain(id);
    expect((await typed('find stryker')).all).toContain('Nothing in the ledger matches.');
    expect((await typed('find i-1')).text).toBe('Found');
    expect(outcome()).toBe('told');
    const short = await typed('find i');
    expect(short.all).toContain('Say what to look for: /bursar find trainer');
    expect(outcome()).toBe('told');
  });

  test('find: ten and no more, and says so', async () => {
    await judged(11);
    const { text, all } = await typed('find trainer');
    expect(text).toBe('Found so far');
    expect(all.match(/f-[a-z2-7]{26}/g)).toHaveLength(10);
  });

  test('find: not longer than Slack waits', async () => {
    await judged(3);
    meanwhile = ({ operation, phase }) => {
      if (operation === 'all' && phase === 'after') w.later(1_801);
    };
    const { text, all } = await typed('find nothing-like-it');
    expect(text).toBe('Found so far');
    expect(all).toContain('Nothing found in time: try the id of the finding with /bursar explain.');
  });

  test('explain: what there is, with its outcome in the log', async () => {
    const [id = ''] = await judged(1);
    expect((await typed(`explain ${id}`)).text).toBe(`About ${id}`);
    expect(outcome()).toBe('told');
    for (const wrong of [`x${id}`, `${id}x`, 'f-none']) {
      const { all } = await typed(`explain ${wrong}`);
      expect(all).toContain('There is no such finding: /bursar mine and /bursar find show their ids.');
    }
    expect(outcome()).toBe('told');
  });

  test('pause and resume: only admins, each with its sentence', async () => {
    expect((await typed('pause')).all).toContain('Only an admin may do this (`slack.admins` in the config).');
    expect(outcome()).toBe('refused');
    expect((await typed('Pause', w.approver)).all).toContain(
      'Paused: nothing is stopped until an admin says /bursar resume. Undo goes on, and so do warnings.',
    );
    expect(outcome()).toBe('stored');
    expect((await typed('resume', w.approver)).all).toContain('Resumed: policies are followed again.');
    expect((await typed('', w.approver)).all).not.toContain('paused now');
  });

  test('is not answered to whom Slack does not know', async () => {
    w.later(25 * 3600_000);
    await disturbSlack(slack.control, 'users.info', {
      kind: 'with',
      key: 'user',
      members: { is_ultra_restricted: true },
    });
    const { all } = await typed('mine');
    expect(all).toMatch(/Bursar does not answer you: [^"]*guest[^"]*\./);
    expect(outcome()).toBe('refused');
  });

  test('that could not be answered says so to whoever typed it', async () => {
    meanwhile = ({ operation, phase }) => {
      if (operation === 'getDocs' && phase === 'before') throw new Error('the table is away');
    };
    const { text } = await typed('mine');
    expect(text).toBe('Nothing was changed: Bursar could not store it. Please try again in a minute.');
  });
});

describe('a request that is refused', () => {
  test('is told why, in plain text', async () => {
    const body = 'payload=%7B';
    const signedFor = (of: string, type = 'application/x-www-form-urlencoded') =>
      w.post(of, { 'content-type': type });
    const foreign = new URLSearchParams({ command: '/bursar', team_id: 'T2', api_app_id: 'A0BURSAR' });
    const answers = [
      await signedFor(body),
      await w.post(body, { 'x-slack-signature': sign(body, '1', SECRET) }),
      await signedFor(foreign.toString()),
      await fetch(w.url),
      await signedFor('a'.repeat(2_000_000)),
    ];
    expect(await Promise.all(answers.map(async (each) => [each.status, await each.text()]))).toEqual([
      [400, 'This is not a request that Bursar understands.'],
      [401, 'The signature is not right.'],
      [403, 'This is not for this app or workspace.'],
      [405, 'Only POST is answered.'],
      [413, 'The body is too large.'],
    ]);
    expect(new Set(answers.map(({ headers }) => headers.get('content-type')))).toEqual(
      new Set(['text/plain']),
    );
    expect(w.log.map((line): unknown => JSON.parse(line).why)).toEqual([
      expect.any(String),
      'wrong-signature',
      'wrong-team',
      'method',
      'too-large',
    ]);
  });

  test('twice is told that it was answered', async () => {
    const timestamp = String(Math.floor(w.now().getTime() / 1000));
    const body = new URLSearchParams({
      command: '/bursar',
      text: 'mine',
      team_id: w.owner.team,
      api_app_id: 'A0BURSAR',
      user_id: w.owner.user,
    }).toString();
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': sign(body, timestamp) };
    await w.post(body, headers);
    expect(await (await w.post(body, headers)).text()).toBe('This request was answered before.');
  });

  test('without a content type is not understood', async () => {
    const body = Buffer.from('payload=%7B%7D');
    const timestamp = String(Math.floor(w.now().getTime() / 1000));
    const answer = await respond(w.parts, {
      method: 'POST',
      headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': sign(body, timestamp) },
      body,
    });
    expect(answer.status).toBe(400);
  });
});

test('a connection that breaks while its body comes is logged, and leaves the server as it was', async () => {
  const { port } = new URL(w.url);
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise<void>((done) =>
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc', () => done()),
  );
  await new Promise<void>((done) => setTimeout(done, 50));
  socket.destroy();
  await vi.waitFor(() => expect(w.log.join('\n')).toContain('"message":"request failed"'));
  expect((await typed('')).text).toBe('What Bursar answers');
});
