import type { Judgement } from '../checks/model.ts';
import type { Json } from '../estate/model.ts';
import { type Decision, decide, type Rules, same } from './decide/index.ts';
import { type SeverityThresholds, toFinding } from './finding.ts';
import type { LedgerEvent, Life } from './life.ts';
import type { AuditRecord, FindingRecord, Write } from './model.ts';

/** Who or what brings an event, for the audit trail. */
export interface Cause {
  /** `audit`, `sweep`, `slack:<team>:<user>` (verified), `cli:<name>`. */
  readonly actor: string;
  readonly runId: string;
  readonly thresholds?: SeverityThresholds | undefined;
  readonly rules?: Rules | undefined;
}

/** An event applied to a finding: what was decided, what to write, and how it then stands. */
export interface Step {
  readonly decision: Decision;
  /** Null: nothing has to be written. */
  readonly write: Write | null;
  /** As it stands after the write; null where there is nothing to keep. */
  readonly record: FindingRecord | null;
}

/** Events after which what was observed before them no longer counts. */
const LOOKS: ReadonlySet<LedgerEvent['type']> = new Set<LedgerEvent['type']>([
  'judged',
  'absent',
  'outside',
  'checked',
  'stop-done',
  'stop-failed',
  'undo-done',
]);

/**
 * One event on one finding, ready to be written with its audit entry. Pure. Whoever writes it and loses to
 * another (`conflict`) reads the record again and takes the step anew.
 */
export function stepOf(record: FindingRecord | null, event: LedgerEvent, now: Date, cause: Cause): Step {
  const decision = decide(record, event, now, cause.rules);
  if (decision.state === null) return { decision, write: null, record: null };
  const next = nextRecord(record, event, decision, now.toISOString(), cause);
  if (next === null || (record !== null && unchanged(next, record))) return { decision, write: null, record };
  const audit = decision.changed ? auditOf(record, next, event, decision, now.toISOString(), cause) : null;
  return { decision, write: { record: next, expected: record?.version ?? 0, audit }, record: next };
}

function nextRecord(
  record: FindingRecord | null,
  event: LedgerEvent,
  decision: Decision,
  at: string,
  { runId, thresholds }: Cause,
): FindingRecord | null {
  const { state, life, dueAt, wakeAt, taken } = decision;
  if (state === null || (!taken && wakeAt === (record?.wakeAt ?? null))) return null;
  const version = (record?.version ?? 0) + 1;
  const looked = taken && LOOKS.has(event.type) && at >= (record?.observed.at ?? at);
  const observed = looked || record === null ? { at, runId } : record.observed;
  const judgement = taken ? judgementIn(event) : null;
  if (judgement !== null) {
    const reason = state === 'RESOLVED' ? decision.reason : judgement.reason;
    const lastSeen = at;
    const firstSeen = record?.finding.firstSeen ?? at;
    const finding = toFinding(judgement, { state, reason, dueAt, firstSeen, lastSeen }, thresholds);
    return { finding, scopes: judgement.scopes, observed, version, life, wakeAt };
  }
  if (record === null) return null;
  const reason = state === 'RESOLVED' ? decision.reason : record.finding.reason;
  return {
    finding: { ...record.finding, state, reason, dueAt },
    scopes: record.scopes,
    observed,
    version,
    life,
    wakeAt,
  };
}

/** The judgement that the finding tells from now on. */
function judgementIn(event: LedgerEvent): Judgement | null {
  if (event.type === 'judged') return event.judgement;
  if (event.type !== 'checked') return null;
  return event.fresh.kind === 'waste' || event.fresh.kind === 'rests' ? event.fresh.judgement : null;
}

/** Equal but for the version and the run: then there is nothing to write. */
function unchanged(a: FindingRecord, b: FindingRecord): boolean {
  return same(contentOf(a), contentOf(b));
}

function contentOf({ finding, scopes, observed, life, wakeAt }: FindingRecord) {
  return { finding, scopes, at: observed.at, life, wakeAt };
}

function auditOf(
  record: FindingRecord | null,
  next: FindingRecord,
  event: LedgerEvent,
  { reason }: Decision,
  at: string,
  { actor, runId }: Cause,
): AuditRecord {
  return {
    schemaVersion: 1,
    findingId: next.finding.id,
    at,
    actor,
    from: record?.finding.state ?? null,
    to: next.finding.state,
    reason,
    runId,
    resourceId: next.finding.resourceId,
    details: detailsOf(record, next, event),
  };
}

/** Before and after of what changed beside the state. */
function detailsOf(record: FindingRecord | null, next: FindingRecord, event: LedgerEvent): Json {
  const before: Record<string, Json> = {};
  const after: Record<string, Json> = {};
  if ((record?.finding.dueAt ?? null) !== next.finding.dueAt) {
    before['dueAt'] = record?.finding.dueAt ?? null;
    after['dueAt'] = next.finding.dueAt;
  }
  const was = partsOf(record?.life ?? null);
  for (const [key, value] of partsOf(next.life)) {
    const former = was.get(key) ?? null;
    if (same(former, value)) continue;
    before[key] = former;
    after[key] = value;
  }
  return { event: event.type, before, after };
}

function partsOf(life: Life | null): Map<string, Json> {
  return new Map(Object.entries(life ?? {}).map(([key, value]) => [key, plain(value)]));
}

/** A value as JSON holds it. */
function plain(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
