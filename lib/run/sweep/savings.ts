import type { Money } from '../../focus/money.ts';
import type { Finding, LedgerStore } from '../../ledger/model.ts';
import { change } from '../../notices/notice.ts';

/** One time for which a resource was stopped: what it was to save, to be held against later bills. */
export interface Stopped {
  /** ISO-8601 UTC */
  readonly from: string;
  /** When it was running again; null while it is not. */
  readonly until: string | null;
  readonly action: string;
  /** What was said to be saved a month, at the stop. */
  readonly estimated: Money | null;
}

/** The document `saving/<finding id>`. */
export interface SavingDoc {
  readonly schemaVersion: 1;
  readonly findingId: string;
  readonly resourceId: string;
  readonly stops: readonly Stopped[];
}

type Store = Pick<LedgerStore, 'getDoc' | 'putDoc'>;

export function savingKey(findingId: string): string {
  return `saving/${findingId}`;
}

/** Keeps what a stop is to save. The same stop twice is kept once. */
export async function noteStopped(store: Store, finding: Finding, at: string, action: string): Promise<void> {
  await change(store, savingKey(finding.id), (value) => {
    const stops = stopsOf(value);
    if (stops.some(({ until }) => until === null)) return null;
    const next: Stopped = { from: at, until: null, action, estimated: finding.monthlySaving };
    const { id: findingId, resourceId } = finding;
    return { schemaVersion: 1, findingId, resourceId, stops: [...stops, next] };
  });
}

/** Ends the stop that goes on: it runs again, or is gone. */
export async function noteEnded(store: Store, findingId: string, at: string): Promise<void> {
  await change(store, savingKey(findingId), (value) => {
    const doc = savingOf(value);
    if (doc === null || doc.stops.every(({ until }) => until !== null)) return null;
    return { ...doc, stops: doc.stops.map((stop) => (stop.until === null ? { ...stop, until: at } : stop)) };
  });
}

/** A document as this version knows it; null where there is none, or another version wrote it. */
export function savingOf(value: unknown): SavingDoc | null {
  return isSaving(value) ? value : null;
}

function stopsOf(value: unknown): readonly Stopped[] {
  return savingOf(value)?.stops ?? [];
}

function isSaving(value: unknown): value is SavingDoc {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'stops' in value &&
    Array.isArray(value.stops)
  );
}
