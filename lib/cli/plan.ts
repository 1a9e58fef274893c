import type { Auditor } from '../run/auditor.ts';
import { estimate } from '../run/estimate.ts';
import { table } from './table.ts';

/** `bursar audit --plan`: which calls, and what the providers charge for them; nothing is collected. */
export async function planText(auditor: Auditor, format: string, now: Date): Promise<string> {
  const planned = await estimate(auditor, now);
  if (format === 'json') return JSON.stringify(planned, null, 2);
  const rows = planned.tasks.map(({ task, calls, amount }) => ({
    task,
    calls: calls.join(', '),
    'at least, USD': amount,
  }));
  return [
    table(['task', 'calls', 'at least, USD'], rows, 'table'),
    `At least ${planned.amount} USD in all; what is found decides the rest: ${planned.unknown}`,
  ].join('\n');
}
