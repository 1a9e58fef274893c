import type { InsightAiUse } from '../digest/insight-model.ts';
import type { ModelCalls } from '../estate/model-calls.ts';
import { Decimal } from '../focus/decimal.ts';
import type { ModelDay } from '../lake/queries/model-costs.ts';
import type { Coverage } from '../platform/coverage.ts';

/** What of Bedrock could be read, by account and region. */
export interface BedrockRead {
  readonly accountId: string;
  readonly region: string;
  /** First UTC day that was read. */
  readonly from: string;
  /** First UTC day after it that was not read whole: from it on nothing is known. */
  readonly until: string;
  readonly days: readonly ModelCalls[];
}

/** Reads calls of models in the clouds that are looked at. */
export type ReadBedrock = (span: {
  readonly start: string;
  readonly end: string;
}) => Promise<{ readonly read: readonly BedrockRead[]; readonly coverage: readonly Coverage[] }>;

/** How one model was used by one project and key. */
export interface EfficiencyRow extends InsightAiUse {
  /** What is not told of it, one sentence each. */
  readonly blindSpots: readonly string[];
}

/** What models cost a day. */
export function byDay(costs: readonly ModelDay[]): Map<string, Decimal> {
  const days = new Map<string, Decimal>();
  for (const { day, cost } of costs) days.set(day, (days.get(day) ?? new Decimal(0)).plus(cost));
  return days;
}
