import { agenda, decide } from '../../../lib/ledger/decide/index.ts';
import type { Hold, Life } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { STATES } from '../../../lib/ledger/schema.ts';
import { ANA, APPROVER, BEN, channel, notice, owner, second } from '../lives.ts';
import { AFTER, DUE_AT, EVENTS, FAR, intent, SOON, STOP, standing, WARN, WARNED_AT } from './world.ts';

const LONG_AFTER = '2026-05-30T09:00:00.000Z';
const DATES = { WARNED_AT, SOON, DUE_AT, AFTER, FAR, LONG_AFTER };
const VALUES = { owner, second, channel, STOP, WARN, ANA, BEN, APPROVER };

/** A state with something about it that decide() may ask for. */
interface Form {
  readonly name: string;
  readonly life?: Partial<Life>;
  readonly dueAt?: string | null;
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
  { name: 'of an older version', of: ['DETECTED', 'WARNED', 'RESOLVED'] },
];

function recordOf(state: FindingState, { name, life, dueAt }: Form): FindingRecord {
  const record = { ...standing(state, life ?? {}, dueAt), wakeAt: WARNED_AT };
  return name === 'of an older version' ? { ...record, life: null } : record;
}

/** What came of one event, whole: state, dates, effects, what changed in the life, and the reason. */
function told(from: FindingRecord | null, name: string, at: string): string {
  const event = EVENTS[name];
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
    for (const name of Object.keys(EVENTS)) {
      const answer = told(record, name, form.at ?? AFTER);
      if (usual.get(name) === answer) continue;
      if (form.name === 'as it is') usual.set(name, answer);
      found.set(answer, [...(found.get(answer) ?? []), name]);
    }
    if (found.size === 0) continue;
    lines.push(`# ${form.name}`, ...[...found].map(([answer, names]) => `[${names.join('; ')}] ${answer}`));
  }
  return lines;
}

export const ANSWERED: readonly (FindingState | null)[] = [null, ...STATES];

/** All of them: what `answers.txt` beside this file holds. */
export function answers(): string {
  return `${[...ANSWERED.flatMap(answersOf), ...agendas()].join('\n')}\n`;
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
