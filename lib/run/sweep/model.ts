import type { Action } from '../../actions/model.ts';
import type { Judgement } from '../../checks/model.ts';
import type { Resource } from '../../estate/model.ts';
import type { WorkCalendar } from '../../ledger/calendar.ts';
import type { Rules } from '../../ledger/decide/index.ts';
import type { SeverityThresholds } from '../../ledger/finding.ts';
import type { Caps } from '../../ledger/guards.ts';
import type { Finding, FindingRecord, LedgerStore } from '../../ledger/model.ts';
import type { Messenger } from '../../notices/model.ts';
import type { Progress } from '../../platform/progress.ts';
import type { TermsSettings } from '../terms.ts';

/** `dry-run` writes and sends nothing and changes nothing; `warn` tells people and undoes; `act` stops, too. */
export type SweepMode = 'dry-run' | 'warn' | 'act';

/** One finding looked at again. A fault leads to no stop. */
export type Looked =
  | { readonly ok: false; readonly reason: string }
  | {
      readonly ok: true;
      /** As collected just now; null where it is gone. */
      readonly resource: Resource | null;
      /** The check's verdict just now; null where it is no waste. */
      readonly judgement: Judgement | null;
      /** May that verdict be acted on? */
      readonly actionable: boolean;
    };

/** Collects the scopes of these findings again, in batches, and runs their checks on what was read. */
export type Look = (records: readonly FindingRecord[], now: Date) => Promise<ReadonlyMap<string, Looked>>;

export interface SweepSettings {
  readonly terms: TermsSettings;
  readonly protectedTags: readonly string[];
  /** From the config; the switch in Slack is a document of the ledger. */
  readonly paused: boolean;
  readonly caps: { readonly organisation: Caps; readonly account: Caps | null };
  readonly canary: boolean;
  /** Zone of the days of the caps. */
  readonly timezone: string;
  /** Where pages go; null: nowhere. */
  readonly channel: string | null;
  /** Slack user ids of who may approve what cannot be undone. */
  readonly approvers: readonly string[];
  readonly thresholds: SeverityThresholds | undefined;
  readonly rules: Rules;
  /** Longer than a sweep may run: after this another process may take over what it had claimed. */
  readonly claimMinutes: number;
  readonly concurrency: number;
}

/** What a sweep works with, built by run/assemble. */
export interface SweepParts {
  readonly ledger: LedgerStore;
  /** Null: no Slack is configured, so nobody can be told and no clock starts. */
  readonly messenger: Messenger | null;
  readonly actions: readonly Action[];
  /** A session with the rights of the action, for this finding. Throws a BursarError where it is refused. */
  readonly enter: (action: Action, finding: Finding) => Promise<unknown>;
  readonly look: Look;
  /** Looks whether AI usage runs away, and gives what could not be watched; left out, nothing is watched. */
  readonly watchAi?: (runId: string, now: Date) => Promise<string[]>;
  readonly settings: SweepSettings;
  readonly clock: () => Date;
  /** Waits between two looks at a stop that takes its time. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Calendars that must all allow a stop, for a person in that zone. */
  readonly calendars: (timezone: string, now: Date) => readonly WorkCalendar[];
  /** The same for every run of this process and unguessable: nobody else holds its claims. */
  readonly runId: string;
  /** No new work is begun after this. */
  readonly deadline: Date | null;
  readonly progress: Progress;
}

export type Did =
  | 'warned'
  | 'undeliverable'
  | 'reminded'
  | 'moved'
  | 'stopped'
  | 'stopping'
  | 'stop failed'
  | 'blocked'
  | 'not stopped'
  | 'restored'
  | 'restoring'
  | 'restore failed'
  | 'would warn'
  | 'would remind'
  | 'would stop'
  | 'would not stop'
  | 'would undo'
  | 'skipped';

export interface SweepLine {
  readonly findingId: string;
  readonly resourceId: string;
  readonly did: Did;
  /** In words: to whom, or why not. */
  readonly told: string;
}

/** What `bursar sweep --format json` prints. */
export interface SweepReport {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly now: string;
  readonly mode: SweepMode;
  readonly lines: readonly SweepLine[];
  /** Effects that did not succeed: told again by a later sweep, or only here. */
  readonly faults: readonly string[];
}
