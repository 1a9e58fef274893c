import type { Rate } from '../analysis/commitments/model.ts';
import type { OwnerOf } from '../checks/owner.ts';
import type { Creation, Scope, Snapshot } from '../estate/model.ts';
import type { Lake } from '../lake/model.ts';
import type { SeverityThresholds } from '../ledger/finding.ts';
import type { LedgerStore } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Meter } from '../platform/meter.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Progress } from '../platform/progress.ts';
import type { Source } from '../sources/model.ts';
import type { AlertSettings } from './alerts/model.ts';
import type { TermsSettings } from './terms.ts';
import type { UnitSettings } from './units/read.ts';

/** A part of the estate that can list its scopes and collect one: an AWS organisation, GCP projects, stores. */
export interface Estate {
  readonly permissions: readonly Permission[];
  /** The scopes to look at, with coverage of what could not even be listed. */
  plan(now: Date, meter: Meter): Promise<{ scopes: readonly Scope[]; coverage: readonly Coverage[] }>;
  /** Does this part answer for the scope? */
  covers(scope: Scope): boolean;
  /**
   * Never throws for what a provider refuses: that is in the snapshot's coverage.
   * @param only ids of resources whose telemetry is wanted; the inventory of a dataset is whole in every case
   * @param made who made what, as is known already; left out, no audit log is asked
   * @param datasets ids of those that are wanted; they, and what they need, are read at least. Left out: all
   */
  collect(
    scope: Scope,
    now: Date,
    meter: Meter,
    only?: ReadonlySet<string>,
    made?: readonly Creation[],
    datasets?: ReadonlySet<string>,
  ): Promise<Snapshot>;
}

/** What the use cases work with, built by run/assemble from the config, one file an entry point. */
export interface Auditor {
  readonly lake: Lake;
  readonly ledger: LedgerStore;
  readonly sources: readonly Source[];
  readonly estates: readonly Estate[];
  /** Settings of each check by its id, as the config holds them; a check without an entry is off. */
  readonly checks: Readonly<Record<string, unknown>>;
  readonly ownerOf: OwnerOf;
  /** Are the audit logs of the clouds asked who made what has no owner? */
  readonly creators?: boolean;
  /** Policies, and who is told. */
  readonly terms: TermsSettings;
  readonly thresholds: SeverityThresholds;
  readonly organisation: {
    readonly name: string;
    readonly timezone: string;
    readonly currency: string;
    /** How numbers and dates are written for people, BCP 47; left out, `en-US`. */
    readonly locale?: string | undefined;
  };
  /** Discount of a commitment by programme, decimal text, where the config names one. */
  readonly discounts: Readonly<Record<string, string>>;
  /** What a programme is sold at, where the config tells more than one discount. */
  readonly rates?: Readonly<Record<string, readonly Omit<Rate, 'source'>[]>>;
  /** Slack users who may approve. */
  readonly approvers?: readonly string[];
  /** What is kept of anomalies and budgets, and who is told; left out, nothing. */
  readonly alerts?: AlertSettings;
  /**
   * The units of the config, with where their numbers come from; left out, there are none. A number that is asked of
   * the lake is asked of these sources (null: all).
   */
  readonly units?: ((sources: readonly string[] | null) => readonly UnitSettings[]) | undefined;
  readonly progress: Progress;
  /** What engines elsewhere were asked and what they charge for it, since it was last drained. */
  readonly asking: Meter;
  /** Tasks collected at once. */
  readonly concurrency: number;
}
