import type { Money } from '../focus/money.ts';
import type { Provider } from './model-provider.ts';

/** The tools of the clouds whose advice is read, as the clouds call them. */
export const ADVISERS = ['AWS Compute Optimizer', 'AWS Cost Optimization Hub', 'GCP Recommender'] as const;
export type Adviser = (typeof ADVISERS)[number];

/**
 * What a tool of the provider recommends about one resource, in its own words and at its own amount. It is shown
 * beside findings: no check judges by it, and no total of findings holds it.
 */
export interface Advice {
  readonly provider: Provider;
  readonly accountId: string;
  /** As in `Resource`. */
  readonly region: string;
  /** Canonical, as in `Resource`, where the tool names it so; else as the tool names it. */
  readonly resourceId: string;
  readonly adviser: Adviser;
  /** The tool whose advice this repeats (the Hub gathers what others say); null where it is the adviser's own. */
  readonly repeats: Adviser | null;
  /**
   * `idle`: stop or delete it; `size`: another size or type, smaller or larger; `generation`: a newer or another kind
   * of the same; `other`: what this version does not know.
   */
  readonly kind: 'idle' | 'size' | 'generation' | 'other';
  /** The tool's own word: `Idle`, `Overprovisioned`, `Rightsize`, `SNAPSHOT_AND_DELETE_DISK`. */
  readonly finding: string;
  /** What to do, in a few words of the tool or made of them: `m5a.xlarge -> r5a.large`. */
  readonly action: string;
  /** A month's saving as the tool estimates it; negative where it would cost more; null where it tells none. */
  readonly monthlySaving: Money | null;
  /** Does the amount count what Savings Plans, reservations and the like take off? `not told`: nobody says. */
  readonly discounts: 'counted' | 'not counted' | 'not told';
  /** Days of use that it looked back on; null where it does not say. */
  readonly lookbackDays: number | null;
  /** When the tool made it, ISO-8601 UTC; null where it does not say. */
  readonly at: string | null;
}
