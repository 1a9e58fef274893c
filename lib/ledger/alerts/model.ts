import type { Owner } from '../../checks/model.ts';
import type { Money } from '../../focus/money.ts';
import type { Person } from '../life.ts';

/**
 * `anomaly`: cost that its own past does not lead to expect; `budget`: a tier of a budget is reached; `forecast`: a
 * budget will more likely than not be exceeded; `expired`: an experiment that should have ended still costs;
 * `runaway`: the AI usage of an hour; `unit`: a number of a unit (its cost, success, quality, latency, revenue) is out
 * of its band. None of them is ever acted on.
 */
export type AlertKind = 'anomaly' | 'budget' | 'forecast' | 'expired' | 'runaway' | 'unit';

/** `expected`: somebody said that it is meant so, until a date; `closed`: it is over. */
export type AlertState = 'open' | 'acknowledged' | 'expected' | 'closed';

/** Who is told, as the config names them: an address, a Slack user, a channel; null: nobody. */
export interface Route {
  /** The owner, else the channel of the team, else whoever hears of what nobody owns. */
  readonly first: string | null;
  /** A channel that hears of it at the same time. */
  readonly also: string | null;
  /** Who hears of it when nobody answered. */
  readonly escalation: string | null;
  /** Business hours without an answer. */
  readonly escalateAfter: number;
  /** Does whoever comes next hear of it at once, whatever the hour? Left out: when nobody answered. */
  readonly atOnce?: boolean;
}

/** What was seen where it is no sum of money. Numbers are decimal text. */
export interface Measured {
  /** `cost per order`, `success`, `tokens`. */
  readonly of: string;
  /** `USD`; empty where nobody tells one. */
  readonly unit: string;
  readonly actual: string;
  readonly expected: string;
  /** The range that would have been nothing. */
  readonly low: string;
  readonly high: string;
  readonly worse: boolean;
}

/** What a judge of bills says of one thing; renewed by each judgement. */
export interface AlertFacts {
  readonly kind: AlertKind;
  /** What it is: `step up`, `reached 80%`. */
  readonly what: string;
  /** Values by axis; `{ budget: NAME }` of a budget; `{ unit: NAME, of: NUMBER }` of a unit. */
  readonly subject: Readonly<Record<string, string>>;
  /** Other series that show the same. */
  readonly alsoSeen: readonly Readonly<Record<string, string>>[];
  /** Bill or usage feed that shows it; null: the bills of a budget. */
  readonly source: string | null;
  /** First day that was off (`YYYY-MM-DD`), and the last so far; of runaway usage the hour, ISO-8601 UTC. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Of a budget: its period, ISO-8601 UTC, half-open. */
  readonly window: { readonly start: string; readonly end: string } | null;
  /**
   * What it is off by, or of a budget what was spent; of a forecast what the period will have cost; null: it is told
   * by `measured`.
   */
  readonly money: Money | null;
  /** Left out, or null: it is told by `money`. */
  readonly measured?: Measured | null;
  /** What it comes to a month where it stays. */
  readonly monthly: Money | null;
  /** What was seen, and the range that would have been nothing (of a forecast: the range it lies in). */
  readonly expected: {
    readonly value: Money;
    readonly low: Money;
    readonly high: Money;
    readonly of: string;
  } | null;
  /** Of a budget. */
  readonly limit: Money | null;
  /** Percent of the limit that was reached. */
  readonly tier: number | null;
  /** That the limit will be exceeded, 0 to 1. */
  readonly probability: number | null;
  /** Most likely causes, one clause each. */
  readonly causes: readonly string[];
  /** What would keep the limit; planned only, nothing throttles. */
  readonly throttle: { readonly allowed: Money; readonly recent: Money; readonly percent: number } | null;
  /** What it does not see: one sentence each. */
  readonly blindSpots: readonly string[];
  readonly owner: Owner | null;
  readonly route: Route;
  /** Days for which "Expected" holds; where there is a window, it holds to its end. */
  readonly expectedDays: number;
  /** Does it go on, as far as days have settled? */
  readonly ongoing: boolean;
}

/** One message of it that Slack has. */
export interface Told {
  /** For which round of it, see `Alert.round`, and as whom. */
  readonly round: number;
  readonly role: 'first' | 'also' | 'escalation';
  readonly contact: string;
  /** Null for a channel. */
  readonly person: Person | null;
  readonly channel: string;
  readonly ts: string;
  /** ISO-8601 UTC */
  readonly at: string;
  /** How it was drawn last (`stageOf`). */
  readonly drawn: string;
}

/** One entry of its append-only trail. */
export interface AlertChange {
  readonly at: string;
  /** `audit`, `sweep`, `slack:<team>:<user>` (verified). */
  readonly actor: string;
  readonly from: AlertState | null;
  readonly to: AlertState;
  readonly reason: string;
  readonly runId: string;
}

/** An alert with its life; kept whole, trail included, as one document. */
export interface Alert extends AlertFacts {
  readonly schemaVersion: 1;
  /** `a-` and 26 characters of lower-case hex; the same in every run. */
  readonly id: string;
  readonly state: AlertState;
  /** Who acknowledged it or said that it is expected. */
  readonly by: { readonly person: Person; readonly at: string } | null;
  /** Of expected: until when, ISO-8601 UTC. */
  readonly until: string | null;
  /** 1; one more each time that it is told of anew: after the end of what was expected, or when it came back. */
  readonly round: number;
  readonly told: readonly Told[];
  /** Contacts that Slack says for certain cannot be told. */
  readonly unreachable: readonly { readonly contact: string; readonly reason: string; readonly at: string }[];
  readonly seen: { readonly first: string; readonly last: string; readonly runId: string };
  readonly history: readonly AlertChange[];
}

/** What happens to an alert. */
export type AlertEvent =
  | { readonly type: 'seen'; readonly id: string; readonly facts: AlertFacts }
  | { readonly type: 'over'; readonly reason: string }
  | { readonly type: 'acknowledged'; readonly by: Person }
  | { readonly type: 'expected'; readonly by: Person }
  | { readonly type: 'told'; readonly told: Told }
  | { readonly type: 'drawn'; readonly ts: string; readonly channel: string; readonly stage: string }
  | { readonly type: 'unreachable'; readonly contact: string; readonly reason: string };
