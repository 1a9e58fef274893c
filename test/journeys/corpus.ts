import type { AuditResult } from '../../lib/run/model.ts';
import { type CorpusDocument, type CorpusTruth, DAYS } from '../generate/corpus.ts';
import { csvBill } from './bills.ts';

export const DAY = 86_400_000;
export type Finding = AuditResult['findings'][number];

/** A listing of documents as a file. */
export const manifest = (documents: readonly CorpusDocument[]) =>
  ['key,modified,content', ...documents.map((one) => `${one.key},${one.modified},${one.content}`), ''].join(
    '\n',
  );

/** A bill of 12.50 a day for each of these charges, over the days between the looks. */
export function billOf(start: number, ...charges: readonly Readonly<Record<string, string>>[]): string {
  return csvBill(
    charges.flatMap((of) =>
      Array.from({ length: DAYS }, (_, day) => ({
        ...of,
        Tags: '{}',
        BillingPeriodStart: `${monthOf(start + day * DAY, 0)}T00:00:00Z`,
        BillingPeriodEnd: `${monthOf(start + day * DAY, 1)}T00:00:00Z`,
        ChargePeriodStart: `${dayOf(start + day * DAY)}T00:00:00Z`,
        ChargePeriodEnd: `${dayOf(start + (day + 1) * DAY)}T00:00:00Z`,
        BilledCost: '12.5',
        EffectiveCost: '12.5',
        ListCost: '12.5',
        ContractedCost: '12.5',
      })),
    ),
  );
}

/** What a bill of `billOf` charges for each. */
export const BILLED = '375';

const KINDS = ['unqueried', 'orphaned', 'out-of-date', 'superseded-model', 'duplicate', 'churn'] as const;

/** A finding in the words of the truth. */
export function told(
  finding: Finding,
): Omit<CorpusTruth, 'verdict'> & { readonly index: string; readonly verdict: Finding['verdict'] } {
  const of = (name: string) => finding.evidence.find((line) => line.name === name)?.value ?? null;
  const kind = KINDS.find((each) => each === of('kind'));
  if (kind === undefined) throw new Error(`${of('kind')} is no kind`);
  const names: Record<CorpusTruth['kind'], string> = {
    unqueried: 'vectors',
    orphaned: 'vectors whose source is gone',
    'out-of-date': 'vectors older than their source',
    'superseded-model': of('end of its model') === null ? 'vectors of text-embedding-3-small' : 'vectors',
    duplicate: finding.resourceType.endsWith(':index') ? 'vectors' : 'copies within the index',
    churn: 'vectors embedded again without change',
  };
  const [tokens, usd] = [of('tokens to embed again'), of('cost to embed again')];
  return {
    index: finding.resourceName ?? '',
    kind,
    of: finding.resourceType.endsWith(':index') ? 'index' : 'vectors',
    verdict: finding.verdict,
    vectors: Number(of(names[kind])),
    repair: tokens === null || usd === null ? null : { tokens, usd },
  };
}

export function byIndex(a: { index: string }, b: { index: string }): number {
  return a.index < b.index ? -1 : a.index > b.index ? 1 : 0;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function monthOf(at: number, later: number): string {
  const day = new Date(at);
  return dayOf(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + later, 1));
}
