import pLimit from 'p-limit';
import type { LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import { type Task, type TaskReport, taskKey } from './tasks.ts';

const KNOWN = 'collect/known';
/** Reports read at once. */
const READS = 32;

/** Stores the newest report of a task. Two collectors at once: the later write stands, which is the newer look. */
export async function rememberReport(ledger: LedgerStore, report: TaskReport): Promise<void> {
  await putDoc(ledger, `collect/${taskKey(report.task)}`, () => report);
}

/** Stores which tasks a plan named, so that an audit can tell which of them never reported. */
export async function rememberPlan(
  ledger: LedgerStore,
  tasks: readonly Task[],
  merge: boolean,
): Promise<void> {
  await putDoc(ledger, KNOWN, (former) => {
    const kept = merge && isKnown(former) ? former.tasks : [];
    const keys = new Map([...kept, ...tasks].map((task) => [taskKey(task), task]));
    return { schemaVersion: 1, tasks: [...keys.values()] };
  });
}

/** The newest report of every planned task; a task that has none is told as not collected. */
export async function rememberedReports(ledger: LedgerStore): Promise<TaskReport[]> {
  const known = (await ledger.getDoc(KNOWN))?.value;
  if (!isKnown(known)) return [];
  const limit = pLimit(READS);
  return Promise.all(
    known.tasks.map((task) => limit(async () => (await rememberedReport(ledger, task)) ?? missing(task))),
  );
}

/** The newest report of a task; null where there is none that this version can read. */
export async function rememberedReport(ledger: LedgerStore, task: Task): Promise<TaskReport | null> {
  const report = (await ledger.getDoc(`collect/${taskKey(task)}`))?.value;
  return isReport(report) ? report : null;
}

function missing(task: Task): TaskReport {
  return {
    schemaVersion: 1,
    task,
    finishedAt: '',
    coverage: [
      { scope: taskKey(task), status: 'failed', reason: 'planned, but not collected yet', asOf: null },
    ],
    ownCost: { amount: '0', currency: 'USD', calls: [] },
    ingest: null,
    failure: null,
  };
}

function isKnown(value: unknown): value is { tasks: Task[] } {
  return versionOne(value) && 'tasks' in value && Array.isArray(value.tasks);
}

function isReport(value: unknown): value is TaskReport {
  return versionOne(value) && 'coverage' in value && Array.isArray(value.coverage);
}

function versionOne(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 1;
}

/** Writes a document after what stands there now, trying again where another wrote in between. */
export async function putDoc(
  ledger: LedgerStore,
  key: string,
  next: (former: unknown) => unknown,
): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const former = await ledger.getDoc(key);
    const outcome = await ledger.putDoc(key, next(former?.value ?? null), former?.version ?? 0);
    if (outcome === 'written') return;
  }
  throw new BursarError('conflict', `document ${key} was changed by others eight times in a row`, {
    where: 'ledger',
    hint: 'Run again; if it stays, look for a second Bursar on the same table.',
  });
}
