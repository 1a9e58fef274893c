import type { Person } from '../ledger/life.ts';
import type { Permission } from '../platform/permissions.ts';
import type { SlackBlock } from './blocks.ts';
import type { SlackView } from './view.ts';

/** A message for Slack: `text` is what notifications and screen readers get instead of the blocks. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** `plainer` is the same without blocks that a workspace may not know yet; left out where there are none. */
export interface Said extends SlackMessage {
  readonly plainer?: SlackMessage;
}

/** One message of a thread. */
export interface Reply extends Said {
  /**
   * What makes it the same reply when its announcement is asked for again, of which no other of the thread has the
   * same: its subject, and not its place, since what has nothing to tell is left out.
   */
  readonly part: string;
}

/** Something to be said once in a channel, with more detail in its thread. */
export interface Announcement {
  /** What makes it the same announcement when it is asked for again: `digest/Acme/week/2026-11-01T23:00:00Z`. */
  readonly id: string;
  readonly message: Said;
  readonly thread: readonly Reply[];
}

/** Where and how an announcement stands in Slack. */
export interface Posted {
  /** Slack's own id of the channel and timestamp of the message. */
  readonly channel: string;
  readonly ts: string;
  /** `already` where an earlier call posted it. */
  readonly outcome: 'posted' | 'already';
}

/** Says things in channels, each announcement at most once. */
export interface Poster {
  readonly permissions: readonly Permission[];
  /** `channel` is an id (`C0123456789`) or a name (`#finops`). Throws a BursarError that says what to do. */
  post(announcement: Announcement, channel: string): Promise<Posted>;
}

/** Where a message stands: Slack's own ids. */
export interface Place {
  readonly channel: string;
  readonly ts: string;
}

/** A person as Slack knows them, after it was seen that they may be written to and may answer. */
export interface Known {
  readonly person: Person;
  readonly name: string;
  /** IANA zone; `UTC` where Slack has none. */
  readonly timezone: string;
}

/**
 * Whom an address or a Slack user id names. `final`: asking again will not help (nobody, deactivated, a guest, a
 * person of another organisation, a bot); else Slack could not be asked.
 */
export type Lookup =
  | { readonly ok: true; readonly known: Known }
  | { readonly ok: false; readonly final: boolean; readonly reason: string };

/** Only `ok` is proof that Slack has the message. `final`: sending it again to the same place will not help. */
export type Delivery =
  | ({ readonly ok: true } & Place)
  | { readonly ok: false; readonly final: boolean; readonly reason: string };

/** `user`: a direct message to that person; `channel`: an id or a name. */
export type Address = { readonly user: string } | { readonly channel: string };

/**
 * Says things to people. No method throws for what Slack answers or fails to answer: only defects are thrown.
 * Everything sent under an id is sent once, however often it is asked for: the id is looked for in Slack where an
 * answer was lost.
 */
export interface Messenger {
  readonly permissions: readonly Permission[];
  /** By e-mail address or Slack user id. */
  lookup(contact: string): Promise<Lookup>;
  /** A new message, at most once for `id`. */
  deliver(id: string, to: Address, message: SlackMessage): Promise<Delivery>;
  /** A new message in the thread of another, at most once for `id`. */
  reply(id: string, to: Place, message: SlackMessage): Promise<Delivery>;
  /** Puts `message` in the place of the one there. */
  update(at: Place, message: SlackMessage): Promise<Delivery>;
}

/** `failed` in words for the log, without anything of the person's. */
export type Shown = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What answering a click needs besides. Nothing here is tried for longer than a person waits. */
export interface Answerer extends Messenger {
  /** Seen by one person alone. */
  whisper(to: { readonly channel: string; readonly user: string }, message: SlackMessage): Promise<Shown>;
  /** Within 3 s of the click that gave `trigger`. */
  openModal(trigger: string, view: SlackView): Promise<Shown>;
  publishHome(user: string, view: SlackView): Promise<Shown>;
  /** Is the channel shared with another organisation? `true` where it cannot be known. */
  isShared(channel: string): Promise<boolean>;
}
