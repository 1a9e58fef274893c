import type { Judgement } from '../checks/model.ts';
import { decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import { holdAmong, type Rules } from './decide/index.ts';
import { idOf, type SeverityThresholds } from './finding.ts';
import type { Hold, LedgerEvent } from './life.ts';
import type { FindingRecord, Observation, Terms, Write } from './model.ts';
import { stepOf } from './step.ts';

/** What a run means for one finding: what to write (nothing: it is as it should be) and how it now stands. */
export interface Reconciled {
  readonly id: string;
  /** In order; each follows from the one before. */
  readonly writes: readonly Write[];
  /** As it stands after the writes; null where there is nothing to keep. */
  readonly record: FindingRecord | null;
  /** Whether this run judged it as waste. */
  readonly seen: boolean;
}

export interface ReconcileOptions {
  readonly thresholds?: SeverityThresholds | undefined;
  readonly rules?: Rules | undefined;
  /** Policy, recipient and outside holds of a judgement; without it, everything is only flagged. */
  readonly termsOf?: ((judgement: Judgement) => Terms) | undefined;
}

/** Holds by resource, from whatever finding of it. */
export type HoldsOf = (resourceId: string) => readonly Hold[];

/** Who writes into the audit trail here. */
const ACTOR = 'audit';

const FLAG_ONLY: Terms = {
  policy: { mode: 'flag', rule: 'no policy applies', grace: null },
  actionable: false,
  recipient: null,
  hold: null,
};

/**
 * One finding against one run. An observation older than the newest one that was applied changes nothing, so
 * runs may overlap, repeat and arrive late.
 */
export function reconcileOne(
  id: string,
  judgement: Judgement | null,
  record: FindingRecord | null,
  observation: Observation,
  options: ReconcileOptions = {},
  holdsOf: HoldsOf = () => [],
): Reconciled {
  const seen = judgement !== null;
  const now = new Date(observation.now);
  if (record !== null && observation.now < record.observed.at) return { id, writes: [], record, seen };
  const event = eventOf(judgement, record, observation, options, holdsOf);
  const { runId } = observation;
  const cause = { actor: ACTOR, runId, thresholds: options.thresholds, rules: options.rules };
  const first = stepOf(record, event, now, cause);
  const writes = first.write === null ? [] : [first.write];
  // What is detected is told of in a second step of its own, so that the trail shows both.
  const detected = seen && first.write !== null && first.record?.finding.state === 'DETECTED';
  const second = detected ? stepOf(first.record, event, now, cause) : null;
  if (second === null || second.write === null || !second.decision.changed)
    return { id, writes, record: first.record, seen };
  return { id, writes: [...writes, second.write], record: second.record, seen };
}

function eventOf(
  judgement: Judgement | null,
  record: FindingRecord | null,
  observation: Observation,
  { termsOf }: ReconcileOptions,
  holdsOf: HoldsOf,
): LedgerEvent {
  const { coverage, checksRun } = observation;
  const outside =
    record !== null && endsOutside(record)
      ? observation.outside?.find(
          ({ resourceId, findingId = record.finding.id }) =>
            resourceId === record.finding.resourceId && findingId === record.finding.id,
        )
      : undefined;
  if (outside !== undefined) return { type: 'outside', what: outside.what };
  if (judgement === null) return { type: 'absent', coverage, checksRun };
  const { policy, actionable, recipient, hold } = termsOf?.(judgement) ?? FLAG_ONLY;
  const holds = [hold, ...holdsOf(judgement.resourceId)];
  const inForce = holdAmong(holds, judgement.check, observation.now);
  return { type: 'judged', judgement, policy, actionable, recipient, hold: inForce };
}

/** Whether what others did to the resource says more than a judgement. */
function endsOutside({ finding, life }: FindingRecord): boolean {
  if (finding.state === 'STOPPED' || finding.state === 'RESTORE_FAILED') return true;
  return finding.state === 'ESCALATED' && life !== null && life.intent !== null;
}

/** Every finding that a run judged or the ledger holds, in order of id. Deterministic. */
export function reconcile(
  observation: Observation,
  records: Iterable<FindingRecord>,
  options: ReconcileOptions = {},
): Reconciled[] {
  const judged = judgementsById(observation.judgements);
  const known = new Map<string, FindingRecord>();
  for (const record of records) known.set(record.finding.id, record);
  const holdsOf = holdsAmong(known.values());
  return [...new Set([...known.keys(), ...judged.keys()])]
    .toSorted()
    .map((id) =>
      reconcileOne(id, judged.get(id) ?? null, known.get(id) ?? null, observation, options, holdsOf),
    );
}

/** Holds of findings, by their resource. */
export function holdsAmong(records: Iterable<FindingRecord>): HoldsOf {
  const held = new Map<string, Hold[]>();
  for (const { finding, life } of records) {
    if (life === null || life.hold === null) continue;
    const holds = held.get(finding.resourceId);
    if (holds === undefined) held.set(finding.resourceId, [life.hold]);
    else holds.push(life.hold);
  }
  return (resourceId) => held.get(resourceId) ?? [];
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
