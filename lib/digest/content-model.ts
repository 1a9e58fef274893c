import type { Evidence, Verdict } from '../checks/model.ts';
import type { Money } from '../focus/money.ts';
import type { FindingState, Severity } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { ApiCalls } from '../platform/meter.ts';
import type { Audience, PeriodKind } from './audience-model.ts';
import type {
  InsightAiUse,
  InsightAnomalies,
  InsightAnomaly,
  InsightBudget,
  InsightCommitments,
  InsightForecast,
  InsightUnit,
  Interval,
} from './insight-model.ts';

/** A part of a sentence: our own words, a number still to be formatted, or a name that others chose. */
export type PhrasePart =
  | string
  | { readonly money: Money }
  | { readonly percent: string }
  | { readonly number: string }
  | { readonly day: string }
  | { readonly name: string };
export type Phrase = readonly PhrasePart[];

/** A name that someone outside wrote (resource, owner, service, tag): never trusted by a renderer. */
export type Name = string;

/** What was spent in the period in one currency, beside the period before it. */
export interface SpendFigure {
  readonly currency: string;
  readonly current: string;
  /** Null where the bills do not reach back over the whole former period. */
  readonly former: string | null;
  readonly difference: string | null;
  /** Difference in percent of the former period, 2 places; null where that was zero, negative or unknown. */
  readonly percent: string | null;
  readonly estimated: boolean;
  /** The day on which all bills begin, where that is within the period: of days before it nothing is known. */
  readonly since: string | null;
  /** Days of the period that a bill does not tell: with any, the amount is partial. */
  readonly missing: readonly { readonly bill: Name | null; readonly days: readonly string[] }[];
  readonly source: string;
}

export type FigureId =
  | 'waste'
  | 'possible-waste'
  | 'untagged'
  | 'idle-gpu'
  | 'unobserved-gpu'
  | 'stale-embeddings'
  | 'commitments';

/** One number of the brief: an amount by currency, how many things it is of, and where it came from. */
export interface Figure {
  readonly id: FigureId;
  readonly label: string;
  /** What the amounts are: `saving a month`, `cost a month`, `cost in 30 days`. */
  readonly unit: string;
  /** By currency, in order of their names; empty where nothing has a price. */
  readonly amounts: readonly Money[];
  /** What is estimated at list prices, beside `amounts`; left out where nothing is. */
  readonly estimated?: readonly Money[];
  readonly count: number;
  /** How many of `count` have no known amount: they are in no sum. */
  readonly unpriced: number;
  /** Why a count of none proves nothing: `no bill was read`; left out where something was looked at. */
  readonly unseen?: string;
  /** How many of `count` have an amount of zero, as what a commitment pays for; left out where none has. */
  readonly zero?: number;
  readonly source: string;
}

/** How much of the taggable spend carries the wanted tags, in one currency. */
export interface TagFigure {
  readonly currency: string;
  /** tagged / (tagged + untagged + not activated) in percent, 1 place; null where nothing is taggable. */
  readonly coverage: string | null;
  readonly tagged: string;
  readonly untagged: string;
  readonly notActivated: string;
  readonly untaggable: string;
  readonly unknown: string;
  readonly source: string;
}

/** A service whose cost changed between the two periods. */
export interface Mover {
  readonly provider: Name;
  readonly service: Name;
  readonly currency: string;
  readonly current: string;
  readonly former: string;
  readonly difference: string;
  readonly percent: string | null;
  /** Why, one clause (`from more use`); null where the bills do not tell it for the whole of both periods. */
  readonly why: Phrase | null;
  /** The cause that weighs most, in few words (`more use`), with its amount where it is not all; null where `why` is. */
  readonly cause: Phrase | null;
  /** All of it as one plain sentence. */
  readonly sentence: Phrase;
  readonly source: string;
}

/** What a month has cost so far in one currency: settled days, without credits and corrections. */
export interface MonthFigure {
  readonly currency: string;
  /** First day of the month, and the first that is not in it: UTC days, `YYYY-MM-DD`. */
  readonly start: string;
  readonly until: string;
  /** The day on which all bills begin, where that is within the month. */
  readonly since: string | null;
  readonly spent: string;
  /** Days of it that are in no bill: what they cost is not in `spent`. */
  readonly unknownDays: number;
  /** The budget of everything for that month; `percent` of it is spent, 1 place. */
  readonly budget: { readonly name: Name; readonly limit: Money; readonly percent: string } | null;
  readonly source: string;
}

export type LifeId = 'stopped' | 'undone' | 'exempted' | 'failed' | 'in-grace';

/** What became of findings within the period, or (`in-grace`) what waits now; a resource once. */
export interface LifeFigure {
  readonly id: LifeId;
  readonly label: string;
  readonly count: number;
  /** What they would save a month, by currency. */
  readonly amounts: readonly Money[];
  readonly unpriced: number;
  /** Of the first few, the newest first. */
  readonly titles: readonly Name[];
  readonly source: string;
}

/** What somebody must decide, the dearest first. */
export interface DecisionLine {
  readonly kind: DecisionKind;
  readonly line: WasteLine;
  /** When it was asked; null where that is not known. */
  readonly since: string | null;
  /** Slack user ids of who was asked. */
  readonly asked: readonly string[];
  /** What a button in Slack holds: an opaque token, authorised at the click. Null where nothing can be pressed. */
  readonly press: {
    readonly token: string;
    readonly kind: 'approve' | 'claim';
    readonly reversible: boolean;
  } | null;
  readonly source: string;
}

export type DecisionKind = 'approve-stop' | 'approve-exemption' | 'name-owner' | 'repair';

/** One number for who leads: a share in percent or an amount; null with the reason in `note`. */
export interface ExecutiveFigure {
  readonly id: 'allocated' | 'idle-gpu-share' | 'forecast-error' | 'commitment-coverage' | 'unit-cost';
  readonly label: string;
  readonly value: { readonly percent: string } | { readonly money: Money } | null;
  readonly note: Phrase;
  readonly source: string;
}

/** A named query of the lake that was asked for this digest, and how many rows it gave. */
export interface AskedQuery {
  readonly query: string;
  readonly params: Readonly<Record<string, string | number | null>>;
  readonly rows: number;
}

/** What a month will have cost in one currency, with the days behind it. */
export interface ForecastFigure extends InsightForecast {
  readonly source: string;
}

/** How a budget stands, and how likely it is to be exceeded. */
export interface BudgetLine extends Omit<InsightBudget, 'name'> {
  readonly name: Name;
  readonly source: string;
}

/** What cost other than its past led to expect, the dearest first. */
export interface AnomalyLine extends Omit<InsightAnomaly, 'source' | 'owner'> {
  /** What it is of: the values of its axes. */
  readonly what: readonly Name[];
  /** The likeliest cause, one clause; null where nothing makes up half of it. */
  readonly cause: Phrase | null;
  readonly owner: Name | null;
  readonly source: string;
}

export interface AnomalyFigure extends Pick<InsightAnomalies, 'since' | 'minimum' | 'judged' | 'notes'> {
  readonly lines: readonly AnomalyLine[];
  /** Series whose history is too short to tell. */
  readonly untold: number;
  readonly source: string;
}

/** What is committed, and what to commit: nothing is ever bought. */
export interface CommitmentFigure extends InsightCommitments {
  readonly source: string;
}

/** What one of a unit cost in the period, and its ups and downs. */
export interface UnitLine extends InsightUnit {
  readonly source: string;
}

/** How a model is used: tokens and cost of a request, against its own four weeks. */
export interface AiUseLine extends InsightAiUse {
  readonly source: string;
}

/** A plain sentence about what moved AI spend. */
export interface AiDriver {
  readonly sentence: Phrase;
  /** The same in a few words: by how much, what, and the cause that weighs most; null where none does. */
  readonly change: Money;
  readonly what: Phrase;
  readonly cause: Phrase | null;
  readonly source: string;
}

/** A resource that wastes money, with the finding that says most about it. */
export interface WasteLine {
  readonly findingId: string;
  readonly check: string;
  readonly provider: string;
  readonly accountId: string;
  readonly region: Name;
  readonly resourceType: string;
  readonly resourceId: Name;
  /** The resource's name, or the last part of its id. */
  readonly title: Name;
  readonly owner: Name | null;
  readonly verdict: Verdict;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly severity: Severity;
  readonly state: FindingState;
  /** Whole days since it was first seen. */
  readonly ageDays: number;
  readonly costBasis: 'billed' | 'list-estimate' | 'unknown';
  readonly monthlyCost: Money | null;
  readonly monthlySaving: Money | null;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
  readonly source: string;
}

/** Scopes that were not wholly seen for one and the same reason. */
export interface Gap {
  readonly status: Exclude<Coverage['status'], 'complete'>;
  readonly reason: string;
  readonly scopes: readonly string[];
}

/** Cost a day in one currency, oldest first; `inPeriod` marks the days that the digest is about. */
export interface DailySeries {
  readonly currency: string;
  readonly days: readonly { readonly day: string; readonly amount: string; readonly inPeriod: boolean }[];
  readonly source: string;
}

/** What stops were said to save and what the bills say they saved, over the same hours, by currency. */
export interface DigestSavings {
  readonly stops: number;
  /** Stops that no bill reaches yet, or whose cost before no bill told. */
  readonly unbilled: number;
  readonly estimated: readonly Money[];
  readonly realised: readonly Money[];
}

/** Everything that a digest says; renderers choose and format, they compute nothing. */
export interface DigestContent {
  readonly schemaVersion: 1;
  /** The same for the same organisation, kind and period: what makes a second post of it the same post. */
  readonly id: string;
  readonly organisation: Name;
  readonly timezone: string;
  /** How numbers and dates are written, BCP 47. */
  readonly locale: string;
  /** For whom: of a team's digest nothing is of others. */
  readonly audience: Audience;
  readonly kind: PeriodKind;
  readonly period: Interval;
  readonly former: Interval;
  readonly now: string;
  readonly asOf: string | null;
  /** Whole hours between `asOf` and `now`; null with no bill. */
  readonly ageHours: number | null;
  readonly story: Phrase;
  /** Its beginning alone, for a screen whose figures tell the rest: how spend moved, and where most. */
  readonly brief: Phrase;
  readonly spend: readonly SpendFigure[];
  readonly figures: readonly Figure[];
  readonly tagging: readonly TagFigure[];
  readonly daily: readonly DailySeries[];
  readonly movers: readonly Mover[];
  /** The running month by currency, the organisation's own first; empty with no bill. */
  readonly month: readonly MonthFigure[];
  /** What was stopped, undone, exempted, what failed, what is in grace; empty where nothing is. */
  readonly life: readonly LifeFigure[];
  readonly decisions: readonly DecisionLine[];
  /** Of the executive's digest; else empty. */
  readonly executive: readonly ExecutiveFigure[];
  /** By currency, the organisation's own first; empty with no bill. */
  readonly forecast: readonly ForecastFigure[];
  /** In the order of the config. */
  readonly budgets: readonly BudgetLine[];
  /** Null: not looked for, since there is no bill. */
  readonly anomalies: AnomalyFigure | null;
  readonly commitments: CommitmentFigure | null;
  /** What moved AI spend most, at most five. */
  readonly aiDrivers: readonly AiDriver[];
  /** In the order of the config; empty where it names none. */
  readonly units: readonly UnitLine[];
  /** The dearest models, at most five; empty where nobody tells of any request. */
  readonly aiUse: readonly AiUseLine[];
  readonly wastes: readonly WasteLine[];
  /** Every open finding as a line, the dearest first. */
  readonly findings: readonly WasteLine[];
  readonly resolved: {
    readonly count: number;
    readonly amounts: readonly Money[];
    readonly top: readonly WasteLine[];
  };
  /** What our stops saved by the bill, beside what was estimated; null where nothing was stopped. */
  readonly savings: DigestSavings | null;
  readonly gaps: readonly Gap[];
  /** How many scopes were asked for, and how many of them were wholly seen. */
  readonly scopes: { readonly all: number; readonly complete: number };
  /** What the numbers mean, a sentence each. */
  readonly basis: readonly string[];
  readonly ownCost: Money & { readonly calls: readonly ApiCalls[] };
  /** What the lake was asked for it; empty where nobody listened. */
  readonly asked: readonly AskedQuery[];
}
