import type { Judgement } from '../checks/model.ts';
import type { Json } from '../estate/model.ts';
import type { Money } from '../focus/money.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Mode } from './policy.ts';

/** Every state of a finding, as docs/decisions draws them. */
export type FindingState =
  | 'DETECTED'
  | 'NOTIFY_PENDING'
  | 'UNDELIVERED'
  | 'ESCALATED'
  | 'WARNED'
  | 'ACKNOWLEDGED'
  | 'SNOOZED'
  | 'EXEMPTION_REQUESTED'
  | 'EXEMPT'
  | 'DISOWNED'
  | 'APPROVAL_REQUESTED'
  | 'BLOCKED'
  | 'STOPPING'
  | 'STOPPED'
  | 'STOP_FAILED'
  | 'UNDO_REQUESTED'
  | 'STARTING'
  | 'RESTORED'
  | 'RESTORE_FAILED'
  | 'RESOLVED';

/** A person whom Slack has verified: never taken from a button's value or a tag. */
export interface Person {
  /** Slack user id within `team`. */
  readonly user: string;
  /** Workspace or enterprise id. */
  readonly team: string;
}

/** Whom a notice is for. Only `owner` starts a clock: a team or fallback channel is not an owner. */
export interface Recipient {
  readonly kind: 'owner' | 'channel';
  /** Address, channel name or Slack user id as the owner rules or a claim gave it. */
  readonly id: string;
  /** The verified Slack identity of an owner; null for a channel, and for an owner not looked up yet. */
  readonly person: Person | null;
  /** How we know: `tag owner`, `account 111122223333`, `claimed by U123`, `fallback`. */
  readonly source: string;
}

/** A warning that Slack has taken: stored only with its `ts`. */
export interface Notice {
  /** Opaque; buttons hold it and nothing else. */
  readonly id: string;
  readonly recipient: Recipient;
  readonly channel: string;
  readonly ts: string;
  /** ISO-8601 UTC: when Slack took it. */
  readonly deliveredAt: string;
  /**
   * When it was stored, where a later process found it begun: it may have been taken at any time since
   * `deliveredAt`, so its grace is counted from here. Left out where both are one.
   */
  readonly storedAt?: string | undefined;
  /** What has been said in its thread already. */
  readonly reminded: boolean;
  readonly lastCalled: boolean;
  /** IANA zone of the owner, in which dates were told; left out where it was not known. */
  readonly timezone?: string | undefined;
}

/** What makes it the same resource as the one that was warned about (rule 1). */
export interface Fingerprint {
  /** Last launch (ISO-8601 UTC); null where the type has none. */
  readonly launch: string | null;
  /** `type id` of what owns it; null for none. */
  readonly parent: string | null;
}

/** A rest from warnings and stops. It covers the resource, for every check unless `check` limits it. */
export interface Hold {
  readonly kind: 'snooze' | 'exemption';
  readonly check: string | null;
  readonly until: string;
  readonly by: Person;
  readonly approvedBy: Person | null;
  readonly reason: string;
}

/** The policy as it applied when the finding was last judged. */
export interface PolicyNow {
  readonly mode: Mode;
  /** In words, for `explain` and the trail. */
  readonly rule: string;
  /** As the config writes it: `2 business days`; null where the mode has none. */
  readonly grace: string | null;
  /** It names this check; left out where it is for every check (`*`), or none matches. */
  readonly named?: true | undefined;
}

/** A stop or an undo that was decided and written down before it is carried out. */
export interface Intent {
  readonly kind: 'stop' | 'undo';
  readonly action: string;
  /** What will be done, and what brings it back: plain values that a later process can carry out. */
  readonly plan: Json;
  readonly undoPlan: Json;
  readonly at: string;
  readonly attempt: number;
}

/** What a finding has been through, beside its numbers. */
export interface Life {
  readonly policy: PolicyNow;
  /** May the verdict of the last judgement be acted on? */
  readonly actionable: boolean;
  /** The next person or channel to be told; null where nobody is left. */
  readonly recipient: Recipient | null;
  /** Recipients who were told or tried before, by id: nobody is asked twice. */
  readonly passed: readonly string[];
  readonly notice: Notice | null;
  /** Deliveries of the current notice that failed, for the pause before the next. */
  readonly undelivered: number;
  readonly fingerprint: Fingerprint | null;
  readonly hold: Hold | null;
  readonly snoozes: number;
  /** An exemption or an irreversible stop that waits for its approver. `left`: milliseconds of grace that rest. */
  readonly request: {
    readonly kind: 'exemption' | 'stop';
    readonly by: Person;
    readonly at: string;
    readonly until: string | null;
    readonly reason: string;
    /** The check that an exemption is limited to; null: it covers the resource. */
    readonly check: string | null;
    readonly left: number | null;
  } | null;
  /** Milliseconds of grace left while the clock rests because the verdict may not be acted on; null while it runs. */
  readonly resting: number | null;
  /** The owner's confirmed "Stop now" on the delivered notice: waives grace and verdict, nothing else. */
  readonly stopNow: {
    readonly by: Person;
    readonly at: string;
    readonly noticeId: string;
    /** Said of a verdict that proves nothing: it does not hold against a look that sees use. Left out where it does. */
    readonly unproven?: true | undefined;
  } | null;
  /** An approver who is not the owner, for what cannot be undone. */
  readonly approved: { readonly by: Person; readonly at: string } | null;
  readonly intent: Intent | null;
  /** The undo plan of the last stop that was carried out. */
  readonly stopped: {
    readonly at: string;
    readonly action: string;
    readonly undoPlan: Json;
    readonly estimated: Money | null;
  } | null;
  readonly restoredAt: string | null;
  /** Why a guard said no, in words; null where none did. */
  readonly blocked: string | null;
}

/** What a guard, a fresh look or a claim found just before a stop. Unknown is never a yes. */
export type Fresh =
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'in-use';
      readonly judgement: Judgement | null;
      readonly reason: string;
      /** As read; without it not even the owner's "Stop now" goes on. */
      readonly fingerprint?: Fingerprint | null;
    }
  /** Judged again as waste with an actionable verdict, and the same resource; `fingerprint` as read. */
  | { readonly kind: 'waste'; readonly judgement: Judgement; readonly fingerprint: Fingerprint }
  /** Judged again with a verdict that may not be acted on. */
  | {
      readonly kind: 'rests';
      readonly judgement: Judgement;
      /** As read; without it not even the owner's "Stop now" goes on. */
      readonly fingerprint?: Fingerprint | null;
    }
  /** Another launch, a new parent, a protection: not what was warned about. */
  | { readonly kind: 'changed'; readonly reason: string; readonly fingerprint: Fingerprint | null }
  /** An API error, a throttle, missing telemetry: leads to no stop. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** A guard said no before anything was read; only ever with a `guard`. */
  | { readonly kind: 'unread' };

/** Everything that can happen to a finding. */
export type LedgerEvent =
  // -- an audit
  | {
      readonly type: 'judged';
      readonly judgement: Judgement;
      readonly policy: PolicyNow;
      readonly actionable: boolean;
      readonly recipient: Recipient | null;
      readonly hold: Hold | null;
    }
  | { readonly type: 'absent'; readonly coverage: readonly Coverage[]; readonly checksRun: readonly string[] }
  /** An audit saw what we stopped deleted, or running without us. */
  | { readonly type: 'outside'; readonly what: 'deleted' | 'started' | 'made again' }
  // -- telling people
  | {
      readonly type: 'delivered';
      readonly notice: Notice;
      readonly fingerprint: Fingerprint | null /** the end of grace by the calendar; null where no clock starts */;
      readonly dueAt: string | null;
    }
  | {
      readonly type: 'undeliverable';
      readonly reason: string;
      readonly final: boolean;
      readonly next: Recipient | null;
    }
  | { readonly type: 'reminded'; readonly kind: 'reminder' | 'last-call' }
  // -- people (verified and authorised before; authorised again when carried out)
  | { readonly type: 'acknowledged'; readonly by: Person }
  | { readonly type: 'snoozed'; readonly by: Person; readonly until: string; readonly most: number }
  | {
      readonly type: 'exemption-requested';
      readonly by: Person;
      readonly until: string;
      readonly reason: string;
      readonly check: string | null;
    }
  | { readonly type: 'exemption-approved'; readonly by: Person }
  | { readonly type: 'exemption-refused'; readonly by: Person }
  | { readonly type: 'disowned'; readonly by: Person; readonly next: Recipient | null }
  | { readonly type: 'claimed'; readonly by: Recipient }
  | {
      readonly type: 'stop-now';
      readonly by: Person;
      readonly noticeId: string;
      readonly reversible: boolean;
    }
  | { readonly type: 'stop-approved'; readonly by: Person }
  | { readonly type: 'stop-refused'; readonly by: Person }
  | { readonly type: 'undo-requested'; readonly by: Person }
  // -- the sweep
  /** Its time has come: due, a hold over, an approval unanswered, a retry. `reversible` of the action that would follow. */
  | { readonly type: 'woken'; readonly reversible: boolean }
  | {
      readonly type: 'checked';
      readonly fresh: Fresh;
      readonly reversible: boolean /** the guard that says no; null: none */;
      readonly guard: string | null;
      readonly intent: Intent | null;
    }
  | { readonly type: 'stop-done'; readonly at: string; readonly estimated: Money | null }
  | { readonly type: 'stop-failed'; readonly reason: string; readonly final: boolean }
  | { readonly type: 'undo-begun'; readonly intent: Intent }
  | { readonly type: 'undo-done' }
  | { readonly type: 'undo-failed'; readonly reason: string };

/** What follows from a decision, to be carried out after it is stored. Each can be done twice with the result of once. */
export type Effect =
  /** Say in the thread what has changed, and rewrite the notice. */
  | { readonly kind: 'rewrite' }
  /** Ask the approvers. */
  | { readonly kind: 'ask-approval'; readonly what: 'exemption' | 'stop' }
  /** Tell the channel, loudly. */
  | { readonly kind: 'page'; readonly text: string };
