/** What must be found, and nothing else: written from the cast, not from what the checks say. */
export interface ExpectedFinding {
  readonly check: string;
  readonly resourceId: string;
  readonly verdict: string;
  /** Effective cost of the last 30 days, decimal text; null where the bill has none. */
  readonly monthlyCost: string | null;
  readonly monthlySaving: string | null;
}
