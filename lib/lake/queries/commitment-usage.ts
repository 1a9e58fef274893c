import { kindIn } from './eligible-usage.ts';
import {
  mayBeCovered,
  numbers,
  slicesSql,
  TOLD_COLUMNS,
  toldColumns,
  type UsageKind,
} from './programme-sql.ts';
import { chargeEnd, flagIn, inWindow, type NamedQuery, textIn } from './query.ts';

/** What one commitment covered of one slice over one charge period. */
export interface CommitmentUsage {
  readonly id: string;
  readonly kind: UsageKind;
  readonly slice: string;
  readonly currency: string;
  readonly start: string;
  readonly end: string;
  /** Of resources named in `$wasted`, which are about to go. */
  readonly wasted: boolean;
  /** Sum of EffectiveCost, decimal text. */
  readonly effective: string;
  /** The same usage at contracted prices: what it would have cost without the commitment. */
  readonly onDemand: string;
}

/** Usage that commitments covered, by commitment, slice and charge period. */
export const commitmentUsage: NamedQuery<CommitmentUsage> = {
  name: 'commitment-usage',
  params: ['start', 'end', 'wasted'],
  sql: (d) => `
    WITH used AS (
      SELECT ${toldColumns(d)}, ${d.name('CommitmentDiscountId')} AS id, ${d.name('BillingCurrency')} AS currency,
             ${d.name('ChargePeriodStart')} AS start_at, ${chargeEnd(d)} AS end_at,
             CASE WHEN ${d.inJsonArray(d.name('ResourceId'), 'wasted')} THEN 1 ELSE 0 END = 1 AS wasted,
             SUM(${d.name('EffectiveCost')}) AS effective, SUM(COALESCE(${d.name('ContractedCost')}, 0)) AS contracted
      FROM costs
      WHERE ${inWindow(d)} AND ${d.name('ChargeCategory')} = 'Usage'
        AND ${d.name('CommitmentDiscountId')} IS NOT NULL AND ${d.name('CommitmentDiscountStatus')} = 'Used'
        AND ${d.name('x_SourceGrain')} = 'resource' AND ${mayBeCovered(d)}
      GROUP BY ${numbers(TOLD_COLUMNS + 5)}
    ), ${slicesSql(d, ['id', 'currency', 'start_at', 'end_at', 'wasted', 'effective', 'contracted'])}
    SELECT id, kind, slice, currency, start_at, end_at, wasted, SUM(effective) AS effective,
           SUM(contracted) AS on_demand
    FROM slices GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
  merge: {
    keys: ['id', 'kind', 'slice', 'currency', 'start_at', 'end_at', 'wasted'],
    sum: ['effective', 'on_demand'],
  },
  row: (raw) => ({
    id: textIn(raw, 'id'),
    kind: kindIn(raw),
    slice: textIn(raw, 'slice'),
    currency: textIn(raw, 'currency'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'end_at'),
    wasted: flagIn(raw, 'wasted'),
    effective: textIn(raw, 'effective'),
    onDemand: textIn(raw, 'on_demand'),
  }),
};
