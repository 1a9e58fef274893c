import { isAlertId } from '../ledger/alerts/decide.ts';
import type { AlertChange } from '../ledger/alerts/model.ts';
import { readAlert } from '../ledger/alerts/store.ts';
import type { AuditRecord, FindingRecord, LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import { isReportId, readArchived } from './archived.ts';

/** A finding by its id, or every finding of a resource by the resource's id, its last part or its name. */
export async function findingsNamed(
  ledger: Pick<LedgerStore, 'get' | 'ofResource' | 'all'>,
  name: string,
): Promise<FindingRecord[]> {
  const byId = await ledger.get(name);
  if (byId !== null) return [byId];
  const ofResource = await ledger.ofResource(name);
  if (ofResource.length > 0) return ofResource;
  const found: FindingRecord[] = [];
  for await (const record of ledger.all()) {
    const { resourceId, resourceName } = record.finding;
    if (resourceName === name || resourceId.endsWith(`/${name}`) || resourceId.endsWith(`:${name}`))
      found.push(record);
  }
  if (found.length > 0) return found;
  throw new BursarError('input', `the ledger knows no finding and no resource ${JSON.stringify(name)}`, {
    hint: 'Name a finding by its id (f-...), or a resource by its id or name: see `bursar findings`.',
  });
}

/** The append-only trail of an alert (`a-...`) as its document holds it, oldest first. */
async function alertTrail(ledger: Pick<LedgerStore, 'getDoc'>, id: string): Promise<AlertTrail[]> {
  const alert = await readAlert(ledger, id);
  if (alert === null)
    throw new BursarError('input', `the ledger knows no alert ${id}`, {
      hint: 'See `bursar anomalies`, `bursar budgets` or `bursar units` for those that there are.',
    });
  return alert.history.map((change) => ({ alertId: id, ...change }));
}

/** One entry of the trail of an alert. */
export interface AlertTrail extends AlertChange {
  readonly alertId: string;
}

/** That somebody opened an archived report from Slack. */
export interface ReportTrail {
  readonly reportId: string;
  readonly at: string;
  readonly actor: string;
  readonly runId: string;
}

/** Who opened an archived report (`r-...`), oldest first. */
async function reportTrail(ledger: Pick<LedgerStore, 'getDoc'>, id: string): Promise<ReportTrail[]> {
  const report = await readArchived(ledger, id);
  if (report === null)
    throw new BursarError('input', `the ledger knows no report ${id}`, {
      hint: 'The log of the function that answers Slack names the reports that were opened.',
    });
  return report.opened.map((opening) => ({ reportId: id, ...opening }));
}

/** The append-only trail of an alert, a report, a finding, or of every finding of a resource, oldest first. */
export async function trailOf(
  ledger: LedgerStore,
  name: string,
): Promise<readonly (AuditRecord | AlertTrail | ReportTrail)[]> {
  if (isReportId(name)) return await reportTrail(ledger, name);
  if (isAlertId(name)) return await alertTrail(ledger, name);
  const found = await findingsNamed(ledger, name);
  const trails = await Promise.all(found.map(({ finding }) => ledger.history(finding.id)));
  return trails.flat().toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
}

/** Everything that is known of one finding: for whoever asks why. */
export interface Explained {
  readonly record: FindingRecord;
  readonly trail: readonly AuditRecord[];
}

export async function explained(ledger: LedgerStore, name: string): Promise<Explained[]> {
  const found = await findingsNamed(ledger, name);
  return await Promise.all(
    found.map(async (record) => ({ record, trail: await ledger.history(record.finding.id) })),
  );
}
