import { actionById, actionFor } from '../../actions/index.ts';
import { type Action, isReversible, type Live, type Target } from '../../actions/model.ts';
import { isReachable, ownerAgain } from '../../checks/owner.ts';
import { guard, type LiveFacts } from '../../ledger/guards.ts';
import type { Fingerprint, Fresh, Intent } from '../../ledger/life.ts';
import type { Finding, FindingRecord } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { readSwitch } from '../respond/switch.ts';
import { policyNow } from '../terms.ts';
import type { Living, Sweep } from './context.ts';
import type { Looked } from './model.ts';

/** What a look just before a stop came to. */
export interface Evaluated {
  readonly fresh: Fresh;
  readonly guard: string | null;
  /** Without attempt: decide counts. Null where nothing may follow. */
  readonly intent: Intent | null;
  readonly summary: string;
  /** Of this resource as it was read; false where it was not. */
  readonly reversible: boolean;
}

export function targetOf(finding: Finding): Target {
  const { provider, accountId, region, resourceType, resourceId, evidence } = finding;
  return {
    provider,
    accountId,
    region,
    resourceType,
    resourceId,
    evidence: Object.fromEntries(evidence.map(({ name, value }) => [name, value])),
  };
}

export function actionOf(sweep: Sweep, finding: Finding): Action | null {
  return actionFor(finding, sweep.parts.actions);
}

export function namedAction(sweep: Sweep, id: string): Action | null {
  return actionById(id, sweep.parts.actions);
}

/** Why everything is paused, in words; null where nothing is. */
export async function paused({ parts }: Sweep): Promise<string | null> {
  if (parts.settings.paused) return 'everything is paused (guards.paused in the config)';
  const { paused: thrown, by } = await readSwitch(parts.ledger);
  return thrown ? `everything is paused by ${by ?? 'an admin'}` : null;
}

/** What the ledger alone says against a stop, before anything is read; null where nothing does. */
export function earlyGuard(sweep: Sweep, record: Living, thrown: string | null): string | null {
  const action = actionOf(sweep, record.finding);
  if (action === null) return 'no action of this version answers it';
  return guard({ ...common(sweep, record, thrown, action.reversible), live: null });
}

/**
 * Everything read again about one resource: its judgement, then the resource by the action itself, then what the
 * tags as read say of policy, owner and protection, then the plan. Changes nothing. What cannot be read leads to
 * `unknown`, never to a stop.
 */
export async function evaluate(
  sweep: Sweep,
  record: Living,
  looked: Looked,
  siblings: readonly FindingRecord[],
): Promise<Evaluated> {
  const { parts } = sweep;
  const { finding } = record;
  const action = actionOf(sweep, finding);
  if (action === null) return unknown('no action of this version answers it');
  if (!looked.ok) return unknown(looked.reason);
  let live: Live | null;
  try {
    live = await action.read(targetOf(finding), await parts.enter(action, finding));
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return unknown(`it could not be read: ${error.message}`);
  }
  const reversible = isReversible(action, live);
  if (live === null)
    return { fresh: { kind: 'gone' }, guard: null, intent: null, summary: 'it is gone', reversible };
  const fresh =
    restedSince(record, siblings, live, now(sweep)) ?? freshOf(looked, live, record.life.fingerprint);
  const thrown = await paused(sweep);
  const no = guard({
    ...common(sweep, record, thrown, reversible),
    live: liveFacts(sweep, record, live, siblings),
  });
  if (no !== null) return { fresh, guard: no, intent: null, summary: no, reversible };
  const planned = action.plan(targetOf(finding), live);
  if (!planned.ok) return { fresh, guard: planned.reason, intent: null, summary: planned.reason, reversible };
  const { plan, undoPlan, summary } = planned;
  const at = parts.clock().toISOString();
  return {
    fresh,
    guard: null,
    intent: { kind: 'stop', action: action.id, plan, undoPlan, at, attempt: 0 },
    summary,
    reversible,
  };
}

function unknown(reason: string): Evaluated {
  return {
    fresh: { kind: 'unknown', reason },
    guard: null,
    intent: null,
    summary: reason,
    reversible: false,
  };
}

function common(sweep: Sweep, record: Living, thrown: string | null, reversible: boolean) {
  const { parts } = sweep;
  const at = parts.clock();
  return {
    now: at.toISOString(),
    record,
    paused: thrown,
    protectedTags: parts.settings.protectedTags,
    calendars: parts.calendars(timezoneOf(record), at),
    reversible,
  };
}

/** The zone in which the owner was told the date. */
export function timezoneOf({ life }: Living): string {
  return life.notice?.timezone ?? 'UTC';
}

function liveFacts(
  { parts }: Sweep,
  { finding, life: { passed } }: Living,
  live: Live,
  siblings: readonly FindingRecord[],
): LiveFacts {
  const { terms } = parts.settings;
  const { tags } = live.resource;
  const others = siblings.filter(({ finding: { id } }) => id !== finding.id);
  return {
    tags,
    protection: live.protection,
    policy: policyNow(finding, tags, terms),
    owner: ownerNow(finding, tags, terms, passed),
    inFlight: others.find(({ finding: { state } }) => IN_FLIGHT.has(state))?.finding.id ?? null,
    holds: siblings.flatMap(({ life }) => (life?.hold ? [life.hold] : [])),
    requests: siblings.flatMap(({ finding: { state }, life }) =>
      state === 'EXEMPTION_REQUESTED' && life?.request ? [life.request] : [],
    ),
  };
}

function now({ parts }: Sweep): string {
  return parts.clock().toISOString();
}

/**
 * A snooze or exemption of the resource that ended since this warning: whoever it was given to is warned again
 * first. The owner's "Stop now" after its end is an answer of its own.
 */
function restedSince(
  { finding, life }: Living,
  siblings: readonly FindingRecord[],
  { fingerprint }: Live,
  at: string,
): Fresh | null {
  const since = [life.notice?.deliveredAt ?? at, life.stopNow?.at ?? ''].toSorted().at(-1) ?? at;
  const ended = siblings
    .flatMap((each) => each.life?.hold ?? [])
    .find(({ check, until }) => until <= at && until > since && (check === null || check === finding.check));
  if (ended === undefined) return null;
  return { kind: 'changed', reason: `it was kept until ${ended.until}, after this warning`, fingerprint };
}

/** An address or a Slack user; anything else cannot be written to. */
function reachable(each: string | undefined): string | null {
  return each !== undefined && isReachable(each) ? each : null;
}

/**
 * Whom tags or account name now, in their order, then whom the last audit found by what is not read here; whoever
 * was asked before and does not answer for it is passed over.
 */
function ownerNow(
  { accountId, resourceId, owner: audited }: Finding,
  tags: Readonly<Record<string, string>>,
  { ownerOf, accounts }: Sweep['parts']['settings']['terms'],
  passed: readonly string[],
): string | null {
  const account = Object.hasOwn(accounts, accountId) ? accounts[accountId] : undefined;
  const owner = ownerAgain(ownerOf({ accountId, tags, id: resourceId }), audited);
  const named = [reachable(owner?.id), reachable(account)];
  return named.find((each) => each !== null && !passed.includes(each)) ?? null;
}

const IN_FLIGHT: ReadonlySet<string> = new Set(['STOPPING', 'STOP_FAILED', 'UNDO_REQUESTED', 'STARTING']);

function freshOf(looked: Looked & { ok: true }, live: Live, warned: Fingerprint | null): Fresh {
  const { fingerprint } = live;
  const other = differs(warned, fingerprint);
  if (other !== null) return { kind: 'changed', reason: other, fingerprint };
  const { judgement } = looked;
  if (judgement === null) {
    const reason = live.done ? 'it is stopped already' : 'its check does not call it waste any more';
    return { kind: 'in-use', judgement: null, reason, fingerprint };
  }
  return looked.actionable
    ? { kind: 'waste', judgement, fingerprint }
    : { kind: 'rests', judgement, fingerprint };
}

export function differs(warned: Fingerprint | null, read: Fingerprint): string | null {
  if (warned === null) return 'it is not known what was warned about';
  if (warned.launch !== read.launch) return 'it was launched again since the warning';
  return warned.parent === read.parent ? null : `it belongs to ${read.parent ?? 'nothing'} now`;
}
