import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { sweepParts } from '../run/assemble/sweep.ts';
import { sweep } from '../run/sweep/index.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar sweep`: warns; with `--act` stops what a policy says; with `--dry-run` changes and sends nothing. */
export async function sweepCommand(
  options: CommonOptions & { dryRun?: true; act?: true; aws?: true; regions?: string[]; gcp?: string[] },
): Promise<void> {
  if (options.dryRun && options.act)
    throw new BursarError('input', '--dry-run and --act exclude each other', {
      hint: 'Look with --dry-run first, then run with --act.',
    });
  const begun = Date.now();
  const start = nowOf(options);
  // With --now the clock starts there and goes on: what takes time still takes time.
  const clock = () => new Date(start.getTime() + (Date.now() - begun));
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, start, progress);
  const { auditor, config } = assembled;
  const parts = await sweepParts(config, auditor.ledger, auditor, clock, progress, null);
  const mode = options.dryRun ? 'dry-run' : options.act ? 'act' : 'warn';
  const report = await sweep(parts, mode);
  progress.done();
  for (const fault of report.faults) progress.warn(fault);
  const text =
    options.format === 'json'
      ? JSON.stringify(report, null, 2)
      : table(['did', 'resource', 'told', 'id'], report.lines.map(rowOf), 'table');
  await print(text, options);
}

function rowOf({
  did,
  resourceId,
  told,
  findingId,
}: {
  did: string;
  resourceId: string;
  told: string;
  findingId: string;
}) {
  return { did, resource: resourceId, told, id: findingId };
}
