import type { Money } from '../focus/money.ts';

/** What may be committed of one kind of spend, all its programmes in one sum: what a digest tells of it. */
export interface CommitmentAdvice {
  /** The programmes, by comma. */
  readonly programme: string;
  readonly provider: string;
  /** Net saving a month (30 days) over the window, after what of the commitments goes unused. */
  readonly monthlySaving: Money;
  readonly window: { readonly start: string; readonly end: string };
}
