import { auditText } from '../digest/audit.ts';
import type { Severity } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import type { AuditResult } from '../run/model.ts';
import { newRunId } from '../run/run-id.ts';
import type { TaskReport } from '../run/tasks.ts';
import { wholeAudit } from '../run/whole.ts';
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
  const { result, collected } = await wholeAudit(assembled.auditor, newRunId(now), assembled.named, now);
  progress.done();
  const refused = collected.find(({ failure }) => failure?.code === 'input' || failure?.code === 'config');
  if (assembled.named && refused?.failure) throw new BursarError(refused.failure.code, refused.failure.told);
  for (const line of told(collected)) progress.warn(line);
  const text =
    options.format === 'json'
      ? JSON.stringify(result, null, 2)
      : auditText(result, {
          timezone: assembled.auditor.organisation.timezone,
          colour: colourWanted(options),
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

/** What ingests did besides keeping rows, one line each. */
export function told(reports: readonly TaskReport[]): string[] {
  return reports.flatMap(({ ingest }) => {
    if (ingest === null) return [];
    const repairs = Object.entries(ingest.repairs).map(([kind, count]) => `${kind} (${count})`);
    return [
      ...(ingest.rowsRejected > 0
        ? [
            `${ingest.sourceId}: ${ingest.rowsRejected} of ${ingest.rowsIn} rows rejected, see ${ingest.rejectsFile ?? ''}`,
          ]
        : []),
      ...(repairs.length > 0 ? [`${ingest.sourceId}: repaired ${repairs.join(', ')}`] : []),
      ...ingest.skipped.map(({ path, reason }) => `${path}: skipped, ${reason}`),
      ...ingest.warnings.map((warning) => `${ingest.sourceId}: ${warning}`),
    ];
  });
}
