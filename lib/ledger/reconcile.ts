import type { Judgement } from '../checks/model.ts';
import { decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import { type Decision, decide, type LedgerEvent } from './decide.ts';
import { idOf, type SeverityThresholds, toFinding } from './finding.ts';
import type { AuditRecord, FindingRecord, Observation, Write } from './model.ts';

/** What a run means for one finding: what to write (null: it is as it should be) and how it now stands. */
export interface Step {
  readonly id: string;
  readonly write: Write | null;
  /** As it stands after the write; null where there is nothing to keep. */
  readonly record: FindingRecord | null;
  /** Whether this run judged it as waste. */
  readonly seen: boolean;
}

/** Who writes into the audit trail here. */
const ACTOR = 'audit';

/**
 * One finding against one run. An observation older than the newest one that was applied changes nothing, so
 * runs may overlap, repeat and arrive late.
 */
export function reconcileOne(
  id: string,
  judgement: Judgement | null,
  record: FindingRecord | null,
  observation: Observation,
  thresholds?: SeverityThresholds,
): Step {
  const seen = judgement !== null;
  if (record !== null && observation.now < record.observed.at) return { id, write: null, record, seen };
  const event: LedgerEvent = seen
    ? { type: 'judged', judgement }
    : { type: 'absent', coverage: observation.coverage, checksRun: observation.checksRun };
  const decision = decide(record, event);
  if (decision.state === null) return { id, write: null, record: null, seen };
  const next = nextRecord(judgement, record, decision, observation, thresholds);
  if (next === null || (record !== null && same(next, record))) return { id, write: null, record, seen };
  const write = {
    record: next,
    expected: record?.version ?? 0,
    audit: decision.changed ? auditOf(next, record, decision, observation) : null,
  };
  return { id, write, record: next, seen };
}

/** Every finding that a run judged or the ledger holds, in order of id. Deterministic. */
export function reconcile(
  observation: Observation,
  records: Iterable<FindingRecord>,
  thresholds?: SeverityThresholds,
): Step[] {
  const judged = judgementsById(observation.judgements);
  const known = new Map<string, FindingRecord>();
  for (const record of records) known.set(record.finding.id, record);
  return [...new Set([...known.keys(), ...judged.keys()])]
    .toSorted()
    .map((id) => reconcileOne(id, judged.get(id) ?? null, known.get(id) ?? null, observation, thresholds));
}

/**
 * Judgements by finding id. Where two name one resource of one check (two inventories that overlap), the one
 * with more at stake stands, so that the order in which they came does not matter.
 */
export function judgementsById(judgements: readonly Judgement[]): Map<string, Judgement> {
  const byId = new Map<string, Judgement>();
  for (const judgement of judgements) {
    const id = idOf(judgement);
    const rival = byId.get(id);
    if (rival === undefined || compare(judgement, rival) > 0) byId.set(id, judgement);
  }
  return byId;
}

function compare(a: Judgement, b: Judgement): number {
  return (
    compareAmount(a.monthlySaving, b.monthlySaving) ||
    compareAmount(a.monthlyCost, b.monthlyCost) ||
    compareText(JSON.stringify(a), JSON.stringify(b))
  );
}

function compareAmount(a: Money | null, b: Money | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a.currency === b.currency
    ? decimal(a.amount).comparedTo(decimal(b.amount))
    : compareText(a.currency, b.currency);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function nextRecord(
  judgement: Judgement | null,
  record: FindingRecord | null,
  decision: Decision,
  { now, runId }: Observation,
  thresholds?: SeverityThresholds,
): FindingRecord | null {
  const version = (record?.version ?? 0) + 1;
  const observed = { at: now, runId };
  if (judgement !== null) {
    const life = {
      state: 'DETECTED' as const,
      reason: decision.reason,
      dueAt: null,
      firstSeen: record?.finding.firstSeen ?? now,
      lastSeen: now,
    };
    const finding = toFinding(judgement, life, thresholds);
    return { finding, scopes: judgement.scopes, observed, version };
  }
  // Unseen and not proven gone: the record stays as it is, lastSeen tells how old it has become.
  if (record === null || decision.state === null || !decision.changed) return null;
  const finding = { ...record.finding, state: decision.state, reason: decision.reason, dueAt: null };
  return { finding, scopes: record.scopes, observed, version };
}

/** Equal but for the version and the run: then there is nothing to write. */
function same(a: FindingRecord, b: FindingRecord): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ finding, scopes, observed }: FindingRecord): string {
  return canonical({ finding, scopes, at: observed.at });
}

/** JSON with sorted keys: a store may give keys back in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([x], [y]) => compareText(x, y)))
      : part,
  );
}

function auditOf(
  next: FindingRecord,
  record: FindingRecord | null,
  decision: Decision,
  { now, runId }: Observation,
): AuditRecord {
  return {
    schemaVersion: 1,
    findingId: next.finding.id,
    at: now,
    actor: ACTOR,
    from: record?.finding.state ?? null,
    to: next.finding.state,
    reason: decision.reason,
    runId,
  };
}
