import type { Decision } from '../../ledger/decide/index.ts';
import type { Effect, LedgerEvent, Life } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { stepOf } from '../../ledger/step.ts';
import { BursarError } from '../../platform/errors.ts';
import { noteUntold } from '../respond/effects.ts';
import type { Did, SweepLine, SweepMode, SweepParts } from './model.ts';

/** A record whose life has begun. */
export type Living = FindingRecord & { readonly life: Life };

export function living(record: FindingRecord | null): Living | null {
  return record === null || record.life === null ? null : { ...record, life: record.life };
}

/** One run of the sweep: what it works with, and what it has done. */
export interface Sweep {
  readonly parts: SweepParts;
  readonly mode: SweepMode;
  readonly lines: SweepLine[];
  readonly faults: string[];
  /** Notices to be drawn again, by id; each once a run. */
  readonly redraw: Set<string>;
  readonly pages: { readonly id: string; readonly text: string }[];
}

export function say(sweep: Sweep, { finding }: FindingRecord, did: Did, told: string): void {
  sweep.lines.push({ findingId: finding.id, resourceId: finding.resourceId, did, told });
}

/**
 * Before anything is done that owners must hear of: their notices are to be drawn again, even should this process
 * end on the way.
 */
export async function remember(sweep: Sweep, records: readonly Living[]): Promise<void> {
  if (sweep.mode === 'dry-run') return;
  const ids = new Set(records.flatMap(({ life: { notice } }) => (notice === null ? [] : [notice.id])));
  for (const id of ids) sweep.redraw.add(id);
  await noteUntold(sweep.parts.ledger, [...ids], true);
}

/** Is there time to begin something new? */
export function inTime({ parts }: Sweep): boolean {
  return parts.deadline === null || parts.clock() < parts.deadline;
}

export interface Moved {
  readonly record: Living;
  readonly decision: Decision;
}

/**
 * One event on a record as it was read, written with its audit entry in one transaction. Null: another process
 * changed it in between, and nothing was written.
 */
export async function move(sweep: Sweep, record: FindingRecord, event: LedgerEvent): Promise<Moved | null> {
  const { parts } = sweep;
  const { rules, thresholds } = parts.settings;
  const cause = { actor: 'sweep', runId: parts.runId, rules, thresholds };
  const { decision, write, record: next } = stepOf(record, event, parts.clock(), cause);
  if (write !== null) {
    const outcome = await parts.ledger.put(write.record, write.expected, write.audit);
    if (outcome === 'conflict') return null;
    follow(sweep, write.record, decision.effects);
  }
  const after = living(next);
  return after === null ? null : { record: after, decision };
}

/** Many such events, each written whole on its own; those that others changed in between are left out. */
export async function moveMany(
  sweep: Sweep,
  events: readonly { readonly record: FindingRecord; readonly event: LedgerEvent }[],
): Promise<void> {
  const { ledger, clock, runId, settings } = sweep.parts;
  const { rules, thresholds } = settings;
  const steps = events.map(({ record, event }) =>
    stepOf(record, event, clock(), { actor: 'sweep', runId, rules, thresholds }),
  );
  const writes = steps.flatMap(({ write, decision }) => (write === null ? [] : [{ write, decision }]));
  for (let from = 0; from < writes.length; from += CHUNK) {
    const chunk = writes.slice(from, from + CHUNK);
    const outcomes = await ledger.putMany(chunk.map(({ write }) => write));
    for (const [at, { write, decision }] of chunk.entries())
      if (outcomes[at] === 'written') follow(sweep, write.record, decision.effects);
  }
}

/** Writes handed to the store at once. */
const CHUNK = 500;
const MOST_TRIES = 8;

/**
 * The same, for what must be recorded because it has happened: read and decided again until no other process was
 * between.
 */
export async function keep(sweep: Sweep, id: string, event: LedgerEvent): Promise<Moved | null> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const found = await sweep.parts.ledger.get(id);
    if (found === null) return null;
    const moved = await move(sweep, found, event);
    if (moved !== null) return moved;
  }
  sweep.faults.push(`${id}: ${event.type} could not be recorded, others keep changing it`);
  return null;
}

/** Effects are carried out after the phase that gave them, each notice once. */
function follow(sweep: Sweep, { finding, life, version }: FindingRecord, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'rewrite' && life?.notice) sweep.redraw.add(life.notice.id);
    if (effect.kind === 'page') sweep.pages.push({ id: `page/${finding.id}/${version}`, text: effect.text });
  }
}

/**
 * Takes the claim of a resource (or another name) for one piece of work. Null: somebody else has it. The holder
 * is one piece of work of one run, so that two pieces of one run cannot share it either.
 */
export async function claiming<T>(
  { parts }: Sweep,
  name: string,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | null> {
  const now = parts.clock();
  const holder = `${parts.runId}/${(holders += 1)}`;
  const until = new Date(now.getTime() + parts.settings.claimMinutes * 60_000).toISOString();
  if ((await parts.ledger.claim({ resourceId: name, holder, until }, now.toISOString())) === 'held')
    return null;
  const done = await work();
  // Where work is thrown out of, the claim ends by its time: what was begun is not known.
  await parts.ledger.release(name, holder);
  return { done };
}

let holders = 0;

/** What one finding meets is told and leaves the others standing; a defect is thrown on. */
export async function guarded(
  run: Sweep,
  record: Living,
  work: (record: Living) => Promise<void>,
): Promise<void> {
  if (!inTime(run)) return;
  try {
    await work(record);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    run.faults.push(`${record.finding.id}: ${error.told}`);
  }
}
