import type { Permission } from '../platform/permissions.ts';
import type { SlackBlock } from './blocks.ts';

/** A message for Slack: `text` is what notifications and screen readers get instead of the blocks. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** Something to be said once in a channel, with more detail in its thread. */
export interface Announcement {
  /** What makes it the same announcement when it is asked for again: `digest/Acme/week/2026-11-01T23:00:00Z`. */
  readonly id: string;
  readonly message: SlackMessage;
  /** The same without blocks that a workspace may not know yet; null where there are none. */
  readonly plainer: SlackMessage | null;
  readonly thread: readonly SlackMessage[];
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
