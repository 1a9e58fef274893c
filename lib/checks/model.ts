import type { Provider, Resource, Telemetry, VectorIndex } from '../estate/model.ts';
import type { Money } from '../focus/money.ts';
import type { ListPrice } from '../focus/prices/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Known } from './ownership.ts';

export type Verdict =
  | 'IDLE'
  | 'UNUSED'
  | 'EXPIRED'
  | 'NONCOMPLIANT'
  | 'INEFFICIENT'
  | 'SUSPECTED'
  | 'HELD'
  | 'UNOBSERVED';

/** One fact that a verdict rests on, as a person can check it. Values are text, in the unit named. */
export interface Evidence {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  /** ISO-8601 interval `start/end` or duration that the value speaks for; empty where it is a state. */
  readonly window: string;
  /** API, metric, query or column that it came from. */
  readonly source: string;
}

/** Who answers for a resource, and how we know. */
export interface Owner {
  readonly id: string;
  readonly source: string;
  readonly confidence: 'high' | 'medium' | 'low';
}

/** What an owner is asked for: a resource, or an account alone. */
export interface Owned {
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>> | null;
  /** Canonical id of the resource; left out for what is none. */
  readonly id?: string | undefined;
}

/** What a check says of one resource (or one line of the bill): a finding before it has a life. */
export interface Judgement {
  readonly check: string;
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string;
  readonly resourceType: string;
  /** Canonical: the ARN or full resource name; for spend without a resource `account/<id>/service/<name>/tag/<key>`. */
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly owner: Owner | null;
  readonly verdict: Verdict;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly costBasis: 'billed' | 'list-estimate' | 'unknown';
  readonly monthlyCost: Money | null;
  readonly monthlySaving: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
  /** One sentence: why this verdict. */
  readonly reason: string;
  /** Scopes whose complete coverage is needed before its absence means that it is resolved. */
  readonly scopes: readonly string[];
}

/** What the bill says of one resource over the last 30 full days. */
export interface ResourceCost {
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string | null;
  /** ResourceId as the bill writes it (AWS: an ARN or a bare `i-0abc`). */
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly service: string;
  readonly currency: string;
  /** Sum of EffectiveCost over the window, decimal text. */
  readonly effective: string;
  /** The part of `effective` that a commitment covers: stopping saves none of it. */
  readonly committed: string;
  /** What of the rest was charged for what went through it (data, requests): what nothing goes through costs none of it. */
  readonly byUse?: string;
  /** Days of the window on which it was charged. */
  readonly days: number;
}

/** How much one bill tells of one account in the window. */
export interface BillDetail {
  readonly source: string;
  readonly provider: Provider;
  readonly accountId: string;
  /** Does any row name a resource? */
  readonly resourceIds: boolean;
  /** Does any row show that commitments have a part in it? */
  readonly commitments: boolean;
}

/**
 * Spend of the window grouped as tag checks need it: one row per source, account, service, resource and
 * distinct tag set. `tags` null means that the source cannot tell tags at this grain (not that there are none).
 */
export interface TagSpend {
  readonly source: string;
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string | null;
  readonly service: string;
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly resourceType: string | null;
  readonly chargeCategory: string;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly currency: string;
  readonly effective: string;
}

/** Usage of an AI vendor or of Amazon Bedrock in the window, by what tells whose calls they were. */
export interface AiCalls {
  readonly source: string;
  readonly provider: Provider;
  /** Sub-account (project, workspace, AWS account), else the billing account. */
  readonly accountId: string;
  readonly subAccountId: string | null;
  readonly subAccountName: string | null;
  readonly service: string;
  readonly apiKey: string | null;
  /** ARN of an inference profile of Amazon Bedrock. */
  readonly inferenceProfile: string | null;
  /** Is it about tokens, so a call of a model? */
  readonly tokens: boolean;
  readonly currency: string;
  /** Sum of EffectiveCost, decimal text. */
  readonly effective: string;
}

/** AI work of the bill by vendor, account, service, region and model. */
export interface AiService {
  readonly source: string;
  readonly provider: Provider;
  /** ProviderName as the bill writes it, without blanks at its ends. */
  readonly vendor: string;
  readonly accountId: string;
  readonly service: string;
  /** '' where the bill names none. */
  readonly region: string;
  /** x_AiModel; '' where the bill names none. */
  readonly model: string;
  readonly currency: string;
  /** EffectiveCost of the window, decimal text; and whether anything was charged in it. */
  readonly effective: string;
  readonly charged: boolean;
  /** First ChargePeriodStart in all that is held, ISO-8601 UTC. */
  readonly since: string;
}

/** What a bill that names no resources told of one machine beside it, for some days. */
export interface RecentCost {
  readonly source: string;
  readonly accountId: string;
  readonly resourceId: string;
  readonly currency: string;
  /** Amortized cost of these days, decimal text. */
  readonly effective: string;
  /** Half-open, ISO-8601 UTC: less than a month. */
  readonly start: string;
  readonly end: string;
}

/** A vector index as a snapshot shows it. */
export interface SeenIndex extends VectorIndex {
  /** When the snapshot was taken, ISO-8601 UTC. */
  readonly at: string;
  /** The scope that the snapshot is of, as coverage names it. */
  readonly scope: string;
}

/** Everything that checks may look at: values only, no client, no clock. */
export interface Facts {
  readonly resources: readonly Resource[];
  readonly telemetry: readonly Telemetry[];
  readonly vectorIndexes: {
    readonly current: readonly SeenIndex[];
    /** Kept snapshots of the same stores, oldest first. */
    readonly history: readonly SeenIndex[];
  };
  readonly costs: readonly ResourceCost[];
  /** What of `costs` is charged for what is kept alone; left out where nothing is paid by the byte. */
  readonly storageCosts?: readonly ResourceCost[];
  readonly tagSpend: readonly TagSpend[];
  /** By source and account; left out where no bill was asked. */
  readonly billDetail?: readonly BillDetail[];
  /** Machines of bills that name no resources; left out where no such bill tells of any. */
  readonly recentCosts?: readonly RecentCost[];
  /** What providers ask of everyone, for what no bill tells by resource. */
  readonly listPrices?: readonly ListPrice[];
  /** Half-open window that `costs` and `tagSpend` speak for; null with no bill. */
  readonly billWindow: { readonly start: string; readonly end: string; readonly days: number } | null;
  readonly coverage: readonly Coverage[];
  /** Who owns a resource, by tags, account, creator; decided before the checks. */
  ownerOf(owned: Owned): Owner | null;
  /** Accounts with their tags, and who made what; left out where nobody looked. */
  readonly known?: Known;
  /** Left out where the bill was not asked for it, as in a second look. */
  readonly aiCalls?: readonly AiCalls[];
  /** AI work of the bill, and since when each source is held; left out where no check asks for it. */
  readonly aiServices?: {
    readonly rows: readonly AiService[];
    readonly heldSince: ReadonlyMap<string, string>;
  };
}

export type DatasetNeed = 'resources' | 'telemetry' | 'vector-indexes' | 'costs' | 'tag-spend' | 'ai-spend';

/**
 * One kind of waste. `S` is its settings, with defaults, as the config's `checks:` key holds them.
 * Pure: the same facts, settings and `now` give the same judgements.
 */
export interface Check<S = unknown> {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly DatasetNeed[];
  /** Ids of the estate's datasets that it rests on, `all` of them, or none (`[]`): what they call is what it calls. */
  readonly datasets: readonly string[] | 'all';
  /** Every verdict that it can give, and whether one may ever be acted on. */
  readonly verdicts: Readonly<Partial<Record<Verdict, { readonly actionable: boolean }>>>;
  judge(facts: Facts, settings: S, now: Date): Judgement[];
  /** What would have to be so for another verdict than this one, or none: one plain sentence each. */
  wouldChange(verdict: Verdict, settings: S): readonly string[];
}
