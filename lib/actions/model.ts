import type { Json, Resource } from '../estate/model.ts';
import type { Fingerprint } from '../ledger/life.ts';
import type { Permission } from '../platform/permissions.ts';

/** Where a resource is and what it is, as the finding names it. */
export interface Target {
  readonly provider: string;
  readonly accountId: string;
  readonly region: string;
  readonly resourceType: string;
  /** ARN or full resource name. */
  readonly resourceId: string;
  /** Evidence that an action may need (the exact tag fix), by name. */
  readonly evidence: Readonly<Record<string, string>>;
}

/** A resource read live, by the action itself, just before it is planned. */
export interface Live {
  readonly resource: Resource;
  readonly fingerprint: Fingerprint;
  /** Already as `apply` would leave it (stopped, at zero, deleted). */
  readonly done: boolean;
  /** A protection that forbids it (stop protection, termination protection); null where there is none. */
  readonly protection: string | null;
  /** What a person must know: what is lost, what goes on billing, whether it may not come back. */
  readonly lost: readonly string[];
  readonly staysBilled: readonly string[];
  readonly risks: readonly string[];
  /** `false`: undo would not bring back the data of this one, though its action can be undone otherwise. */
  readonly reversible?: false;
}

/** Would undo bring back data and function of this very resource? */
export function isReversible(action: Pick<Action, 'reversible'>, live: Live | null): boolean {
  return action.reversible && live?.reversible !== false;
}

/** What `apply` and `undo` would do: plain values that a later process can carry out, and one sentence. */
export type Planned =
  | { readonly ok: true; readonly plan: Json; readonly undoPlan: Json; readonly summary: string }
  | { readonly ok: false; readonly reason: string };

/**
 * How an effect stands: `failed` will not come by waiting. While it is `pending`, `apply` (or `undo`) is called
 * again with the same plan before it is looked at again: some take steps that each wait for the one before.
 */
export type Verified =
  /** `note`: what a person must know now, like the new id. */
  | { readonly state: 'done'; readonly note?: string }
  /** `underWay`: it has begun, and going on alone ends it, however long that takes. */
  | { readonly state: 'pending'; readonly reason: string; readonly underWay?: true }
  | { readonly state: 'failed'; readonly reason: string };

/**
 * One way to stop waste, with what brings it back. `S` is the session of its provider, with act rights.
 * Everything can be done twice with the result of once. Errors are BursarErrors: `throttled` and `unavailable`
 * may pass, `denied`, `conflict` and `input` will not.
 */
export interface Action<S = unknown> {
  /** `aws.ec2.stop` */
  readonly id: string;
  readonly provider: 'aws' | 'gcp' | 'postgres';
  readonly resourceTypes: readonly string[];
  /** Checks whose findings it answers; a check's other findings are not its business. */
  readonly checks: readonly string[];
  /** Of these findings, those that it can do something about; left out: all. */
  answers?(finding: { readonly resourceId: string }): boolean;
  /** `tag`: carried out by the role that may write tags and nothing else; left out: by the act role. */
  readonly role?: 'tag';
  /**
   * Undo brings data and function back, even under a new id. What is not reversible needs the owner and an approver.
   * Where that differs from one resource to the next, `Live.reversible` says so.
   */
  readonly reversible: boolean;
  /** Of the act role: nothing else is granted. `tagConditioned`: can the API be denied by a tag of the resource? */
  readonly permissions: readonly (Permission & { readonly tagConditioned: boolean })[];
  /** The resource as it is now; null where it is gone. */
  read(target: Target, session: S): Promise<Live | null>;
  plan(target: Target, live: Live): Planned;
  apply(plan: Json, session: S): Promise<void>;
  verify(plan: Json, session: S): Promise<Verified>;
  undo(undoPlan: Json, session: S): Promise<void>;
  verifyUndo(undoPlan: Json, session: S): Promise<Verified>;
}
