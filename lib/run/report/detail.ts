import type { DigestContent } from '../../digest/content-model.ts';
import type { AiPanel, ReportDetail } from '../../digest/detail-model.ts';
import { lastAudit } from '../audit.ts';
import type { Auditor } from '../auditor.ts';
import { billGaps, withGaps } from '../bill-gaps.ts';
import { aiView } from './ai.ts';
import { findingDetails } from './findings.ts';
import { billsTable } from './quality.ts';
import { spendDetail } from './spend.ts';
import { stopsTable } from './stops.ts';

/** Reads what the report page of a digest tells beyond it. Writes nothing. */
export async function reportDetail(
  auditor: Auditor,
  content: DigestContent,
  sources: readonly string[] | null,
  now: Date,
): Promise<ReportDetail> {
  const { lake, ledger } = auditor;
  const billed = content.asOf !== null;
  const span = { start: content.former.start, end: content.period.end };
  const ai: AiPanel[] = billed ? await aiView(auditor, content, sources, now) : [];
  return {
    findings: await findingDetails(auditor, content),
    spend: billed ? await spendDetail(lake, content.period, sources) : null,
    ai,
    stops: content.asOf === null ? null : await stopsTable(lake, ledger, sources, content.asOf),
    quality: {
      scopes: withGaps((await lastAudit(ledger))?.coverage ?? [], await billGaps(lake, span, sources, now)),
      bills: billed ? await billsTable(lake, sources) : null,
      notes: billed ? await lake.overlaps(sources) : [],
    },
  };
}
