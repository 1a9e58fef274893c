import type { Effect, FindingState, Life } from '../life.ts';
import type { FindingRecord } from '../model.ts';

/** What follows from an event. */
export interface Decision {
  /** Null: there is nothing to keep. */
  readonly state: FindingState | null;
  /** Null: nothing to keep, or a row of version 1 that no audit has judged since. */
  readonly life: Life | null;
  /** When the resource is stopped if nobody answers (ISO-8601 UTC); null: no clock runs. */
  readonly dueAt: string | null;
  /** When a sweep must look at it next; null: never by time alone. */
  readonly wakeAt: string | null;
  /** To be carried out after the decision is stored. */
  readonly effects: readonly Effect[];
  /** One sentence for the audit trail, or for the person whose click changed nothing. */
  readonly reason: string;
  /** False: this state does not take this event, and everything is as it was. */
  readonly taken: boolean;
  /** Whether state, life or due date changed: only then an audit entry is written. */
  readonly changed: boolean;
}

/** Numbers of the life that are no matter of a policy. */
export interface Rules {
  /** Days until an unanswered request for an approval falls away. */
  readonly approvalDays: number;
  /** Days for which what was restored is left alone. */
  readonly restoredDays: number;
  /** Deliveries of one notice that may fail before its recipient is given up. */
  readonly mostDeliveries: number;
  /** Attempts to stop before it is given up. */
  readonly mostStops: number;
  /** Pause after what failed or could not be read; doubled with each failed delivery. */
  readonly retryMinutes: number;
  /** Pause before a blocked stop is judged again: less than between two sweeps. */
  readonly blockedMinutes: number;
  /** After this a stop or undo that was begun is looked at again. */
  readonly finishMinutes: number;
  /** How long before the stop the last call is said. */
  readonly lastCallMinutes: number;
  /** What is left at least of a grace that rested. */
  readonly leastLeftMinutes: number;
}

export const DEFAULT_RULES: Rules = {
  approvalDays: 7,
  restoredDays: 14,
  mostDeliveries: 4,
  mostStops: 3,
  retryMinutes: 15,
  blockedMinutes: 1,
  finishMinutes: 5,
  lastCallMinutes: 240,
  leastLeftMinutes: 240,
};

/** A finding with a life, and the moment at which something happens to it. */
export interface Seen {
  readonly record: FindingRecord;
  readonly state: FindingState;
  readonly life: Life;
  readonly dueAt: string | null;
  /** ISO-8601 UTC, and the same in milliseconds. */
  readonly at: string;
  readonly ms: number;
  readonly rules: Rules;
}

export type Outcome = Omit<Decision, 'changed'>;

const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** `at` and some minutes more. */
export function later({ ms }: { readonly ms: number }, minutes: number): string {
  return new Date(ms + minutes * MINUTE).toISOString();
}

/** The state does not take the event: all stays as it is. */
export function stays(seen: Pick<Seen, 'record'>, reason: string): Outcome {
  const { finding, life, wakeAt } = seen.record;
  return { state: finding.state, life, dueAt: finding.dueAt, wakeAt, effects: [], reason, taken: false };
}

/** What a step changes; what it does not name stays, except effects: none. */
export interface Change {
  readonly life?: Partial<Life>;
  readonly dueAt?: string | null;
  readonly wakeAt?: string | null;
  readonly effects?: readonly Effect[];
}

/** The event is taken without a change of state. */
export function keeps(seen: Seen, change: Change, reason: string): Outcome {
  return {
    state: seen.state,
    life: { ...seen.life, ...change.life },
    dueAt: change.dueAt === undefined ? seen.dueAt : change.dueAt,
    wakeAt: change.wakeAt === undefined ? seen.record.wakeAt : change.wakeAt,
    effects: change.effects ?? [],
    reason,
    taken: true,
  };
}

/** A new state. No clock runs and nothing wakes it unless the change says so. */
export function moves(seen: Seen, state: FindingState, change: Change, reason: string): Outcome {
  return {
    state,
    life: { ...seen.life, ...change.life },
    dueAt: change.dueAt ?? null,
    wakeAt: change.wakeAt ?? null,
    effects: change.effects ?? [],
    reason,
    taken: true,
  };
}

/** What a new beginning forgets: each belongs to one notice and its answers. */
export const UNANSWERED = {
  request: null,
  resting: null,
  stopNow: null,
  approved: null,
  intent: null,
  blocked: null,
} as const satisfies Partial<Life>;

/** The notice that is out must say what has happened. */
export function rewriteOf(life: Pick<Life, 'notice'>): readonly Effect[] {
  return life.notice === null ? [] : [{ kind: 'rewrite' }];
}
