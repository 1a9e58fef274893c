import { setTimeout as pause } from 'node:timers/promises';
import { LogLevel, type WebClient, type WebClientOptions } from '@slack/web-api';
import type { LedgerStore } from '../ledger/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Posted, Poster, Said, SlackMessage } from './model.ts';
import { explain, outcomeOf } from './slack-errors.ts';
import { EVENT, findPosted } from './slack-history.ts';
import { claim, type Outbox } from './slack-outbox.ts';

/**
 * How a client for `slackPoster` must be made: one attempt a call, since only the poster knows which calls may be
 * repeated, and no waiting inside the SDK (its default is 10 retries in 30 minutes).
 */
export const slackClientOptions = {
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: 10_000,
  logLevel: LogLevel.ERROR,
} as const satisfies WebClientOptions;

export const slackPermissions: readonly Permission[] = [
  { cloud: 'slack', action: 'chat:write', why: 'posts the digest' },
  {
    cloud: 'slack',
    action: 'channels:history',
    why: 'sees whether a digest arrived when the answer to posting it was lost',
  },
  { cloud: 'slack', action: 'groups:history', why: 'the same in a private channel' },
  { cloud: 'slack', action: 'channels:read', why: 'finds the id of a channel that the config names' },
  { cloud: 'slack', action: 'groups:read', why: 'the same for a private channel' },
];

export interface SlackPosterParts {
  readonly client: WebClient;
  /** Where it is kept what was posted; the ledger's own store. */
  readonly store: Pick<LedgerStore, 'getDoc' | 'putDoc'>;
  readonly clock: () => Date;
  /** All waiting of one `post` together, milliseconds; a minute by default. */
  readonly budget?: number;
  /** Between two messages in one channel, milliseconds: Slack allows about one a second. */
  readonly spacing?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

const RETRY_AFTER_UNKNOWN = 2_000;

/** One message to be sent once. */
export interface Sending {
  readonly id: string;
  /** Id of a channel, or its name without `#`. */
  readonly channel: string;
  /** Timestamp of the message in whose thread it goes; null for the channel itself. */
  readonly thread: string | null;
  readonly message: SlackMessage;
  /** The same without blocks that a workspace may not know yet; null where there are none. */
  readonly plainer: SlackMessage | null;
}

/**
 * Posts announcements in Slack, each at most once however often it is asked for: a message and its thread are
 * sent by `slackSender`.
 */
export function slackPoster(parts: SlackPosterParts): Poster {
  const send = slackSender(parts);
  const { clock, budget = BUDGET } = parts;
  return {
    permissions: slackPermissions,
    async post(announcement, where): Promise<Posted> {
      // chat.postMessage takes an id or a name (its documentation), people write names with `#`.
      const channel = where.replace(/^#/, '');
      const deadline = clock().getTime() + budget;
      const { id, message } = announcement;
      const main = await send({ id, channel, thread: null, ...variants(message) }, deadline);
      for (const { part, ...reply } of announcement.thread) {
        const below = { id: `${id}#${part}`, channel: main.channel, thread: main.ts };
        await send({ ...below, ...variants(reply) }, deadline);
      }
      return main;
    },
  };
}

function variants({ plainer, ...message }: Said): Pick<Sending, 'message' | 'plainer'> {
  return { message, plainer: plainer ?? null };
}

const BUDGET = 60_000;

/**
 * Sends messages, each at most once for its id. Posting has no idempotency key, so an outbox entry is written
 * before and after each message; where an answer was lost (a crash, a timeout, a 5xx), the channel's history is
 * searched for the message's metadata before it is posted again, and where it cannot be searched nothing is
 * posted. `deadline` (epoch milliseconds) bounds all waiting. Throws a BursarError that says what to do.
 */
export function slackSender(
  parts: SlackPosterParts,
): (sending: Sending, deadline: number) => Promise<Posted> {
  const { client, store, clock, budget = BUDGET, spacing = 1_100 } = parts;
  const sleep = parts.sleep ?? ((milliseconds: number) => pause(milliseconds));
  const lastPost = new Map<string, number>();

  return async function deliver(sending: Sending, deadline: number): Promise<Posted> {
    const { id, channel, thread } = sending;
    const key = `slack/${channel}/${id}`;
    const entry = await claim(store, key, clock(), budget);
    if (entry.kind === 'posted') return { channel: entry.channel, ts: entry.ts, outcome: 'already' };
    const place = { id, channel, thread, since: entry.since };
    if (entry.kind === 'unknown') {
      const found = await findPosted(client, place);
      if (found) return await finish(entry.outbox, found, 'already');
    }
    let { message, plainer } = sending;
    for (;;) {
      await spaced(channel, deadline);
      const outcome = outcomeOf(await attempt(message, id, channel, thread));
      lastPost.set(channel, clock().getTime());
      if (outcome.kind === 'posted') {
        lastPost.set(outcome.channel, clock().getTime());
        return await finish(entry.outbox, outcome, 'posted');
      }
      if (outcome.kind === 'refused') {
        if (outcome.error === 'invalid_blocks' && plainer !== null) {
          [message, plainer] = [plainer, null];
          continue;
        }
        await entry.outbox.release();
        throw explain(outcome.error, channel, outcome.cause, outcome.needed);
      }
      if (outcome.kind === 'limited') {
        if (!(await rest(outcome.seconds * 1000, deadline))) {
          await entry.outbox.release();
          throw new BursarError(
            'throttled',
            `Slack asks to wait ${outcome.seconds} s, longer than this run may`,
            {
              where: `slack ${channel}`,
              hint: 'Run it again later: nothing was posted.',
              cause: outcome.cause,
            },
          );
        }
        continue;
      }
      const patient = await rest(RETRY_AFTER_UNKNOWN, deadline);
      const found = await findPosted(client, place);
      if (found) return await finish(entry.outbox, found, 'posted');
      if (!patient)
        throw new BursarError('unavailable', 'Slack did not say whether it took the message', {
          where: `slack ${channel}`,
          hint: 'Run it again: the channel is searched for the message before it is posted once more.',
          cause: outcome.cause,
        });
    }
  };

  async function attempt(message: SlackMessage, id: string, channel: string, thread: string | null) {
    try {
      return await client.apiCall('chat.postMessage', {
        channel,
        text: message.text,
        blocks: message.blocks,
        metadata: { event_type: EVENT, event_payload: { id } },
        mrkdwn: false,
        unfurl_links: false,
        unfurl_media: false,
        ...(thread === null ? {} : { thread_ts: thread }),
      });
    } catch (error) {
      return { thrown: error };
    }
  }

  async function spaced(channel: string, deadline: number): Promise<void> {
    const last = lastPost.get(channel);
    if (last === undefined) return;
    await rest(last + spacing - clock().getTime(), deadline + spacing);
  }

  /** Waits, and says whether the time that is left allowed it. */
  async function rest(milliseconds: number, deadline: number): Promise<boolean> {
    if (clock().getTime() + milliseconds > deadline) return false;
    if (milliseconds > 0) await sleep(milliseconds);
    return true;
  }
}

async function finish(
  outbox: Outbox,
  at: { channel: string; ts: string },
  outcome: Posted['outcome'],
): Promise<Posted> {
  await outbox.posted(at);
  return { channel: at.channel, ts: at.ts, outcome };
}
