import type { FindingRecord } from '../../../lib/ledger/model.ts';
import type { Entry } from '../journal.ts';
import type { Break, Rule } from './model.ts';
import type { Past } from './past.ts';

/** A defect ends a process; our own stop is over only when others have deleted or started it. */
export const ends: Rule = ({ fact }, past, no) => {
  if (fact.kind === 'ended' && fact.how === 'defect') no(0, `a defect: ${fact.detail}`);
  if (fact.kind !== 'trail') return;
  const { from, to, findingId } = fact.audit;
  const finding = past.findings.get(findingId);
  const thing = past.things.get(finding?.thing ?? '');
  // The world changes between runs alone: what its counter does not tell now, it did not tell when the run looked.
  const counted = thing?.kind !== 'index' || thing.state !== 'running' || thing.telemetry !== 'missing';
  if (to === 'RESOLVED' && !counted && BEFORE_A_STOP.has(from ?? ''))
    no(2, `${finding?.thing ?? findingId} was resolved while its counter of queries told nothing`);
  if (from !== 'STOPPED' || to !== 'RESOLVED') return;
  if (finding === undefined || finding.stops === 0) return no(0, 'a stop was resolved that never was');
  // The world has ended it, or an undo of another finding.
  if ((past.ended.get(finding.thing) ?? 0) < finding.stoppingSeq)
    no(0, `our own stop of ${finding.thing} was resolved, and nobody else has touched it`);
};

/** States that a finding leaves for RESOLVED where it is seen to be in use or gone. */
const BEFORE_A_STOP: ReadonlySet<string> = new Set([
  'DETECTED',
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'SNOOZED',
  'EXEMPT',
  'EXEMPTION_REQUESTED',
  'BLOCKED',
]);

/** States that must have led on by the end of some calm runs. */
const PASSING: ReadonlySet<string> = new Set([
  'STOPPING',
  'UNDO_REQUESTED',
  'STARTING',
  'UNDELIVERED',
  'DISOWNED',
]);

/** Long enough for two calm runs. */
const PATIENCE = 110 * 60_000;

/** After the last calm run: nothing hangs, and the records say what their trail says. */
export function atTheEnd(past: Past, records: readonly FindingRecord[], end: Entry | undefined): Break[] {
  if (end === undefined) return [];
  const { seq, at } = end;
  return records.flatMap((record): Break[] => {
    const { id, state, resourceId } = record.finding;
    if (forgotten(record))
      return [{ rule: 0, seq, text: `${resourceId}: its owner has no date, and nothing leads to one` }];
    const seen = past.findings.get(id);
    if (seen?.state !== state)
      return [
        { rule: 3, seq, text: `${resourceId} is ${state}, its trail ends with ${seen?.state ?? 'nothing'}` },
      ];
    if (asksForEver(record, past, at))
      return [{ rule: 0, seq, text: `${resourceId}: "Stop now" waits, and no approver was asked` }];
    const hangs = PASSING.has(state) && at - seen.movedAt > PATIENCE;
    return hangs ? [{ rule: 0, seq, text: `${resourceId} was left ${state}` }] : [];
  });
}

/** "Stop now" said of what cannot be undone by now leads to a warning that says so, and is not tried for ever. */
function asksForEver(
  { finding: { id, state, resourceId }, life }: FindingRecord,
  past: Past,
  at: number,
): boolean {
  const thing = past.things.get(resourceId);
  const seen = past.findings.get(id);
  if (thing?.state !== 'running' || !thing.ephemeral || thing.telemetry !== 'idle' || life === null)
    return false;
  if (state !== 'WARNED' && state !== 'ACKNOWLEDGED') return false;
  const { stopNow, approved, policy, hold } = life;
  const waits = stopNow !== null && approved === null && policy.mode === 'stop' && hold === null;
  return waits && seen !== undefined && at - Math.max(seen.movedAt, Date.parse(stopNow.at)) > PATIENCE;
}

/** Under a policy that stops, an owner who was warned has a date, or is told one as soon as it can be read. */
function forgotten({ finding: { state, dueAt }, life, wakeAt }: FindingRecord): boolean {
  if ((state !== 'WARNED' && state !== 'ACKNOWLEDGED') || life === null || dueAt !== null) return false;
  const { policy, actionable, notice, fingerprint, stopNow, resting } = life;
  const acts = policy.mode === 'stop' && actionable && stopNow === null && resting === null;
  return acts && notice?.recipient.kind === 'owner' && fingerprint === null && wakeAt === null;
}
