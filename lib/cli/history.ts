import { assembleCli } from '../run/assemble/cli.ts';
import { trailOf } from '../run/trail.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar history ID|RESOURCE`, of a finding, its resource, an alert or a report: who did what, when and why, oldest first. */
export async function history(name: string, options: CommonOptions): Promise<void> {
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const trail = await trailOf(assembled.auditor.ledger, name);
  if (options.format === 'json') return print(JSON.stringify(trail, null, 2), options);
  const rows = trail.map((entry) => ({ at: entry.at, who: entry.actor, ...told(entry) }));
  await print(table(['at', 'who', 'change', 'why', 'of'], rows, 'table'), options);
}

function told(entry: Awaited<ReturnType<typeof trailOf>>[number]) {
  if ('reportId' in entry)
    return { change: 'opened', why: 'a member of its channel asked for a link', of: entry.reportId };
  return {
    change: entry.from === entry.to ? entry.to : `${entry.from ?? 'new'} -> ${entry.to}`,
    why: entry.reason,
    of: 'alertId' in entry ? entry.alertId : entry.findingId,
  };
}
