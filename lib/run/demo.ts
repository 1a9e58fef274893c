import { digestContent } from '../digest/content.ts';
import type { DigestContent } from '../digest/content-model.ts';
import type { ReportDetail } from '../digest/detail-model.ts';
import type { Progress } from '../platform/progress.ts';
import type { Auditor } from './auditor.ts';
import { digestInput } from './digest.ts';
import { reportDetail } from './report/detail.ts';
import { type WholeAudit, wholeAudit } from './whole.ts';

/** One look at the made-up company: what an auditor would see on that day. */
export interface Visit {
  readonly at: Date;
  /** The auditor of that day: its bills as delivered by then, its estate as it was. */
  readonly auditor: Auditor;
  /** The one whose digest is read. */
  readonly isLast: boolean;
}

/**
 * Audits the company on each day in turn, on one lake and ledger, so that it has a past: findings with an age,
 * a resource that is gone, a month that was restated. Gives the last look and its digest.
 */
export async function demo(
  visits: AsyncIterable<Visit>,
  progress: Progress,
): Promise<{ last: WholeAudit; content: DigestContent; detail: ReportDetail }> {
  let told: { last: WholeAudit; content: DigestContent; detail: ReportDetail } | null = null;
  for await (const { at, auditor, isLast } of visits) {
    progress.step(`the company on ${at.toISOString().slice(0, 10)}`);
    const last = await wholeAudit(auditor, `r-demo-${at.toISOString().slice(0, 10)}`, true, at);
    if (!isLast) continue;
    const content = digestContent(await digestInput(auditor, 'week', { sources: null, scopes: null }, at));
    told = { last, content, detail: await reportDetail(auditor, content, null, at) };
  }
  if (told === null) throw new RangeError('the demo visits the company at least once');
  return told;
}
