import type { Action, Live, Planned, Verified } from '../../../lib/actions/model.ts';
import type { Hold, LedgerEvent, Life, Person } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import type { Delivery, Messenger } from '../../../lib/notices/model.ts';
import { BursarError, type ErrorCode } from '../../../lib/platform/errors.ts';
import { setSwitch } from '../../../lib/run/respond/switch.ts';
import { canaryKey } from '../../../lib/run/sweep/canary.ts';
import { sweep } from '../../../lib/run/sweep/index.ts';
import type { Looked, SweepMode, SweepReport } from '../../../lib/run/sweep/model.ts';
import type { MemoryOptions } from '../../ledger/memory.ts';
import { ARN, idOf, type Machine, TERMS, type World, world } from './world.ts';

const DAY = 24 * 60;
const ANA: Person = { user: 'U0ANA', team: 'T0' };
const EVE: Person = { user: 'U0EVE', team: 'T0' };
type Change = NonNullable<Parameters<World['parts']>[0]>;

/** A world in which everything that can be seen is written down, as it happens. */
export interface Stage {
  readonly world: World;
  readonly lines: string[];
  run(mode?: SweepMode, change?: Change): Promise<SweepReport | null>;
  event(event: LedgerEvent, machine?: string): Promise<void>;
  life(change: Partial<Life>, machine?: string): Promise<void>;
  record(machine?: string): Promise<FindingRecord>;
  /** Another finding of the machine's resource, as it stands. */
  /** `life` null: as version 1 kept it. */
  sibling(state: FindingState, life: Partial<Life> | null, check?: string): Promise<void>;
  note(text: string): void;
}

export interface Story {
  readonly name: string;
  readonly machines?: readonly string[];
  /** Warned of at the beginning, on a Monday at 09:00; due on Tuesday at 09:00. */
  readonly warned?: boolean;
  readonly store?: (made: () => World) => MemoryOptions;
  readonly tell: (stage: Stage) => Promise<void>;
}

const failed = (code: ErrorCode, message = `the provider says ${code}`) => new BursarError(code, message);

/** The action of the model cloud, with parts of it otherwise. */
function acting({ world: made }: Stage, change: Partial<Action>): Change {
  return { actions: made.parts().actions.map((action) => ({ ...action, ...change })) };
}

function verifying(stage: Stage, verified: Verified): Change {
  return acting(stage, { verify: async () => verified, verifyUndo: async () => verified });
}

function refusing(stage: Stage, what: 'apply' | 'undo' | 'verify' | 'read', code: ErrorCode): Change {
  const refuse = () => Promise.reject(failed(code));
  return acting(stage, { [what]: refuse });
}

/** What the action reads, with parts of it otherwise. */
function reading(stage: Stage, change: (live: Live) => Live): Change {
  const [action] = stage.world.parts().actions;
  return acting(stage, {
    read: async (target, session) => {
      const live = (await action?.read(target, session)) ?? null;
      return live === null ? null : change(live);
    },
  });
}

function speaking({ world: made }: Stage, change: Partial<Messenger>): Change {
  const { messenger } = made.parts();
  if (messenger === null) throw new Error('this world has a Slack');
  return { messenger: { ...messenger, ...change } };
}

const looking = (looked: Looked): Change => ({
  look: async (records) => new Map(records.map(({ finding }) => [finding.id, looked])),
});

const member = (): Planned => ({ ok: false, reason: 'It belongs to a group.' });

const caps = (organisation: number, account: number | null, money = {}): Change => ({
  settings: {
    caps: {
      organisation: { count: organisation, money },
      account: account === null ? null : { count: account, money: {} },
    },
  },
});

const away = async (): Promise<Delivery> => held('ratelimited');

const broken = () => Promise.reject(new TypeError('not a function'));

const held = (by: string): Delivery => ({ ok: false, final: false, reason: by });

const snooze = (until: string, check: string | null = null): Hold => ({
  kind: 'snooze',
  check,
  until,
  by: ANA,
  approvedBy: null,
  reason: 'a run',
});

async function stopNow(stage: Stage, reversible = true): Promise<void> {
  const { life } = await stage.record();
  await stage.event({ type: 'stop-now', by: ANA, noticeId: life?.notice?.id ?? '', reversible });
}

/** The machine as it is from now on. */
function become({ world: { machines } }: Stage, change: Partial<Machine>): void {
  const machine = machines.get('i-1');
  if (machine === undefined) throw new Error('there is no i-1');
  Object.assign(machine, change);
}

/** Stopped on Tuesday at 09:00. */
async function stop(stage: Stage): Promise<void> {
  stage.world.pass(DAY);
  await stage.run();
}

/** The stop was written down, and its process ended before it asked for anything. */
async function leftBehind(stage: Stage): Promise<void> {
  stage.world.pass(DAY);
  await stage.run('act', refusing(stage, 'apply', 'unavailable'));
  stage.world.pass(15);
}

export const STORIES: readonly Story[] = [
  {
    name: 'warned, reminded, called, stopped, undone',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run();
      for (const minutes of [12 * 60 - 1, 1, 8 * 60 - 1, 1, 4 * 60 - 1, 1]) {
        stage.world.pass(minutes);
        await stage.run();
      }
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('warn');
      await stage.run();
    },
  },
  {
    name: 'a dry run at every stage says what would be done, and does nothing',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('dry-run');
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run('dry-run');
      stage.world.pass(12 * 60);
      await stage.run('dry-run');
      await stage.run('dry-run', { settings: { paused: true } });
      await stage.run('dry-run', {
        settings: { caps: { organisation: { count: 1, money: {} }, account: null } },
      });
      await stage.run('dry-run', looking({ ok: true, resource: null, judgement: null, actionable: false }));
      await stage.run('dry-run', looking({ ok: false, reason: 'too many requests' }));
      await stage.run('act', refusing(stage, 'apply', 'unavailable'));
      stage.world.pass(15);
      await stage.run('dry-run');
      await stage.run();
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('dry-run');
      await stage.life({ stopped: null });
      await stage.run('dry-run');
    },
  },
  {
    name: 'a dry run wakes nothing',
    warned: true,
    tell: async (stage) => {
      await stage.event({ type: 'snoozed', by: ANA, until: '2026-11-16T10:00:00.000Z', most: 2 });
      stage.world.pass(60);
      await stage.run('dry-run');
      await stage.run();
      await stage.world.audit();
      await stage.run();
    },
  },
  {
    name: 'a sweep that may only warn stops nothing',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('warn');
    },
  },
  {
    name: 'without Slack nobody is warned or reminded; who was warned before is stopped',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', { messenger: null });
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run('act', { messenger: null });
      stage.world.pass(12 * 60);
      await stage.run('act', { messenger: null });
    },
  },
  {
    name: 'five resources in one message, the largest savings first',
    machines: ['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-6', 'i-7'],
    tell: async (stage) => {
      await stage.world.audit();
      for (const [at, amount] of [null, '5', '70', '9', '70', '8', '-1'].entries()) {
        const record = await stage.record(`i-${at + 1}`);
        const monthlySaving = amount === null ? null : { amount, currency: 'USD' };
        await stage.world.ledger.put(
          { ...record, finding: { ...record.finding, monthlySaving }, version: record.version + 1 },
          record.version,
          null,
        );
      }
      await stage.run();
      await stage.run();
    },
  },
  {
    name: 'no more than three messages a day, and again a day after the first',
    machines: Array.from({ length: 17 }, (_, at) => `i-${at + 1}`),
    tell: async (stage) => {
      await stage.world.audit();
      for (let run = 0; run < 4; run += 1) {
        await stage.run('warn');
        stage.world.pass(1);
      }
      stage.world.pass(DAY - 5);
      await stage.run('warn');
      stage.world.pass(1);
      await stage.run('warn');
    },
  },
  {
    name: 'what cannot be read before it is told',
    tell: async (stage) => {
      await stage.world.audit();
      for (const code of ['throttled', 'unavailable'] as const)
        await stage.run('act', refusing(stage, 'read', code));
      await stage.run('act', { enter: () => Promise.reject(failed('unavailable', 'no session')) });
      await stage.run('act', refusing(stage, 'read', 'denied'));
      stage.world.pass(DAY);
      await stage.run('dry-run');
      await stage.run('act', refusing(stage, 'read', 'denied'));
      stage.world.pass(DAY);
      await stage.run();
      stage.world.pass(DAY);
      await stage.run();
    },
  },
  {
    name: 'what is gone before it is told is not told',
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.machines.clear();
      await stage.run();
    },
  },
  {
    name: 'what its action cannot plan is told of without a date',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', acting(stage, { plan: member }));
      stage.world.pass(2 * DAY);
      await stage.run('act', acting(stage, { plan: member }));
      await stage.run();
    },
  },
  {
    name: 'what no action answers is told of, and never stopped',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', { actions: [] });
      stage.world.pass(5 * DAY);
      await stage.run('act', { actions: [] });
    },
  },
  {
    name: 'an action that went after the warning',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', { actions: [] });
    },
  },
  {
    name: 'what cannot be undone is told of without a date',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', acting(stage, { reversible: false }));
      stage.world.pass(5 * DAY);
      await stage.run('act', acting(stage, { reversible: false }));
      await stopNow(stage, false);
      await stage.run('act', acting(stage, { reversible: false }));
      await stage.event({ type: 'stop-approved', by: EVE });
      await stage.run('act', acting(stage, { reversible: false }));
    },
  },
  {
    name: 'what can be undone when its owner is told, and not when they want it stopped, is told anew, once',
    warned: true,
    tell: async (stage) => {
      const lasting = reading(stage, (live) => ({ ...live, reversible: false }));
      await stopNow(stage);
      await stage.run('dry-run', lasting);
      await stage.run('act', lasting);
      await stage.run('act', lasting);
      stage.world.pass(DAY);
      await stage.run('act', lasting);
      await stopNow(stage, false);
      await stage.run('act', lasting);
      await stage.event({ type: 'stop-approved', by: EVE });
      await stage.run('act', lasting);
    },
  },
  {
    name: 'a stop that failed of what cannot be undone by now is given up, and its channel told',
    warned: true,
    tell: async (stage) => {
      await leftBehind(stage);
      const lasting = reading(stage, (live) => ({ ...live, reversible: false }));
      for (let run = 0; run < 3; run += 1) {
        await stage.run('act', lasting);
        stage.world.pass(15);
      }
    },
  },
  {
    name: 'nobody answers: the next is asked, then the channel, then nobody',
    tell: async (stage) => {
      const settings = { terms: { ...TERMS, accounts: { '111122223333': 'cyd@acme.example' } } };
      Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'zoe@acme.example' });
      await stage.world.audit();
      for (let run = 0; run < 3; run += 1) {
        await stage.run('act', { settings });
        stage.world.pass(15);
      }
      stage.world.slack = () => ({ ok: false, final: true, reason: 'is_archived' });
      await stage.run('act', { settings });
      stage.world.pass(15);
      await stage.run('act', { settings });
    },
  },
  {
    name: 'a channel that a tag names is no owner',
    tell: async (stage) => {
      for (const [at, owner] of ['#team', 'C0TEAM', 'x'].entries()) {
        stage.world.machines.clear();
        stage.world.machines.set(`i-${at}`, {
          id: `i-${at}`,
          state: 'running',
          idle: true,
          verdict: 'IDLE',
          launch: '2026-10-01T00:00:00.000Z',
          tags: { owner },
          parent: null,
        });
        await stage.world.audit();
        await stage.run();
      }
      await stage.life({ recipient: { kind: 'owner', id: 'C0TEAM', person: null, source: 'tag' } }, 'i-0');
      const record = await stage.record('i-0');
      const finding = { ...record.finding, state: 'NOTIFY_PENDING' as const };
      const wakeAt = stage.world.now().toISOString();
      await stage.world.ledger.put(
        { ...record, finding, wakeAt, version: record.version + 1 },
        record.version,
        null,
      );
      await stage.run();
    },
  },
  {
    name: 'Slack that is away: longer and longer pauses, then the next',
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.slack = () => held('ratelimited');
      for (const minutes of [15, 30, 60, 60]) {
        await stage.run();
        stage.world.pass(minutes);
      }
      stage.world.slack = () => null;
      await stage.run();
    },
  },
  {
    name: 'an answer that was lost: the same message is sent again, and counts from when it was made',
    store: (made) => ({
      onCall({ operation, phase }) {
        if (operation === 'put' && phase === 'before' && made().fault.has('verify')) {
          made().fault.clear();
          throw new Error('the process ended');
        }
      },
    }),
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.fault.set('verify', () => new Error('armed'));
      await stage.run();
      stage.world.pass(25);
      await stage.run();
      stage.world.pass(DAY);
      await stage.run('dry-run');
    },
  },
  {
    name: 'another process is telling, stopping, bringing back',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      const { ledger, now } = stage.world;
      const take = (resourceId: string) =>
        ledger.claim(
          { resourceId, holder: 'another', until: new Date(now().getTime() + 60_000).toISOString() },
          now().toISOString(),
        );
      await stage.world.audit();
      await take('telling/owner/ana@acme.example');
      await stage.run();
      stage.world.pass(2);
      await stage.run();
      stage.world.pass(DAY);
      await take(`${ARN}i-1`);
      await stage.run();
      stage.world.pass(2);
      await stage.run('act', refusing(stage, 'apply', 'unavailable'));
      stage.world.pass(15);
      await take(`${ARN}i-1`);
      await stage.run();
      stage.world.pass(15);
      await stage.run();
      await stage.event({ type: 'undo-requested', by: ANA });
      await take(`${ARN}i-1`);
      await stage.run();
    },
  },
  ...(
    [
      ['in use again', (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { idle: false })],
      [
        'stopped by others',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { state: 'stopped' }),
      ],
      ['gone', (stage) => stage.world.machines.clear()],
      [
        'launched again',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { launch: 'x' }),
      ],
      [
        'of a new parent',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { parent: 'group g' }),
      ],
      [
        'protected',
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { 'Do-Not-Stop': '' }),
      ],
      [
        'in production',
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { env: 'prod' }),
      ],
      [
        "another's",
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'ben@x' }),
      ],
      [
        "a Slack user's",
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'U0BEN' }),
      ],
      [
        "nobody's",
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: '???' }),
      ],
      [
        "a name's that only ends like a Slack user",
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'xU0BEN' }),
      ],
      [
        "a name's that only begins like a Slack user",
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'U0BEN-x' }),
      ],
      ['without the tag of its owner', (stage) => void delete stage.world.machines.get('i-1')?.tags['owner']],
      [
        'paused by nobody knows whom',
        async (stage) =>
          void (await stage.world.ledger.putDoc('switch/paused', { schemaVersion: 1, paused: true }, 0)),
      ],
      [
        'kept from this check by another finding until today',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-17T08:00:00.000Z', 'idle-gpu') }),
      ],
      [
        'kept by another finding until now',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-17T09:00:00.000Z') }),
      ],
      [
        'kept by another finding until it was warned of',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-16T09:00:00.000Z') }),
      ],
      ['beside a finding of an older version', (stage) => stage.sibling('DETECTED', null)],
      ['paused in Slack', (stage) => setSwitch(stage.world.ledger, true, EVE, stage.world.now())],
      [
        'kept by another finding',
        (stage) => stage.sibling('SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z') }),
      ],
      [
        'kept by another finding from another check',
        (stage) => stage.sibling('SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z', 'untagged') }),
      ],
      [
        'kept by another finding until today',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-17T08:00:00.000Z') }),
      ],
      [
        'kept by another finding until before it was warned of',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-16T08:00:00.000Z') }),
      ],
      [
        'kept from another check until today',
        (stage) => stage.sibling('RESOLVED', { hold: snooze('2026-11-17T08:00:00.000Z', 'untagged') }),
      ],
      [
        'asked to be exempt by another finding',
        (stage) =>
          stage.sibling('EXEMPTION_REQUESTED', {
            request: {
              kind: 'exemption',
              by: ANA,
              at: '2026-11-16T10:00:00.000Z',
              until: null,
              reason: 'x',
              check: null,
              left: null,
            },
          }),
      ],
      [
        'no longer asked to be exempt',
        (stage) =>
          stage.sibling('WARNED', {
            request: {
              kind: 'exemption',
              by: ANA,
              at: '2026-11-16T10:00:00.000Z',
              until: null,
              reason: 'x',
              check: null,
              left: null,
            },
          }),
      ],
      ...(['STOPPING', 'STOP_FAILED', 'UNDO_REQUESTED', 'STARTING', 'STOPPED'] as const).map(
        (state) => [`${state} by another finding`, (stage: Stage) => stage.sibling(state, {})] as const,
      ),
    ] as const satisfies readonly (readonly [string, (stage: Stage) => void | Promise<void>])[]
  ).map(
    ([what, happens]): Story => ({
      name: `due, but ${what}`,
      warned: true,
      tell: async (stage) => {
        stage.world.pass(DAY);
        await happens(stage);
        await stage.run('dry-run');
        await stage.run();
        stage.world.pass(15);
        await stage.run();
      },
    }),
  ),
  {
    name: 'an account answers where a tag names nobody',
    tell: async (stage) => {
      const settings = { terms: { ...TERMS, accounts: { '111122223333': 'ana@acme.example' } } };
      await stage.world.audit();
      await stage.run('act', { settings });
      stage.world.pass(DAY);
      Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: '???' });
      await stage.run('act', { settings });
    },
  },
  {
    name: 'paused in the config',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', { settings: { paused: true } });
      stage.world.pass(1);
      await stage.run('act', { settings: { paused: true } });
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'what is not known stops nothing',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', looking({ ok: false, reason: 'too many requests' }));
      stage.world.pass(15);
      await stage.run('act', { look: async () => new Map() });
      stage.world.pass(15);
      await stage.run('act', refusing(stage, 'read', 'throttled'));
      stage.world.pass(15);
      await stage.run('act', { enter: () => Promise.reject(failed('denied', 'no session')) });
      stage.world.pass(15);
      await stage.run(
        'act',
        reading(stage, (live) => ({ ...live, protection: 'termination protection' })),
      );
      stage.world.pass(15);
      await stage.run('act', acting(stage, { plan: () => ({ ok: false, reason: 'It is a member.' }) }));
      stage.world.pass(15);
      const { look } = stage.world.parts();
      await stage.run('act', {
        look: async (records, now) =>
          new Map([...(await look(records, now))].map(([id, each]) => [id, { ...each, actionable: false }])),
      });
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'the owner says stop now, and nothing else',
    warned: true,
    tell: async (stage) => {
      Object.assign(stage.world.machines.get('i-1') ?? {}, { idle: false });
      await stopNow(stage);
      await stage.run('act', { settings: { paused: true } });
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'stop now after a rest of the resource is an answer of its own',
    warned: true,
    tell: async (stage) => {
      await stage.sibling('RESOLVED', { hold: snooze('2026-11-16T10:00:00.000Z') });
      stage.world.pass(2 * 60);
      await stopNow(stage);
      await stage.run();
    },
  },
  {
    name: 'caps of the day: by count, by account, by money, and across days',
    machines: ['i-1', 'i-2', 'i-3'],
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', caps(0, null));
      stage.world.pass(15);
      await stage.run('act', caps(9, 1));
      stage.world.pass(15);
      await stage.run('act', caps(9, null, { EUR: '1' }));
      stage.world.pass(15);
      await stage.run('act', caps(9, null, { USD: '1821' }));
      stage.world.pass(15);
      await stage.run('act', caps(9, 2));
      stage.world.pass(DAY);
      await stage.run('act', caps(1, 1));
    },
  },
  {
    name: 'caps of the day in the zone of the organisation',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', { settings: { timezone: 'Pacific/Kiritimati' } });
    },
  },
  {
    name: 'caps and canary that another version wrote stop nothing',
    machines: ['i-1'],
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      for (const doc of [{ schemaVersion: 2, taken: {} }, { schemaVersion: 1, taken: null }, 'x', null]) {
        const before = await stage.world.ledger.getDoc('caps/2026-11-17');
        await stage.world.ledger.putDoc('caps/2026-11-17', doc, before?.version ?? 0);
        await stage.run();
      }
      const before = await stage.world.ledger.getDoc('caps/2026-11-17');
      await stage.world.ledger.putDoc(
        'caps/2026-11-17',
        { schemaVersion: 1, taken: {} },
        before?.version ?? 0,
      );
      await stage.run();
    },
  },
  {
    name: 'a canary first, the rest after an hour',
    machines: ['i-1', 'i-2', 'i-3'],
    warned: true,
    tell: async (stage) => {
      const settings = { canary: true };
      stage.world.pass(DAY);
      await stage.run('dry-run', { settings });
      await stage.run('act', { settings });
      for (const minutes of [15, 44, 1]) {
        stage.world.pass(minutes);
        await stage.run('act', { settings });
      }
    },
  },
  {
    name: 'a canary that comes to nothing is followed by another',
    machines: ['i-1', 'i-2'],
    warned: true,
    tell: async (stage) => {
      const settings = { canary: true };
      stage.world.pass(DAY);
      await stage.run('act', { ...refusing(stage, 'apply', 'denied'), settings });
      await stage.run('act', { settings });
      for (let run = 0; run < 4; run += 1) {
        stage.world.pass(25);
        await stage.run('act', { ...refusing(stage, 'apply', 'denied'), settings });
      }
      await stage.run('act', { settings });
    },
  },
  {
    name: 'a stop that takes its time',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      let pauses = 0;
      const pause = async (milliseconds: number) => {
        pauses += 1;
        stage.note(`pause ${milliseconds}`);
      };
      const slow = acting(stage, {
        verify: async () => (pauses < 8 ? { state: 'pending', reason: 'stopping' } : { state: 'done' }),
      });
      await stage.run('act', { ...slow, pause });
      stage.world.pass(15);
      await stage.run('act', { ...slow, pause });
    },
  },
  {
    name: 'a stop that fails, three times, then waits for a person',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      for (let run = 0; run < 4; run += 1) {
        await stage.run('act', {
          ...verifying(stage, { state: 'failed', reason: 'it is in a bad state' }),
          settings: run === 3 ? { channel: null } : {},
        });
        stage.world.pass(15);
      }
      await stage.run();
    },
  },
  {
    name: 'a page without a channel, and one that is not taken',
    machines: ['i-1', 'i-2'],
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', refusing(stage, 'apply', 'denied'));
      stage.world.pass(15);
      await stage.run('act', { settings: { channel: null } });
      const record = await stage.record('i-2');
      stage.note(record.finding.state);
      stage.world.slack = (to) => (to === '#finops' ? held('ratelimited') : null);
      await stage.run();
    },
  },
  ...(['throttled', 'unavailable', 'denied', 'conflict'] as const).map(
    (code): Story => ({
      name: `a provider that says ${code} when it is asked to stop`,
      warned: true,
      tell: async (stage) => {
        stage.world.pass(DAY);
        await stage.run('act', refusing(stage, 'apply', code));
        stage.world.pass(15);
        await stage.run('act', refusing(stage, 'verify', code));
        stage.world.pass(44);
        await stage.run('act', refusing(stage, 'verify', code));
        stage.world.pass(1);
        await stage.run('act', refusing(stage, 'verify', code));
        stage.world.pass(15);
        await stage.run();
      },
    }),
  ),
  ...(
    [
      [
        'and came',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { state: 'stopped' }),
      ],
      ['and has not come', () => undefined],
      [
        'whose machine is in use',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { idle: false }),
      ],
      [
        'whose machine was launched again',
        (stage) => void Object.assign(stage.world.machines.get('i-1') ?? {}, { launch: 'x' }),
      ],
      [
        'whose machine is protected',
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { 'do-not-stop': '' }),
      ],
      [
        'whose machine is kept',
        (stage) => stage.sibling('SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z') }),
      ],
      [
        'under a policy that stops nothing',
        (stage) => void Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { env: 'prod' }),
      ],
    ] as const satisfies readonly (readonly [string, (stage: Stage) => void | Promise<void>])[]
  ).map(
    ([what, happens]): Story => ({
      name: `a stop that was left behind ${what}`,
      warned: true,
      tell: async (stage) => {
        await leftBehind(stage);
        await happens(stage);
        await stage.run('warn');
        await stage.run('act');
      },
    }),
  ),
  ...(
    [
      ['and cannot be looked at', () => looking({ ok: false, reason: 'too many requests' })],
      ['and was not looked at', () => ({ look: async () => new Map() })],
      ['by an action that is gone', () => ({ actions: [] })],
      ['and failed', (stage) => verifying(stage, { state: 'failed', reason: 'refused' })],
      ['and is not known', (stage) => refusing(stage, 'verify', 'throttled')],
      [
        'and whose verdict rests',
        (stage) => ({
          look: async (records, now) =>
            new Map(
              [...(await stage.world.parts().look(records, now))].map(([id, each]) => [
                id,
                { ...each, actionable: false },
              ]),
            ),
        }),
      ],
      ...[
        'stopping',
        'shutting-down',
        'deleting',
        'Stopping',
        'Deleting',
        'PENDING_STOP',
        'STOPPING',
        'SUSPENDING',
      ].map(
        (state) =>
          [
            `and is ${state}`,
            (stage: Stage): Change => ({
              look: async (records, now) =>
                new Map(
                  [...(await stage.world.parts().look(records, now))].map(([id, each]): [string, Looked] => [
                    id,
                    each.ok && each.resource !== null
                      ? { ...each, resource: { ...each.resource, state }, judgement: null }
                      : each,
                  ]),
                ),
            }),
          ] as const,
      ),
    ] as const satisfies readonly (readonly [string, (stage: Stage) => Change])[]
  ).map(
    ([what, change]): Story => ({
      name: `a stop that was left behind ${what}`,
      warned: true,
      tell: async (stage) => {
        await leftBehind(stage);
        await stage.run('act', change(stage));
        stage.world.pass(45);
        await stage.run('act', change(stage));
      },
    }),
  ),
  {
    name: 'a stop that failed and came after all',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', verifying(stage, { state: 'failed', reason: 'refused' }));
      stage.world.pass(15);
      await stage.run('dry-run');
      await stage.run();
    },
  },
  {
    name: 'a stop that failed and comes through between two looks is a stop of ours',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      let looks = 0;
      const verify = async (): Promise<Verified> => {
        looks += 1;
        if (looks > 1) return { state: 'done' };
        Object.assign(stage.world.machines.get('i-1') ?? {}, { state: 'stopped' });
        return { state: 'pending', reason: 'stopping' };
      };
      await stage.run('act', acting(stage, { verify }));
    },
  },
  {
    name: 'a stop that failed and is on its way by now is a stop of ours, and not in use',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      const { look } = stage.world.parts();
      await stage.run('act', {
        ...verifying(stage, { state: 'pending', reason: 'stopping' }),
        look: async (records, now) =>
          new Map(
            [...(await look(records, now))].map(([id, each]): [string, Looked] => [
              id,
              each.ok && each.resource !== null
                ? { ...each, resource: { ...each.resource, state: 'stopping' }, judgement: null }
                : each,
            ]),
          ),
      });
      Object.assign(stage.world.machines.get('i-1') ?? {}, { state: 'stopped' });
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'a stop that failed, is down when it is looked at, and is known to be a moment later',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      Object.assign(stage.world.machines.get('i-1') ?? {}, { state: 'stopped' });
      let looks = 0;
      const verify = async (): Promise<Verified> => {
        looks += 1;
        return looks > 1 ? { state: 'done' } : { state: 'pending', reason: 'stopping' };
      };
      await stage.run('act', acting(stage, { verify }));
    },
  },
  {
    name: 'a stop that failed, and whose machine is in use',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      Object.assign(stage.world.machines.get('i-1') ?? {}, { idle: false });
      await stage.run();
    },
  },
  {
    name: 'a stop that failed and cannot be looked at',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', verifying(stage, { state: 'failed', reason: 'refused' }));
      stage.world.pass(15);
      await stage.run('act', refusing(stage, 'verify', 'throttled'));
      stage.world.pass(15);
      await stage.run('act', verifying(stage, { state: 'failed', reason: 'refused' }));
      stage.world.pass(15);
      await stage.run('act', { actions: [] });
    },
  },
  {
    name: 'a rest that another finding is given while the stop is decided',
    warned: true,
    store: (made) => whileStopping(made, 'SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z') }),
    tell: stop,
  },
  {
    name: 'a rest from another check that is given while the stop is decided',
    warned: true,
    store: (made) => whileStopping(made, 'SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z', 'untagged') }),
    tell: stop,
  },
  {
    name: 'an exemption that another finding asks for while the stop is decided',
    warned: true,
    store: (made) =>
      whileStopping(made, 'EXEMPTION_REQUESTED', {
        request: {
          kind: 'exemption',
          by: ANA,
          at: '2026-11-17T09:00:00.000Z',
          until: null,
          reason: 'x',
          check: null,
          left: null,
        },
      }),
    tell: stop,
  },
  ...(['idle-gpu', 'untagged'] as const).map(
    (check): Story => ({
      name: `an exemption from ${check} that another finding asks for while the stop is decided`,
      warned: true,
      store: (made) =>
        whileStopping(made, 'EXEMPTION_REQUESTED', {
          request: {
            kind: 'exemption',
            by: ANA,
            at: '2026-11-17T09:00:00.000Z',
            until: null,
            reason: 'x',
            check,
            left: null,
          },
        }),
      tell: stop,
    }),
  ),
  {
    name: 'a finding of an older version that comes while the stop is decided',
    warned: true,
    store: (made) => whileStopping(made, 'DETECTED', null),
    tell: stop,
  },
  {
    name: 'kept between being found due and being claimed',
    warned: true,
    store: (made) =>
      onClaim(made, async ({ ledger, now }) => {
        const record = await ledger.get(idOf('i-1'));
        const event = { type: 'snoozed', by: ANA, until: '2026-11-20T00:00:00.000Z', most: 2 } as const;
        const { write } = stepOf(record, event, now(), { actor: 'slack:T0:U0ANA', runId: 'click' });
        if (write !== null) await ledger.put(write.record, write.expected, write.audit);
      }),
    tell: stop,
  },
  {
    name: 'acknowledged between being found due and being claimed',
    warned: true,
    store: (made) =>
      onClaim(made, async ({ ledger, now }) => {
        const record = await ledger.get(idOf('i-1'));
        const { write } = stepOf(record, { type: 'acknowledged', by: ANA }, now(), {
          actor: 'slack:T0:U0ANA',
          runId: 'click',
        });
        if (write !== null) await ledger.put(write.record, write.expected, write.audit);
      }),
    tell: stop,
  },
  {
    name: 'gone from the ledger between being found due and being claimed',
    warned: true,
    store: (made) => onClaim(made, async ({ ledger }) => ledger.makeNewer(idOf('i-1'))),
    tell: stop,
  },
  {
    name: 'the last place under the caps is taken between the look and the stop',
    warned: true,
    store: (made) =>
      onClaim(made, async ({ ledger }) => {
        const taken = { 'f-other': { accountId: '1', cost: null } };
        await ledger.putDoc('caps/2026-11-17', { schemaVersion: 1, taken }, 0);
      }),
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', {
        settings: { canary: true, caps: { organisation: { count: 1, money: {} }, account: null } },
      });
    },
  },
  {
    name: 'another becomes the canary between the look and the stop: the place is given back',
    warned: true,
    store: (made) =>
      onClaim(made, async ({ ledger }) => {
        const rule = (await ledger.get(idOf('i-1')))?.life?.policy.rule ?? '';
        const canary = {
          schemaVersion: 1,
          findingId: 'f-other',
          at: '2026-11-17T09:00:00.000Z',
          passedAt: null,
        };
        await ledger.putDoc(canaryKey(rule), canary, 0);
      }),
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', { settings: { canary: true } });
    },
  },
  {
    name: 'a canary whose stop failed is tried again, and nobody else before it has passed',
    machines: ['i-1', 'i-2'],
    warned: true,
    tell: async (stage) => {
      const settings = { canary: true };
      stage.world.pass(DAY);
      const fails = { ...verifying(stage, { state: 'failed', reason: 'busy' }), settings };
      await stage.run('act', fails);
      stage.world.pass(15);
      await stage.run('act', { settings });
    },
  },
  {
    name: 'what was asked for keeps its place, whatever the provider says then',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', refusing(stage, 'verify', 'denied'));
    },
  },
  {
    name: 'a second attempt that is refused keeps the place of the first',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      const pending = acting(stage, {
        verify: async () => ({ state: 'pending', reason: 'running' }),
        apply: () => Promise.reject(failed('denied')),
      });
      await stage.run('act', pending);
    },
  },
  {
    name: 'a stop on its way is not asked for again by a sweep that may only warn',
    warned: true,
    tell: async (stage) => {
      await leftBehind(stage);
      const look: NonNullable<Change['look']> = async (records, now) =>
        new Map(
          [...(await stage.world.parts().look(records, now))].map(([id, each]): [string, Looked] => [
            id,
            each.ok && each.resource !== null
              ? { ...each, resource: { ...each.resource, state: 'stopping' } }
              : each,
          ]),
        );
      await stage.run('warn', { look });
      await stage.run('act', { look });
    },
  },
  {
    name: 'a dry run draws, asks and pages nothing, whatever is noted',
    warned: true,
    tell: async (stage) => {
      const { life } = await stage.record();
      const noted = { schemaVersion: 1, redraw: [life?.notice?.id ?? ''], ask: [] };
      await stage.world.ledger.putDoc('slack/untold', noted, 0);
      await stage.run('dry-run');
      await stage.run('act', { messenger: null });
      await stage.run('act', { deadline: stage.world.now() });
      await stage.run();
    },
  },
  {
    name: 'a page that the channel does not take',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', refusing(stage, 'apply', 'denied'));
      stage.world.slack = (to) => (to === '#finops' ? held('ratelimited') : null);
      await stage.run();
      await stage.run();
    },
  },
  {
    name: 'a defect of an action is no fault of a provider',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(DAY);
      await stage.run('act', acting(stage, { read: broken }));
      stage.world.pass(25);
      await stage.run('act', acting(stage, { apply: broken }));
      stage.world.pass(25);
      await stage.run('act', acting(stage, { verify: broken }));
      stage.world.pass(25);
      await stage.run();
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', acting(stage, { undo: broken }));
      stage.world.pass(25);
      await stage.run();
    },
  },
  {
    name: 'a defect of an action before its owner is told, and after its stop failed',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', acting(stage, { read: broken }));
      stage.world.pass(25);
      await stage.run();
      stage.world.pass(DAY);
      await stage.run('act', verifying(stage, { state: 'failed', reason: 'busy' }));
      stage.world.pass(25);
      await stage.run('act', acting(stage, { verify: broken }));
    },
  },
  {
    name: 'two people, each told of their own, in the order of their names',
    machines: ['i-1', 'i-2', 'i-3'],
    tell: async (stage) => {
      Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'ben@acme.example' });
      await stage.world.audit();
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run();
    },
  },
  {
    name: 'told to another between being found and being told',
    store: (made) => ({
      async onCall({ operation, phase, about }) {
        const { ledger, fault } = made();
        if (operation !== 'claim' || phase !== 'after' || !fault.has('undone')) return;
        fault.clear();
        if (!(about[0] ?? '').startsWith('telling/')) return;
        const record = await ledger.get(idOf('i-1'));
        if (record?.life?.recipient == null) return;
        const recipient = { ...record.life.recipient, id: 'ben@acme.example' };
        const life = { ...record.life, recipient };
        await ledger.put({ ...record, life, version: record.version + 1 }, record.version, null);
      },
    }),
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.fault.set('undone', () => new Error('armed'));
      await stage.run();
      await stage.run();
    },
  },
  {
    name: 'of two in one message one is gone before it is reminded of',
    machines: ['i-1', 'i-2'],
    warned: true,
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      const { life } = await stage.record('i-2');
      if (life?.notice == null) throw new Error('it was warned of');
      await stage.life({ notice: { ...life.notice, id: 'n-another' } }, 'i-2');
      await stage.run();
      stage.world.ledger.makeNewer(idOf('i-2'));
      stage.world.pass(8 * 60);
      await stage.run();
    },
  },
  {
    name: 'an undo that others were quicker with',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      Object.assign(stage.world.machines.get('i-1') ?? {}, {
        state: 'running',
        launch: '2026-11-17T10:00:00.000Z',
      });
      stage.world.pass(2 * 60);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run();
    },
  },
  {
    name: 'an undo of what cannot be read any more',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', refusing(stage, 'read', 'denied'));
    },
  },
  {
    name: 'an undo whose resource is gone when it is read',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', acting(stage, { read: async () => null }));
    },
  },
  {
    name: 'an undo that cannot be looked at for a defect',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', acting(stage, { read: () => Promise.reject(new TypeError('not a function')) }));
    },
  },
  {
    name: 'what another finding had stopped ends when this one is stopped',
    warned: true,
    tell: async (stage) => {
      const stopped = { at: '2026-09-01T00:00:00.000Z', action: 'other', undoPlan: null, estimated: null };
      await stage.sibling('STOPPED', { stopped });
      await stage.world.ledger.putDoc(
        `saving/f-${'z'.repeat(26)}`,
        {
          schemaVersion: 1,
          findingId: `f-${'z'.repeat(26)}`,
          resourceId: 'r',
          stops: [{ from: stopped.at, until: null, action: 'other', estimated: null }],
        },
        0,
      );
      await stop(stage);
    },
  },
  {
    name: 'what another finding stopped after this launch goes on',
    warned: true,
    tell: async (stage) => {
      const stopped = { at: '2026-10-02T00:00:00.000Z', action: 'other', undoPlan: null, estimated: null };
      await stage.sibling('STOPPED', { stopped });
      await stage.world.ledger.putDoc(
        `saving/f-${'z'.repeat(26)}`,
        {
          schemaVersion: 1,
          findingId: `f-${'z'.repeat(26)}`,
          resourceId: 'r',
          stops: [{ from: stopped.at, until: null, action: 'other', estimated: null }],
        },
        0,
      );
      await stop(stage);
    },
  },
  ...(
    [
      ['recorded', (made) => changed(made, 'STOPPED', { intent: null })],
      ['given up', (made) => changed(made, 'STOP_FAILED')],
      ['without a plan', (made) => changed(made, 'STOPPING', { intent: null })],
      ['gone from the ledger', async ({ ledger }) => ledger.makeNewer(idOf('i-1'))],
    ] as const satisfies readonly (readonly [string, (made: World) => Promise<void>])[]
  ).map(
    ([what, happens]): Story => ({
      name: `a stop that was left behind and is ${what} by the time that it is claimed`,
      warned: true,
      store: (made) => onClaim(made, happens, 2),
      tell: async (stage) => {
        await leftBehind(stage);
        await stage.run();
      },
    }),
  ),
  ...(
    [
      ['carried out by another', (made) => changed(made, 'RESTORED', { intent: null })],
      ['begun by another', (made) => changed(made, 'STARTING', { intent: null })],
      ['without a plan', (made) => changed(made, 'UNDO_REQUESTED', { stopped: null })],
      ['gone from the ledger', async ({ ledger }) => ledger.makeNewer(idOf('i-1'))],
    ] as const satisfies readonly (readonly [string, (made: World) => Promise<void>])[]
  ).map(
    ([what, happens]): Story => ({
      name: `an undo that is ${what} by the time that it is claimed`,
      warned: true,
      store: (made) => onClaim(made, happens, 2),
      tell: async (stage) => {
        await stop(stage);
        await stage.event({ type: 'undo-requested', by: ANA });
        await stage.run();
      },
    }),
  ),
  ...(
    [
      ['flagged only', (made) => changed(made, 'DETECTED')],
      ['for nobody', (made) => changed(made, 'NOTIFY_PENDING', { recipient: null })],
      [
        'for a channel of that name',
        (made) =>
          changed(made, 'NOTIFY_PENDING', {
            recipient: { kind: 'channel', id: 'ana@acme.example', person: null, source: 'fallback' },
          }),
      ],
      ['gone from the ledger', async ({ ledger }) => ledger.makeNewer(idOf('i-1'))],
    ] as const satisfies readonly (readonly [string, (made: World) => Promise<void>])[]
  ).map(
    ([what, happens]): Story => ({
      name: `a warning that is ${what} by the time that it is told`,
      machines: ['i-1', 'i-2'],
      store: (made) => onClaim(made, happens, 1, 'telling/'),
      tell: async (stage) => {
        await stage.world.audit();
        await stage.run();
      },
    }),
  ),
  {
    name: 'a reminder of what another message tells of by the time that it is said',
    machines: ['i-1', 'i-2'],
    warned: true,
    store: (made) =>
      onClaim(
        made,
        async (now) => {
          const { life } = (await now.ledger.get(idOf('i-1'))) ?? {};
          if (life?.notice == null) throw new Error('it was warned of');
          await changed(now, 'WARNED', { notice: { ...life.notice, id: 'n-another' } });
        },
        1,
        'reminding/',
      ),
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      await stage.run();
    },
  },
  {
    name: 'a reminder of what is gone by the time that it is said',
    machines: ['i-1', 'i-2'],
    warned: true,
    store: (made) => onClaim(made, async ({ ledger }) => ledger.makeNewer(idOf('i-1')), 1, 'reminding/'),
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      await stage.run();
    },
  },
  {
    name: 'owners whose names begin or end as the id of a channel does',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'CARLA@acme.example' });
      Object.assign(stage.world.machines.get('i-2')?.tags ?? {}, { owner: 'U0ANAC1' });
      await stage.world.audit();
      await stage.run();
    },
  },
  {
    name: 'a message that was begun, of which one cannot be read when it is sent again',
    machines: ['i-1', 'i-2'],
    store: (made) => ({
      onCall({ operation, phase }) {
        if (operation === 'put' && phase === 'before' && made().fault.has('verify')) {
          made().fault.clear();
          throw new Error('the process ended');
        }
      },
    }),
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.fault.set('verify', () => new Error('armed'));
      await stage.run();
      stage.world.pass(25);
      stage.world.fault.set('read', () => failed('throttled'));
      await stage.run();
      stage.world.pass(25);
      await stage.run();
    },
  },
  {
    name: 'a message that was begun, of which one is flagged only by then',
    machines: ['i-1', 'i-2'],
    store: (made) => ({
      onCall({ operation, phase }) {
        if (operation === 'put' && phase === 'before' && made().fault.has('verify')) {
          made().fault.clear();
          throw new Error('the process ended');
        }
      },
    }),
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.fault.set('verify', () => new Error('armed'));
      await stage.run();
      stage.world.pass(25);
      await changed(stage.world, 'DETECTED');
      await stage.run();
    },
  },
  {
    name: 'a message that was begun, of which all is flagged only by then, and another is new',
    machines: ['i-1'],
    store: (made) => ({
      onCall({ operation, phase }) {
        if (operation === 'put' && phase === 'before' && made().fault.has('verify')) {
          made().fault.clear();
          throw new Error('the process ended');
        }
      },
    }),
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.fault.set('verify', () => new Error('armed'));
      await stage.run();
      stage.world.pass(25);
      await changed(stage.world, 'DETECTED');
      stage.world.machines.set('i-2', {
        id: 'i-2',
        state: 'running',
        idle: true,
        verdict: 'IDLE',
        launch: '2026-10-01T00:00:00.000Z',
        tags: { owner: 'ana@acme.example' },
        parent: null,
      });
      stage.world.machines.delete('i-1');
      await stage.world.audit();
      await stage.run();
    },
  },
  {
    name: 'a list of messages that nobody can read counts for none',
    tell: async (stage) => {
      await stage.world.audit();
      const key = 'telling/owner/ana@acme.example';
      const now = stage.world.now().getTime();
      const sent = [
        7,
        null,
        'x',
        ...[0, 1, 2].map((days) => new Date(now - days * DAY * 60_000).toISOString()),
      ];
      await stage.world.ledger.putDoc(key, { schemaVersion: 1, noticeId: 7, sent }, 0);
      await stage.run();
    },
  },
  ...([null, 'x', { schemaVersion: 1 }, { schemaVersion: 1, sent: 'x', noticeId: 'n-unknown' }] as const).map(
    (doc): Story => ({
      name: `a document of messages that holds ${JSON.stringify(doc)}`,
      tell: async (stage) => {
        await stage.world.audit();
        await stage.world.ledger.putDoc('telling/owner/ana@acme.example', doc, 0);
        await stage.run();
      },
    }),
  ),
  {
    name: 'what another finding stopped stays as it is where that one is stopped no more',
    warned: true,
    tell: async (stage) => {
      const stopped = { at: '2026-09-01T00:00:00.000Z', action: 'other', undoPlan: null, estimated: null };
      await stage.sibling('RESOLVED', { stopped });
      await stage.world.ledger.putDoc(
        `saving/f-${'z'.repeat(26)}`,
        {
          schemaVersion: 1,
          findingId: `f-${'z'.repeat(26)}`,
          resourceId: 'r',
          stops: [{ from: stopped.at, until: null, action: 'other', estimated: null }],
        },
        0,
      );
      await stop(stage);
    },
  },
  {
    name: 'what is stopped again after it came back has a saving of its own',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run();
      stage.world.pass(15 * DAY);
      await stage.world.audit();
      await stage.run();
      stage.world.pass(2 * DAY);
      await stage.run();
    },
  },
  ...(
    [
      ['a price and none', [{ amount: '5', currency: 'USD' }, null]],
      ['none and a price', [null, { amount: '5', currency: 'USD' }]],
      [
        'euros and dollars',
        [
          { amount: '5', currency: 'EUR' },
          { amount: '9', currency: 'USD' },
        ],
      ],
      [
        'dollars and euros',
        [
          { amount: '9', currency: 'USD' },
          { amount: '5', currency: 'EUR' },
        ],
      ],
      [
        'less and more',
        [
          { amount: '9', currency: 'USD' },
          { amount: '10', currency: 'USD' },
        ],
      ],
      [
        'more and less',
        [
          { amount: '10', currency: 'USD' },
          { amount: '9', currency: 'USD' },
        ],
      ],
      [
        'the same',
        [
          { amount: '9', currency: 'USD' },
          { amount: '9.0', currency: 'USD' },
        ],
      ],
      ['none at all', [null, null]],
    ] as const
  ).flatMap(([what, savings]) =>
    ['at once', 'the first a while before'].map(
      (when): Story => ({
        name: `one place under the caps, due ${when}, and savings of ${what}`,
        machines: ['i-1', 'i-2'],
        warned: true,
        tell: async (stage) => {
          for (const [at, monthlySaving] of savings.entries()) {
            const record = await stage.record(`i-${at + 1}`);
            await stage.world.ledger.put(
              {
                ...record,
                finding: { ...record.finding, monthlySaving },
                version: record.version + 1,
                wakeAt: when === 'at once' || at > 0 ? record.wakeAt : '2026-11-16T10:00:00.000Z',
              },
              record.version,
              null,
            );
          }
          stage.world.pass(DAY);
          await stage.run('act', caps(1, null));
        },
      }),
    ),
  ),
  {
    name: 'a message that Slack did not take, of which one cannot be read when it is sent again',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.slack = () => held('ratelimited');
      await stage.run();
      stage.world.pass(25);
      stage.world.slack = () => null;
      stage.world.fault.set('read', () => failed('throttled'));
      await stage.run();
      stage.world.pass(25);
      await stage.run();
    },
  },
  {
    name: 'a message that Slack took only after a pause: the whole grace counts from then',
    tell: async (stage) => {
      await stage.world.audit();
      stage.world.slack = () => held('ratelimited');
      await stage.run();
      stage.world.slack = () => null;
      stage.world.pass(15);
      await stage.run();
      stage.world.pass(DAY - 15);
      await stage.run();
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'a rest that is given while a second attempt is decided: the place of the first stays taken',
    warned: true,
    store: (made) => whileStopping(made, 'SNOOZED', { hold: snooze('2026-12-01T00:00:00.000Z') }, 2),
    tell: async (stage) => {
      stage.world.pass(DAY);
      const busy = { state: 'failed', reason: 'busy' } as const;
      await stage.run('act', acting(stage, { apply: async () => undefined, verify: async () => busy }));
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'a stop on its way that is refused when it is asked for again keeps its place',
    warned: true,
    tell: async (stage) => {
      await leftBehind(stage);
      const { look } = stage.world.parts();
      await stage.run('act', {
        ...refusing(stage, 'apply', 'denied'),
        look: async (records, now) =>
          new Map(
            [...(await look(records, now))].map(([id, each]): [string, Looked] => [
              id,
              each.ok && each.resource !== null
                ? { ...each, resource: { ...each.resource, state: 'stopping' } }
                : each,
            ]),
          ),
      });
    },
  },
  {
    name: 'a stop that was left behind and is refused when it goes on keeps its place',
    warned: true,
    tell: async (stage) => {
      await leftBehind(stage);
      await stage.run('act', refusing(stage, 'apply', 'denied'));
    },
  },
  {
    name: 'a reminder of what is to be warned of again by the time that it is said',
    machines: ['i-1', 'i-2'],
    warned: true,
    store: (made) =>
      onClaim(made, (now) => changed(now, 'NOTIFY_PENDING', { notice: null }), 1, 'reminding/'),
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      await stage.run();
    },
  },
  {
    name: 'a warning without a date whose resource cannot be read yet, or is gone',
    tell: async (stage) => {
      await stage.world.audit();
      await stage.run('act', refusing(stage, 'read', 'denied'));
      stage.world.pass(DAY);
      await stage.run('act', refusing(stage, 'read', 'throttled'));
      stage.world.pass(DAY);
      stage.world.machines.clear();
      await stage.run();
    },
  },
  {
    name: 'a Slack that takes five minutes: the grace counts from when it has taken the message',
    tell: async (stage) => {
      await stage.world.audit();
      const { messenger } = stage.world.parts();
      const deliver: Messenger['deliver'] = async (...message) => {
        stage.world.pass(5);
        if (messenger === null) throw new Error('this world has a Slack');
        return await messenger.deliver(...message);
      };
      await stage.run('act', speaking(stage, { deliver }));
    },
  },
  {
    name: 'a record that others change while it is woken',
    store: (made) => ({
      async onCall({ operation, phase, about: [id = ''] }) {
        const { ledger, fault } = made();
        if (operation !== 'put' || phase !== 'before' || !fault.has('undone')) return;
        fault.clear();
        const record = await ledger.get(id);
        if (record !== null)
          await ledger.put({ ...record, version: record.version + 1 }, record.version, null);
      },
    }),
    tell: async (stage) => {
      Object.assign(stage.world.machines.get('i-1')?.tags ?? {}, { owner: 'zoe@acme.example' });
      await stage.world.audit();
      await stage.run();
      stage.world.fault.set('undone', () => new Error('armed'));
      await stage.run();
      await stage.run();
    },
  },
  {
    name: 'what cannot be undone is told of as such, and what is only warned of without what would be done',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      Object.assign(stage.world.machines.get('i-2')?.tags ?? {}, { env: 'prod' });
      await stage.world.audit();
      await stage.run('act', acting(stage, { reversible: false }));
    },
  },
  {
    name: 'an undo that takes its time, fails, and is asked for again',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      const pause = async (milliseconds: number) => stage.note(`pause ${milliseconds}`);
      await stage.run('act', { ...verifying(stage, { state: 'pending', reason: 'starting' }), pause });
      stage.world.pass(29);
      await stage.run('act', { ...verifying(stage, { state: 'pending', reason: 'starting' }), pause });
      stage.world.pass(1);
      await stage.run('act', { ...verifying(stage, { state: 'pending', reason: 'starting' }), pause });
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', verifying(stage, { state: 'failed', reason: 'no capacity' }));
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', verifying(stage, { state: 'done', note: 'It runs as i-2 now.' }));
    },
  },
  ...(['throttled', 'unavailable', 'denied'] as const).map(
    (code): Story => ({
      name: `a provider that says ${code} when it is asked to bring back`,
      warned: true,
      tell: async (stage) => {
        await stop(stage);
        await stage.event({ type: 'undo-requested', by: ANA });
        await stage.run('act', refusing(stage, 'undo', code));
        stage.world.pass(29);
        await stage.run('act', refusing(stage, 'undo', code));
        stage.world.pass(1);
        await stage.run('act', refusing(stage, 'undo', code));
      },
    }),
  ),
  {
    name: 'an undo by an action that is gone, and one that nobody kept a plan of',
    warned: true,
    tell: async (stage) => {
      await stop(stage);
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', { actions: [] });
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.life({ stopped: null });
      await stage.run();
    },
  },
  {
    name: 'a message that Slack does not draw again, until it does',
    warned: true,
    tell: async (stage) => {
      await stage.event({ type: 'acknowledged', by: ANA });
      stage.world.pass(DAY);
      await stage.run('act', speaking(stage, { update: away }));
      await stage.run('act', speaking(stage, { update: away }));
      await stage.run();
    },
  },
  {
    name: 'a reminder that Slack does not take, now or ever',
    machines: ['i-1', 'i-2'],
    warned: true,
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      await stage.run('act', speaking(stage, { reply: async () => held('ratelimited') }));
      await stage.run(
        'act',
        speaking(stage, { reply: async () => ({ ...held('thread_not_found'), final: true }) }),
      );
      await stage.event({ type: 'snoozed', by: ANA, until: '2026-11-20T00:00:00.000Z', most: 2 }, 'i-2');
      stage.world.pass(8 * 60);
      await stage.run();
    },
  },
  {
    name: 'a reminder of a notice without a place, or without a document',
    warned: true,
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      const { life } = await stage.record();
      const key = `notice/${life?.notice?.id ?? ''}`;
      const doc = await stage.world.ledger.getDoc(key);
      const value = typeof doc?.value === 'object' ? { ...doc.value, place: null } : null;
      await stage.world.ledger.putDoc(key, value, doc?.version ?? 0);
      await stage.run();
      await stage.world.ledger.putDoc(key, 'x', (doc?.version ?? 0) + 1);
      await stage.run();
    },
  },
  {
    name: 'approvers who cannot be asked',
    warned: true,
    tell: async (stage) => {
      await stage.event({
        type: 'exemption-requested',
        by: ANA,
        until: '2026-12-01T00:00:00.000Z',
        reason: 'x',
        check: null,
      });
      await stage.world.ledger.putDoc(
        'slack/untold',
        { schemaVersion: 1, redraw: [], ask: [idOf('i-1')] },
        2,
      );
      await stage.world.ledger.putDoc(
        'slack/untold',
        { schemaVersion: 1, redraw: [], ask: [idOf('i-1')] },
        0,
      );
      const settings = { approvers: ['zoe@acme.example'] };
      await stage.run('act', { settings });
      await stage.run('act', { settings: { approvers: ['ben@acme.example'] } });
    },
  },
  {
    name: 'a record that others change all the time',
    warned: true,
    store: (made) => {
      let busy = false;
      return {
        async onCall({ operation, phase, about }) {
          const { ledger, fault } = made();
          const [id = ''] = about;
          if (busy || operation !== 'put' || phase !== 'before' || !fault.has('undone')) return;
          busy = true;
          const record = await ledger.get(id);
          if (record !== null)
            await ledger.put({ ...record, version: record.version + 1 }, record.version, null);
          busy = false;
        },
      };
    },
    tell: async (stage) => {
      stage.world.pass(12 * 60);
      stage.world.fault.set('undone', () => new Error('armed'));
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run();
    },
  },
  {
    name: 'no time left',
    machines: ['i-1', 'i-2'],
    tell: async (stage) => {
      const over = () => ({ deadline: stage.world.now() });
      await stage.world.audit();
      await stage.run('act', over());
      await stage.run();
      stage.world.pass(12 * 60);
      await stage.run('act', over());
      stage.world.pass(12 * 60);
      await stage.run('act', over());
      const deadline = new Date(stage.world.now().getTime() + 60_000);
      const late = acting(stage, {
        verify: async () => {
          stage.world.pass(1);
          return { state: 'pending', reason: 'stopping' };
        },
      });
      await stage.run('act', { ...late, deadline, settings: { concurrency: 1 } });
      stage.world.pass(15);
      await stage.run();
      await stage.event({ type: 'undo-requested', by: ANA });
      await stage.run('act', over());
      const until = new Date(stage.world.now().getTime() + 60_000);
      const slow = acting(stage, {
        verifyUndo: async () => {
          stage.world.pass(1);
          return { state: 'pending', reason: 'starting' };
        },
      });
      await stage.run('act', { ...slow, deadline: until });
      stage.world.pass(15);
      await stage.run();
    },
  },
  {
    name: 'savings in several currencies, and none',
    machines: ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'],
    warned: true,
    tell: async (stage) => {
      const savings = [
        null,
        { amount: '5', currency: 'USD' },
        { amount: '9', currency: 'EUR' },
        { amount: '10', currency: 'USD' },
        null,
      ];
      for (const [at, monthlySaving] of savings.entries()) {
        const record = await stage.record(`i-${at + 1}`);
        await stage.world.ledger.put(
          { ...record, finding: { ...record.finding, monthlySaving }, version: record.version + 1 },
          record.version,
          null,
        );
      }
      stage.world.pass(DAY);
      await stage.run('dry-run', { settings: { concurrency: 1 } });
      await stage.run('act', {
        settings: { concurrency: 1, caps: { organisation: { count: 2, money: {} }, account: null } },
      });
    },
  },
  ...(['SUSPECTED', 'UNOBSERVED', 'HELD'] as const).map(
    (verdict): Story => ({
      name: `${verdict} is told without a date, silence never stops it, and "stop now" does`,
      tell: async (stage) => {
        become(stage, { verdict });
        await stage.world.audit();
        await stage.run();
        stage.world.pass(30 * DAY);
        await stage.run();
        await stopNow(stage);
        await stage.run('dry-run');
        await stage.run();
      },
    }),
  ),
  ...(['SUSPECTED', 'HELD'] as const).map(
    (verdict): Story => ({
      name: `"stop now" on what is ${verdict}, and the last look sees it in use`,
      tell: async (stage) => {
        become(stage, { verdict });
        await stage.world.audit();
        await stage.run();
        await stopNow(stage);
        become(stage, { idle: false });
        await stage.run('dry-run');
        await stage.run();
      },
    }),
  ),
  {
    name: 'what was suspected is proven, and told anew with a date',
    tell: async (stage) => {
      become(stage, { verdict: 'SUSPECTED' });
      await stage.world.audit();
      await stage.run();
      become(stage, { verdict: 'IDLE' });
      await stage.world.audit();
      await stage.run();
      stage.world.pass(DAY);
      await stage.run();
    },
  },
];

/** Something happens when the resource of i-1 is claimed: after it was found due and looked at. */
function onClaim(
  made: () => World,
  happens: (now: World) => Promise<void>,
  nth = 1,
  name = `${ARN}i-1`,
): MemoryOptions {
  let claims = 0;
  return {
    async onCall({ operation, phase, about }) {
      if (operation !== 'claim' || phase !== 'after' || !(about[0] ?? '').startsWith(name)) return;
      claims += 1;
      if (claims === nth) await happens(made());
    },
  };
}

/** The record of i-1 otherwise, as another process left it. */
async function changed({ ledger }: World, state: FindingState, life: Partial<Life> = {}): Promise<void> {
  const record = await ledger.get(idOf('i-1'));
  if (record === null || record.life === null) throw new Error('i-1 was judged');
  const next = { ...record, finding: { ...record.finding, state }, life: { ...record.life, ...life } };
  await ledger.put({ ...next, version: record.version + 1 }, record.version, null);
}

/** Another finding of i-1 is written right after its stop was decided: the next call is the look at its siblings. */
function whileStopping(
  made: () => World,
  state: FindingState,
  life: Partial<Life> | null,
  nth = 1,
): MemoryOptions {
  let begun = 0;
  return {
    async onCall({ operation, phase, about }) {
      if (operation !== 'put' || phase !== 'after' || about[0] !== idOf('i-1')) return;
      const record = await made().ledger.get(idOf('i-1'));
      if (record?.finding.state !== 'STOPPING') return;
      begun += 1;
      if (begun !== nth) return;
      await siblingOf(made(), state, life);
    },
  };
}

async function siblingOf(
  { ledger }: World,
  state: FindingState,
  life: Partial<Life> | null,
  check = 'other-check',
): Promise<void> {
  const record = await ledger.get(idOf('i-1'));
  if (record === null || record.life === null) throw new Error('i-1 was judged');
  const id = `f-${'z'.repeat(26)}`;
  await ledger.put(
    {
      ...record,
      finding: { ...record.finding, id, check, state },
      life: life === null ? null : { ...record.life, notice: null, hold: null, ...life },
      version: 1,
      wakeAt: null,
    },
    0,
    null,
  );
}

/** What a message says, without its form. */
function words(text: string): string {
  return [...text.matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(([, said]) => said).join('');
}

/** Plays a story; what could be seen of it, line by line. */
export async function play({ name, machines, warned, store, tell }: Story): Promise<string[]> {
  const made: World = world(
    machines,
    store?.(() => made),
  );
  const lines = [`## ${name}`];
  const seen = { log: 0, said: 0, trail: 0 };
  const plain = (text: string) =>
    [...made.machines.keys(), ...(machines ?? ['i-1'])]
      .reduce((line, machine) => line.replaceAll(idOf(machine), `<${machine}>`), text)
      .replaceAll('2026-11-', '')
      .replaceAll(':00.000Z', 'Z');
  const note = (text: string) => void lines.push(plain(text));
  const docs = new Map<string, string>();
  const look = () => {
    for (const { what, id } of made.log.slice(seen.log)) note(`  cloud: ${what} ${id}`);
    for (const { how, to, text } of made.said.slice(seen.said)) note(`  ${how} ${to}: ${words(text)}`);
    for (const entry of made.ledger.trail().slice(seen.trail))
      note(`  trail <${entry.findingId}> ${entry.actor} ${entry.from} -> ${entry.to}: ${entry.reason}`);
    for (const [key, { value }] of made.ledger.docs()) {
      if (key.startsWith('notice/') || key.startsWith('notices/')) continue;
      const text = JSON.stringify(value);
      if (docs.get(key) !== text) note(`  doc ${key} ${text.replaceAll('"', '')}`);
      docs.set(key, text);
    }
    Object.assign(seen, { log: made.log.length, said: made.said.length, trail: made.ledger.trail().length });
  };
  const record = async (machine = 'i-1') => {
    const found = await made.ledger.get(idOf(machine));
    if (found === null) throw new Error(`${machine} was never judged`);
    return found;
  };
  const stage: Stage = {
    world: made,
    lines,
    note,
    record,
    async run(mode = 'act', change = {}) {
      note(`# ${mode} ${made.now().toISOString()}`);
      const before = { ...made.reads };
      const report = await sweep(made.parts(change), mode).catch((error: unknown) => {
        note(`  thrown: ${String(error)}`);
        return null;
      });
      for (const { resourceId, did, told } of report?.lines ?? [])
        note(`  ${resourceId.slice(ARN.length)} ${did}: ${told}`);
      for (const fault of report?.faults ?? []) note(`  fault: ${fault}`);
      look();
      const reads = made.reads.action - before.action;
      const looks = made.reads.looks - before.looks;
      if (reads + looks > 0) note(`  read ${reads}, looked ${looks}`);
      const claims = made.ledger.claims().filter(({ holder }) => holder !== 'another');
      if (claims.length > 0)
        note(`  still claimed: ${claims.map(({ resourceId }) => resourceId).join(', ')}`);
      for (const machine of made.machines.keys()) {
        const found = await made.ledger.get(idOf(machine));
        const zone = found?.life?.notice?.timezone ?? '-';
        note(
          `  ${machine}: ${found?.finding.state} due ${found?.finding.dueAt} wake ${found?.wakeAt} in ${zone}`,
        );
      }
      return report;
    },
    async event(event, machine) {
      const found = await record(machine);
      const { write } = stepOf(found, event, made.now(), { actor: 'slack:T0:U0ANA', runId: 'click' });
      if (write === null) throw new Error(`nothing followed from ${event.type}`);
      await made.ledger.put(write.record, write.expected, write.audit);
      look();
    },
    async life(change, machine) {
      const found = await record(machine);
      const life = found.life === null ? null : { ...found.life, ...change };
      await made.ledger.put({ ...found, life, version: found.version + 1 }, found.version, null);
    },
    sibling: (state, life, check) => siblingOf(made, state, life, check),
  };
  if (warned === true) {
    await made.audit();
    await sweep(made.parts(), 'act');
    Object.assign(seen, { log: made.log.length, said: made.said.length, trail: made.ledger.trail().length });
    for (const [key, { value }] of made.ledger.docs()) docs.set(key, JSON.stringify(value));
  }
  await tell(stage);
  return lines;
}
