import {
  mayBeCovered,
  numbers,
  slicesSql,
  TOLD_COLUMNS,
  toldColumns,
  type UsageKind,
} from './programme-sql.ts';
import { chargeEnd, inWindow, type NamedQuery, textIn } from './query.ts';

/** On-demand usage of one slice over one charge period. */
export interface EligibleUsage {
  readonly kind: UsageKind;
  /** `us-east-1 m5`; '' where no programme of a part alone covers it. */
  readonly slice: string;
  readonly currency: string;
  /** The charge period, half-open, ISO-8601 UTC: an hour where the bill is by the hour. */
  readonly start: string;
  readonly end: string;
  /** EffectiveCost, decimal text. */
  readonly amount: string;
}

/**
 * On-demand usage that a commitment could cover (programme-sql.ts says which), by charge period. Only rows of resource
 * grain: a coarser source mixes covered and uncovered usage in one amount. `$wasted` is a JSON array of resource ids,
 * as bills write them, that are about to go: their spend is no reason to commit.
 */
export const eligibleUsage: NamedQuery<EligibleUsage> = {
  name: 'eligible-usage',
  params: ['start', 'end', 'wasted'],
  sql: (d) => `
    WITH used AS (
      SELECT ${toldColumns(d)}, ${d.name('BillingCurrency')} AS currency,
             ${d.name('ChargePeriodStart')} AS start_at, ${chargeEnd(d)} AS end_at,
             SUM(${d.name('EffectiveCost')}) AS effective
      FROM costs
      WHERE ${inWindow(d)}
        AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('CommitmentDiscountId')} IS NULL
        AND COALESCE(${d.name('PricingCategory')}, 'Standard') = 'Standard'
        AND ${d.name('x_SourceGrain')} = 'resource' AND ${mayBeCovered(d)}
        AND (${d.name('ResourceId')} IS NULL OR NOT (${d.inJsonArray(d.name('ResourceId'), 'wasted')}))
      GROUP BY ${numbers(TOLD_COLUMNS + 3)}
    ), ${slicesSql(d, ['currency', 'start_at', 'end_at', 'effective'])}
    SELECT kind, slice, currency, start_at, end_at, SUM(effective) AS amount
    FROM slices GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
  merge: { keys: ['kind', 'slice', 'currency', 'start_at', 'end_at'], sum: ['amount'] },
  row: (raw) => ({
    kind: kindIn(raw),
    slice: textIn(raw, 'slice'),
    currency: textIn(raw, 'currency'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'end_at'),
    amount: textIn(raw, 'amount'),
  }),
};

const KINDS: readonly UsageKind[] = ['aws-compute', 'aws-sagemaker', 'aws-database', 'gcp-compute'];

export function kindIn(raw: Readonly<Record<string, unknown>>): UsageKind {
  const found = KINDS.find((kind) => kind === raw['kind']);
  if (found === undefined) throw new TypeError(`kind is none of them: ${String(raw['kind'])}`);
  return found;
}
