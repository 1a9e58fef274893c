import type { Verdict } from '../../../lib/checks/model.ts';
import { agenda, decide } from '../../../lib/ledger/decide/index.ts';
import type { Hold, LedgerEvent, Life } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { STATES } from '../../../lib/ledger/schema.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { complete, EAST, judgement, WEST } from '../fixtures.ts';
import { ANA, APPROVER, BEN, channel, notice, owner, second } from '../lives.ts';
import {
  AFTER,
  checkedWith,
  DUE_AT,
  EVENTS,
  FAR,
  FLAG,
  intent,
  judgedBy,
  LAUNCH,
  NAMED,
  SOON,
  STOP,
  standing,
  WARN,
  WARNED_AT,
  waste,
} from './world.ts';

const LONG_AFTER = '2026-05-30T09:00:00.000Z';
const DATES = { WARNED_AT, SOON, DUE_AT, AFTER, FAR, LONG_AFTER };
const VALUES = {
  notice: { ...notice, deliveredAt: WARNED_AT },
  told: { ...notice, id: 'n-2', deliveredAt: AFTER },
  intent,
  owner,
  second,
  channel,
  NAMED,
  STOP,
  WARN,
  ANA,
  BEN,
  APPROVER,
};
const ABOUT = judgement();
const WORDS = {
  id: standing('WARNED').finding.id,
  resource: ABOUT.resourceId,
  scope: EAST,
  why: ABOUT.reason,
};

const cy = { ...owner, id: 'cy@acme.example', person: BEN };
const unverified = { ...owner, person: null };
const told = { ...notice, id: 'n-2', deliveredAt: AFTER };
const delivered = {
  type: 'delivered',
  notice: told,
  fingerprint: LAUNCH,
  dueAt: '2026-03-06T09:15:00.000Z',
} as const;
const verdict = (name: Verdict, actionable: boolean, policy = STOP): LedgerEvent =>
  judgedBy(policy, { actionable, judgement: judgement({ verdict: name }) });
const asking = { type: 'exemption-requested', by: ANA, reason: 'run', check: 'idle-gpu' } as const;
const stopping = { type: 'stop-now', by: ANA, noticeId: notice.id, reversible: true } as const;

/** Beside those of world.ts: each says something otherwise that decide() may ask for. */
const MORE: Readonly<Record<string, LedgerEvent>> = {
  'judged, SUSPECTED': verdict('SUSPECTED', false),
  'judged, SUSPECTED, its check named': verdict('SUSPECTED', false, NAMED),
  'judged, UNOBSERVED, its check named only to warn': verdict('UNOBSERVED', false, { ...WARN, named: true }),
  'judged, mode stop, its check named': judgedBy(NAMED),
  'judged, HELD': verdict('HELD', false),
  'judged, INEFFICIENT': verdict('INEFFICIENT', false),
  'judged, nobody named': judgedBy(STOP, { recipient: null }),
  'judged, a channel named': judgedBy(STOP, { recipient: channel }),
  'judged, another channel named': judgedBy(STOP, { recipient: { ...channel, id: '#team' } }),
  'judged, its owner not looked up': judgedBy(STOP, { recipient: unverified }),
  'judged, the second': judgedBy(STOP, { recipient: second }),
  "judged, another's, mode flag": judgedBy(FLAG, { recipient: cy }),
  "judged, another's, SUSPECTED, its check named": judgedBy(NAMED, {
    recipient: cy,
    actionable: false,
    judgement: judgement({ verdict: 'SUSPECTED' }),
  }),
  "judged, another's, HELD": judgedBy(STOP, {
    recipient: cy,
    actionable: false,
    judgement: judgement({ verdict: 'HELD' }),
  }),
  'judged, exempt from this check': judgedBy(STOP, {
    hold: { kind: 'exemption', check: 'idle-gpu', until: FAR, by: ANA, approvedBy: APPROVER, reason: 'x' },
  }),
  'judged, kept until now': judgedBy(STOP, {
    hold: { kind: 'snooze', check: null, until: AFTER, by: ANA, approvedBy: null, reason: 'x' },
  }),
  'absent, its check did not run': { type: 'absent', coverage: complete(EAST), checksRun: ['untagged'] },
  'absent, partly covered': {
    type: 'absent',
    coverage: [...complete(EAST), { scope: EAST, status: 'partial', reason: null, asOf: null }],
    checksRun: ['idle-gpu'],
  },
  'delivered to a channel of that name': {
    ...delivered,
    notice: { ...told, recipient: { ...owner, kind: 'channel' } },
  },
  'delivered to another': { ...delivered, notice: { ...told, recipient: second } },
  'delivered to a channel': { ...delivered, notice: { ...told, recipient: channel } },
  'delivered, Slack does not know the owner': { ...delivered, notice: { ...told, recipient: unverified } },
  'delivered, unread': { ...delivered, fingerprint: null },
  'delivered, without a date': { ...delivered, dueAt: null },
  'delivered, with the date of its delivery': { ...delivered, dueAt: AFTER },
  'delivered a minute ago': { ...delivered, notice: { ...told, deliveredAt: '2026-03-04T09:14:00.000Z' } },
  'delivered a minute ago, by a process that had ended': {
    ...delivered,
    notice: { ...told, deliveredAt: '2026-03-04T09:14:00.000Z', storedAt: AFTER },
  },
  'delivered 15 minutes ago': { ...delivered, notice: { ...told, deliveredAt: '2026-03-04T09:00:00.000Z' } },
  'delivered 16 minutes ago': { ...delivered, notice: { ...told, deliveredAt: '2026-03-04T08:59:00.000Z' } },
  'undeliverable, nobody next': { type: 'undeliverable', reason: 'left', final: true, next: null },
  'undeliverable, the same next': { type: 'undeliverable', reason: 'left', final: true, next: owner },
  'snoozed until now': { type: 'snoozed', by: ANA, until: AFTER, most: 2 },
  'exemption asked for until now': { ...asking, until: AFTER },
  'exemption approved by whoever asked': { type: 'exemption-approved', by: ANA },
  'exemption refused by whoever asked': { type: 'exemption-refused', by: ANA },
  'disowned, nobody next': { type: 'disowned', by: ANA, next: null },
  'disowned, the same next': { type: 'disowned', by: ANA, next: owner },
  'claimed by nobody known': { type: 'claimed', by: { ...second, person: null } },
  'claimed by a channel': { type: 'claimed', by: channel },
  'claimed by its owner': { type: 'claimed', by: owner },
  'stop now by another': { ...stopping, by: BEN },
  'stop now on an earlier notice': { ...stopping, noticeId: 'n-0' },
  'stop approved by the owner': { type: 'stop-approved', by: ANA },
  'checked: unread': checkedWith({ kind: 'unread' }),
  'checked: unread, a guard says no': checkedWith({ kind: 'unread' }, { guard: 'paused', intent: null }),
  'checked: waste, nothing planned': checkedWith(waste, { intent: null }),
  'checked: waste, an undo planned': checkedWith(waste, { intent: { ...intent, kind: 'undo' } }),
  'checked: another parent': checkedWith({
    kind: 'waste',
    judgement: judgement(),
    fingerprint: { ...LAUNCH, parent: 'group g' },
  }),
  'checked: changed, readable': checkedWith({ kind: 'changed', reason: 'readable', fingerprint: LAUNCH }),
  'checked: in use, recognised': checkedWith({
    kind: 'in-use',
    judgement: null,
    reason: 'busy',
    fingerprint: LAUNCH,
  }),
  'checked: rests, recognised': checkedWith({
    kind: 'rests',
    judgement: judgement({ verdict: 'HELD' }),
    fingerprint: LAUNCH,
  }),
  'checked: unread, irreversible': checkedWith({ kind: 'unread' }, { reversible: false }),
  'checked: unread, irreversible, a guard says no': checkedWith(
    { kind: 'unread' },
    { reversible: false, guard: 'paused', intent: null },
  ),
  'checked: in use, recognised, irreversible': checkedWith(
    { kind: 'in-use', judgement: null, reason: 'busy', fingerprint: LAUNCH },
    { reversible: false },
  ),
  'checked: HELD, recognised, irreversible': checkedWith(
    { kind: 'rests', judgement: judgement({ verdict: 'HELD' }), fingerprint: LAUNCH },
    { reversible: false },
  ),
  'checked: SUSPECTED, recognised, irreversible': checkedWith(
    { kind: 'rests', judgement: judgement({ verdict: 'SUSPECTED' }), fingerprint: LAUNCH },
    { reversible: false },
  ),
  'checked: changed, irreversible': checkedWith(
    { kind: 'changed', reason: 'readable', fingerprint: LAUNCH },
    { reversible: false },
  ),
  'undo begun, with a stop': { type: 'undo-begun', intent },
};

const ASKED: Readonly<Record<string, LedgerEvent>> = { ...EVENTS, ...MORE };

/** A state with something about it that decide() may ask for. */
interface Form {
  readonly name: string;
  readonly life?: Partial<Life>;
  readonly verdict?: Verdict;
  readonly dueAt?: string | null;
  /** WARNED_AT unless it says otherwise. */
  readonly wakeAt?: null;
  /** The scopes of the fixtures unless it says otherwise. */
  readonly scopes?: readonly string[];
  /** AFTER unless it says otherwise. */
  readonly at?: string;
  /** All states unless it says otherwise. */
  readonly of?: readonly FindingState[];
}

const stopNow = { by: ANA, at: WARNED_AT, noticeId: notice.id };
const approved = { by: APPROVER, at: WARNED_AT };
const snooze: Hold = { kind: 'snooze', check: null, until: FAR, by: ANA, approvedBy: null, reason: 'x' };
const WARNABLE = ['WARNED', 'ACKNOWLEDGED', 'BLOCKED', 'APPROVAL_REQUESTED', 'STOP_FAILED'] as const;
const TOLD = ['DETECTED', 'NOTIFY_PENDING', 'UNDELIVERED', 'ESCALATED', 'DISOWNED'] as const;

const FORMS: readonly Form[] = [
  { name: 'as it is' },
  { name: 'a day earlier', at: SOON },
  { name: 'long after', at: LONG_AFTER },
  { name: 'policy warn', life: { policy: WARN }, of: [...WARNABLE, 'EXEMPTION_REQUESTED', 'DETECTED'] },
  { name: 'policy stop', life: { policy: STOP }, of: ['DETECTED'] },
  { name: 'verdict that may not be acted on', life: { actionable: false } },
  {
    name: 'suspected, its check named',
    verdict: 'SUSPECTED',
    life: { policy: NAMED, actionable: false },
    of: [...TOLD, 'SNOOZED'],
  },
  {
    name: 'suspected, its check not named',
    verdict: 'SUSPECTED',
    life: { policy: STOP, actionable: false },
    of: [...TOLD, 'SNOOZED'],
  },
  {
    name: 'told as suspected',
    verdict: 'SUSPECTED',
    dueAt: null,
    life: { policy: NAMED, actionable: false },
    of: WARNABLE,
  },
  {
    name: 'told as suspected, stop now',
    verdict: 'SUSPECTED',
    dueAt: null,
    life: { policy: NAMED, actionable: false, stopNow: { ...stopNow, unproven: true } },
    of: WARNABLE,
  },
  { name: 'nobody to be told', life: { recipient: null }, of: [...TOLD, ...WARNABLE] },
  { name: 'only tried recipients', life: { passed: [owner.id, second.id] }, of: [...TOLD, ...WARNABLE] },
  {
    name: 'told to a channel',
    life: { notice: { ...notice, recipient: channel } },
    of: [...WARNABLE, 'DISOWNED'],
  },
  { name: 'no notice', life: { notice: null }, of: WARNABLE },
  {
    name: 'owner unknown to Slack',
    life: { notice: { ...notice, recipient: { ...owner, person: null } } },
    of: WARNABLE,
  },
  { name: 'stop now', life: { stopNow }, of: WARNABLE },
  { name: 'stop now, approved', life: { stopNow, approved, request: null }, of: WARNABLE },
  {
    name: 'stop now, approved by the owner',
    life: { stopNow, approved: { ...approved, by: ANA }, request: null },
    of: WARNABLE,
  },
  {
    name: 'stop now, approved long ago',
    life: { stopNow, approved: { ...approved, at: '2026-02-25T09:14:59.999Z' }, request: null },
    of: WARNABLE,
  },
  { name: 'stop now on an earlier notice', life: { stopNow: { ...stopNow, noticeId: 'n-0' } }, of: WARNABLE },
  { name: 'no date', dueAt: null, of: WARNABLE },
  { name: 'no date, unread', dueAt: null, life: { fingerprint: null }, of: WARNABLE },
  { name: 'not due', dueAt: FAR, of: WARNABLE },
  { name: 'due now', dueAt: AFTER, of: WARNABLE },
  { name: 'unread', life: { fingerprint: null }, of: WARNABLE },
  { name: 'clock rests', dueAt: null, life: { resting: 86_400_000 }, of: WARNABLE },
  { name: 'held', life: { hold: snooze }, of: [...WARNABLE, ...TOLD, 'EXEMPTION_REQUESTED', 'RESOLVED'] },
  {
    name: 'exempt',
    life: { hold: { ...snooze, kind: 'exemption', approvedBy: APPROVER } },
    of: ['WARNED', 'DETECTED', 'EXEMPTION_REQUESTED', 'RESOLVED'],
  },
  {
    name: 'exempt from another check',
    life: { hold: { ...snooze, kind: 'exemption', check: 'untagged' } },
    of: ['WARNED', 'DETECTED', 'EXEMPT', 'RESOLVED'],
  },
  {
    name: 'hold that is over',
    life: { hold: { ...snooze, until: AFTER } },
    of: ['WARNED', 'SNOOZED', 'RESOLVED', 'DETECTED'],
  },
  { name: 'kept twice', life: { snoozes: 2 }, of: WARNABLE },
  {
    name: 'asked for',
    life: {
      request: { kind: 'exemption', by: ANA, at: SOON, until: FAR, reason: 'x', check: null, left: null },
    },
    of: [...WARNABLE, 'EXEMPTION_REQUESTED'],
  },
  {
    name: 'asked for, until now',
    life: {
      request: {
        kind: 'exemption',
        by: ANA,
        at: SOON,
        until: AFTER,
        reason: 'x',
        check: 'idle-gpu',
        left: 60_000,
      },
    },
    of: ['EXEMPTION_REQUESTED', 'APPROVAL_REQUESTED'],
  },
  {
    name: 'asked for by the approver',
    life: {
      request: { kind: 'stop', by: APPROVER, at: SOON, until: null, reason: 'x', check: null, left: null },
    },
    of: ['EXEMPTION_REQUESTED', 'APPROVAL_REQUESTED'],
  },
  { name: 'nothing asked for', life: { request: null }, of: ['EXEMPTION_REQUESTED', 'APPROVAL_REQUESTED'] },
  {
    name: 'tried three times',
    life: { intent: { ...intent, attempt: 3 } },
    of: ['STOP_FAILED', 'STOPPING', 'ESCALATED', 'WARNED', 'SNOOZED'],
  },
  { name: 'no intent', life: { intent: null }, of: ['STOPPING', 'STOP_FAILED', 'STARTING'] },
  { name: 'three deliveries failed', life: { undelivered: 3 }, of: ['NOTIFY_PENDING'] },
  { name: 'told to another', life: { recipient: second }, of: ['NOTIFY_PENDING', 'WARNED', 'DETECTED'] },
  {
    name: 'nothing stopped',
    life: { stopped: null },
    of: ['STOPPED', 'RESTORE_FAILED', 'UNDO_REQUESTED', 'RESTORED'],
  },
  {
    name: 'reminded',
    life: { notice: { ...notice, deliveredAt: WARNED_AT, reminded: true } },
    dueAt: FAR,
    of: ['WARNED', 'ACKNOWLEDGED'],
  },
  { name: 'policy stop, nobody to be told', life: { policy: STOP, recipient: null }, of: ['DETECTED'] },
  { name: 'policy stop, a channel to be told', life: { policy: STOP, recipient: channel }, of: ['DETECTED'] },
  {
    name: 'a channel to be told',
    life: { recipient: channel },
    of: ['NOTIFY_PENDING', 'ESCALATED', 'WARNED'],
  },
  {
    name: 'an owner to be told who is not looked up',
    life: { recipient: { ...owner, person: null } },
    of: ['NOTIFY_PENDING', 'WARNED'],
  },
  { name: 'policy warn', life: { policy: WARN }, of: ['NOTIFY_PENDING', 'ESCALATED'] },
  { name: 'warned under policy warn', life: { policy: WARN }, dueAt: null, of: WARNABLE },
  { name: 'warned of what may not be acted on', life: { actionable: false }, dueAt: null, of: WARNABLE },
  { name: 'clock rests, stop now', dueAt: null, life: { resting: 86_400_000, stopNow }, of: WARNABLE },
  { name: 'verdict rests, stop now', life: { actionable: false, stopNow }, of: WARNABLE },
  { name: 'no date, unread, stop now', dueAt: null, life: { fingerprint: null, stopNow }, of: WARNABLE },
  {
    name: 'no date, unread, told to a channel',
    dueAt: null,
    life: { fingerprint: null, notice: { ...notice, recipient: channel } },
    of: ['WARNED'],
  },
  {
    name: 'no date, unread, clock rests',
    dueAt: null,
    life: { fingerprint: null, resting: 1 },
    of: ['WARNED'],
  },
  {
    name: 'no date, unread, policy warn',
    dueAt: null,
    life: { fingerprint: null, policy: WARN },
    of: ['WARNED'],
  },
  { name: 'no date, no notice', dueAt: null, life: { fingerprint: null, notice: null }, of: ['WARNED'] },
  {
    name: 'tried once, its rest over',
    life: { intent, hold: { ...snooze, until: AFTER } },
    of: ['SNOOZED', 'EXEMPT', 'ESCALATED', 'NOTIFY_PENDING'],
  },
  { name: 'tried once', life: { intent }, of: ['SNOOZED', 'EXEMPT', 'WARNED', 'RESOLVED'] },
  { name: 'restored nobody knows when', life: { restoredAt: null }, of: ['RESTORED'] },
  { name: 'restored a fortnight ago', life: { restoredAt: '2026-02-18T09:15:00.000Z' }, of: ['RESTORED'] },
  { name: 'due in an hour', dueAt: '2026-03-04T10:15:00.000Z', of: ['WARNED', 'ACKNOWLEDGED'] },
  {
    name: 'warned an hour ago, due in three',
    life: { notice: { ...notice, deliveredAt: '2026-03-04T08:15:00.000Z' } },
    dueAt: '2026-03-04T12:15:00.000Z',
    of: ['WARNED'],
  },
  { name: 'of no scope', scopes: [], of: ['WARNED'] },
  { name: 'of two scopes', scopes: [EAST, WEST], of: ['WARNED'] },
  { name: 'nothing wakes it', wakeAt: null, of: ['WARNED', 'DETECTED', 'SNOOZED', 'STOPPING'] },
  { name: 'no date, nothing wakes it', dueAt: null, wakeAt: null, of: ['WARNED', 'BLOCKED'] },
  {
    name: 'no date, unread, nothing wakes it',
    dueAt: null,
    wakeAt: null,
    life: { fingerprint: null },
    of: ['WARNED', 'ACKNOWLEDGED', 'BLOCKED'],
  },
  { name: 'no date, stop now', dueAt: null, life: { stopNow }, of: WARNABLE },
  { name: 'of a parent', life: { fingerprint: { ...LAUNCH, parent: 'group g' } }, of: ['WARNED'] },
  { name: 'over, nobody to be told', life: { recipient: null }, at: LONG_AFTER, of: ['SNOOZED', 'EXEMPT'] },
  {
    name: 'approved a week ago',
    life: { stopNow, approved: { ...approved, at: '2026-02-25T09:15:00.000Z' }, request: null },
    of: ['WARNED', 'APPROVAL_REQUESTED'],
  },
  { name: 'of an older version', of: ['DETECTED', 'WARNED', 'RESOLVED'] },
];

function recordOf(
  state: FindingState,
  { name, life, verdict: judged, dueAt, wakeAt, scopes }: Form,
): FindingRecord {
  const made = standing(state, life ?? {}, dueAt);
  const finding = { ...made.finding, verdict: judged ?? made.finding.verdict };
  const record = {
    ...made,
    finding,
    scopes: scopes ?? made.scopes,
    wakeAt: wakeAt === null ? null : WARNED_AT,
  };
  return name === 'of an older version' ? { ...record, life: null } : record;
}

/** What came of one event, whole: state, dates, effects, what changed in the life, and the reason. */
function toldOf(from: FindingRecord | null, name: string, at: string): string {
  const event = ASKED[name];
  if (event === undefined) throw new RangeError(`no event ${name}`);
  const { state, dueAt, wakeAt, effects, life, reason, taken } = decide(from, event, new Date(at));
  if (!taken && wakeAt === (from?.wakeAt ?? null)) return `not taken: ${reason}`;
  const before = new Map(Object.entries(from?.life ?? {}));
  const changes = Object.entries(life ?? {}).filter(
    ([key, value]) => JSON.stringify(before.get(key)) !== JSON.stringify(value),
  );
  const parts = [
    state === (from?.finding.state ?? null) ? '' : `-> ${state}`,
    taken ? '' : 'only woken later',
    dueAt === (from?.finding.dueAt ?? null) ? '' : `due ${dueAt}`,
    `wake ${wakeAt}`,
    ...effects.map((effect) => JSON.stringify(effect)),
    ...changes.map(([key, value]) => `${key}=${JSON.stringify(value)}`),
  ];
  return short(`${parts.filter((part) => part !== '').join(' ')} | ${reason}`);
}

/** The values and dates of these tests by their names, so that a line can be read. */
function short(line: string): string {
  let text = line.replaceAll('[]', 'none').replaceAll('"', '');
  for (const [name, value] of Object.entries(VALUES))
    text = text.replaceAll(JSON.stringify(value).replaceAll('"', ''), name);
  for (const [name, word] of Object.entries(WORDS)) text = text.replaceAll(word, `<${name}>`);
  for (const [name, date] of Object.entries(DATES)) text = text.replaceAll(date, name);
  return text.replaceAll(':00.000Z', 'Z');
}

/**
 * Every answer of decide() in one state, as lines: first as the state usually is, then each form of it with the
 * answers that differ. Events with the same answer share a line.
 */
export function answersOf(state: FindingState | null): string[] {
  const usual = new Map<string, string>();
  const lines = [`## ${state ?? 'never seen'}`];
  for (const form of FORMS) {
    if (state === null ? form.name !== 'as it is' : form.of !== undefined && !form.of.includes(state))
      continue;
    const record = state === null ? null : recordOf(state, form);
    const found = new Map<string, string[]>();
    for (const name of Object.keys(ASKED)) {
      const answer = toldOf(record, name, form.at ?? AFTER);
      if (usual.get(name) === answer) continue;
      if (form.name === 'as it is') usual.set(name, answer);
      found.set(answer, [...(found.get(answer) ?? []), name]);
    }
    if (found.size === 0) continue;
    lines.push(`# ${form.name}`, ...[...found].map(([answer, names]) => `[${names.join('; ')}] ${answer}`));
  }
  return lines;
}

const CAUSE = { actor: 'sweep', runId: 'run-9' };

/**
 * What is written of each step that a state usually takes: the record beside its life, and the entry of the trail
 * with what was before and after. A judgement is told by its verdict.
 */
export function stepsOf(state: FindingState | null): string[] {
  const lines = [`## step of ${state ?? 'never seen'}`];
  const forms: readonly Form[] = [
    { name: 'as it is' },
    { name: 'not due', dueAt: FAR, of: ['WARNED', 'BLOCKED'] },
    { name: 'tried once', life: { intent }, of: ['ESCALATED'] },
    {
      name: 'stopped a while ago',
      life: { stopped: { at: SOON, action: 'a', undoPlan: 'u', estimated: null } },
      of: ['STOPPED', 'RESTORE_FAILED'],
    },
    { name: 'observed later', of: ['WARNED', 'STOPPING', 'RESOLVED'] },
    { name: 'of an older version', of: ['DETECTED', 'WARNED', 'RESOLVED'] },
  ];
  for (const form of forms) {
    if (form.of !== undefined && (state === null || !form.of.includes(state))) continue;
    const made = state === null ? null : recordOf(state, form);
    const seen = { at: LONG_AFTER, runId: 'run-8' };
    const record = made !== null && form.name === 'observed later' ? { ...made, observed: seen } : made;
    for (const [name, event] of Object.entries(ASKED)) {
      const { write, record: after } = stepOf(record, event, new Date(AFTER), CAUSE);
      if (write === null) {
        if (after !== record) lines.push(`${form.name} [${name}] nothing written, nothing kept`);
        continue;
      }
      const { finding, life: _life, ...rest } = write.record;
      const { verdict: judged, reason, state: to, dueAt, firstSeen, lastSeen } = finding;
      const parts = { judged, reason, to, dueAt, firstSeen, lastSeen, ...rest };
      lines.push(
        short(
          `${form.name} [${name}] ${JSON.stringify([write.expected, parts])} ${JSON.stringify(write.audit)}`,
        ),
      );
    }
  }
  return lines;
}

export const ANSWERED: readonly (FindingState | null)[] = [null, ...STATES];

/** All of them: what `answers.txt` beside this file holds. */
export function answers(): string {
  return `${[...ANSWERED.flatMap(answersOf), ...ANSWERED.flatMap(stepsOf), ...agendas()].join('\n')}\n`;
}

/** What a sweep has to do with each form of each state, soon and long after. */
export function agendas(): string[] {
  const lines = ['## agenda'];
  for (const state of STATES) {
    const found = new Map<string, string[]>();
    for (const form of FORMS) {
      if (form.of !== undefined && !form.of.includes(state)) continue;
      const record = recordOf(state, form);
      const tasks = TIMES.map(([name, at]) => `${name} ${agenda(record, new Date(at)) ?? '-'}`).join(', ');
      found.set(tasks, [...(found.get(tasks) ?? []), form.name]);
    }
    lines.push(...[...found].map(([tasks, names]) => `${state} [${names.join('; ')}] ${tasks}`));
  }
  return lines;
}

const TIMES = Object.entries({
  ...DATES,
  BEFORE: '2026-03-02T08:59:59.999Z',
  LATE: '2026-03-04T05:00:00.000Z',
});
