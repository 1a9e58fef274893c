import pLimit from 'p-limit';
import type { FindingState } from './life.ts';
import type { Finding, FindingRecord, LedgerStore, Observation, Write } from './model.ts';
import {
  holdsAmong,
  judgementsById,
  type Reconciled,
  type ReconcileOptions,
  reconcile,
  reconcileOne,
} from './reconcile.ts';

/** What the ledger holds after a run; each list in order of id. */
export interface Recorded {
  /** What this run judged as waste, with its life. */
  readonly findings: Finding[];
  /** Open findings that this run could neither see nor prove gone. */
  readonly carried: Finding[];
  /** What this run resolved. */
  readonly resolved: Finding[];
  /** Ids of rows that a newer version wrote: left as they are, and not in the lists above. */
  readonly newer: string[];
  /** Ids that other runs kept changing, so that this one gave up: the next run sees them again. */
  readonly conflicts: string[];
}

export interface RecordOptions extends ReconcileOptions {
  /** How many findings are read again at once after a conflict. */
  readonly concurrency?: number;
  /** How often a finding is reconciled again when another run wrote it in between. */
  readonly attempts?: number;
}

/**
 * Keeps what a run observed. Two runs at once come to one ledger: a write that lost is reconciled again with
 * what the other wrote. The same observation twice gives the result of once.
 */
export async function record(
  store: LedgerStore,
  observation: Observation,
  { concurrency = 16, attempts = 10, ...options }: RecordOptions = {},
): Promise<Recorded> {
  const newer = new Set(await store.newer());
  const known: FindingRecord[] = [];
  for await (const each of store.all()) known.push(each);

  const steps = new Map<string, Reconciled>();
  for (const step of reconcile(observation, known, options))
    if (!newer.has(step.id)) steps.set(step.id, step);

  const judged = judgementsById(observation.judgements);
  const holdsOf = holdsAmong(known);
  const limit = pLimit(concurrency);
  let lost = await write(store, [...steps.values()]);
  for (let attempt = 1; lost.length > 0 && attempt < attempts; attempt += 1) {
    const again = await limit.map(lost, async (id) =>
      reconcileOne(id, judged.get(id) ?? null, await store.get(id), observation, options, holdsOf),
    );
    for (const step of again) steps.set(step.id, step);
    lost = await write(store, again);
  }
  if (lost.length > 0)
    for (const id of await store.newer()) {
      newer.add(id);
      steps.delete(id);
    }
  return { ...told(steps, observation), newer: [...newer].toSorted(), conflicts: notIn(lost, newer) };
}

/** Writes what has to be written; the ids of those that lost. */
async function write(store: LedgerStore, steps: readonly Reconciled[]): Promise<string[]> {
  const writes: Write[] = steps.flatMap((step) => step.writes);
  const outcomes = await store.putMany(writes);
  const lost = writes.filter((_, at) => outcomes[at] !== 'written');
  return [...new Set(lost.map((each) => each.record.finding.id))];
}

function notIn(ids: readonly string[], newer: ReadonlySet<string>): string[] {
  return ids.filter((id) => !newer.has(id)).toSorted();
}

function told(steps: ReadonlyMap<string, Reconciled>, { runId }: Observation) {
  const findings: Finding[] = [];
  const carried: Finding[] = [];
  const resolved: Finding[] = [];
  for (const [, { record: kept, seen }] of [...steps].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (kept === null) continue;
    const { finding, observed } = kept;
    if (finding.state === 'RESOLVED') {
      if (observed.runId === runId) resolved.push(finding);
    } else if (seen) findings.push(finding);
    else if (!OVER.has(finding.state)) carried.push(finding);
  }
  return { findings, carried, resolved };
}

/** What we stopped is no waste that a run failed to see. */
const OVER: ReadonlySet<FindingState> = new Set<FindingState>([
  'STOPPED',
  'UNDO_REQUESTED',
  'STARTING',
  'RESTORED',
  'RESTORE_FAILED',
]);
