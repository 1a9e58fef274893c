import type { BudgetRule } from '../analysis/budgets.ts';
import type { Money } from '../focus/money.ts';
import type { Dimensions } from '../lake/dimensions.ts';
import type { AlertState } from '../ledger/alerts/model.ts';
import type { Conversion } from './converted.ts';
import type { SpendWhere } from './spend-where.ts';

/** One budget of the config. */
export interface BudgetSettings extends BudgetRule {
  /** Limit by currency, decimal text. */
  readonly amount: Readonly<Record<string, string>>;
  /** Any other key is an axis or a dimension. */
  readonly where?: SpendWhere | undefined;
  readonly owner?: string | undefined;
  readonly escalate?: string | undefined;
  readonly experiment?: { readonly until: string } | undefined;
  readonly throttle?: 'advice' | undefined;
}

/** What of the charges of a budget is in no figure, since it is in another currency. */
export interface NotComparable {
  readonly amount: Money;
  readonly why: string;
}

/** How one budget stands in one period, in the currency of one of its limits. */
export interface BudgetRow {
  readonly name: string;
  readonly period: BudgetRule['period'];
  /** ISO-8601 UTC, half-open. */
  readonly start: string;
  readonly end: string;
  readonly limit: Money;
  /** Effective cost of settled days, without credits and corrections. */
  readonly spent: Money;
  /** Percent of the limit, one decimal. */
  readonly percent: string;
  /** Tiers that are reached, of all that the config names. */
  readonly reached: readonly number[];
  /** First UTC day that has not settled. */
  readonly until: string;
  readonly exceededOn: string | null;
  readonly outlook: {
    readonly total: Money;
    readonly ranges: readonly { readonly level: number; readonly low: Money; readonly high: Money }[];
    readonly probability: number;
    readonly extended: boolean;
  } | null;
  /** Why there is no forecast. */
  readonly notEnough: string | null;
  readonly throttle: { readonly allowed: Money; readonly recent: Money; readonly percent: number } | null;
  /** Of an experiment: the day on which it should have ended, and what it cost from then on. */
  readonly experiment: { readonly until: string; readonly since: Money } | null;
  readonly notComparable: readonly NotComparable[];
  readonly notes: readonly string[];
  /** What the ledger keeps of it; empty until an audit has judged it. */
  readonly alerts: readonly AlertStanding[];
}

/** `bursar budgets --format json` */
export interface BudgetReport {
  readonly schemaVersion: 1;
  readonly now: string;
  /** In the order of the config; a budget may have two periods, while the one before still settles. */
  readonly rows: readonly BudgetRow[];
}

export interface BudgetQuestion {
  readonly budgets: readonly BudgetSettings[];
  /** Rates into a currency; null where the config names none. Read only where a charge is in another currency. */
  readonly rates: ((into: string) => Promise<Conversion>) | null;
  readonly dimensions: Dimensions;
}

/** How an alert stands, for whoever lists what it is about. */
export interface AlertStanding {
  readonly id: string;
  readonly what: string;
  readonly state: AlertState;
  /** Who answered it, `slack:<team>:<user>`; null where nobody did. */
  readonly by: string | null;
  /** When, and until when it is expected; ISO-8601 UTC. */
  readonly at: string | null;
  readonly until: string | null;
}
