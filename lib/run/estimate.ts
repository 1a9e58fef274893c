import { Decimal, decimalText } from '../focus/decimal.ts';
import type { Auditor } from './auditor.ts';
import { plan } from './collect.ts';
import { newestReports } from './reports.ts';
import { type Task, type TaskReport, taskKey } from './tasks.ts';

export interface PlannedTask {
  readonly task: string;
  /** The calls that it makes, by the provider's names, with how often each was made the last time where that is known. */
  readonly calls: readonly string[];
  /** How many calls these are together; null where only a look can tell. */
  readonly count: number | null;
  /** What the provider charges, USD, decimal text. */
  readonly amount: string;
  /** `last look`: as the newest collection of the same task counted it; `least`: what it takes at the least. */
  readonly basis: 'last look' | 'least';
}

export interface Estimated {
  readonly tasks: readonly PlannedTask[];
  readonly amount: string;
  /** What the amount does not hold; null where every task was collected before. */
  readonly unknown: string | null;
}

/** What an audit would do. Listing accounts and regions is done, since nothing else can tell how many there are. */
export async function estimate(auditor: Auditor, now: Date): Promise<Estimated> {
  const { tasks } = await plan(auditor, 'plan', now);
  const before = await newestReports(auditor.ledger, tasks);
  const planned = tasks.map((task, at) => planTask(auditor, task, before[at] ?? null));
  const amount = planned.reduce((sum, each) => sum.plus(each.amount), new Decimal(0));
  return {
    tasks: planned,
    amount: decimalText(amount),
    unknown: planned.every(({ basis }) => basis === 'last look')
      ? null
      : 'further pages of Cost Explorer cost $0.01 each, metrics of CloudWatch $0.01 a thousand, requests about buckets of S3 $0.005 a thousand, and time series of Cloud Monitoring $0.50 a million.',
  };
}

function planTask(auditor: Auditor, task: Task, before: TaskReport | null): PlannedTask {
  if (before !== null && before.failure === null && before.ownCost.calls.length > 0)
    return {
      task: taskKey(task),
      calls: before.ownCost.calls.map(({ api, count }) => `${count} x ${api}`),
      count: before.ownCost.calls.reduce((sum, { count }) => sum + count, 0),
      amount: before.ownCost.amount,
      basis: 'last look',
    };
  const source = task.kind === 'bill' ? auditor.sources.find(({ id }) => id === task.sourceId) : undefined;
  const estate = task.kind === 'estate' ? auditor.estates.find((each) => each.covers(task.scope)) : undefined;
  const permissions = source?.permissions ?? estate?.permissions ?? [];
  return {
    task: taskKey(task),
    calls: [...new Set(source?.calls ?? permissions.map(({ action }) => action))],
    count: null,
    // Cost Explorer: $0.01 a request (AWS Cost Management pricing, November 2026); at the least the total, the
    // record types, and one kind of charge.
    amount: source?.type === 'aws-cost-explorer' ? '0.03' : '0',
    basis: 'least',
  };
}
