import type { TaggingSummary } from '../checks/index.ts';
import type { Lake } from '../lake/model.ts';
import type { LedgerStore } from '../ledger/model.ts';
import type { AnomalyReport } from './anomalies.ts';
import { putDoc } from './reports.ts';

/** Anomalies that are kept, the dearest: a document of the ledger holds at most 400 KB (DynamoDB, item size). */
const MOST_ROWS = 60;
const TAGGING = 'digest/tagging';
const ANOMALIES = 'digest/anomalies';

/** What an audit found in the bills as a digest tells it, so that the digest need not read them again. */
export type KeptAnomalies = Pick<AnomalyReport, 'since' | 'minimum' | 'rows' | 'judged' | 'notes'> & {
  /** Series whose history is too short to tell. */
  readonly untold: number;
};

/**
 * Which bills an answer rests on: every source with when it was read, and what else the answer depends on. Another
 * ingest makes another basis; where bills are asked elsewhere each moment has its own.
 */
export async function basisOf(
  lake: Pick<Lake, 'sources'>,
  sources: readonly string[] | null,
  settings: unknown = null,
): Promise<string> {
  const held = (await lake.sources())
    .filter(({ sourceId }) => sources === null || sources.includes(sourceId))
    .map(({ sourceId, ingestedAt }) => [sourceId, ingestedAt])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify([held, settings]);
}

export async function keepTagging(
  ledger: LedgerStore,
  basis: string,
  value: readonly TaggingSummary[],
): Promise<void> {
  await putDoc(ledger, TAGGING, () => ({ schemaVersion: 1, basis, value }));
}

export async function keepAnomalies(
  ledger: LedgerStore,
  basis: string,
  { since, minimum, rows, judged, notes, notEnough }: AnomalyReport,
): Promise<void> {
  const left = rows.length - MOST_ROWS;
  const value: KeptAnomalies = {
    since,
    minimum,
    rows: rows.slice(0, MOST_ROWS),
    judged,
    untold: notEnough.length,
    notes: [...notes, ...(left > 0 ? [`${left} smaller ones: bursar anomalies.`] : [])].slice(0, MOST_ROWS),
  };
  await putDoc(ledger, ANOMALIES, () => ({ schemaVersion: 1, basis, value }));
}

/** Null where no audit of these bills kept it. */
export async function keptTagging(
  ledger: Pick<LedgerStore, 'getDoc'>,
  basis: string,
): Promise<readonly TaggingSummary[] | null> {
  const doc = (await ledger.getDoc(TAGGING))?.value;
  return isKeptTagging(doc, basis) ? doc.value : null;
}

/** Null where no audit of these bills kept them. */
export async function keptAnomalies(
  ledger: Pick<LedgerStore, 'getDoc'>,
  basis: string,
): Promise<KeptAnomalies | null> {
  const doc = (await ledger.getDoc(ANOMALIES))?.value;
  return isKeptAnomalies(doc, basis) ? doc.value : null;
}

function isKeptTagging(doc: unknown, basis: string): doc is { readonly value: readonly TaggingSummary[] } {
  return isKept(doc, basis);
}

function isKeptAnomalies(doc: unknown, basis: string): doc is { readonly value: KeptAnomalies } {
  return isKept(doc, basis);
}

/** Written by this version alone, so its shape is known from schemaVersion. */
function isKept(doc: unknown, basis: string): boolean {
  return (
    typeof doc === 'object' &&
    doc !== null &&
    'schemaVersion' in doc &&
    doc.schemaVersion === 1 &&
    'basis' in doc &&
    doc.basis === basis
  );
}
