import type { Auditor } from './auditor.ts';
import { collect } from './collect.ts';
import { isPassing } from './outcome.ts';
import { rememberedReport } from './reports.ts';
import { parseTask, type TaskReport } from './tasks.ts';

/** `already`: this run's task was collected before (queues deliver twice); `again`: worth another try soon. */
export interface Taken {
  readonly outcome: 'collected' | 'already' | 'again';
  readonly report: TaskReport;
}

/**
 * Collects the task of one queue message. A task that was collected in its run is left alone, so that a message
 * that comes twice costs nothing.
 * @throws BursarError 'input' for a message that is no task, or that a newer version wrote
 */
export async function take(auditor: Auditor, body: string, now: Date): Promise<Taken> {
  const task = parseTask(body);
  const former = await rememberedReport(auditor.ledger, task);
  if (former?.task.runId === task.runId && !mayPass(former)) return { outcome: 'already', report: former };
  const report = await collect(auditor, task, now);
  return { outcome: mayPass(report) ? 'again' : 'collected', report };
}

function mayPass({ failure }: TaskReport): boolean {
  return failure !== null && isPassing(failure.code);
}
