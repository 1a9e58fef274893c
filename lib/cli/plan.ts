import type { Auditor } from '../run/auditor.ts';
import { estimate } from '../run/estimate.ts';
import { table } from './table.ts';

/** `bursar audit --plan`: which calls, and what the providers charge for them; nothing is collected. */
export async function planText(auditor: Auditor, format: string, now: Date): Promise<string> {
  const planned = await estimate(auditor, now);
  if (format === 'json') return JSON.stringify(planned, null, 2);
  const rows = planned.tasks.map(({ task, calls, amount, basis }) => ({
    task,
    calls: calls.join(', '),
    USD: amount,
    basis: basis === 'last look' ? 'as in the last look' : 'at least',
  }));
  const { amount, unknown } = planned;
  return [
    table(['task', 'calls', 'USD', 'basis'], rows, 'table'),
    unknown === null
      ? `About ${amount} USD in all, as the last look at each counted.`
      : `At least ${amount} USD in all; what is found decides the rest: ${unknown}`,
  ].join('\n');
}
