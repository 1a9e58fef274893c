import { decimal } from '../../focus/decimal.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { audit } from '../audit.ts';
import { rememberedReports } from '../reports.ts';
import { newRunId } from '../run-id.ts';
import { invocation, once, openDeployed } from './deployed.ts';
import { deployedReader } from './deployed-lake.ts';

export interface AuditSummary {
  readonly runId: string;
  readonly findings: number;
  readonly resolved: number;
  /** What was not wholly seen. */
  readonly gaps: readonly Coverage[];
  /** What the calls of this run cost, US dollars, decimal text. */
  readonly ownCost: string;
}

export interface Audits {
  run(): Promise<AuditSummary>;
}

/** Judges on a schedule what the collectors left in lake and ledger. */
export const assembleAudit = once(async (): Promise<Audits> => {
  const deployed = await openDeployed('audit');
  const { auditor, forget } = await deployedReader(deployed);
  return {
    run: () =>
      invocation(
        deployed,
        'audited',
        async (now) => {
          forget();
          const runId = newRunId(now);
          const reports = await rememberedReports(deployed.ledger);
          const asked = { sources: null, scopes: null };
          const { result, recorded } = await audit(auditor, runId, reports, asked, now);
          const gaps = result.coverage.filter(({ status }) => status !== 'complete');
          const { amount } = result.ownCost;
          return {
            runId,
            findings: result.findings.length,
            resolved: recorded.resolved.length,
            gaps,
            ownCost: amount,
          };
        },
        ({ findings, gaps, ownCost }) => ({
          findings,
          gaps: gaps.length,
          ownCost: decimal(ownCost).times(1_000_000).round().toNumber(),
        }),
      ),
  };
});
