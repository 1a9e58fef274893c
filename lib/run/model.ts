import type { Money } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { ApiCalls } from '../platform/meter.ts';

/** Total of one currency over all rows of the bills that were audited. */
export interface Spend {
  readonly currency: string;
  /** Sums of BilledCost and EffectiveCost, decimal text. */
  readonly billed: string;
  readonly effective: string;
  /** First ChargePeriodStart and last ChargePeriodEnd (exclusive), ISO-8601 UTC. */
  readonly start: string;
  readonly end: string;
  /** Up to when the bills speak. */
  readonly asOf: string | null;
}

export interface OwnCost extends Money {
  readonly calls: readonly ApiCalls[];
}

/** What `bursar audit --format json` prints. */
export interface AuditResult {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly now: string;
  readonly coverage: readonly Coverage[];
  readonly spend: readonly Spend[];
  readonly findings: readonly Finding[];
  readonly ownCost: OwnCost;
}
