import type { LedgerStore } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { BursarError } from '../platform/errors.ts';
import { startOf } from './run-id.ts';
import { type Task, type TaskReport, taskKey } from './tasks.ts';

const KNOWN = 'collect/known';

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

/**
 * The report of every planned task. One that has none, or none since it was last planned, is told as not collected: what
 * the look before found is judged again, and what it cost is not paid again.
 */
export async function rememberedReports(ledger: LedgerStore): Promise<TaskReport[]> {
  return (await newestOfPlan(ledger)).map(({ task, report }) =>
    report === null ? missing(task) : isBeforePlan(report, task) ? overdue(report, task) : report,
  );
}

/** The newest report of every planned task, however old it is; a task that has none is told as not collected. */
export async function latestReports(ledger: LedgerStore): Promise<TaskReport[]> {
  return (await newestOfPlan(ledger)).map(({ task, report }) => report ?? missing(task));
}

async function newestOfPlan(
  ledger: LedgerStore,
): Promise<readonly { readonly task: Task; readonly report: TaskReport | null }[]> {
  const known = (await ledger.getDoc(KNOWN))?.value;
  if (!isKnown(known)) return [];
  const reports = await newestReports(ledger, known.tasks);
  return known.tasks.map((task, at) => ({ task, report: reports[at] ?? null }));
}

/** Is it of a run before the one that last planned the task? A later look of another run, as by hand, is as good. */
function isBeforePlan({ task: { runId }, finishedAt }: TaskReport, planned: Task): boolean {
  if (runId === planned.runId) return false;
  const at = startOf(planned.runId);
  return at !== null && Date.parse(finishedAt) < at.getTime();
}

/**
 * What the look before saw still counts, as of then, and what it could not see it still did not; that there was none since
 * is said beside it.
 */
function overdue(former: TaskReport, task: Task): TaskReport {
  const scope = taskKey(task);
  const reason = `planned, but not collected yet; the look before was at ${former.finishedAt}`;
  const told = former.coverage.some((each) => each.scope === scope);
  return {
    ...missing(task),
    finishedAt: former.finishedAt,
    coverage: [
      ...former.coverage.map((each): Coverage => {
        if (each.scope !== scope) return each;
        const whole = each.status === 'complete';
        return {
          ...each,
          ...(whole ? { status: 'partial', incomplete: [] } : {}),
          reason: whole || each.reason === null ? reason : `${reason}: ${each.reason}`,
        };
      }),
      ...(told ? [] : [{ scope, status: 'partial', incomplete: [], reason, asOf: null } as const]),
    ],
  };
}

/** The newest report of each task, in their order; null where there is none that this version can read. */
export async function newestReports(
  ledger: Pick<LedgerStore, 'getDocs'>,
  tasks: readonly Task[],
): Promise<(TaskReport | null)[]> {
  const docs = await readable(
    ledger,
    tasks.map((task) => `collect/${taskKey(task)}`),
  );
  return docs.map((doc) => (isReport(doc?.value) ? doc.value : null));
}

/** Documents that a newer version wrote are none to this one: after a rollback the others are still told. */
async function readable(
  ledger: Pick<LedgerStore, 'getDocs'>,
  keys: readonly string[],
): ReturnType<LedgerStore['getDocs']> {
  try {
    return await ledger.getDocs(keys);
  } catch (error) {
    if (!(error instanceof BursarError) || error.code !== 'conflict') throw error;
    if (keys.length <= 1) return keys.map(() => null);
    const half = Math.ceil(keys.length / 2);
    return [...(await readable(ledger, keys.slice(0, half))), ...(await readable(ledger, keys.slice(half)))];
  }
}

/** The newest report of a task; null where there is none that this version can read. */
export async function rememberedReport(
  ledger: Pick<LedgerStore, 'getDocs'>,
  task: Task,
): Promise<TaskReport | null> {
  const [report = null] = await newestReports(ledger, [task]);
  return report;
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
