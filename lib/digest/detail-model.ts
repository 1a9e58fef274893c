import type { AuditRecord } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Interval } from './model.ts';
import type { DataTable } from './table.ts';

/** What the report page tells beyond the digest: the use case reads it from lake and ledger. */
export interface ReportDetail {
  /** By id of the finding. */
  readonly findings: ReadonlyMap<string, FindingDetail>;
  readonly spend: SpendDetail | null;
  /** The AI view, in its order. */
  readonly ai: readonly AiPanel[];
  /** Every stop of ours, estimated beside realised; null with no bill. */
  readonly stops: DataTable | null;
  /** Every scope as it was seen, and how fresh each bill is. */
  readonly quality: QualityDetail;
}

/** Everything of one finding that its page tells beside its line. */
export interface FindingDetail {
  readonly ownerSource: string | null;
  /** ISO-8601 UTC. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** When it will be acted on; null: never by itself. */
  readonly dueAt: string | null;
  /** The rule that applied when it was last judged; null where none was kept. */
  readonly policy: { readonly mode: string; readonly rule: string; readonly grace: string | null } | null;
  readonly hold: { readonly kind: string; readonly until: string; readonly reason: string } | null;
  /** From what it costs to what a stop saves: all lines but the last add up to the last. Decimal text. */
  readonly saving: readonly { readonly what: string; readonly amount: string; readonly source: string }[];
  readonly wouldChange: readonly string[];
  /** What was asked: scope, dataset, and when it was last looked at. */
  readonly asked: readonly {
    readonly scope: string;
    readonly dataset: string | null;
    readonly asOf: string | null;
  }[];
  /** What the provider's own tools say of it. */
  readonly advice: readonly string[];
  /** Oldest first; null where it was not read for this page. */
  readonly history: readonly Pick<AuditRecord, 'at' | 'actor' | 'from' | 'to' | 'reason'>[] | null;
  readonly series: readonly EvidenceSeries[];
}

/** One measured series of the resource, for a plot. */
export interface EvidenceSeries {
  /** `gpu-utilization, maximum` */
  readonly what: string;
  /** Index or name of the device; null: of the whole machine. */
  readonly device: string | null;
  readonly unit: string;
  readonly source: string;
  /** Start of the first point, ISO-8601 UTC, and seconds from point to point. */
  readonly start: string;
  readonly period: number;
  /** Null: nothing was measured then, which is no zero. */
  readonly values: readonly (number | null)[];
  /** Where the scale ends; null: where the values do. */
  readonly top: number | null;
}

/** Effective cost of the period that the digest is about. */
export interface SpendDetail {
  readonly window: Interval;
  readonly rows: readonly SpendLeaf[];
  readonly source: string;
}

/** Cost of one resource, by whose it is and what it is. '' where the bill names none. */
export interface SpendLeaf {
  readonly team: string;
  readonly service: string;
  readonly model: string;
  readonly resource: string;
  readonly currency: string;
  /** Decimal text. */
  readonly effective: string;
}

/** One question of the AI view and its answer. */
export interface AiPanel {
  readonly id: string;
  readonly title: string;
  /** Empty: nothing is known, and `connect` says what to do. */
  readonly tables: readonly DataTable[];
  /** Plain sentences beside the tables. */
  readonly notes: readonly string[];
  /** What to connect where there is no data, and the lines of the config that do so. */
  readonly connect: { readonly what: string; readonly config: string } | null;
}

export interface QualityDetail {
  readonly scopes: readonly Coverage[];
  readonly bills: DataTable | null;
  /** Charges that lie in two sources, rules that give nothing: one sentence each. */
  readonly notes: readonly string[];
}
