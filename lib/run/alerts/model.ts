import type { BudgetQuestion } from '../budget-model.ts';

/** Days up to now in which an anomaly was caught that is still news: after that its level is the usual one. */
export const NEWS_DAYS = 21;

/** What of the config decides which alerts there are, and who is told. */
export interface AlertSettings extends BudgetQuestion {
  /** Are anomalies of the bills and of units kept and told of? */
  readonly anomalies: boolean;
  /** Least that one is off by, in the currency of each, decimal text. */
  readonly minimum: string;
  /** Least dollars that AI usage of the newest hours is above its usual, decimal text. */
  readonly runawayMinimum: string;
  /** Least tokens of Bedrock in the newest hours above their usual. */
  readonly runawayTokens: number;
  /** Is whoever comes next told of runaway AI usage at once, whatever the hour? */
  readonly runawayAtOnce: boolean;
  /** Days for which "Expected" holds. */
  readonly expectedDays: number;
  /** Who hears of what nobody answered; null: nobody. */
  readonly escalate: string | null;
  /** Business hours without an answer. */
  readonly escalateAfter: number;
  /** The channel of a team, by its name in the dimension team. */
  readonly teams: Readonly<Record<string, string>>;
  /** Who hears of what nobody owns; null: nobody. */
  readonly fallback: string | null;
}
