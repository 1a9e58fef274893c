import { createHash } from 'node:crypto';
import type { LedgerStore } from '../ledger/model.ts';
import { change } from '../notices/notice.ts';

/** A report in the archive that a digest in Slack has a button for. */
export interface ArchivedReport {
  readonly schemaVersion: 1;
  readonly id: string;
  /** In the archive, below its prefix. */
  readonly key: string;
  /** The findings as CSV, in the same way; left out where none lies beside the report. */
  readonly table?: string;
  /** Slack's own id of the channel that the digest was posted in: its members may open the report. */
  readonly channel: string;
  /** Who opened it, oldest first; the newest 2,000. */
  readonly opened: readonly Opening[];
}

/** That somebody was given a link. */
export interface Opening {
  readonly at: string;
  /** `slack:<team>:<user>` */
  readonly actor: string;
  readonly runId: string;
}

/** Of some 100 bytes each, within an item of DynamoDB (400 KB). The function's log has every one. */
const MOST_OPENINGS = 2_000;

/** Tells nothing of what is in the report, and is the same for the same digest. */
export function reportId(digestId: string): string {
  return `r-${createHash('sha256').update(digestId).digest('hex').slice(0, 26)}`;
}

export function isReportId(name: string): boolean {
  return /^r-[0-9a-f]{26}$/.test(name);
}

/** Keeps where a report lies and whose it is; who opened it before stays. */
export async function rememberArchived(
  store: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  { id, key, table, channel }: Pick<ArchivedReport, 'id' | 'key' | 'table' | 'channel'>,
): Promise<void> {
  await change(store, keyOf(id), (former) => {
    const opened = isArchived(former) ? former.opened : [];
    const beside = table === undefined ? {} : { table };
    return { schemaVersion: 1, id, key, ...beside, channel, opened } satisfies ArchivedReport;
  });
}

/** Null for a report that was never posted with a button. */
export async function readArchived(
  store: Pick<LedgerStore, 'getDoc'>,
  id: string,
): Promise<ArchivedReport | null> {
  const value = (await store.getDoc(keyOf(id)))?.value ?? null;
  return isArchived(value) ? value : null;
}

/** Writes down who is about to be given a link to it. */
export async function noteOpening(
  store: Pick<LedgerStore, 'getDoc' | 'putDoc'>,
  report: ArchivedReport,
  opening: Opening,
): Promise<void> {
  await change(store, keyOf(report.id), (former) => {
    const stands = isArchived(former) ? former : report;
    return { ...stands, opened: [...stands.opened, opening].slice(-MOST_OPENINGS) };
  });
}

function keyOf(id: string): string {
  return `report/${id}`;
}

/** Written above alone: its shape is known from schemaVersion. */
function isArchived(value: unknown): value is ArchivedReport {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}
