/** What the page unpacks: every text is written already, as in `PageData`. */
export interface PageRows {
  readonly findings: readonly PageFinding[];
  readonly spend: readonly PageSpend[];
}

export interface PageFinding {
  readonly id: string;
  readonly check: string;
  readonly verdict: string;
  readonly severity: string;
  readonly state: string;
  readonly confidence: string;
  readonly provider: string;
  readonly account: string;
  readonly region: string;
  readonly type: string;
  readonly resource: string;
  readonly title: string;
  /** '' where nobody is known. */
  readonly owner: string;
  readonly age: number;
  readonly cost: string | null;
  readonly basis: string;
  readonly saving: string | null;
  /** Places among all by amount, the dearest first; of other currencies and without a price after those. */
  readonly costRank: number;
  readonly savingRank: number;
  readonly reason: string;
  /** Name, value, window, source. */
  readonly evidence: readonly (readonly [string, string, string, string])[];
  readonly blind: readonly string[];
  readonly more: PageFindingMore | null;
}

/** What only the page of one finding tells. */
export interface PageFindingMore {
  /** Label and text. */
  readonly facts: readonly (readonly [string, string])[];
  /** What, amount, source: all but the last add up to the last. */
  readonly saving: readonly (readonly [string, string, string])[];
  readonly change: readonly string[];
  readonly asked: readonly string[];
  readonly advice: readonly string[];
  /** When, what, who, why. Null: not on this page. */
  readonly history: readonly (readonly [string, string, string, string])[] | null;
  /** Null: not on this page. */
  readonly series: readonly PageSeries[] | null;
}

export interface PageSeries {
  /** Series of the same are drawn in one plot, by their names. */
  readonly what: string;
  readonly name: string;
  readonly unit: string;
  readonly source: string;
  /** Milliseconds since 1970, and from point to point. */
  readonly start: number;
  readonly step: number;
  readonly values: readonly (number | null)[];
  readonly top: number | null;
}

/** Spend of one currency in the ways in which it can be gone through. */
export interface PageSpend {
  readonly currency: string;
  readonly ways: readonly { readonly name: string; readonly nodes: readonly PageNode[] }[];
}

/** Name, amount for people, length on a picture, and its parts. */
export type PageNode = readonly [string, string, number, readonly PageNode[]];
