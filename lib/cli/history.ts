import { assembleCli } from '../run/assemble/cli.ts';
import { trailOf } from '../run/trail.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar history ID|RESOURCE`: who did what, when and why, oldest first. */
export async function history(name: string, options: CommonOptions): Promise<void> {
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const trail = await trailOf(assembled.auditor.ledger, name);
  if (options.format === 'json') return print(JSON.stringify(trail, null, 2), options);
  const rows = trail.map(({ at, actor, from, to, reason, findingId }) => ({
    at,
    who: actor,
    change: from === to ? to : `${from ?? 'new'} -> ${to}`,
    why: reason,
    finding: findingId,
  }));
  await print(table(['at', 'who', 'change', 'why', 'finding'], rows, 'table'), options);
}
