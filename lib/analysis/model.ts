import type { Money } from '../focus/money.ts';

/** Eligible on-demand spend of one programme, a step at a time. */
export interface EligibleSeries {
  /** `aws-compute-savings-plan`, `gcp-compute-flexible-cud`. */
  readonly programme: string;
  readonly provider: string;
  readonly currency: string;
  /** Hours that a point stands for: 24 where the bill is daily. */
  readonly stepHours: number;
  /** Start of each step (ISO-8601 UTC) and its spend at on-demand rates, decimal text; every step present. */
  readonly points: readonly { readonly at: string; readonly amount: string }[];
}

/** What a commitment would have done over the series it was read from. */
export interface CommitmentAdvice {
  readonly programme: string;
  readonly provider: string;
  /** What to pay an hour, at the committed rate; amount 0 where committing would not pay. */
  readonly hourlyCommitment: Money;
  /** Net saving a month (30 days) over the series, after what of the commitment goes unused. */
  readonly monthlySaving: Money;
  /** Share of the commitment that would have been used, 0 to 1, as decimal text. */
  readonly utilisation: string;
  readonly discount: string;
  readonly window: { readonly start: string; readonly end: string };
  readonly assumptions: readonly string[];
}
