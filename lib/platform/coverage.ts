/**
 * What was looked at, and how well. A scope is named `aws:<account>:<region>`, `gcp:<project>`,
 * `bill:<source id>` or `store:<id>`; what failed, was denied or is not covered is told here and never
 * silently taken for zero.
 */
export interface Coverage {
  readonly scope: string;
  readonly status: 'complete' | 'partial' | 'failed' | 'not-covered';
  /** Why it is not complete, with what to do about it; null where it is. */
  readonly reason: string | null;
  /** ISO-8601 UTC: up to when the data of this scope speaks; null where there is none. */
  readonly asOf: string | null;
}
