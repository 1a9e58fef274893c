import { asksForAiServices, judgeAll, requiredOf, taggingSummary } from '../checks/index.ts';
import { findingId } from '../ledger/finding.ts';
import type { LedgerStore } from '../ledger/model.ts';
import { type Recorded, record } from '../ledger/record.ts';
import type { Coverage } from '../platform/coverage.ts';
import { Meter } from '../platform/meter.ts';
import { recordAlerts } from './alerts/record.ts';
import type { Auditor } from './auditor.ts';
import { gatherFacts, type Selection } from './facts.ts';
import { basisOf, keepTagging } from './kept.ts';
import type { AuditResult, Spend } from './model.ts';
import { endedOutside, endSavings, madeAgain } from './outside.ts';
import { withoutOwnStops } from './own-stops.ts';
import { putDoc } from './reports.ts';
import type { TaskReport } from './tasks.ts';
import { termsOf } from './terms.ts';

const LAST_AUDIT = 'audit/last';

/**
 * Judges what was collected and keeps it in the ledger.
 * @param reports what was collected, in this run or (with an empty selection) in the newest look of each task
 */
export async function audit(
  auditor: Auditor,
  runId: string,
  reports: readonly TaskReport[],
  selection: Selection,
  now: Date,
): Promise<{ result: AuditResult; recorded: Recorded }> {
  const coverage = mergeCoverage(reports);
  auditor.progress.step('reading the bills');
  const facts = await gatherFacts(auditor.lake, selection, coverage, auditor.ownerOf, now, {
    aiCalls: auditor.checks['unattributed-ai'] !== undefined,
    aiServices: asksForAiServices(auditor.checks['unapproved-ai-service']),
  });
  auditor.progress.step('judging');
  const { judgements: judged, checksRun } = judgeAll(facts, auditor.checks, now);
  const judgements = await withoutOwnStops(auditor.ledger, judged);
  auditor.progress.step(`recording ${judgements.length} findings`);
  const outside = [
    ...(await endedOutside(auditor.ledger, facts.resources, facts.coverage)),
    ...(await madeAgain(
      auditor.ledger,
      facts.vectorIndexes.current,
      new Set(judgements.map(({ check, provider, resourceId }) => findingId(check, provider, resourceId))),
    )),
  ];
  await endSavings(auditor.ledger, outside);
  const recorded = await record(
    auditor.ledger,
    {
      runId,
      now: now.toISOString(),
      judgements,
      coverage: facts.coverage,
      checksRun,
      outside,
    },
    { termsOf: termsOf(facts.resources, auditor.terms), thresholds: auditor.thresholds },
  );
  const required = requiredOf(auditor.checks['untagged']);
  await keepTagging(
    auditor.ledger,
    await basisOf(auditor.lake, selection.sources, required),
    taggingSummary(facts, required),
  );
  if (auditor.alerts !== undefined)
    await recordAlerts(auditor, auditor.alerts, selection.sources, runId, now);
  const spent = await spend(auditor, selection.sources);
  const meter = new Meter();
  for (const { ownCost } of reports) meter.absorb(ownCost);
  // What is asked where bills lie costs as well: all questions are asked by now.
  meter.absorb(auditor.asking.drain());
  const result: AuditResult = {
    schemaVersion: 1,
    runId,
    now: now.toISOString(),
    coverage: facts.coverage,
    spend: spent,
    findings: recorded.findings,
    ownCost: meter.total(),
  };
  await putDoc(auditor.ledger, LAST_AUDIT, () => lastAuditOf(result));
  return { result, recorded };
}

/** What later commands need of an audit besides the ledger's findings. */
export type LastAudit = Pick<AuditResult, 'schemaVersion' | 'runId' | 'now' | 'coverage' | 'ownCost'>;

function lastAuditOf({ schemaVersion, runId, now, coverage, ownCost }: AuditResult): LastAudit {
  return { schemaVersion, runId, now, coverage, ownCost };
}

/** The last audit kept in this ledger; null where there was none, or a newer version wrote it. */
export async function lastAudit(ledger: LedgerStore): Promise<LastAudit | null> {
  const value: unknown = (await ledger.getDoc(LAST_AUDIT))?.value;
  return isLastAudit(value) ? value : null;
}

function isLastAudit(value: unknown): value is LastAudit {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}

async function spend(auditor: Auditor, sources: readonly string[] | null): Promise<Spend[]> {
  const rows = await auditor.lake.ask<Spend & Record<string, unknown>>('spend-total', {}, sources);
  return rows.map(({ currency, billed, effective, start, end, asOf }) => ({
    currency,
    billed,
    effective,
    start,
    end,
    asOf,
  }));
}

/** One entry a scope: where two tasks speak of the same one, the worse status stands. */
function mergeCoverage(reports: readonly TaskReport[]): Coverage[] {
  const rank = { complete: 0, partial: 1, 'not-covered': 2, failed: 3 } as const;
  const merged = new Map<string, Coverage>();
  for (const entry of reports.flatMap(({ coverage }) => coverage)) {
    const known = merged.get(entry.scope);
    if (known === undefined || rank[entry.status] > rank[known.status]) merged.set(entry.scope, entry);
  }
  return [...merged.values()].toSorted((a, b) => (a.scope < b.scope ? -1 : 1));
}
