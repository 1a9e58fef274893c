import type { IngestReport } from '../lake/model.ts';
import type { Recorded } from '../ledger/record.ts';
import { BursarError } from '../platform/errors.ts';
import { Meter } from '../platform/meter.ts';
import type { Progress } from '../platform/progress.ts';
import { audit } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { collect, collectAll, plan } from './collect.ts';
import type { Selection } from './facts.ts';
import type { AuditResult } from './model.ts';
import { rememberedReports, rememberPlan } from './reports.ts';
import { type TaskReport, taskKey } from './tasks.ts';

export interface WholeAudit {
  readonly result: AuditResult;
  readonly recorded: Recorded;
  /** What was collected in this run, the ingests with their counts and warnings. */
  readonly collected: readonly TaskReport[];
}

/**
 * Plan, collect and audit in one process, as the laptop does it.
 * @param named the caller named sources or scopes: only these are judged; else everything that the state holds
 * @throws BursarError where a bill that the caller named cannot be read: nothing is judged, and neither the plan
 *   nor the findings nor that bill's rows are other than before
 */
export async function wholeAudit(
  auditor: Auditor,
  runId: string,
  named: boolean,
  now: Date,
): Promise<WholeAudit> {
  const { tasks, reports: listed } = await plan(auditor, runId, now);
  // What the config names is remembered first, so that a crash leaves it told as not collected. What a line names
  // may be a slip: it is remembered only once it could be read.
  if (!named) await rememberPlan(auditor.ledger, tasks, true);
  const collected = [
    ...listed,
    ...(await collectAll(auditor, tasks, now, (report) => !named || !isRefused(report))),
  ];
  if (named) {
    refuse(collected);
    await rememberPlan(auditor.ledger, tasks, true);
  }
  const known = named
    ? collected
    : [...listed, ...(await rememberedReports(auditor.ledger)).map((report) => ofRun(report, runId))];
  const held = new Set((await auditor.lake.sources()).map(({ sourceId }) => sourceId));
  const selection: Selection = named
    ? {
        // A bill that could not be read and never was is in the coverage; the lake cannot be asked for it.
        sources: tasks.flatMap((task) =>
          task.kind === 'bill' && held.has(task.sourceId) ? [task.sourceId] : [],
        ),
        scopes: tasks.flatMap((task) => (task.kind === 'estate' ? [taskKey(task)] : [])),
      }
    : { sources: null, scopes: null };
  return { ...(await audit(auditor, runId, known, selection, now)), collected };
}

/** Ingests the bills that the caller named, without an audit, and gives their ids; throws where one cannot be read. */
export async function ingestNamed(
  auditor: Auditor,
  now: Date,
  progress: Progress,
  told: (report: IngestReport) => void = () => {},
): Promise<string[]> {
  const sources: string[] = [];
  for (const { id } of auditor.sources) {
    const { failure, ingest } = await collect(
      auditor,
      { schemaVersion: 1, runId: 'query', kind: 'bill', sourceId: id },
      now,
      (report) => report.failure === null,
    );
    if (failure !== null) throw new BursarError(failure.code, failure.told);
    if (ingest !== null && ingest.rowsRejected > 0)
      progress.warn(
        `${id}: ${ingest.rowsRejected} of ${ingest.rowsIn} rows rejected, see ${ingest.rejectsFile ?? ''}`,
      );
    for (const { path, reason } of ingest?.skipped ?? []) progress.warn(`${path}: skipped, ${reason}`);
    if (ingest !== null) told(ingest);
    sources.push(id);
  }
  return sources;
}

/** What an earlier run looked at still counts; what it paid is not paid again. */
function ofRun(report: TaskReport, runId: string): TaskReport {
  return report.task.runId === runId ? report : { ...report, ownCost: new Meter().total() };
}

/** Did it fail for what the caller wrote? Trying again does not help. */
function isRefused({ failure }: TaskReport): boolean {
  return failure?.code === 'input' || failure?.code === 'config';
}

/** Throws one error for everything that the caller named and that cannot be read. */
function refuse(collected: readonly TaskReport[]): void {
  const [first, ...more] = collected.flatMap((report) =>
    isRefused(report) && report.failure !== null ? [report.failure] : [],
  );
  if (first !== undefined)
    throw new BursarError(first.code, [first, ...more].map(({ told }) => told).join('\n'));
}
