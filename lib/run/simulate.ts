import { actionFor } from '../actions/index.ts';
import type { Action } from '../actions/model.ts';
import type { Money } from '../focus/money.ts';
import type { WorkCalendar } from '../ledger/calendar.ts';
import { agenda, type Rules } from '../ledger/decide/index.ts';
import { DEFAULT_GRACE, overCap, type Place, placeOf, stopTime } from '../ledger/guards.ts';
import type { LedgerEvent, Notice, Recipient } from '../ledger/life.ts';
import type { Finding, FindingRecord } from '../ledger/model.ts';
import { stepOf } from '../ledger/step.ts';
import { capsKey } from './sweep/caps.ts';
import { type Living, living } from './sweep/context.ts';
import type { SweepSettings } from './sweep/model.ts';
import { compareSaving } from './sweep/tell-items.ts';
import { mayBeActedOn, policyNow, recipientOf } from './terms.ts';

/** One thing that would happen if nobody answered anything and nothing changed. */
export interface Foreseen {
  /** ISO-8601 UTC */
  readonly at: string;
  readonly what: 'warn' | 'offer' | 'stop' | 'held back' | 'never';
  readonly findingId: string;
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly to: string | null;
  readonly monthlySaving: Money | null;
  /** The rule that applies, or what holds it back. */
  readonly why: string;
}

export interface SimulateParts {
  readonly records: AsyncIterable<FindingRecord>;
  /** Tags of a resource as last collected. */
  readonly tagsOf: (resourceId: string) => Readonly<Record<string, string>>;
  readonly settings: SweepSettings;
  readonly actions: readonly Action[];
  readonly calendars: (timezone: string, now: Date) => readonly WorkCalendar[];
}

const HOUR_MS = 3_600_000;
const STEPS_A_DAY = 24;

/**
 * What the next days would do under a policy: everybody is silent, every resource stays as it was last judged,
 * every message arrives. Writes nothing and reads no cloud. An hour a step.
 */
export async function simulate(parts: SimulateParts, days: number, start: Date): Promise<Foreseen[]> {
  const { settings } = parts;
  const { terms } = settings;
  const foreseen: Foreseen[] = [];
  const open: Living[] = [];
  for await (const record of parts.records) {
    const { finding } = record;
    const policy = policyNow(finding, parts.tagsOf(finding.resourceId), terms);
    const recipient = recipientOf(finding.owner, finding.accountId, terms, record.life?.passed ?? []);
    const event: LedgerEvent = {
      type: 'judged',
      judgement: { ...finding, scopes: record.scopes },
      policy,
      actionable: mayBeActedOn(finding),
      recipient,
      hold: null,
    };
    if (finding.state === 'RESOLVED') continue;
    const judged = living(stepTwice(record, event, start, settings.rules));
    if (judged === null) continue;
    if (policy.mode === 'off' || policy.mode === 'flag')
      foreseen.push(told(start, 'never', judged, null, policy.rule));
    else open.push(judged);
  }
  const taken = new Map<string, Place[]>();
  const held = new Set<string>();
  for (let hour = 0; hour <= days * STEPS_A_DAY; hour += 1) {
    const now = new Date(start.getTime() + hour * HOUR_MS);
    for (const record of open.toSorted(compareSaving)) {
      const next = oneStep(parts, record, now, taken, held, foreseen);
      if (next !== record) open[open.indexOf(record)] = next;
    }
  }
  return foreseen;
}

/** An audit takes two steps: detected, then to be told. */
function stepTwice(record: FindingRecord, event: LedgerEvent, now: Date, rules: Rules): FindingRecord | null {
  const cause = { actor: 'simulation', runId: 'simulation', rules };
  const first = stepOf(record, event, now, cause).record;
  return first?.finding.state === 'DETECTED' ? stepOf(first, event, now, cause).record : first;
}

function oneStep(
  { settings, actions, calendars }: SimulateParts,
  record: Living,
  now: Date,
  taken: Map<string, Place[]>,
  held: Set<string>,
  foreseen: Foreseen[],
): Living {
  const step = (event: LedgerEvent) =>
    living(
      stepOf(record, event, now, { actor: 'simulation', runId: 'simulation', rules: settings.rules }).record,
    ) ?? record;
  const action = actionFor(record.finding, actions);
  const reversible = action?.reversible ?? false;
  const { finding, life } = record;
  switch (agenda(record, now, settings.rules)) {
    case 'wake':
      return step({ type: 'woken', reversible });
    case 'reminder':
      return step({ type: 'reminded', kind: 'reminder' });
    case 'last-call':
      return step({ type: 'reminded', kind: 'last-call' });
    case 'tell': {
      const to = life.recipient;
      if (to === null) return record;
      const notice = noticeFor(to, now, finding);
      const clock = life.policy.mode === 'stop' && life.actionable && reversible && to.kind === 'owner';
      const dueAt = clock
        ? stopTime(notice.deliveredAt, life.policy.grace ?? DEFAULT_GRACE, calendars(settings.timezone, now))
        : null;
      foreseen.push(told(now, to.kind === 'owner' ? 'warn' : 'offer', record, to.id, life.policy.rule));
      if (dueAt === null) foreseen.push(told(now, 'never', record, to.id, whyNever(record, action, to)));
      return step({ type: 'delivered', notice, fingerprint: { launch: null, parent: null }, dueAt });
    }
    case 'check': {
      const place = placeOf(finding);
      const key = capsKey(now, settings.timezone);
      const today = taken.get(key) ?? [];
      const own = today.filter(({ accountId }) => accountId === finding.accountId);
      const why = settings.paused
        ? 'everything is paused (guards.paused in the config)'
        : (overCap(place, today, settings.caps.organisation, 'the organisation') ??
          (settings.caps.account === null
            ? null
            : overCap(place, own, settings.caps.account, `account ${finding.accountId}`)));
      if (why !== null) {
        const once = `${finding.id} ${key}`;
        if (!held.has(once)) foreseen.push(told(now, 'held back', record, life.recipient?.id ?? null, why));
        held.add(once);
        return record;
      }
      taken.set(key, [...today, place]);
      foreseen.push(told(now, 'stop', record, life.recipient?.id ?? null, life.policy.rule));
      // What is stopped is not looked at again here.
      return { ...record, wakeAt: null };
    }
    case 'reread':
    case 'undo':
    case 'finish-undo':
    case 'finish-stop':
    case null:
      return record;
  }
}

function noticeFor(recipient: Recipient, now: Date, { id }: Finding): Notice {
  const person = recipient.kind === 'owner' ? { user: recipient.id, team: 'simulation' } : null;
  return {
    id: `simulation ${id}`,
    recipient: { ...recipient, person },
    channel: '',
    ts: '',
    deliveredAt: now.toISOString(),
    reminded: false,
    lastCalled: false,
  };
}

function whyNever({ life }: Living, action: Action | null, to: Recipient): string {
  if (life.policy.mode !== 'stop') return life.policy.rule;
  if (!life.actionable) return 'the verdict may not be acted on';
  if (to.kind !== 'owner') return 'a channel is not an owner: somebody has to claim it first';
  return action === null
    ? 'no action of this version answers it'
    : 'silence never leads to what cannot be undone';
}

function told(
  now: Date,
  what: Foreseen['what'],
  { finding }: Living,
  to: string | null,
  why: string,
): Foreseen {
  const { id: findingId, resourceId, resourceName, monthlySaving } = finding;
  return { at: now.toISOString(), what, findingId, resourceId, resourceName, to, monthlySaving, why };
}
