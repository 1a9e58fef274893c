import type { Action, Live } from '../../../lib/actions/model.ts';
import type { Judgement, Verdict } from '../../../lib/checks/model.ts';
import type { Json, Resource } from '../../../lib/estate/model.ts';
import { DEFAULT_RULES } from '../../../lib/ledger/decide/index.ts';
import { findingId } from '../../../lib/ledger/finding.ts';
import { record } from '../../../lib/ledger/record.ts';
import type { Delivery, Messenger, SlackMessage } from '../../../lib/notices/model.ts';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { Looked, SweepParts, SweepSettings } from '../../../lib/run/sweep/model.ts';
import { mayBeActedOn, type TermsSettings, termsOf } from '../../../lib/run/terms.ts';
import { complete, EAST, judgement } from '../../ledger/fixtures.ts';
import { type MemoryLedger, type MemoryOptions, memoryLedger } from '../../ledger/memory.ts';

export const ARN = 'arn:aws:ec2:us-east-1:111122223333:instance/';

/** A machine of the model cloud. */
export interface Machine {
  readonly id: string;
  state: 'running' | 'stopped';
  idle: boolean;
  /** What its check says while it is idle. */
  verdict: Verdict;
  launch: string;
  tags: Record<string, string>;
  parent: string | null;
}

type Change = { readonly settings?: Partial<SweepSettings> } & Partial<Omit<SweepParts, 'settings'>>;

/** A model of a cloud, of Slack and of the clock, behind the ports of the sweep. */
export interface World {
  readonly ledger: MemoryLedger;
  readonly machines: Map<string, Machine>;
  /** Every call that changes the cloud, in order. */
  readonly log: { at: string; what: 'stop' | 'start'; id: string }[];
  readonly said: { at: string; how: 'deliver' | 'reply' | 'update'; to: string; text: string }[];
  /** Reads of single resources by their action, and looks at scopes. */
  readonly reads: { action: number; looks: number };
  readonly parts: (change?: Change) => SweepParts;
  readonly audit: () => Promise<void>;
  readonly pass: (minutes: number) => void;
  readonly now: () => Date;
  /** What the cloud throws at the next call of this name; once. */
  readonly fault: Map<'read' | 'apply' | 'applied' | 'verify' | 'undo' | 'undone', () => Error>;
  /** Slack's answer, instead of taking it. */
  slack: (to: string) => Delivery | null;
}

export function idOf(machine: string): string {
  return findingId('idle-gpu', 'aws', `${ARN}${machine}`);
}

export const TERMS: TermsSettings = {
  policies: [{ check: 'idle-gpu', mode: 'stop', grace: '24h' }],
  production: ['prod'],
  dimensions: { environment: [{ tag: 'env' }] },
  ownerOf: ({ tags }) =>
    tags?.['owner'] === undefined ? null : { id: tags['owner'], source: 'tag owner', confidence: 'high' },
  accounts: {},
  fallback: '#finops',
};

const SETTINGS: SweepSettings = {
  terms: TERMS,
  protectedTags: ['do-not-stop'],
  paused: false,
  caps: { organisation: { count: 20, money: {} }, account: null },
  canary: false,
  timezone: 'UTC',
  channel: '#finops',
  approvers: [],
  thresholds: undefined,
  rules: DEFAULT_RULES,
  claimMinutes: 20,
  concurrency: 4,
};

/** Begins on a Monday morning, with machines whose owner is ana. */
export function world(names: readonly string[] = ['i-1'], store: MemoryOptions = {}): World {
  let time = Date.parse('2026-11-16T09:00:00.000Z');
  let runs = 0;
  const now = () => new Date(time);
  const ledger = memoryLedger(store);
  const machines = new Map<string, Machine>();
  for (const id of names)
    machines.set(id, {
      id,
      state: 'running',
      idle: true,
      verdict: 'IDLE',
      launch: '2026-10-01T00:00:00.000Z',
      tags: { owner: 'ana@acme.example' },
      parent: null,
    });
  const made: Omit<World, 'parts' | 'audit' | 'pass' | 'now'> = {
    ledger,
    machines,
    log: [],
    said: [],
    reads: { action: 0, looks: 0 },
    fault: new Map(),
    slack: () => null,
  };
  const strike = (name: Parameters<World['fault']['get']>[0]) => {
    const error = made.fault.get(name);
    made.fault.delete(name);
    if (error !== undefined) throw error();
  };
  const judge = (machine: Machine): Judgement =>
    judgement({
      resourceId: `${ARN}${machine.id}`,
      resourceName: machine.id,
      verdict: machine.verdict,
      owner: TERMS.ownerOf({ accountId: '111122223333', tags: machine.tags }),
    });
  const resourceOf = (machine: Machine): Resource => ({
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    type: 'aws:ec2:instance',
    id: `${ARN}${machine.id}`,
    name: machine.id,
    state: machine.state,
    created: machine.launch,
    tags: machine.tags,
    sku: 'g5.xlarge',
    accelerators: [],
    parent: null,
    attributes: {},
  });
  const wasteful = (machine: Machine | undefined) => machine?.state === 'running' && machine.idle;
  const machineOf = (plan: Json): Machine => {
    const found = typeof plan === 'string' ? machines.get(plan) : undefined;
    if (found === undefined) throw new BursarError('conflict', 'it is gone');
    return found;
  };
  const action: Action = {
    id: 'model.stop',
    provider: 'aws',
    resourceTypes: ['aws:ec2:instance'],
    checks: ['idle-gpu'],
    reversible: true,
    permissions: [],
    async read(target) {
      made.reads.action += 1;
      strike('read');
      const machine = machines.get(target.resourceId.slice(ARN.length));
      if (machine === undefined) return null;
      const live: Live = {
        resource: resourceOf(machine),
        fingerprint: { launch: machine.launch, parent: machine.parent },
        done: machine.state === 'stopped',
        protection: null,
        lost: [],
        staysBilled: ['its volumes'],
        risks: [],
      };
      return live;
    },
    plan(target, live) {
      const id = target.resourceId.slice(ARN.length);
      return live.done
        ? { ok: false, reason: 'It is stopped already.' }
        : { ok: true, plan: id, undoPlan: id, summary: `Stop ${id}` };
    },
    async apply(plan) {
      strike('apply');
      const machine = machineOf(plan);
      if (machine.state === 'running') {
        machine.state = 'stopped';
        made.log.push({ at: now().toISOString(), what: 'stop', id: machine.id });
      }
      strike('applied');
    },
    async verify(plan) {
      strike('verify');
      return machineOf(plan).state === 'stopped'
        ? { state: 'done' }
        : { state: 'pending', reason: 'running' };
    },
    async undo(plan) {
      strike('undo');
      const machine = machineOf(plan);
      if (machine.state === 'stopped') {
        machine.state = 'running';
        machine.launch = now().toISOString();
        made.log.push({ at: now().toISOString(), what: 'start', id: machine.id });
      }
      strike('undone');
    },
    async verifyUndo(plan) {
      return machineOf(plan).state === 'running'
        ? { state: 'done' }
        : { state: 'pending', reason: 'stopped' };
    },
  };
  const posted = new Map<string, Delivery>();
  const send = (how: 'deliver' | 'reply', id: string, to: string, message: SlackMessage): Delivery => {
    const refused = made.slack(to);
    if (refused !== null) return refused;
    const known = posted.get(id);
    if (known !== undefined) return known;
    const delivery: Delivery = { ok: true, channel: to, ts: `${time / 1000}.${posted.size}` };
    posted.set(id, delivery);
    made.said.push({ at: now().toISOString(), how, to, text: JSON.stringify(message) });
    return delivery;
  };
  const messenger: Messenger = {
    permissions: [],
    async lookup(contact) {
      if (!/^(ana|ben)@/.test(contact))
        return { ok: false, final: true, reason: 'Slack knows nobody of that address' };
      const user = contact.startsWith('ana@') ? 'U0ANA' : 'U0BEN';
      return { ok: true, known: { person: { user, team: 'T0' }, name: user, timezone: 'Europe/Berlin' } };
    },
    async deliver(id, to, message) {
      return send('deliver', id, 'user' in to ? to.user : to.channel, message);
    },
    async reply(id, to, message) {
      return send('reply', id, to.channel, message);
    },
    async update(at, message) {
      made.said.push({
        at: now().toISOString(),
        how: 'update',
        to: at.channel,
        text: JSON.stringify(message),
      });
      return { ok: true, ...at };
    },
  };
  const coverage: readonly Coverage[] = complete(EAST);
  const look: SweepParts['look'] = async (records) => {
    made.reads.looks += 1;
    return new Map<string, Looked>(
      records.map(({ finding }) => {
        const machine = machines.get(finding.resourceId.slice(ARN.length));
        const waste = machine !== undefined && wasteful(machine);
        return [
          finding.id,
          {
            ok: true,
            resource: machine === undefined ? null : resourceOf(machine),
            judgement: waste ? judge(machine) : null,
            actionable: waste && mayBeActedOn(judge(machine)),
          },
        ];
      }),
    );
  };
  return Object.assign(made, {
    now,
    pass: (minutes: number) => {
      time += minutes * 60_000;
    },
    parts: ({ settings, ...change }: Change = {}) => ({
      ledger,
      messenger,
      actions: [action],
      enter: async () => null,
      look,
      settings: { ...SETTINGS, ...settings },
      clock: now,
      pause: async () => undefined,
      calendars: (timezone: string) => [
        { timezone, holidays: new Set<string>(), quiet: null, weekends: false },
      ],
      runId: `run-${(runs += 1)}`,
      deadline: null,
      progress: silent,
      ...change,
    }),
    audit: async () => {
      const judged = [...machines.values()].filter(wasteful);
      await record(
        ledger,
        {
          runId: `audit-${(runs += 1)}`,
          now: now().toISOString(),
          judgements: judged.map(judge),
          coverage,
          checksRun: ['idle-gpu'],
        },
        { termsOf: termsOf([...machines.values()].map(resourceOf), TERMS) },
      );
    },
  });
}
