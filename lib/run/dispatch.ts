import type { LedgerStore } from '../ledger/model.ts';
import { type Plannable, plan } from './collect.ts';
import { rememberPlan, rememberReport } from './reports.ts';
import type { Task } from './tasks.ts';

/**
 * Lists every bill and scope and sends one message each. What could not be listed is kept as a report, so that
 * the audit tells it. The plan is stored before anything is sent: a task whose message was lost is then told as
 * not collected, and a run that is repeated sends all of them again.
 */
export async function dispatch(
  parts: Plannable,
  ledger: LedgerStore,
  send: (tasks: readonly Task[]) => Promise<void>,
  runId: string,
  now: Date,
): Promise<{ tasks: number; unlisted: number }> {
  const { tasks, reports } = await plan(parts, runId, now);
  for (const report of reports) await rememberReport(ledger, report);
  await rememberPlan(ledger, [...tasks, ...reports.map(({ task }) => task)], false);
  await send(tasks);
  return { tasks: tasks.length, unlisted: reports.flatMap(({ coverage }) => coverage).length };
}
