import pLimit from 'p-limit';
import { type Creation, type Snapshot, scopeName } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { Meter } from '../platform/meter.ts';
import type { Auditor, Estate } from './auditor.ts';
import { collectBill } from './bill.ts';
import { failed, isPassing, type Outcome } from './outcome.ts';
import { rememberReport } from './reports.ts';
import { type Task, type TaskReport, taskKey } from './tasks.ts';

/** What is to be listed: every bill by its id, and the parts of the estate. */
export interface Plannable {
  readonly sources: readonly { readonly id: string }[];
  readonly estates: readonly Pick<Estate, 'plan'>[];
}

/**
 * Every task of a run, and coverage of what could not be listed. One bill or one scope a task. A part of the
 * estate that cannot be listed at all is told in its report, and the others go on.
 */
export async function plan(
  { sources, estates }: Plannable,
  runId: string,
  now: Date,
): Promise<{ tasks: Task[]; reports: TaskReport[] }> {
  const tasks: Task[] = sources.map(({ id }) => ({ schemaVersion: 1, runId, kind: 'bill', sourceId: id }));
  const reports: TaskReport[] = [];
  const lists = await Promise.all(
    estates.map(async (estate) => {
      const meter = new Meter();
      return { ...(await listed(estate, now, meter)), meter };
    }),
  );
  for (const [index, { scopes, coverage, meter }] of lists.entries()) {
    for (const scope of scopes) tasks.push({ schemaVersion: 1, runId, kind: 'estate', scope });
    if (coverage.length > 0 || meter.total().calls.length > 0)
      reports.push({
        schemaVersion: 1,
        task: {
          schemaVersion: 1,
          runId,
          kind: 'estate',
          // No store can be called so.
          scope: { provider: 'other', accountId: `-planning-${index + 1}`, region: 'global' },
        },
        finishedAt: now.toISOString(),
        coverage,
        ownCost: meter.total(),
        ingest: null,
        failure: null,
      });
  }
  return { tasks, reports };
}

async function listed(estate: Pick<Estate, 'plan'>, now: Date, meter: Meter): ReturnType<Estate['plan']> {
  try {
    return await estate.plan(now, meter);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    const scope = error.where ?? 'estate';
    return { scopes: [], coverage: [{ scope, status: 'failed', reason: error.told, asOf: null }] };
  }
}

/** Collects every task, several at once, and keeps each report that is to be kept as soon as it is there. */
export async function collectAll(
  auditor: Auditor,
  tasks: readonly Task[],
  now: Date,
  kept: (report: TaskReport) => boolean = () => true,
): Promise<TaskReport[]> {
  // A bill takes what memory there is; scopes wait on the network.
  const limits = { bill: pLimit(1), estate: pLimit(auditor.concurrency) };
  let done = 0;
  return Promise.all(
    tasks.map((task) =>
      limits[task.kind](async () => {
        const report = await collect(auditor, task, now, kept);
        done += 1;
        auditor.progress.step(`collected ${taskKey(task)}`, done, tasks.length);
        return report;
      }),
    ),
  );
}

/**
 * Collects one bill or one scope into the lake. What the provider refuses becomes coverage and leaves the lake
 * as it was; the report is stored, so that doing it again changes nothing but its time.
 * @param kept a report that it refuses is given back but not stored
 */
export async function collect(
  auditor: Auditor,
  task: Task,
  now: Date,
  kept: (report: TaskReport) => boolean = () => true,
): Promise<TaskReport> {
  const meter = new Meter();
  const outcome =
    task.kind === 'bill'
      ? await collectBill(auditor, task.sourceId, now, meter)
      : await collectScope(auditor, task, now, meter);
  // A bill that is asked where it lies was looked at there. Bills come one at a time, so this is the bill's own.
  if (task.kind === 'bill') meter.absorb(auditor.asking.drain());
  const report: TaskReport = {
    schemaVersion: 1,
    task,
    finishedAt: now.toISOString(),
    ownCost: meter.total(),
    ...outcome,
  };
  if (kept(report)) await rememberReport(auditor.ledger, report);
  return report;
}

async function collectScope(
  auditor: Auditor,
  task: Task & { kind: 'estate' },
  now: Date,
  meter: Meter,
): Promise<Outcome> {
  const scope = scopeName(task.scope);
  const estate = auditor.estates.find((each) => each.covers(task.scope));
  if (estate === undefined)
    return {
      coverage: [
        { scope, status: 'not-covered', reason: 'the config no longer names this scope', asOf: null },
      ],
      ingest: null,
      failure: null,
    };
  try {
    const made = auditor.creators === true ? await knownCreations(auditor, scope) : undefined;
    const snapshot = await estate.collect(task.scope, now, meter, undefined, made);
    // A failed look is told, but never replaces what was seen before.
    if (snapshot.coverage.some(({ status }) => status === 'complete' || status === 'partial'))
      await auditor.lake.putSnapshot(snapshot);
    return { coverage: snapshot.coverage, ingest: null, failure: passingFailure(snapshot) };
  } catch (error) {
    return failed(error, scope);
  }
}

/** Why nothing at all of a scope was read, where another try may help; null where it does not, or something was read. */
function passingFailure({ blindBy = [], coverage }: Snapshot): Outcome['failure'] {
  const [code] = blindBy;
  if (code === undefined || !blindBy.every(isPassing)) return null;
  return { code, told: coverage.map(({ reason }) => reason ?? '').join('\n') };
}

/** Who made what of a scope, as its last look knew: what is known is not asked again. */
async function knownCreations({ lake }: Auditor, scope: string): Promise<readonly Creation[]> {
  const [last] = await lake.snapshots(scope, 1);
  return last?.creations ?? [];
}
