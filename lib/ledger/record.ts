import pLimit from 'p-limit';
import type { SeverityThresholds } from './finding.ts';
import type { Finding, FindingRecord, LedgerStore, Observation, Write } from './model.ts';
import { judgementsById, reconcile, reconcileOne, type Step } from './reconcile.ts';

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

export interface RecordOptions {
  readonly thresholds?: SeverityThresholds;
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
  { thresholds, concurrency = 16, attempts = 10 }: RecordOptions = {},
): Promise<Recorded> {
  const newer = new Set(await store.newer());
  const known: FindingRecord[] = [];
  for await (const each of store.all()) known.push(each);

  const steps = new Map<string, Step>();
  for (const step of reconcile(observation, known, thresholds))
    if (!newer.has(step.id)) steps.set(step.id, step);

  const judged = judgementsById(observation.judgements);
  const limit = pLimit(concurrency);
  let lost = await write(store, [...steps.values()]);
  for (let attempt = 1; lost.length > 0 && attempt < attempts; attempt += 1) {
    const again = await limit.map(lost, async (id) =>
      reconcileOne(id, judged.get(id) ?? null, await store.get(id), observation, thresholds),
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
async function write(store: LedgerStore, steps: readonly Step[]): Promise<string[]> {
  const writes: Write[] = [];
  for (const step of steps) if (step.write !== null) writes.push(step.write);
  const outcomes = await store.putMany(writes);
  return writes.filter((_, at) => outcomes[at] !== 'written').map((each) => each.record.finding.id);
}

function notIn(ids: readonly string[], newer: ReadonlySet<string>): string[] {
  return ids.filter((id) => !newer.has(id)).toSorted();
}

function told(steps: ReadonlyMap<string, Step>, { runId }: Observation) {
  const findings: Finding[] = [];
  const carried: Finding[] = [];
  const resolved: Finding[] = [];
  for (const [, { record: kept, seen }] of [...steps].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (kept === null) continue;
    const { finding, observed } = kept;
    if (finding.state !== 'RESOLVED') (seen ? findings : carried).push(finding);
    else if (observed.runId === runId) resolved.push(finding);
  }
  return { findings, carried, resolved };
}
