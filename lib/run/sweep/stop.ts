import pLimit from 'p-limit';
import type { Action } from '../../actions/model.ts';
import { decimal } from '../../focus/decimal.ts';
import { agenda, inForce } from '../../ledger/decide/index.ts';
import { type Place, placeOf } from '../../ledger/guards.ts';
import type { Fresh, Intent, LedgerEvent } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { canaryStanding, takeCanary } from './canary.ts';
import { givePlaceBack, roomUnderCaps, takePlace } from './caps.ts';
import {
  claiming,
  guarded,
  inTime,
  keep,
  type Living,
  living,
  move,
  moveMany,
  remember,
  type Sweep,
  say,
} from './context.ts';
import { actionOf, differs, type Evaluated, earlyGuard, evaluate, namedAction, paused } from './evaluate.ts';
import type { Looked } from './model.ts';
import { noteEnded, noteStopped } from './savings.ts';

/** So many are looked at together: what was read is acted on soon after. */
const BATCH = 50;
/** How often a stop that takes its time is looked at before the next sweep goes on with it. */
const LOOKS = 6;
const LOOK_PAUSE_MS = 5_000;
/** A provider that keeps failing for so long after the intent: the stop is given up for now. */
const PATIENCE_MS = 60 * 60_000;

/**
 * What is due is checked again and stopped. The largest saving goes first; what no guard of the ledger and no cap
 * lets through is told so without a call to any cloud.
 */
export async function stopDue(sweep: Sweep, waiting: readonly Living[]): Promise<void> {
  const limit = pLimit(sweep.parts.settings.concurrency);
  const thrown = await paused(sweep);
  const candidates: Living[] = [];
  const refused: { record: Living; why: string }[] = [];
  for (const each of waiting.toSorted(bySaving)) {
    // Gone, in use and changed are told even where nothing may be stopped: only a stop needs the guards.
    const why = earlyGuard(sweep, each, thrown);
    if (why === null) candidates.push(each);
    else refused.push({ record: each, why });
  }
  await refuse(sweep, refused);
  let left = candidates;
  while (left.length > 0 && inTime(sweep)) {
    const { open: batch, full, later } = await room(sweep, left);
    await refuse(sweep, full);
    left = sweep.mode === 'act' ? later : [];
    // A dry run takes no place, so that what depends on the first is not known.
    if (sweep.mode !== 'act')
      for (const each of later)
        say(sweep, each, 'would not stop', 'others come first under the caps of the day');
    if (batch.length === 0) break;
    if (sweep.mode === 'act') await remember(sweep, batch);
    const looked = await sweep.parts.look(batch, sweep.parts.clock());
    await Promise.all(
      batch.map((each) =>
        limit(() => guarded(sweep, each, (due) => stopOne(sweep, due, looked.get(due.finding.id)))),
      ),
    );
  }
}

/**
 * Which may still be stopped today, by caps and canary as they stand now: no more than there are places for. `later`
 * depends on how these end.
 */
async function room(
  { parts }: Sweep,
  candidates: readonly Living[],
): Promise<{ open: Living[]; full: { record: Living; why: string }[]; later: Living[] }> {
  const now = parts.clock();
  const whyNot = await roomUnderCaps(parts.ledger, parts.settings, now);
  const open: Living[] = [];
  const full: { record: Living; why: string }[] = [];
  const later: Living[] = [];
  const beside: Place[] = [];
  const first = new Set<string>();
  const standings = new Map<string, Awaited<ReturnType<typeof canaryStanding>>>();
  for (const each of candidates) {
    const { finding, life } = each;
    const { rule } = life.policy;
    const place = placeOf(finding);
    const why = whyNot(finding.id, place);
    if (why !== null) {
      full.push({ record: each, why });
      continue;
    }
    if (parts.settings.canary) {
      const canary = standings.get(rule) ?? (await canaryStanding(parts.ledger, rule, now));
      standings.set(rule, canary);
      if (canary.state === 'waits' && canary.findingId !== finding.id) {
        full.push({ record: each, why: canary.why });
        continue;
      }
      if (canary.state === 'free' && first.has(rule)) {
        later.push(each);
        continue;
      }
      first.add(rule);
    }
    if (open.length >= BATCH || whyNot(finding.id, place, beside) !== null) {
      later.push(each);
      continue;
    }
    beside.push(place);
    open.push(each);
  }
  return { open, full, later };
}

/**
 * Said no before anything was read. What is held back for the same reason already is not written again; what
 * another process changed meanwhile is left to the next sweep.
 */
async function refuse(
  sweep: Sweep,
  refused: readonly { readonly record: Living; readonly why: string }[],
): Promise<void> {
  const events: { record: Living; event: LedgerEvent }[] = [];
  for (const { record: each, why } of refused) {
    say(sweep, each, sweep.mode === 'dry-run' ? 'would not stop' : 'blocked', why);
    if (sweep.mode !== 'act') continue;
    if (each.finding.state === 'BLOCKED' && each.life.blocked === why) continue;
    const reversible = actionOf(sweep, each.finding)?.reversible ?? false;
    const fresh = { kind: 'unread' } as const;
    events.push({ record: each, event: { type: 'checked', fresh, reversible, guard: why, intent: null } });
  }
  await moveMany(sweep, events);
}

async function stopOne(sweep: Sweep, due: Living, looked: Looked | undefined): Promise<void> {
  const { parts } = sweep;
  const found: Looked = looked ?? { ok: false, reason: 'it was not looked at' };
  if (sweep.mode !== 'act') {
    const { fresh, guard, summary } = await evaluate(sweep, due, found, await siblings(sweep, due));
    const stops = guard === null && mayStop(due, fresh);
    return say(sweep, due, stops ? 'would stop' : 'would not stop', stops ? summary : (guard ?? told(fresh)));
  }
  const claimed = await claiming(sweep, due.finding.resourceId, async () => {
    // Whatever happened since it was found due counts: it is read again under the claim.
    const now = living(await parts.ledger.get(due.finding.id));
    if (now === null || agenda(now, parts.clock(), parts.settings.rules) !== 'check') return;
    await checkOne(sweep, now, found);
  });
  if (claimed === null) say(sweep, due, 'skipped', 'another process is at work on this resource');
}

async function siblings({ parts }: Sweep, { finding }: FindingRecord): Promise<FindingRecord[]> {
  return await parts.ledger.ofResource(finding.resourceId);
}

/** Under the claim: the look, the places under caps and canary, intent and trail in one write, then the act. */
async function checkOne(sweep: Sweep, each: Living, looked: Looked): Promise<void> {
  const { parts } = sweep;
  const { finding, life } = each;
  const action = actionOf(sweep, finding);
  // A stop that failed may have come through after all.
  const tried = finding.state === 'STOP_FAILED' ? life.intent : null;
  if (tried !== null && (await cameThrough(sweep, each, tried))) return;
  let seen = await evaluate(sweep, each, looked, await siblings(sweep, each));
  if (tried !== null && seen.fresh.kind === 'in-use') {
    // What is down or on its way down since that attempt is stopped by us, and not in use.
    if (await cameThrough(sweep, each, tried)) return;
    if (isOnItsWay(looked)) seen = { ...seen, fresh: { kind: 'unknown', reason: 'it is on its way down' } };
  }
  const at = parts.clock();
  const wanted = seen.guard === null && seen.intent !== null && mayStop(each, seen.fresh);
  const full = wanted ? await places(sweep, each, at) : null;
  const moved = await move(sweep, each, {
    type: 'checked',
    fresh: seen.fresh,
    reversible: seen.reversible,
    guard: seen.guard ?? full,
    intent: full === null ? seen.intent : null,
  });
  const begun = moved?.record.finding.state === 'STOPPING' ? moved.record : null;
  if (begun === null || action === null) {
    if (wanted && full === null) await givePlaceBack(parts.ledger, parts.settings, finding.id, at);
    const why =
      moved === null ? 'it was changed meanwhile: the next sweep looks again' : moved.decision.reason;
    return say(sweep, each, moved?.record.finding.state === 'BLOCKED' ? 'blocked' : 'not stopped', why);
  }
  const no = await saidMeanwhile(sweep, begun);
  if (no !== null) return await failed(sweep, begun, no, false, begun.life.intent?.attempt === 1);
  await carryOut(sweep, begun, action, true, begun.life.intent?.attempt === 1);
}

/**
 * A rest, request or undo that the resource was given by another of its findings while this stop was decided: its click
 * wrote another record than this one, so no conflict has told of it. What comes after this look finds the stop begun.
 */
async function saidMeanwhile(sweep: Sweep, each: Living): Promise<string | null> {
  const { check } = each.finding;
  const at = sweep.parts.clock().toISOString();
  const covers = (limit: string | null) => limit === null || limit === check;
  for (const { finding, life } of await siblings(sweep, each)) {
    if (finding.state === 'UNDO_REQUESTED') return 'it is asked back since a moment ago';
    if (inForce(life?.hold ?? null, check, at)) return 'it is held since a moment ago';
    const request = finding.state === 'EXEMPTION_REQUESTED' ? life?.request : null;
    if (request && covers(request.check)) return 'an exemption is asked for since a moment ago';
  }
  return null;
}

async function cameThrough(sweep: Sweep, each: Living, intent: Intent): Promise<boolean> {
  const action = namedAction(sweep, intent.action);
  if (action === null) return false;
  try {
    const verified = await action.verify(intent.plan, await sweep.parts.enter(action, each.finding));
    if (verified.state !== 'done') return false;
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return false;
  }
  await done(sweep, each);
  return true;
}

/** Places under caps and canary, taken before anything is done. */
async function places({ parts }: Sweep, { finding, life }: Living, at: Date): Promise<string | null> {
  const full = await takePlace(parts.ledger, parts.settings, finding.id, placeOf(finding), at);
  if (full !== null || !parts.settings.canary) return full;
  const waits = await takeCanary(parts.ledger, life.policy.rule, finding.id, at);
  if (waits !== null) await givePlaceBack(parts.ledger, parts.settings, finding.id, at);
  return waits;
}

/**
 * Waste that is still the same resource; or the owner's word on it, which waives the verdict alone, and no use that is
 * seen only now where nothing was proven when it was given.
 */
export function mayStop({ life }: Living, fresh: Fresh): boolean {
  if (fresh.kind === 'waste') return differs(life.fingerprint, fresh.fingerprint) === null;
  const asked = life.stopNow !== null && life.stopNow.noticeId === life.notice?.id;
  if (!asked || (fresh.kind !== 'in-use' && fresh.kind !== 'rests')) return false;
  if (fresh.kind === 'in-use' && life.stopNow?.unproven === true) return false;
  return fresh.fingerprint !== undefined && fresh.fingerprint !== null
    ? differs(life.fingerprint, fresh.fingerprint) === null
    : false;
}

function told(fresh: Fresh): string {
  switch (fresh.kind) {
    case 'gone':
      return 'it is gone';
    case 'rests':
      return `judged ${fresh.judgement.verdict}, which may not be acted on`;
    case 'waste':
      return 'it is not what was warned about';
    case 'unread':
      return 'it was not read';
    case 'in-use':
    case 'changed':
    case 'unknown':
      return fresh.reason;
  }
}

/**
 * Carries out the stop that `life.intent` holds, then looks whether it came. Steps that wait for one another are
 * taken by `apply` again and again. `untouched`: nobody has asked the provider for this stop before.
 */
async function carryOut(
  sweep: Sweep,
  each: Living,
  action: Action,
  apply: boolean,
  untouched: boolean,
): Promise<void> {
  const { parts } = sweep;
  const { intent } = each.life;
  if (intent === null) return;
  let asked = !untouched;
  try {
    const session = await parts.enter(action, each.finding);
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await parts.pause(LOOK_PAUSE_MS);
      if (apply) await action.apply(intent.plan, session);
      asked = true;
      const verified = await action.verify(intent.plan, session);
      if (verified.state === 'done') return await done(sweep, each);
      if (verified.state === 'failed') return await failed(sweep, each, verified.reason, false, false);
      if (!inTime(sweep)) break;
    }
    say(sweep, each, 'stopping', 'begun; the next sweep looks whether it came');
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    await refusedBy(sweep, each, intent, error, !asked);
  }
}

/** `throttled` and `unavailable` may pass, and what was asked for may have come: the next sweep goes on. */
async function refusedBy(
  sweep: Sweep,
  each: Living,
  intent: Intent,
  error: BursarError,
  untouched: boolean,
): Promise<void> {
  const passes = error.code === 'throttled' || error.code === 'unavailable';
  const late = sweep.parts.clock().getTime() - Date.parse(intent.at) >= PATIENCE_MS;
  if (passes && !late) return say(sweep, each, 'stopping', `not known yet: ${error.message}`);
  await failed(sweep, each, error.message, !passes, untouched && !passes);
}

async function done(sweep: Sweep, each: Living): Promise<void> {
  const at = sweep.parts.clock().toISOString();
  const estimated = each.finding.monthlySaving;
  const action = each.life.intent?.action ?? '';
  await endOthers(sweep, each);
  await noteStopped(sweep.parts.ledger, each.finding, at, action);
  const moved = await keep(sweep, each.finding.id, { type: 'stop-done', at, estimated });
  if (moved === null || !moved.decision.taken) return;
  say(sweep, each, 'stopped', action);
}

/**
 * What another finding had stopped before was started by others meanwhile, or it could not be stopped now: its
 * saving ended with the launch of what is stopped now.
 */
async function endOthers(sweep: Sweep, each: Living): Promise<void> {
  const launch = each.life.fingerprint?.launch ?? null;
  if (launch === null) return;
  for (const { finding, life } of await siblings(sweep, each)) {
    const before = finding.id !== each.finding.id && finding.state === 'STOPPED' ? life?.stopped : null;
    if (before && launch > before.at) await noteEnded(sweep.parts.ledger, finding.id, launch);
  }
}

/**
 * `untouched`: the provider was not asked, or refused the first time. Only then its place under the caps is free
 * again: what was asked for once may come, whatever the second answer was.
 */
async function failed(
  sweep: Sweep,
  each: Living,
  reason: string,
  final: boolean,
  untouched: boolean,
): Promise<void> {
  const moved = await keep(sweep, each.finding.id, { type: 'stop-failed', reason, final });
  if (moved === null || !moved.decision.taken) return;
  const at = new Date(each.life.intent?.at ?? sweep.parts.clock());
  if (untouched) await givePlaceBack(sweep.parts.ledger, sweep.parts.settings, each.finding.id, at);
  say(sweep, each, 'stop failed', reason);
}

/**
 * Stops that a process left behind. First whether it came; then, where it has not, everything is read again
 * before anything more is done: minutes or hours may have passed.
 */
export async function finishStop(sweep: Sweep, left: Living): Promise<void> {
  const { parts } = sweep;
  if (sweep.mode === 'dry-run') return say(sweep, left, 'skipped', 'its stop is under way');
  const claimed = await claiming(sweep, left.finding.resourceId, async () => {
    const each = living(await parts.ledger.get(left.finding.id));
    const intent = each?.life.intent ?? null;
    if (each === null || intent === null || each.finding.state !== 'STOPPING') return;
    const action = namedAction(sweep, intent.action);
    if (action === null)
      return await failed(sweep, each, `this version has no action ${intent.action}`, true, false);
    const seen = await standing(sweep, each, action, intent);
    if (seen === null) return;
    if (seen === 'under way') return await carryOut(sweep, each, action, sweep.mode === 'act', false);
    if (sweep.mode !== 'act') return say(sweep, each, 'stopping', 'left to a sweep that may stop');
    const goesOn = seen.guard === null && mayStop(each, seen.fresh);
    if (goesOn) return await carryOut(sweep, each, action, true, false);
    if (seen.fresh.kind === 'unknown') {
      const late = parts.clock().getTime() - Date.parse(intent.at) >= PATIENCE_MS;
      if (!late) return say(sweep, each, 'stopping', seen.fresh.reason);
    }
    await failed(sweep, each, `not carried on: ${seen.guard ?? told(seen.fresh)}`, false, false);
  });
  if (claimed === null) say(sweep, left, 'skipped', 'another process is at work on this resource');
}

/** How a stop that was left behind stands; null where that is recorded already. */
async function standing(
  sweep: Sweep,
  each: Living,
  action: Action,
  intent: Intent,
): Promise<Evaluated | 'under way' | null> {
  const { parts } = sweep;
  try {
    const verified = await action.verify(intent.plan, await parts.enter(action, each.finding));
    if (verified.state === 'done') {
      await done(sweep, each);
      return null;
    }
    if (verified.state === 'failed') {
      await failed(sweep, each, verified.reason, false, false);
      return null;
    }
    if (verified.underWay === true) return 'under way';
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    await refusedBy(sweep, each, intent, error, false);
    return null;
  }
  const looked = (await parts.look([each], parts.clock())).get(each.finding.id);
  // What is no longer running is on its way down: nothing new is begun by going on.
  if (looked !== undefined && isOnItsWay(looked)) return 'under way';
  // Its own place and state are no reason against it.
  const others = (await siblings(sweep, each)).filter(({ finding }) => finding.id !== each.finding.id);
  return await evaluate(sweep, each, looked ?? { ok: false, reason: 'it was not looked at' }, others);
}

/**
 * States of a provider's own in which a stop has begun: EC2 (API Reference, InstanceState and Volume), RDS (User Guide,
 * "Viewing Amazon RDS DB instance status"), SageMaker (API Reference, NotebookInstanceStatus, EndpointStatus and
 * AppStatus), Compute Engine ("Instance life cycle"), Workbench and TPU (discovery documents, Instance.state and
 * Node.state).
 */
const ON_ITS_WAY: ReadonlySet<string> = new Set([
  'stopping',
  'shutting-down',
  'deleting',
  'Stopping',
  'Deleting',
  'PENDING_STOP',
  'STOPPING',
  'SUSPENDING',
]);

function isOnItsWay(looked: Looked): boolean {
  return looked.ok && looked.resource !== null && ON_ITS_WAY.has(looked.resource.state);
}

function bySaving(a: Living, b: Living): number {
  const [x, y] = [a.finding.monthlySaving, b.finding.monthlySaving];
  if (x !== null && y !== null && x.currency === y.currency) {
    const order = decimal(y.amount).comparedTo(decimal(x.amount));
    if (order !== 0) return order;
  }
  if ((x === null) !== (y === null)) return x === null ? 1 : -1;
  if (x !== null && y !== null && x.currency !== y.currency) return x.currency < y.currency ? -1 : 1;
  return a.finding.id < b.finding.id ? -1 : 1;
}
