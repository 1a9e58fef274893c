import { Decimal, decimalText } from '../focus/decimal.ts';
import type { Auditor } from './auditor.ts';
import { plan } from './collect.ts';
import { taskKey } from './tasks.ts';

export interface PlannedTask {
  readonly task: string;
  /** The calls that it makes, by the provider's names. */
  readonly calls: readonly string[];
  /** What the provider charges at the least, USD, decimal text. */
  readonly amount: string;
}

/** What an audit would do. Listing accounts and regions is done, since nothing else can tell how many there are. */
export async function estimate(
  auditor: Auditor,
  now: Date,
): Promise<{ tasks: PlannedTask[]; amount: string; unknown: string }> {
  const { tasks } = await plan(auditor, 'plan', now);
  const planned = tasks.map((task): PlannedTask => {
    const source = task.kind === 'bill' ? auditor.sources.find(({ id }) => id === task.sourceId) : undefined;
    const estate =
      task.kind === 'estate' ? auditor.estates.find((each) => each.covers(task.scope)) : undefined;
    const permissions = source?.permissions ?? estate?.permissions ?? [];
    return {
      task: taskKey(task),
      calls: source?.calls ?? permissions.map(({ action }) => action),
      // Cost Explorer: $0.01 a request (AWS Cost Management pricing, November 2026); at the least the total, the
      // record types, and one kind of charge.
      amount: source?.type === 'aws-cost-explorer' ? '0.03' : '0',
    };
  });
  const amount = decimalText(planned.reduce((sum, each) => sum.plus(each.amount), new Decimal(0)));
  return {
    tasks: planned,
    amount,
    unknown: 'further pages of Cost Explorer cost $0.01 each, and GPU metrics $0.01 a thousand.',
  };
}
