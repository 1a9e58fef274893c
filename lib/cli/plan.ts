import { wrap } from '../digest/terminal.ts';
import type { Auditor } from '../run/auditor.ts';
import { type Estimated, estimate, type PlannedTask } from '../run/estimate.ts';
import { tableWidth } from './manners.ts';
import { table } from './table.ts';

const WIDEST = 100;

/** `bursar audit --plan`: which calls, and what the providers charge for them; nothing is collected. */
export async function planText(auditor: Auditor, format: string, now: Date): Promise<string> {
  const planned = await estimate(auditor, now);
  return format === 'json' ? JSON.stringify(planned, null, 2) : plannedText(planned);
}

/** What would be asked, task by task; which calls these are is told of all together. */
export function plannedText({ tasks, amount, unknown }: Estimated): string {
  const rows = tasks.map(({ task, calls, count, amount: USD, basis }) => ({
    task,
    calls: count === null ? (calls.length === 0 ? '0' : `${calls.length} kinds`) : String(count),
    USD,
    basis: basis === 'last look' ? 'as in the last look' : 'at least',
  }));
  const most = Math.min(WIDEST, tableWidth());
  const listed = (title: string, calls: readonly string[]) =>
    calls.length === 0
      ? []
      : [
          title,
          // How often is not parted from what.
          ...wrap(calls.join(', ').replaceAll(' x ', '\u00A0x\u00A0'), most - 2).map(
            (line) => `  ${line.replaceAll('\u00A0', ' ')}`,
          ),
          '',
        ];
  const counted = tasks.filter(({ count }) => count !== null);
  const others = tasks.filter(({ count }) => count === null);
  const all = tasks.reduce((sum, { count }) => sum + (count ?? 0), 0);
  return [
    table(['task', 'calls', 'USD', 'basis'], rows, 'table'),
    '',
    ...listed('Calls, as the last look at each counted them', summed(counted)),
    ...listed(`Calls that ${counted.length === 0 ? 'it' : 'the rest'} may make`, [
      ...new Set(others.flatMap(({ calls }) => calls)),
    ]),
    unknown === null
      ? `About ${amount} USD and ${all} calls in all, as the last look at each counted.`
      : `At least ${amount} USD in all; what is found decides the rest: ${unknown}`,
  ].join('\n');
}

/** `3 x ec2:DescribeInstances` and `2 x ec2:DescribeInstances` are five. */
function summed(tasks: readonly PlannedTask[]): string[] {
  const sums = new Map<string, number>();
  for (const { calls } of tasks)
    for (const call of calls) {
      const { times, api } = /^(?<times>\d+) x (?<api>.+)$/.exec(call)?.groups ?? {};
      if (api !== undefined) sums.set(api, (sums.get(api) ?? 0) + Number(times));
    }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([api, times]) => `${times} x ${api}`);
}
