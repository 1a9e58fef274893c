import { auditText } from '../digest/audit.ts';
import type { Severity } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import { type Assembled, assembleCli } from '../run/assemble/cli.ts';
import type { AuditResult } from '../run/model.ts';
import { newRunId } from '../run/run-id.ts';
import type { TaskReport } from '../run/tasks.ts';
import { type WholeAudit, wholeAudit } from '../run/whole.ts';
import { type AuditOptions, colourWanted, nowOf, print, terminalProgress } from './io.ts';
import { planText } from './plan.ts';

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/** `bursar audit`: exit 1 or 3 as `--fail-on` and `--fail-on-partial` ask. */
export async function audit(options: AuditOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  if (options.plan) {
    await print(await planText(assembled.auditor, options.format, now), options);
    return;
  }
  await mustHaveAny(assembled);
  const { result, recorded, collected } = await wholeAudit(
    assembled.auditor,
    newRunId(now),
    assembled.named,
    now,
  );
  progress.done();
  for (const line of [...told(collected), ...toldOf(recorded, assembled.named)]) progress.warn(line);
  const text =
    options.format === 'json'
      ? JSON.stringify(result, null, 2)
      : auditText(result, {
          currency: assembled.auditor.organisation.currency,
          timezone: assembled.auditor.organisation.timezone,
          colour: colourWanted(options),
          ...(options.out === undefined && process.stdout.isTTY ? { width: process.stdout.columns } : {}),
        });
  await print(text, options);
  process.exitCode = exitCode(result, options);
}

function exitCode({ findings, coverage }: AuditResult, { failOn, failOnPartial }: AuditOptions): number {
  if (
    failOn !== undefined &&
    findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(failOn))
  )
    return 1;
  return failOnPartial && coverage.some(({ status }) => status !== 'complete') ? 3 : 0;
}

/** A run with nothing to look at would say "no findings", which nobody may take for an audit. */
async function mustHaveAny({ auditor: { sources, estates, lake } }: Assembled): Promise<void> {
  if (sources.length > 0 || estates.length > 0) return;
  if ((await lake.sources()).length > 0 || (await lake.scopes()).length > 0) return;
  throw new BursarError(
    'input',
    'there is nothing to audit: no bill and no account is named, and the state is empty',
    {
      hint: 'Name FOCUS files with --bills, or add --aws or --gcp PROJECT, or write a bursar.yaml.',
    },
  );
}

/** What the ledger did besides keeping what was judged, one line each. */
function toldOf({ newer, conflicts, carried }: WholeAudit['recorded'], named: boolean): string[] {
  return [
    ...(newer.length > 0
      ? [
          `${counted(newer.length, 'finding')} written by a newer version of bursar: left alone; update bursar`,
        ]
      : []),
    ...(conflicts.length > 0
      ? [`${counted(conflicts.length, 'finding')} kept changing under another run: run again to see them`]
      : []),
    ...(carried.length > 0 && !named
      ? [
          `${counted(carried.length, 'finding')} of earlier audits could not be looked at and stay as they were`,
        ]
      : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What ingests did besides keeping rows, one line each. */
export function told(reports: readonly TaskReport[]): string[] {
  // What two bills say of each other is said by both.
  const said = new Set<string>();
  return reports.flatMap(({ ingest }) => {
    if (ingest === null) return [];
    const warnings = ingest.warnings.filter((warning) => !said.has(warning));
    for (const warning of warnings) said.add(warning);
    const repairs = Object.entries(ingest.repairs).map(([kind, count]) => `${kind} (${count})`);
    return [
      ...(ingest.rowsRejected > 0
        ? [
            `${ingest.sourceId}: ${ingest.rowsRejected} of ${ingest.rowsIn} rows rejected, see ${ingest.rejectsFile ?? ''}`,
          ]
        : []),
      ...(repairs.length > 0 ? [`${ingest.sourceId}: repaired ${repairs.join(', ')}`] : []),
      ...ingest.skipped.map(({ path, reason }) => `${path}: skipped, ${reason}`),
      ...warnings.map((warning) => `${ingest.sourceId}: ${warning}`),
    ];
  });
}
