import type { Cause } from '../analysis/anomalies/cause.ts';
import type { AnomalyKind } from '../analysis/anomalies/model.ts';
import type { Advice, Untold } from '../analysis/commitments/model.ts';
import type { Moved } from '../analysis/movers/model.ts';
import type { Compared } from '../analysis/units/efficiency.ts';
import type { Outlier } from '../analysis/units/model.ts';
import type { Money } from '../focus/money.ts';

/** A half-open stretch of time, ISO-8601 UTC. */
export interface Interval {
  readonly start: string;
  readonly end: string;
}

/** Values of the axes of a driver: '' or null where the bill names none. */
export interface DriverNames {
  readonly service: string;
  readonly model: string | null;
  readonly team: string | null;
}

/** A range that an amount lies in with a probability; decimal text. */
export interface AmountRange {
  /** 0.8, 0.9 */
  readonly level: number;
  readonly low: string;
  readonly high: string;
}

/** Cost a day in one currency on settled days, and what is expected up to the end of the month. */
export interface InsightForecast {
  readonly currency: string;
  /** First day (`YYYY-MM-DD`) that has not settled: from it on, days are expected. */
  readonly until: string;
  /** Settled days, oldest first, exact; null: in no bill, which is no zero. Credits and corrections are left out. */
  readonly settled: readonly { readonly day: string; readonly amount: string | null }[];
  /** Days to the end of the month, rounded to cents. */
  readonly expected: readonly {
    readonly day: string;
    readonly amount: string;
    readonly ranges: readonly AmountRange[];
  }[];
  /** The running month; null where there is no forecast. */
  readonly month: {
    readonly start: string;
    readonly end: string;
    readonly actual: Money;
    readonly total: Money;
    readonly ranges: readonly { readonly level: number; readonly low: Money; readonly high: Money }[];
    /** Are the ranges extended beyond what could be measured? */
    readonly extended: boolean;
    readonly unknownDays: number;
  } | null;
  readonly notes: readonly string[];
  /** Why there is no forecast; null where there is one. */
  readonly notEnough: string | null;
  /** The budget of a month for everything in this currency; null where there is none. */
  readonly budget: { readonly name: string; readonly limit: Money; readonly aDay: Money } | null;
}

/** How one budget stands in one period. */
export interface InsightBudget extends Interval {
  readonly name: string;
  readonly limit: Money;
  /** Effective cost of settled days, without credits and corrections. */
  readonly spent: Money;
  /** Percent of the limit. */
  readonly percent: string;
  readonly reached: readonly number[];
  readonly outlook: { readonly total: Money; readonly probability: number } | null;
  readonly notEnough: string | null;
  readonly notComparable: readonly { readonly amount: Money; readonly why: string }[];
  readonly alerts: readonly { readonly what: string; readonly state: string }[];
}

/** What cost other than its past led to expect. */
export interface InsightAnomaly {
  readonly key: Readonly<Record<string, string>>;
  readonly source: string;
  readonly kind: AnomalyKind;
  /** UTC days: the first that was off, the last so far, and the one that gave it away. */
  readonly first: string;
  readonly last: string;
  readonly caught: string;
  /** From the first to the last day: charged, less what was expected. */
  readonly effect: Money;
  /** What it comes to a month where it stays; the effect where it is over. */
  readonly impact: Money;
  readonly judged: {
    readonly start: string;
    readonly value: Money;
    readonly low: Money;
    readonly high: Money;
  };
  readonly open: boolean;
  readonly causes: readonly Cause[];
  /** The days before that causes are told against; null where none were looked for, nor an owner. */
  readonly against: Interval | null;
  readonly owner: { readonly id: string } | null;
  /** What somebody answered to its alert; null where none is kept. */
  readonly alert: {
    readonly state: 'open' | 'acknowledged' | 'expected' | 'closed';
    /** Of expected: until when, ISO-8601 UTC. */
    readonly until: string | null;
  } | null;
}

export interface InsightAnomalies {
  /** Caught on or after this day. */
  readonly since: string;
  /** Least effect that is told, in the currency of each. */
  readonly minimum: string;
  readonly rows: readonly InsightAnomaly[];
  readonly judged: number;
  /** Series whose history is too short to tell. */
  readonly untold: number;
  readonly notes: readonly string[];
}

/** A commitment on the bill. */
export interface InsightHeld {
  readonly id: string;
  readonly name: string | null;
  readonly programme: string | null;
  readonly provider: string;
  readonly used: Money;
  readonly unused: Money;
  /** 0 to 1, decimal text; null where the bill tells neither. */
  readonly utilisation: string | null;
  /** When its term ends, ISO-8601 UTC; null where the bill does not tell. */
  readonly ends: string | null;
}

/** How much of what could be covered is, at on-demand prices, decimal text. */
export interface InsightCoverage {
  readonly kind: string;
  readonly currency: string;
  readonly covered: string;
  readonly onDemand: string;
  /** 0 to 1, decimal text; null where there is neither. */
  readonly share: string | null;
}

export interface InsightCommitments {
  /** Bills that were read for it; null where there are none. */
  readonly window: Interval | null;
  readonly held: readonly InsightHeld[];
  readonly coverage: readonly InsightCoverage[];
  readonly advice: readonly Advice[];
  readonly untold: readonly Untold[];
}

/** Why services moved, by provider and service, and what moved AI spend. */
export interface InsightMovers {
  /** As they were compared: cut alike where bills do not reach to the end. */
  readonly former: Interval;
  readonly current: Interval;
  /** `key` is provider and service. */
  readonly rows: readonly Moved[];
  /** The five that moved AI spend most. */
  readonly drivers: readonly (Moved & { readonly of: DriverNames })[];
  readonly notes: readonly string[];
}

/** An up or down of a number of a unit, and what somebody answered to its alert. */
export interface InsightUnitChange
  extends Pick<Outlier, 'kind' | 'first' | 'last' | 'actual' | 'expected' | 'low' | 'high' | 'open'> {
  /** `cost`, `success`, `quality`, `latency`, `revenue`. */
  readonly of: string;
  readonly worse: boolean;
  readonly owner: { readonly id: string } | null;
  readonly alert: InsightAnomaly['alert'];
}

/** What one of a unit of the config cost in the period of the digest, in one currency. */
export interface InsightUnit {
  readonly name: string;
  /** What is counted: `order`. */
  readonly per: string;
  /** Null where the bills have no charge that is meant. */
  readonly currency: string | null;
  /** Of the days on which both cost and units are known, decimal text; null where no day is. */
  readonly total: {
    readonly cost: string;
    readonly units: string;
    /** Null where nothing was counted. */
    readonly perUnit: string | null;
    /** Days of the period on which either is not known: they are in none of these numbers. */
    readonly daysWithoutUnits: number;
    readonly daysWithoutCost: number;
  } | null;
  /** Percent by which cost per unit moved in four weeks; null where it cannot be told. */
  readonly trend: string | null;
  /** Caught in the period, the newest last. */
  readonly changes: readonly InsightUnitChange[];
  /** What is missing, one sentence each. */
  readonly problems: readonly string[];
}

/** How one model was used by one project and key: a settled week against its own four weeks. */
export interface InsightAiUse extends Compared {
  /** Source of the bill, or `aws:ACCOUNT:REGION`. */
  readonly source: string;
  readonly provider: string;
  /** Project, workspace or account; null where the vendor names none. */
  readonly project: string | null;
  readonly key: string | null;
  /** Without its version; null: all models. */
  readonly model: string | null;
  /** Of cost; null where the bill tells none. */
  readonly currency: string | null;
}

/** What analysis says beside the plain numbers; the use case reads it from the lake. */
export interface DigestInsight {
  /** By currency. */
  readonly forecasts: readonly InsightForecast[];
  /** In the order of the config; empty where it names none. */
  readonly budgets: readonly InsightBudget[];
  readonly anomalies: InsightAnomalies;
  readonly commitments: InsightCommitments;
  readonly movers: InsightMovers;
  /** In the order of the config; empty where it names none. */
  readonly units: readonly InsightUnit[];
  /** The dearest first; empty where nobody tells of any request. */
  readonly aiUse: readonly InsightAiUse[];
}
