import type { DigestSavings } from '../../lib/digest/model.ts';
import type { Json } from '../../lib/estate/model.ts';
import type { AuditRecord } from '../../lib/ledger/model.ts';
import type { Billed } from './bills.ts';
import type { Config } from './config.ts';
import type { Thing } from './things.ts';

/** What happened, as those saw it who did it or had it done to them: the cloud, Slack, the ledger, people. */
export type Fact =
  | { readonly kind: 'began'; readonly what: 'audit' | 'sweep' | 'click'; readonly config: Config }
  | {
      readonly kind: 'ended';
      readonly how: 'done' | 'failed' | 'crashed' | 'defect';
      readonly detail: string;
    }
  /** Written together with its record. */
  | { readonly kind: 'trail'; readonly audit: AuditRecord }
  | { readonly kind: 'switched'; readonly paused: boolean }
  | { readonly kind: 'switch-read'; readonly paused: boolean | null }
  /** A mutating call on the cloud. `effect`: it changed something. */
  | {
      readonly kind: 'call-begun';
      readonly op: 'apply' | 'undo';
      readonly thing: string;
      readonly plan: Json;
    }
  | { readonly kind: 'call-ended'; readonly op: 'apply' | 'undo'; readonly thing: string }
  | {
      readonly kind: 'effect';
      readonly op: 'apply' | 'undo';
      readonly thing: string;
      readonly plan: Json;
      readonly was: Thing;
    }
  /** The check's look: what it gave, or null where it failed. */
  | { readonly kind: 'looked'; readonly findingId: string; readonly saw: Thing | 'gone' | 'failed' }
  /** The action's own look. */
  | { readonly kind: 'read'; readonly thing: string; readonly saw: Thing | 'gone' | 'failed' }
  /** Slack has taken a message; `user` where it is a direct one. */
  | {
      readonly kind: 'said';
      readonly id: string;
      readonly user: string | null;
      readonly channel: string;
      readonly ts: string;
      readonly thread: boolean;
      readonly names: readonly string[];
      /** `action_id`s of its buttons. */
      readonly buttons: readonly string[];
    }
  | {
      readonly kind: 'redrawn';
      readonly channel: string;
      readonly ts: string;
      readonly names: readonly string[];
      readonly text: string;
    }
  | { readonly kind: 'home'; readonly user: string; readonly names: readonly string[] }
  | {
      readonly kind: 'clicked';
      readonly user: string;
      readonly action: string;
      /** Message in which the button is; null for a command or what names none. */
      readonly at: { readonly channel: string; readonly ts: string } | null;
      readonly thing: string | null;
      /** Signed by Slack, from our workspace, and for the first time. */
      readonly genuine: boolean;
    }
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly outcome: string | null;
      readonly names: readonly string[];
    }
  /** Somebody or something outside Bursar changed the world. */
  | {
      readonly kind: 'world';
      readonly what: string;
      readonly thing: string | null;
      readonly now: Thing | null;
    }
  /** The bills of a later day, and what was told of savings by them. */
  | {
      readonly kind: 'savings';
      readonly bills: Billed;
      /** Things whose bills are still twice too high, and those with days that no bill has. */
      readonly restated: ReadonlySet<string>;
      readonly patchy: ReadonlySet<string>;
      readonly told: DigestSavings;
    }
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'fault'; readonly effect: string; readonly fault: string };

export interface Entry {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The process; null for the world. */
  readonly run: string | null;
  readonly fact: Fact;
}

/** Append-only, in the order in which things happened. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  add(run: string | null, fact: Fact): void {
    this.entries.push({ seq: this.entries.length, at: this.#clock(), run, fact });
  }
}
