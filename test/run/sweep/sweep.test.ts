import { describe, expect, it } from 'vitest';
import type { Action } from '../../../lib/actions/model.ts';
import type { Owner } from '../../../lib/checks/model.ts';
import { findingId } from '../../../lib/ledger/finding.ts';
import type { LedgerEvent, Person } from '../../../lib/ledger/life.ts';
import { record as recordAudit } from '../../../lib/ledger/record.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { readNotice } from '../../../lib/notices/notice.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { setSwitch } from '../../../lib/run/respond/switch.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import { type TermsSettings, termsOf } from '../../../lib/run/terms.ts';
import { complete, EAST, judgement } from '../../ledger/fixtures.ts';
import { ARN, idOf, TERMS, type World, world } from './world.ts';

const ANA: Person = { user: 'U0ANA', team: 'T0' };
const DAY = 24 * 60;
const TAGS = { owner: 'ana@acme.example' };

async function stateOf({ ledger }: World, machine = 'i-1') {
  return (await ledger.get(idOf(machine)))?.finding.state;
}

async function click({ ledger, now }: World, event: LedgerEvent, machine = 'i-1') {
  const record = await ledger.get(idOf(machine));
  const { write } = stepOf(record, event, now(), { actor: 'slack:T0:U0ANA', runId: 'click' });
  if (write === null) throw new Error(`nothing followed from ${event.type}`);
  await ledger.put(write.record, write.expected, write.audit);
}

/** Detected and warned of on Monday at 09:00, due on Tuesday at 09:00. */
async function warned(names: readonly string[] = ['i-1'], store = {}): Promise<World> {
  const made = world(names, store);
  await made.audit();
  await sweep(made.parts(), 'act');
  return made;
}

/** Ana was warned, by what the last audit said of her; no tag names anyone when it is due. */
async function dueOf(owner: Owner | null): Promise<World> {
  const made = await warned();
  const record = await made.ledger.get(idOf('i-1'));
  if (record === null) throw new Error('nothing was recorded');
  const { version, finding } = record;
  await made.ledger.put({ ...record, finding: { ...finding, owner }, version: version + 1 }, version, null);
  delete made.machines.get('i-1')?.tags['owner'];
  made.pass(DAY);
  await sweep(made.parts(), 'act');
  return made;
}

describe('a whole life', () => {
  it('warns, reminds, checks again, stops, and undoes', async () => {
    const made = await warned();
    expect(await stateOf(made)).toBe('WARNED');
    expect(made.said.map(({ how, to }) => `${how} ${to}`)).toEqual(['deliver U0ANA']);
    made.pass(13 * 60);
    await sweep(made.parts(), 'act');
    made.pass(8 * 60);
    await sweep(made.parts(), 'act');
    expect(made.said.map(({ how }) => how)).toEqual(['deliver', 'reply', 'reply']);
    expect(made.log).toEqual([]);
    made.pass(3 * 60);
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPED');
    expect(made.log.map(({ what, id }) => `${what} ${id}`)).toEqual(['stop i-1']);
    expect(made.said.at(-1)).toMatchObject({ how: 'update', text: expect.stringContaining('undo') });
    await click(made, { type: 'undo-requested', by: ANA });
    await sweep(made.parts(), 'warn');
    expect(await stateOf(made)).toBe('RESTORED');
    expect(made.log.map(({ what }) => what)).toEqual(['stop', 'start']);
    const saving = (await made.ledger.getDoc(`saving/${idOf('i-1')}`))?.value;
    expect(saving).toMatchObject({
      stops: [{ from: '2026-11-17T09:00:00.000Z', until: '2026-11-17T09:00:00.000Z', action: 'model.stop' }],
    });
  });

  it('sends one person at most three messages of five a day, and the rest on the next', async () => {
    const machines = Array.from({ length: 18 }, (_, at) => `i-${at + 1}`);
    const made = world(machines);
    await made.audit();
    const told = async () => {
      const records = await Promise.all(machines.map((machine) => stateOf(made, machine)));
      return records.filter((state) => state !== 'NOTIFY_PENDING').length;
    };
    for (const expected of [5, 10, 15, 15]) {
      await sweep(made.parts(), 'act');
      expect(await told()).toBe(expected);
      made.pass(15);
    }
    made.pass(DAY);
    await sweep(made.parts(), 'act');
    expect(await told()).toBe(18);
  });

  it('writes intent, undo plan and trail before it acts', async () => {
    const made = await warned();
    made.pass(DAY);
    const seen: string[] = [];
    made.fault.set('apply', () => {
      const record = made.ledger.records().find(({ finding }) => finding.id === idOf('i-1'));
      seen.push(`${record?.finding.state} ${JSON.stringify(record?.life?.intent?.undoPlan)}`);
      seen.push(made.ledger.trail().at(-1)?.to ?? '');
      return new BursarError('unavailable', 'the provider does not answer');
    });
    await sweep(made.parts(), 'act');
    expect(seen).toEqual(['STOPPING "i-1"', 'STOPPING']);
  });
});

describe('what could not be read', () => {
  it('is warned of without a date, and again with one as soon as it can be read', async () => {
    const made = world();
    await made.audit();
    made.fault.set('read', () => new BursarError('denied', 'the role may not read it'));
    await sweep(made.parts(), 'act');
    expect((await made.ledger.get(idOf('i-1')))?.finding).toMatchObject({ state: 'WARNED', dueAt: null });
    made.pass(DAY);
    made.fault.set('read', () => new BursarError('denied', 'the role may not read it'));
    await sweep(made.parts(), 'act');
    expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(1);
    made.pass(DAY);
    await sweep(made.parts(), 'act');
    expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(2);
    expect((await made.ledger.get(idOf('i-1')))?.finding).toMatchObject({
      state: 'WARNED',
      dueAt: '2026-11-19T09:00:00.000Z',
    });
    expect(made.log).toEqual([]);
  });

  it('of a message that was sent and not recorded is told by that message, not by another', async () => {
    let fail = false;
    const made = world(['i-1', 'i-2'], {
      onCall: ({ operation, phase }) => {
        if (fail && operation === 'put' && phase === 'before') throw new Error('the process ended');
      },
    });
    await made.audit();
    fail = true;
    await expect(sweep(made.parts(), 'act')).rejects.toThrow('the process ended');
    fail = false;
    // Its claims have ended.
    made.pass(25);
    made.fault.set('read', () => new BursarError('throttled', 'slow down'));
    await sweep(made.parts(), 'act');
    const states = async () => new Set([await stateOf(made, 'i-1'), await stateOf(made, 'i-2')]);
    expect(await states()).toEqual(new Set(['NOTIFY_PENDING', 'WARNED']));
    made.pass(15);
    await sweep(made.parts(), 'act');
    expect(await states()).toEqual(new Set(['WARNED']));
    expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(1);
  });

  it('for a day does not hold up what else is to be told', async () => {
    let fail = false;
    const made = world(['i-1'], {
      onCall: ({ operation, phase }) => {
        if (fail && operation === 'put' && phase === 'before') throw new Error('the process ended');
      },
    });
    await made.audit();
    fail = true;
    await expect(sweep(made.parts(), 'act')).rejects.toThrow('the process ended');
    fail = false;
    made.pass(DAY);
    made.fault.set('read', () => new BursarError('throttled', 'slow down'));
    await sweep(made.parts(), 'act');
    expect((await made.ledger.get(idOf('i-1')))?.finding).toMatchObject({ state: 'WARNED', dueAt: null });
    expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(1);
  });
});

describe('the next owner', () => {
  it('answers for it where nobody of the tag’s name can be told, and their silence stops it', async () => {
    const made = world();
    Object.assign(made.machines.get('i-1')?.tags ?? {}, { owner: 'ghost@acme.example' });
    const terms = { ...TERMS, accounts: { '111122223333': 'ben@acme.example' } };
    const parts = () => made.parts({ settings: { terms } });
    await made.audit();
    await sweep(parts(), 'act');
    made.pass(25);
    await sweep(parts(), 'act');
    expect((await made.ledger.get(idOf('i-1')))?.life?.notice?.recipient.id).toBe('ben@acme.example');
    made.pass(DAY);
    await sweep(parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPED');
  });

  it('is asked first where the account is another’s meanwhile', async () => {
    const made = world();
    Object.assign(made.machines.get('i-1')?.tags ?? {}, { owner: 'ghost@acme.example' });
    const parts = (account: string) =>
      made.parts({ settings: { terms: { ...TERMS, accounts: { '111122223333': account } } } });
    await made.audit();
    await sweep(parts('ben@acme.example'), 'act');
    made.pass(25);
    await sweep(parts('ben@acme.example'), 'act');
    made.pass(DAY);
    await sweep(parts('ana@acme.example'), 'act');
    expect([await stateOf(made), made.log]).toEqual(['BLOCKED', []]);
  });
});

describe('a warning that Slack did not take at first', () => {
  it('begins its grace when it is taken, whatever the policy says by then', async () => {
    const made = world();
    await made.audit();
    made.slack = () => ({ ok: false, final: false, reason: '503' });
    await sweep(made.parts(), 'act');
    made.slack = () => null;
    // Until Thursday.
    made.pass(3 * DAY);
    const parts = (grace: string) =>
      made.parts({
        settings: { terms: { ...TERMS, policies: [{ check: 'idle-gpu', mode: 'stop', grace }] } },
      });
    await sweep(parts('24h'), 'act');
    expect(await stateOf(made)).toBe('WARNED');
    made.pass(4 * DAY);
    await sweep(parts('120h'), 'act');
    expect([await stateOf(made), made.log]).toEqual(['BLOCKED', []]);
    made.pass(DAY);
    await sweep(parts('120h'), 'act');
    expect(await stateOf(made)).toBe('STOPPED');
  });
});

describe('a place under the caps', () => {
  const one = { settings: { caps: { organisation: { count: 1, money: {} }, account: null } } };

  it('is kept by a stop that may have come, whatever the provider says the second time', async () => {
    const made = await warned(['i-1', 'i-2']);
    made.pass(DAY);
    made.fault.set('applied', () => new BursarError('unavailable', 'no answer'));
    made.fault.set('verify', () => new BursarError('denied', 'not for you'));
    await sweep(made.parts(one), 'act');
    made.pass(5);
    await sweep(made.parts(one), 'act');
    expect(made.log).toHaveLength(1);
    expect(new Set([await stateOf(made, 'i-1'), await stateOf(made, 'i-2')])).toEqual(
      new Set(['BLOCKED', 'STOP_FAILED']),
    );
  });

  it('is free again where the provider refused to begin', async () => {
    const made = await warned(['i-1', 'i-2']);
    made.pass(DAY);
    made.fault.set('apply', () => new BursarError('denied', 'not for you'));
    await sweep(made.parts(one), 'act');
    made.pass(5);
    await sweep(made.parts(one), 'act');
    expect(made.log).toHaveLength(1);
    expect(new Set([await stateOf(made, 'i-1'), await stateOf(made, 'i-2')])).toEqual(
      new Set(['ESCALATED', 'STOPPED']),
    );
  });
});

describe('what is never stopped', () => {
  const cases: readonly [string, (made: World) => void | Promise<void>, string][] = [
    [
      'in use again',
      ({ machines }) => void Object.assign(machines.get('i-1') ?? {}, { idle: false }),
      'RESOLVED',
    ],
    ['gone', ({ machines }) => void machines.delete('i-1'), 'RESOLVED'],
    [
      'launched again',
      ({ machines }) => void Object.assign(machines.get('i-1') ?? {}, { launch: '2026-11-16T20:00:00.000Z' }),
      'BLOCKED',
    ],
    [
      'under a new parent',
      ({ machines }) => void Object.assign(machines.get('i-1') ?? {}, { parent: 'group g' }),
      'BLOCKED',
    ],
    [
      'protected by a tag',
      ({ machines }) => void Object.assign(machines.get('i-1')?.tags ?? {}, { 'Do-Not-Stop': '' }),
      'BLOCKED',
    ],
    [
      'production by now',
      ({ machines }) => void Object.assign(machines.get('i-1')?.tags ?? {}, { env: 'prod' }),
      'BLOCKED',
    ],
    [
      "another's by now",
      ({ machines }) => void Object.assign(machines.get('i-1')?.tags ?? {}, { owner: 'ben@acme.example' }),
      'BLOCKED',
    ],
    [
      'owned by nobody who can be read',
      ({ machines }) => void Object.assign(machines.get('i-1')?.tags ?? {}, { owner: '???' }),
      'BLOCKED',
    ],
    ['paused', ({ ledger, now }) => setSwitch(ledger, true, { user: 'U0ADM', team: 'T0' }, now()), 'BLOCKED'],
    [
      'unreadable',
      ({ fault }) => void fault.set('read', () => new BursarError('throttled', 'too many requests')),
      'WARNED',
    ],
  ];
  it.each(cases)('%s', async (_name, happens, state) => {
    const made = await warned();
    made.pass(DAY);
    await happens(made);
    await sweep(made.parts(), 'act');
    expect(made.log).toEqual([]);
    expect(await stateOf(made)).toBe(state);
  });

  const byLog = { id: 'ana@acme.example', source: 'creator by RunInstances', confidence: 'medium' } as const;

  it('unless who was warned made it, or is named by the tag of the account, as the audit read', async () => {
    for (const source of [byLog.source, 'account 111122223333 by its tag owner']) {
      const made = await dueOf({ ...byLog, source });
      expect([await stateOf(made), made.log.length]).toEqual(['STOPPED', 1]);
    }
  });

  it.each<[string, Owner | null]>([
    ['somebody else made it', { ...byLog, id: 'ben@acme.example' }],
    ['its creator is a guess', { ...byLog, confidence: 'low' }],
    ['only its tag named who was warned', { ...byLog, source: 'tag owner' }],
    ['nobody is known', null],
  ])('where no tag names anyone and %s', async (_name, owner) => {
    const made = await dueOf(owner);
    expect([await stateOf(made), made.log]).toEqual(['BLOCKED', []]);
  });

  it('under another mode than act', async () => {
    const made = await warned();
    made.pass(DAY);
    const before = [made.ledger.trail().length, made.said.length];
    await sweep(made.parts(), 'warn');
    const { lines } = await sweep(made.parts(), 'dry-run');
    expect(lines.map(({ did }) => did)).toEqual(['would stop']);
    expect([made.ledger.trail().length, made.said.length]).toEqual(before);
    expect(made.log).toEqual([]);
  });

  it('of whom nobody but a channel was told', async () => {
    const made = world();
    Object.assign(made.machines.get('i-1')?.tags ?? {}, { owner: 'x' });
    await made.audit();
    await sweep(made.parts(), 'act');
    expect(made.said.map(({ to }) => to)).toEqual(['#finops']);
    made.pass(30 * DAY);
    await sweep(made.parts(), 'act');
    expect(made.log).toEqual([]);
    expect(await stateOf(made)).toBe('WARNED');
  });

  it('whose warning Slack did not take', async () => {
    const made = world();
    made.slack = () => ({ ok: false, final: false, reason: 'rate limited' });
    await made.audit();
    for (let run = 0; run < 3; run += 1) {
      await sweep(made.parts(), 'act');
      made.pass(DAY);
    }
    expect(await stateOf(made)).toBe('NOTIFY_PENDING');
    expect(made.log).toEqual([]);
  });
});

describe('limits of a day', () => {
  it('stops as many as the cap allows, the largest savings first, and looks at no more', async () => {
    const names = Array.from({ length: 9 }, (_, at) => `i-${at + 1}`);
    const made = world(names);
    await made.audit();
    await sweep(made.parts(), 'act');
    await sweep(made.parts(), 'act');
    made.pass(DAY);
    made.reads.action = 0;
    const settings = { caps: { organisation: { count: 3, money: {} }, account: null } };
    await sweep(made.parts({ settings }), 'act');
    await sweep(made.parts({ settings }), 'act');
    expect(made.log).toHaveLength(3);
    const states = await Promise.all(names.map((name) => stateOf(made, name)));
    expect(states.filter((state) => state === 'BLOCKED')).toHaveLength(6);
    made.pass(DAY);
    await sweep(made.parts({ settings }), 'act');
    expect(made.log).toHaveLength(6);
  });

  it('counts a cost without a cap in its currency as over the cap, and gives the place of a failed stop back', async () => {
    const made = await warned();
    made.pass(DAY);
    const euros = { caps: { organisation: { count: 5, money: { EUR: '9999' } }, account: null } };
    await sweep(made.parts({ settings: euros }), 'act');
    expect([await stateOf(made), made.log]).toEqual(['BLOCKED', []]);
    made.fault.set('apply', () => new BursarError('denied', 'not allowed'));
    made.pass(15);
    const one = { caps: { organisation: { count: 1, money: { USD: '1000' } }, account: null } };
    await sweep(made.parts({ settings: one }), 'act');
    expect(await stateOf(made)).toBe('STOP_FAILED');
    expect((await made.ledger.getDoc('caps/2026-11-17'))?.value).toEqual({ schemaVersion: 1, taken: {} });
  });

  it('stops one first, and the rest after an hour without trouble', async () => {
    const made = await warned(['i-1', 'i-2', 'i-3']);
    made.pass(DAY);
    const settings = { canary: true };
    await sweep(made.parts({ settings }), 'act');
    await sweep(made.parts({ settings }), 'act');
    expect(made.log).toHaveLength(1);
    made.pass(59);
    await sweep(made.parts({ settings }), 'act');
    expect(made.log).toHaveLength(1);
    made.pass(1);
    await sweep(made.parts({ settings }), 'act');
    expect(made.log).toHaveLength(3);
  });
});

describe('two sweeps, crashes and lost answers', () => {
  it('does once what two sweeps do at once', async () => {
    const made = world(['i-1', 'i-2']);
    await made.audit();
    await Promise.all([sweep(made.parts(), 'act'), sweep(made.parts(), 'act')]);
    expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(1);
    made.pass(DAY);
    await Promise.all([sweep(made.parts(), 'act'), sweep(made.parts(), 'act')]);
    await sweep(made.parts(), 'act');
    expect(made.log.map(({ id }) => id).toSorted()).toEqual(['i-1', 'i-2']);
  });

  it('goes on where a process ended, at every call on the ledger', async () => {
    for (let at = 0; ; at += 1) {
      let calls = 0;
      let armed = false;
      const crash = () => {
        if (!armed) return;
        calls += 1;
        if (calls === at + 1) {
          armed = false;
          throw new Error('the process ended');
        }
      };
      const made = world(['i-1'], { onCall: crash });
      await made.audit();
      armed = true;
      const first = await sweep(made.parts(), 'act').catch(() => null);
      if (first !== null) made.pass(DAY);
      const second = first === null ? null : await sweep(made.parts(), 'act').catch(() => null);
      const over = armed;
      armed = false;
      for (let run = 0; run < 6; run += 1) {
        made.pass(first === null && run === 2 ? DAY : 25);
        await sweep(made.parts(), 'act');
      }
      expect([at, await stateOf(made)]).toEqual([at, 'STOPPED']);
      expect(made.log).toHaveLength(1);
      expect(made.said.filter(({ how }) => how === 'deliver')).toHaveLength(1);
      expect(made.said.at(-1)?.text).toContain('undo');
      if (over && second !== null) return;
    }
  });

  it('takes a stop that came although its answer was lost for done, and does it no second time', async () => {
    const made = await warned();
    made.pass(DAY);
    made.fault.set('applied', () => new BursarError('unavailable', 'no answer'));
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPING');
    made.pass(15);
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPED');
    expect(made.log).toHaveLength(1);
  });

  it('does not go on with a stop that was left behind once its machine is in use', async () => {
    const made = await warned();
    made.pass(DAY);
    made.fault.set('apply', () => new BursarError('unavailable', 'no answer'));
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPING');
    Object.assign(made.machines.get('i-1') ?? {}, { idle: false });
    made.pass(15);
    await sweep(made.parts(), 'act');
    expect(made.log).toEqual([]);
    made.pass(15);
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('RESOLVED');
  });

  it('goes on with what has begun to end, whatever a look says of it by then', async () => {
    const made = await warned();
    made.pass(DAY);
    const [plain] = made.parts().actions;
    if (plain === undefined) throw new Error('no action');
    let asked = 0;
    const slow = (underWay: boolean): Action => ({
      ...plain,
      apply: async () => {
        asked += 1;
      },
      verify: async () =>
        underWay
          ? { state: 'pending', underWay, reason: 'it is out of use' }
          : { state: 'pending', reason: 'it is there' },
    });
    await sweep(made.parts({ actions: [slow(true)] }), 'act');
    expect(await stateOf(made)).toBe('STOPPING');
    const before = asked;
    Object.assign(made.machines.get('i-1') ?? {}, { idle: false });
    made.pass(3 * 60);
    await sweep(made.parts({ actions: [slow(true)] }), 'act');
    expect(await stateOf(made)).toBe('STOPPING');
    expect(asked).toBeGreaterThan(before);
    await sweep(made.parts({ actions: [slow(false)] }), 'act');
    expect(await stateOf(made)).toBe('STOP_FAILED');
  });

  it.each([
    [true, 'STARTING'],
    [false, 'RESTORE_FAILED'],
  ])('brings back what takes hours, where it is seen to be under way: %s', async (underWay, state) => {
    const made = await warned();
    made.pass(DAY);
    await sweep(made.parts(), 'act');
    await click(made, { type: 'undo-requested', by: ANA });
    const [plain] = made.parts().actions;
    if (plain === undefined) throw new Error('no action');
    const slow: Action = {
      ...plain,
      undo: async () => undefined,
      verifyUndo: async () => ({
        state: 'pending',
        reason: 'it is being built',
        ...(underWay ? { underWay } : {}),
      }),
    };
    await sweep(made.parts({ actions: [slow] }), 'warn');
    expect(await stateOf(made)).toBe('STARTING');
    made.pass(6 * 60);
    await sweep(made.parts({ actions: [slow] }), 'warn');
    expect(await stateOf(made)).toBe(state);
  });

  it("waives grace and verdict for the owner's own word, and nothing else", async () => {
    const made = await warned();
    const record = await made.ledger.get(idOf('i-1'));
    const noticeId = record?.life?.notice?.id ?? '';
    await click(made, { type: 'stop-now', by: ANA, noticeId, reversible: true });
    Object.assign(made.machines.get('i-1') ?? {}, { idle: false });
    await sweep(made.parts({ settings: { paused: true } }), 'act');
    expect([await stateOf(made), made.log]).toEqual(['BLOCKED', []]);
    made.pass(15);
    await sweep(made.parts(), 'act');
    expect(await stateOf(made)).toBe('STOPPED');
  });

  it("leads to a stop where the verdict has become one that may not be acted on: the owner's word alone", async () => {
    const made = await warned();
    const held = () =>
      made.parts({
        look: async (records, now) =>
          new Map(
            [...(await made.parts().look(records, now))].map(([id, looked]) => [
              id,
              looked.ok
                ? {
                    ...looked,
                    judgement: judgement({ ...looked.judgement, verdict: 'HELD' }),
                    actionable: false,
                  }
                : looked,
            ]),
          ),
      });
    made.pass(3 * DAY);
    await sweep(held(), 'act');
    expect([await stateOf(made), made.log]).toEqual(['WARNED', []]);
    const record = await made.ledger.get(idOf('i-1'));
    const noticeId = record?.life?.notice?.id ?? '';
    await click(made, { type: 'stop-now', by: ANA, noticeId, reversible: true });
    await sweep(held(), 'act');
    expect([await stateOf(made), made.log.length]).toEqual(['STOPPED', 1]);
  });

  it('leads to what cannot be undone by two people only, though its verdict may never be acted on', async () => {
    const made = world();
    const check = 'idle-provisioned-throughput';
    const judged = judgement({
      check,
      resourceId: `${ARN}i-1`,
      owner: TERMS.ownerOf({ accountId: '1', tags: TAGS }),
    });
    const terms: TermsSettings = { ...TERMS, policies: [{ check, mode: 'stop', grace: '24h' }] };
    const parts = () =>
      made.parts({
        settings: { terms },
        actions: made.parts().actions.map((one) => ({ ...one, checks: [check], reversible: false })),
        look: async (records) =>
          new Map(
            records.map(({ finding }) => [
              finding.id,
              { ok: true, resource: null, judgement: judged, actionable: false },
            ]),
          ),
      });
    await recordAudit(
      made.ledger,
      {
        runId: 'a',
        now: made.now().toISOString(),
        judgements: [judged],
        coverage: complete(EAST),
        checksRun: [check],
      },
      { termsOf: termsOf([], terms) },
    );
    const id = findingId(check, 'aws', `${ARN}i-1`);
    const state = async () => (await made.ledger.get(id))?.finding.state;
    const clicked = async (event: LedgerEvent) => {
      const { write } = stepOf(await made.ledger.get(id), event, made.now(), {
        actor: 'slack',
        runId: 'click',
      });
      if (write === null) throw new Error(`nothing followed from ${event.type}`);
      await made.ledger.put(write.record, write.expected, write.audit);
    };
    await sweep(parts(), 'act');
    const warning = await made.ledger.get(id);
    expect(warning).toMatchObject({ finding: { state: 'WARNED', dueAt: null }, life: { actionable: false } });
    made.pass(30 * DAY);
    await sweep(parts(), 'act');
    expect([await state(), made.log]).toEqual(['WARNED', []]);
    const noticeId = warning?.life?.notice?.id ?? '';
    await clicked({ type: 'stop-now', by: ANA, noticeId, reversible: false });
    await sweep(parts(), 'act');
    expect([await state(), made.log]).toEqual(['APPROVAL_REQUESTED', []]);
    await clicked({ type: 'stop-approved', by: { user: 'U0BEN', team: 'T0' } });
    await sweep(parts(), 'act');
    expect([await state(), made.log.length]).toEqual(['STOPPED', 1]);
  });

  it('tells the owner that a protected machine is not stopped, and gives it no date', async () => {
    const made = world();
    const actions = made.parts().actions.map((one) => ({
      ...one,
      plan: () => ({
        ok: false as const,
        reason: 'It is protected: stop protection (disableApiStop) is on.',
      }),
    }));
    await made.audit();
    await sweep(made.parts({ actions }), 'act');
    const told = await made.ledger.get(findingId('idle-gpu', 'aws', `${ARN}i-1`));
    expect(told).toMatchObject({ finding: { state: 'WARNED', dueAt: null } });
    const notice = await readNotice(made.ledger, told?.life?.notice?.id ?? '');
    expect(notice?.items).toMatchObject([
      { action: null, risks: [expect.stringContaining('stop protection (disableApiStop) is on')] },
    ]);
  });

  it('never stops by silence what would lose its data, though others of its kind would not', async () => {
    const made = world();
    const actions = made.parts().actions.map((one) => ({
      ...one,
      read: async (...of: Parameters<typeof one.read>) => {
        const live = await one.read(...of);
        return live === null ? null : { ...live, reversible: false as const };
      },
    }));
    const parts = () => made.parts({ actions });
    await made.audit();
    await sweep(parts(), 'act');
    const id = findingId('idle-gpu', 'aws', `${ARN}i-1`);
    const before = await made.ledger.get(id);
    expect(before).toMatchObject({ finding: { state: 'WARNED', dueAt: null } });
    made.pass(30 * DAY);
    await sweep(parts(), 'act');
    expect(made.log).toEqual([]);
    const noticeId = before?.life?.notice?.id ?? '';
    await click(made, { type: 'stop-now', by: ANA, noticeId, reversible: false });
    await sweep(parts(), 'act');
    const asked = await made.ledger.get(id);
    expect([asked?.finding.state, made.log]).toEqual(['APPROVAL_REQUESTED', []]);
  });

  it('stops nothing on a Friday afternoon', async () => {
    const made = world();
    made.pass(4 * DAY + 4 * 60);
    await made.audit();
    await sweep(made.parts(), 'act');
    made.pass(2 * DAY);
    await sweep(made.parts(), 'act');
    expect(made.log).toEqual([]);
    made.pass(DAY);
    await sweep(made.parts(), 'act');
    expect(made.log).toHaveLength(1);
    expect(TERMS.policies).toHaveLength(1);
  });
});
