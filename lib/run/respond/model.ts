import type { Person, Recipient } from '../../ledger/life.ts';
import type { FindingRecord, LedgerStore } from '../../ledger/model.ts';
import type { App } from '../../notices/click.ts';
import type { Answerer } from '../../notices/model.ts';
import type { Refused, Signed } from '../../notices/signature.ts';
import type { Membership } from '../../notices/slack-members.ts';
import type { Log } from '../../platform/log.ts';

/** What answering clicks works with. Nothing of it can stop anything: only intent is written. */
export interface RespondParts {
  readonly ledger: Pick<
    LedgerStore,
    'get' | 'getMany' | 'history' | 'put' | 'getDoc' | 'putDoc' | 'getDocs' | 'all'
  >;
  readonly answerer: Answerer;
  readonly verify: (signed: Signed, now: Date) => Refused | null;
  readonly app: App;
  /** Slack user ids. */
  readonly admins: readonly string[];
  readonly approvers: readonly string[];
  /** Who is asked next when somebody says that it is not theirs; null where nobody is left. */
  readonly nextOf: (record: FindingRecord) => Recipient | null;
  /** How often the owner may keep one finding. */
  readonly mostSnoozes: number;
  /** The longest exemption, days. */
  readonly mostExemptDays: number;
  /** Of the organisation, where a reader's own is not known. */
  readonly timezone: string;
  /** Archived reports, which members of a digest's channel may open; null where there is no archive. */
  readonly reports: Reports | null;
  readonly log: Log;
  readonly clock: () => Date;
}

/** How archived reports are opened. */
export interface Reports {
  /** Slack's own ids. */
  readonly membership: (channel: string, user: string) => Promise<Membership>;
  /** An address that opens the report of this key for `minutes`. */
  readonly link: (key: string) => Promise<string>;
  readonly minutes: number;
}

/** A request as it came: headers by lower-case name. */
export interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly contentType: 'application/json' | 'text/plain';
  readonly body: string;
}

/** How a click ended: what the log says of it. */
export interface Ended {
  readonly answer: Answer;
  /** `stored`, `refused`, `stale`, `told`: never what the person wrote. */
  readonly outcome: string;
}

export const EMPTY: Answer = { status: 200, contentType: 'text/plain', body: '' };

export function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(value) };
}

export function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain', body };
}

/** `slack:<team>:<user>`, for the audit trail. */
export function actorOf({ team, user }: Person): string {
  return `slack:${team}:${user}`;
}
